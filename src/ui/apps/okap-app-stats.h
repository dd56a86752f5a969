/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-store.h"

G_BEGIN_DECLS

/* What one grant has used. */
typedef struct
{
  gint64 requests;           /* ever */
  gint64 last_us;            /* of the last request; 0 if there was none */
  gint64 month_nusd;         /* spent in this calendar month, as far as prices are known */
  gint64 month_unknown;      /* requests of this month without a price */
} OkapAppUse;

/* Sums per grant, kept fresh as usage comes in. Emits "changed". Main thread. */
#define OKAP_TYPE_APP_STATS (okap_app_stats_get_type ())
G_DECLARE_FINAL_TYPE (OkapAppStats, okap_app_stats, OKAP, APP_STATS, GObject)

OkapAppStats *okap_app_stats_new (OkapStore *store) G_GNUC_WARN_UNUSED_RESULT;
/* Whether anybody looks: only then is the store asked again when usage comes in. */
void          okap_app_stats_set_watched (OkapAppStats *self, gboolean watched);
OkapAppUse    okap_app_stats_get (OkapAppStats *self, const char *grant_id);

/* (nullable) dollars of each of the last OKAP_APP_DAYS days, oldest first; valid until "changed" */
#define OKAP_APP_DAYS 30
const double *okap_app_stats_get_days (OkapAppStats *self, const char *grant_id);

G_END_DECLS
