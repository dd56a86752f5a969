/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "okap-caller.h"
#include "okap-grant.h"
#include "okap-key-info.h"
#include "okap-usage.h"

G_BEGIN_DECLS

/* What Okap's values are called to a person. Plain text, never markup. */
char       *okap_words_for_provider     (const char *id);
char       *okap_words_for_key          (OkapKeyInfo *key);
char       *okap_words_for_model        (const char *pattern);
char       *okap_words_for_models       (char *const *models);
const char *okap_words_for_capability   (OkapCapability capability);
const char *okap_words_about_capability (OkapCapability capability);
char       *okap_words_for_capabilities (OkapCapability capabilities);
const char *okap_words_for_limit        (OkapLimit limit);
char       *okap_words_for_limit_value  (OkapLimit limit, gint64 value);
char       *okap_words_for_limits       (const OkapLimits *limits);
char       *okap_words_for_state        (const OkapGrant *grant, gboolean all_paused,
                                         gint64 now_us);
char       *okap_words_for_usage        (const OkapUsage *usage);
gboolean    okap_words_usage_succeeded  (const OkapUsage *usage);
char       *okap_words_for_cost         (const OkapUsage *usage);
char       *okap_words_for_error        (const GError *error);

G_END_DECLS
