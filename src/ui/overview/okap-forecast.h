/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "okap-grant.h"

G_BEGIN_DECLS

/* What a forecast is made from. Days are those of the user, today's as far as it went. */
typedef struct
{
  gint64 now_us;
  gint64 month_end_us;
  gint64 first_us;        /* of the first use in the last four weeks; 0 without any */
  gint64 month_nusd;      /* spent in this month */
  gint64 week_from_us;    /* the last seven days */
  gint64 week_nusd;
  gint64 weeks_from_us;   /* the last four weeks */
  gint64 weeks_nusd;
  gint64 weeks_requests;
} OkapPace;

gboolean okap_forecast_month (const OkapPace *pace, gint64 *out_nusd);

/* What live grants may spend in a month. */
typedef struct
{
  gint64 nusd;            /* of those with a limit of money that begins anew, or one for ever */
  guint n_limited;        /* apps whose money is limited at each of their providers */
  guint n_open;           /* apps that may spend without a limit somewhere */
} OkapCaps;

void     okap_caps_add       (OkapCaps *caps, const OkapGrant *grant, gint64 now_us,
                              guint days_of_month);
gint64   okap_caps_get_month (const OkapScope *scope, guint days_of_month);

G_END_DECLS
