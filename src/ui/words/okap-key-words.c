/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a key does and what its replacement does, in words, and the icon that goes with them. The
 * words stand alone: the icon says nothing that they do not. */
#include "config.h"

#include "okap-key-words.h"

#include <glib/gi18n.h>

#include "okap-clock.h"
#include "okap-error.h"
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
      return g_strdup (_("Not checked since Okap started"));
    }
}

static char *
format_amount (const OkapStandingFact *fact)
{
  double amount = (double) fact->amount / 1e9;

  if (g_str_equal (fact->currency, "USD"))
    /* Translators: an amount of US dollars with cents */
    return g_strdup_printf (_("$%'.2f"), amount);
  /* Translators: a currency such as CNY, and an amount of it */
  return g_strdup_printf (_("%s %'.2f"), fact->currency, amount);
}

/** okap_words_for_standing: (transfer full): what a provider told of money or limits */
char *
okap_words_for_standing (const OkapStandingFact *fact)
{
  g_autofree char *amount = NULL;

  switch (fact->kind)
    {
    case OKAP_STANDING_BALANCE:
      amount = format_amount (fact);
      /* Translators: %s is an amount of money */
      return g_strdup_printf (_("Balance: %s"), amount);
    case OKAP_STANDING_LEFT:
      amount = format_amount (fact);
      /* Translators: %s is an amount of money; the limit is one that the provider keeps */
      return g_strdup_printf (_("%s left of this key’s own limit"), amount);
    case OKAP_STANDING_REQUESTS:
    default:
      amount = okap_format_count (fact->amount);
      if (fact->window == OKAP_STANDING_DAY)
        /* Translators: %s is a number */
        return g_strdup_printf (ngettext ("%s request a day left", "%s requests a day left",
                                          (gulong) fact->amount), amount);
      if (fact->window == OKAP_STANDING_MINUTE)
        /* Translators: %s is a number */
        return g_strdup_printf (ngettext ("%s request a minute left", "%s requests a minute left",
                                          (gulong) fact->amount), amount);
      /* Translators: %s is a number */
      return g_strdup_printf (ngettext ("%s request left", "%s requests left",
                                        (gulong) fact->amount), amount);
    }
}

/**
 * okap_words_for_test:
 * @words: (nullable): what a test found, without an error
 * @error: (nullable): why it found nothing good
 *
 * Returns: (transfer full): for a person
 */
char *
okap_words_for_test (OkapKeyInfo *key, const char *words, const GError *error)
{
  g_autofree char *provider = okap_words_for_provider (okap_key_info_get_provider (key));

  if (error == NULL)
    return g_strdup (words != NULL ? words : _("The key works."));
  if (g_error_matches (error, OKAP_ERROR, OKAP_ERROR_UPSTREAM_UNREACHABLE)
      || g_error_matches (error, OKAP_ERROR, OKAP_ERROR_UPSTREAM_TIMEOUT))
    /* Translators: %s is the name of a provider */
    return g_strdup_printf (_("%s could not be reached. The key may still work."), provider);
  return okap_words_for_error (error);
}

/** okap_words_for_breaking: (transfer full): what stops working without the key. @apps: names */
char *
okap_words_for_breaking (OkapKeyInfo *key, const char *const *apps)
{
  g_autofree char *provider = okap_words_for_provider (okap_key_info_get_provider (key));
  guint n_apps = g_strv_length ((char **) apps);

  switch (n_apps)
    {
    case 0:
      return g_strdup (_("No app uses this key."));
    case 1:
      /* Translators: the name of an app and of a provider */
      return g_strdup_printf (_("%s stops working with %s."), apps[0], provider);
    case 2:
      /* Translators: the names of two apps and of a provider */
      return g_strdup_printf (_("%s and %s stop working with %s."), apps[0], apps[1], provider);
    default:
      /* Translators: the names of two apps, how many more there are, and the name of a provider */
      return g_strdup_printf (ngettext ("%s, %s and %u more app stop working with %s.",
                                        "%s, %s and %u more apps stop working with %s.",
                                        n_apps - 2), apps[0], apps[1], n_apps - 2, provider);
    }
}

/** okap_words_health_style: (nullable): a class of Adwaita's for the icon's colour */
const char *
okap_words_health_style (OkapKeyClass class)
{
  switch (class)
    {
    case OKAP_KEY_GOOD:
    case OKAP_KEY_MODEL_MISSING:
      return "success";
    case OKAP_KEY_BAD:
      return "error";
    case OKAP_KEY_OUT_OF_CREDIT:
    case OKAP_KEY_FORBIDDEN:
    case OKAP_KEY_RATE_LIMITED:
      return "warning";
    case OKAP_KEY_UNTRIED:
    case OKAP_KEY_PROVIDER_ERROR:
    default:
      return NULL;
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
