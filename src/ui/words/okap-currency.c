/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the settings to the format of amounts, and on to whoever shows some. The format comes first,
 * since handlers are called in the order in which they were connected. */
#include "config.h"

#include "okap-currency.h"

#include "okap-format.h"
#include "okap-settings.h"

static const char *const details[] = { "changed::display-currency", "changed::display-rate" };

static void
apply (GSettings *settings)
{
  g_autofree char *code = g_settings_get_string (settings, "display-currency");

  (void) okap_format_set_currency (code, g_settings_get_double (settings, "display-rate"));
}

/** okap_currency_bind: amounts follow the settings from here on; once, before anybody watches */
void
okap_currency_bind (void)
{
  GSettings *settings = okap_settings_get ();

  for (guint i = 0; i < G_N_ELEMENTS (details); i++)
    g_signal_connect (settings, details[i], G_CALLBACK (apply), NULL);
  apply (settings);
}

/** okap_currency_watch: calls @callback with @object, while it lives, when amounts change looks */
void
okap_currency_watch (gpointer object, GCallback callback)
{
  for (guint i = 0; i < G_N_ELEMENTS (details); i++)
    g_signal_connect_object (okap_settings_get (), details[i], callback, object,
                             G_CONNECT_SWAPPED);
}
