/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-key-class.h"

G_BEGIN_DECLS

/* So much of an error's body is looked at. */
#define OKAP_KEY_EVIDENCE_BYTES 4096

OkapKeyClass okap_key_health_classify    (const char *provider_id, guint status, const char *body,
                                          gsize length);
const char  *okap_key_health_find_header (const char *headers, const char *name);
gint64       okap_key_health_retry_after (const char *headers, gint64 now_us);
gint64       okap_key_health_retry_delay (const char *body, gsize length, gint64 now_us);

G_END_DECLS
