/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the banner says of port and keys. */
#include "config.h"

#include "okap-banner-words.h"

#include <glib/gi18n.h>

#include "okap-key-words.h"
#include "okap-settings.h"

/** okap_banner_dup_port: (transfer full) (nullable): that Okap is not where apps expect it */
char *
okap_banner_dup_port (OkapCore *core)
{
  const char *origin = okap_core_get_origin (core);
  guint wanted = g_settings_get_uint (okap_settings_get (), "port");
  g_autofree char *ending = g_strdup_printf (":%u", wanted);

  if (!okap_core_port_moved (core) && (wanted == 0 || g_str_has_suffix (origin, ending)))
    return NULL;
  if (!okap_core_port_moved (core))
    /* Translators: %s is an address such as http://127.0.0.1:6527, %u the number of a port */
    return g_strdup_printf (_("Okap is at %s until it starts again; then it is at port %u."),
                            origin, wanted);
  /* Translators: %s is an address such as http://127.0.0.1:41234 */
  return g_strdup_printf (_("Another program has Okap’s usual port. Okap is at %s now; apps that "
                            "were told the old address must be told the new one."), origin);
}

/** okap_banner_dup_trouble: (transfer full) (nullable): of the first key that a person has to look
 * after */
char *
okap_banner_dup_trouble (OkapCore *core)
{
  OkapKeyCare *care = okap_broker_get_key_care (okap_core_get_broker (core));
  GListModel *keys = okap_vault_get_keys (okap_core_get_vault (core));

  for (guint i = 0; i < g_list_model_get_n_items (keys); i++)
    {
      g_autoptr (OkapKeyInfo) key = g_list_model_get_item (keys, i);
      OkapKeyClass class = okap_key_care_get_health (care, key).class;
      g_autofree char *title = NULL;

      if (class != OKAP_KEY_BAD && class != OKAP_KEY_OUT_OF_CREDIT)
        continue;
      title = okap_words_key_alert_title (key, class, FALSE);
      /* Translators: a sentence without its full stop, and what it means */
      return g_strdup_printf (_("%s. %s"), title, okap_words_key_alert_body (class, FALSE));
    }
  return NULL;
}
