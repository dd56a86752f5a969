/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The user's own limits for requests that name none. Any program can write the settings, so a
 * default is no approval: the dialog shows it like any other limit, and above the threshold, which
 * is sealed, it takes the passphrase. Main thread; requests are parsed on others. */
#include "config.h"

#include "okap-defaults.h"

#include "okap-limits.h"
#include "okap-money.h"

#define NUSD_PER_CENT (OKAP_NUSD_PER_USD / 100)

static const struct
{
  const char *key;
  OkapLimit limit;
  gint64 unit;
} table[] = {
  { "default-daily-cents", OKAP_LIMIT_DAILY_SPEND, NUSD_PER_CENT },
  { "default-monthly-cents", OKAP_LIMIT_MONTHLY_SPEND, NUSD_PER_CENT },
  { "default-requests-per-minute", OKAP_LIMIT_REQUESTS_PER_MINUTE, 1 },
};

static void
changed_cb (GSettings *settings)
{
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    okap_limit_set_default (table[i].limit,
                            g_settings_get_uint (settings, table[i].key) * table[i].unit);
}

/** okap_defaults_follow: from now on, as they change; @settings lives for ever */
void
okap_defaults_follow (GSettings *settings)
{
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autofree char *signal = g_strconcat ("changed::", table[i].key, NULL);

      g_signal_connect (settings, signal, G_CALLBACK (changed_cb), NULL);
    }
  changed_cb (settings);
}
