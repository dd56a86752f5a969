/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a key does and what its replacement does, in words, and the icon that goes with them. The
 * words stand alone: the icon says nothing that they do not. */
#include "config.h"

#include "okap-key-words.h"

#include <glib/gi18n.h>

#include "okap-clock.h"
#include "okap-format.h"
#include "okap-words.h"

/** okap_words_for_health: (transfer full): and what to do, if a person has to */
char *
okap_words_for_health (const OkapKeyHealth *health, gint64 now_us)
{
  g_autofree char *hour = NULL;

  switch (health->class)
    {
    case OKAP_KEY_GOOD:
      return g_strdup (_("Works"));
    case OKAP_KEY_BAD:
      return g_strdup (_("The provider refuses this key. Replace it with a new one."));
    case OKAP_KEY_OUT_OF_CREDIT:
      return g_strdup (_("Out of credit. Add credit at the provider."));
    case OKAP_KEY_RATE_LIMITED:
      if (health->until_us <= now_us)
        return g_strdup (_("Was asked too often"));
      hour = okap_format_hour (health->until_us);
      /* Translators: %s is a time such as 10:12 */
      return g_strdup_printf (_("Asked too often. The provider answers again at %s."), hour);
    case OKAP_KEY_FORBIDDEN:
      return g_strdup (_("Not allowed from here, or not for what was asked. Look at its "
                         "permissions at the provider."));
    case OKAP_KEY_MODEL_MISSING:
      return g_strdup (_("Works, but an app asked for a model that was not found"));
    case OKAP_KEY_PROVIDER_ERROR:
      return g_strdup (_("The provider has trouble of its own"));
    case OKAP_KEY_UNTRIED:
    default:
      return g_strdup (_("Not used yet"));
    }
}

const char *
okap_words_health_icon (OkapKeyClass class)
{
  static const char *const names[] = {
    [OKAP_KEY_UNTRIED] = "content-loading-symbolic",
    [OKAP_KEY_GOOD] = "emblem-ok-symbolic",
    [OKAP_KEY_BAD] = "dialog-error-symbolic",
    [OKAP_KEY_OUT_OF_CREDIT] = "dialog-warning-symbolic",
    [OKAP_KEY_RATE_LIMITED] = "document-open-recent-symbolic",
    [OKAP_KEY_FORBIDDEN] = "dialog-warning-symbolic",
    [OKAP_KEY_MODEL_MISSING] = "emblem-ok-symbolic",
    [OKAP_KEY_PROVIDER_ERROR] = "network-error-symbolic",
  };

  g_return_val_if_fail ((guint) class < G_N_ELEMENTS (names), names[0]);
  return names[class];
}

/** okap_words_for_rotation: (transfer full) (nullable): NULL if it is of no interest any more */
char *
okap_words_for_rotation (OkapKeyInfo *key, gint64 now_us)
{
  const OkapRotation *rotation = okap_key_info_get_rotation (key);
  g_autofree char *hour = NULL;

  if (rotation == NULL)
    return NULL;
  hour = okap_format_hour (rotation->changed_us);
  switch (rotation->state)
    {
    case OKAP_ROTATION_TESTING:
      return g_strdup (_("A new key is being tested…"));
    case OKAP_ROTATION_WATCHING:
      /* Translators: %s is a time such as 10:12 */
      return g_strdup_printf (_("New key since %s, watching…"), hour);
    case OKAP_ROTATION_ROLLED_BACK:
      if (now_us - rotation->changed_us >= OKAP_DAY_US
          || rotation->reason != OKAP_ROTATION_KEY_REFUSED)
        return NULL;
      /* Translators: %s is a time such as 10:12 */
      return g_strdup_printf (_("Went back to the old key at %s: the provider refused the new one"),
                              hour);
    case OKAP_ROTATION_RETIRED:
    default:
      return NULL;
    }
}

/** okap_words_key_alert_title: (transfer full): of a notification */
char *
okap_words_key_alert_title (OkapKeyInfo *key, OkapKeyClass class, gboolean rolled_back)
{
  g_autofree char *provider = okap_words_for_provider (okap_key_info_get_provider (key));

  if (rolled_back)
    /* Translators: %s is the name of a provider */
    return g_strdup_printf (_("%s refused the new key"), provider);
  if (class == OKAP_KEY_OUT_OF_CREDIT)
    /* Translators: %s is the name of a provider */
    return g_strdup_printf (_("No credit left at %s"), provider);
  /* Translators: %s is the name of a provider */
  return g_strdup_printf (_("%s refuses your key"), provider);
}

const char *
okap_words_key_alert_body (OkapKeyClass class, gboolean rolled_back)
{
  if (rolled_back)
    return _("The old key is back in use, and apps go on as before.");
  if (class == OKAP_KEY_OUT_OF_CREDIT)
    return _("Apps get no answers until you add credit there.");
  return _("Apps get no answers until you replace the key.");
}
