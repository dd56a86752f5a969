/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-core.h"
#include "okap-key-use.h"

G_BEGIN_DECLS

#define OKAP_KEY_DAYS 30

/* What was used with each key, live while somebody looks. Emits "changed". */
#define OKAP_TYPE_KEY_STATS (okap_key_stats_get_type ())
G_DECLARE_FINAL_TYPE (OkapKeyStats, okap_key_stats, OKAP, KEY_STATS, GObject)

OkapKeyStats *okap_key_stats_new       (OkapCore *core) G_GNUC_WARN_UNUSED_RESULT;
void          okap_key_stats_set_shown (OkapKeyStats *self, gboolean shown);
OkapKeyUse    okap_key_stats_get       (OkapKeyStats *self, const char *key_id);
void          okap_key_stats_get_days  (OkapKeyStats *self, const char *key_id,
                                        double usd[OKAP_KEY_DAYS]);

G_END_DECLS
