/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-key-class.h"
#include "okap-key-info.h"
#include "okap-key-standing.h"

G_BEGIN_DECLS

/* How a key does, to a person. Plain text, never markup. */
char       *okap_words_for_health   (const OkapKeyHealth *health, gint64 now_us);
char       *okap_words_for_standing (const OkapStandingFact *fact);
char       *okap_words_for_test     (OkapKeyInfo *key, const char *words, const GError *error);
char       *okap_words_for_breaking (OkapKeyInfo *key, const char *const *apps);
const char *okap_words_health_icon  (OkapKeyClass class);
char       *okap_words_for_rotation (OkapKeyInfo *key, gint64 now_us);
char       *okap_words_key_alert_title (OkapKeyInfo *key, OkapKeyClass class,
                                        gboolean rolled_back);
const char *okap_words_health_style    (OkapKeyClass class);
const char *okap_words_key_alert_body  (OkapKeyClass class, gboolean rolled_back);

G_END_DECLS
