/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What was used with one of the user's keys. */
typedef struct
{
  gint64 last_us;         /* start of the latest request; 0: never */
  gint64 requests;        /* ever */
  gint64 month_requests;
  gint64 month_nusd;
  gint64 month_unknown;   /* requests of the month without a price */
} OkapKeyUse;

GHashTable *okap_key_use_collect   (GListModel *grants, const GPtrArray *ever,
                                    const GPtrArray *month) G_GNUC_WARN_UNUSED_RESULT;
GHashTable *okap_key_use_map_scopes (GListModel *grants) G_GNUC_WARN_UNUSED_RESULT;
GPtrArray  *okap_key_use_list_apps (GListModel *grants, const char *key_id, gint64 now_us)
                                    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
