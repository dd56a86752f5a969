/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the three tiles say. Main thread. */
#include "config.h"

#include "okap-overview-tiles.h"

#include <glib/gi18n.h>

#include "okap-bar-words.h"
#include "okap-format.h"

/** okap_overview_set_today: and what yesterday came to */
void
okap_overview_set_today (OkapTile *tile, const OkapOverviewFigures *figures)
{
  g_autofree char *amount = okap_bar_words_for_money (figures->today.cost_nusd);
  g_autofree char *before = okap_bar_words_for_money (figures->yesterday.cost_nusd);
  /* Translators: %s is an amount */
  g_autofree char *remark = g_strdup_printf (_("Yesterday: %s"), before);

  okap_tile_set (tile, amount, remark, -1);
}

/** okap_overview_add_caps: @grants: (element-type OkapGrantItem) */
OkapCaps
okap_overview_add_caps (GListModel *grants, const OkapOverviewFigures *figures)
{
  OkapCaps caps = { 0 };

  for (guint i = 0; i < g_list_model_get_n_items (grants); i++)
    {
      g_autoptr (OkapGrantItem) item = g_list_model_get_item (grants, i);

      okap_caps_add (&caps, okap_grant_item_get_grant (item), figures->now_us,
                     figures->days_of_month);
    }
  return caps;
}

static char *
describe_caps (const OkapCaps *caps)
{
  g_autofree char *cap = okap_format_money (caps->nusd);

  if (caps->n_limited == 0 && caps->n_open == 0)
    return g_strdup (_("No app may spend anything now"));
  if (caps->n_limited == 0)
    return g_strdup (_("No app has a limit of money"));
  if (caps->n_open == 0)
    /* Translators: %s is an amount */
    return g_strdup_printf (_("of %s that your limits allow"), cap);
  /* Translators: %1$s is an amount, %2$u a number of apps */
  return g_strdup_printf (ngettext ("of %1$s that your limits allow; %2$u app has no limit",
                                    "of %1$s that your limits allow; %2$u apps have no limit",
                                    caps->n_open), cap, caps->n_open);
}

/** okap_overview_set_month: and what live apps may spend in it */
void
okap_overview_set_month (OkapTile *tile, const OkapOverviewFigures *figures, const OkapCaps *caps)
{
  g_autofree char *amount = okap_bar_words_for_money (figures->month.cost_nusd);
  g_autofree char *remark = describe_caps (caps);
  double part = -1;

  if (caps->n_limited > 0 && caps->n_open == 0 && caps->nusd > 0)
    part = (double) MAX (figures->month.cost_nusd, 0) / (double) caps->nusd;
  okap_tile_set (tile, amount, remark, part);
}

/** okap_overview_set_forecast: or that there is not enough to tell from */
void
okap_overview_set_forecast (OkapTile *tile, const OkapOverviewFigures *figures,
                            const OkapCaps *caps)
{
  g_autofree char *amount = NULL;
  g_autofree char *before = okap_bar_words_for_money (figures->last_month.cost_nusd);
  g_autofree char *cap = okap_format_money (caps->nusd);
  g_autofree char *remark = NULL;
  gint64 nusd;

  if (!okap_forecast_month (&figures->pace, &nusd))
    {
      okap_tile_set (tile, _("Not yet"),
                     _("After two days and ten requests there is enough to tell from"), -1);
      return;
    }
  amount = okap_bar_words_for_money (nusd);
  if (caps->n_open == 0 && caps->n_limited > 0 && nusd > caps->nusd)
    /* Translators: %s is an amount */
    remark = g_strdup_printf (_("by the end of the month, but your limits stop it at %s"), cap);
  else
    /* Translators: %s is an amount */
    remark = g_strdup_printf (_("by the end of the month; last month: %s"), before);
  okap_tile_set (tile, amount, remark, -1);
}
