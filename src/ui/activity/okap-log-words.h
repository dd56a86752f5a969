/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "okap-usage.h"

G_BEGIN_DECLS

/* What lists of requests and decisions say. Plain text, never markup. */
char       *okap_log_words_for_what     (const OkapUsage *usage);
char       *okap_log_words_for_when     (gint64 time_us, gint64 now_us);
char       *okap_log_words_for_tokens   (const OkapUsage *usage);
char       *okap_log_words_for_price    (const OkapUsage *usage);
char       *okap_log_words_for_body     (const OkapUsage *usage);
char       *okap_log_words_for_bytes    (gint64 bytes);
const char *okap_log_words_for_unit     (OkapUnit unit);
const char *okap_log_words_for_event    (const char *event);
const char *okap_log_words_for_endpoint (const OkapUsage *usage);

G_END_DECLS
