/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Narrowing a request on a terminal, word by word. Nothing here makes anything wider than what was
 * asked for; the broker checks that once more. */
#include "config.h"

#include "okap-question-edit.h"

#include <glib/gi18n-lib.h>

#include "okap-cli.h"
#include "okap-money.h"
#include "okap-question-text.h"

/** okap_question_edit_key: @word: the number of one of the keys that can be chosen */
const char *
okap_question_edit_key (const char *word, OkapQuestion *question, OkapScope *scope)
{
  g_autoptr (GPtrArray) keys = okap_question_list_keys (question, scope->provider);
  guint64 number;

  if (!g_ascii_string_to_unsigned (word, 10, 1, keys->len, &number, NULL))
    return _("Expected the number of one of the keys.\n");
  g_free (scope->key_id);
  scope->key_id = g_strdup (okap_key_info_get_id (g_ptr_array_index (keys, number - 1)));
  return NULL;
}

/** okap_question_edit_limit: @bounds: what was asked for */
const char *
okap_question_edit_limit (const char *word, OkapLimit limit, const OkapScope *bounds,
                          OkapScope *scope)
{
  guint64 count;
  gint64 value;

  if (okap_limit_is_money (limit))
    {
      if (!okap_money_parse (*word == '$' ? word + 1 : word, &value, NULL))
        return _("Expected dollars, such as 5 or 2.50.\n");
    }
  else
    {
      if (!g_ascii_string_to_unsigned (word, 10, 0, G_MAXINT64, &count, NULL))
        return _("Expected a whole number.\n");
      value = (gint64) count;
    }
  if (value > bounds->limits.value[limit])
    return _("That is more than what was asked for.\n");
  okap_limits_set (&scope->limits, limit, value);
  scope->limits.defaulted &= ~(1u << limit);
  return NULL;
}

/** okap_question_edit_expiry: @most_us: what was asked for */
const char *
okap_question_edit_expiry (const char *word, gint64 now_us, gint64 most_us, gint64 *expires_us)
{
  gint64 until_us;

  if (!okap_when_parse (word, now_us, TRUE, &until_us, NULL) || until_us <= now_us)
    return _("Expected a date to come, such as 2027-03-01, or 12h, or 7d.\n");
  if (until_us > most_us)
    return _("That is later than what was asked for.\n");
  *expires_us = until_us;
  return NULL;
}

/** okap_question_edit_portable: whether any program may go on to be able to use the token */
const char *
okap_question_edit_portable (const char *word, gboolean *portable)
{
  if (g_ascii_strcasecmp (word, "n") == 0 || g_ascii_strcasecmp (word, "no") == 0)
    *portable = FALSE;
  else if (g_ascii_strcasecmp (word, "y") != 0 && g_ascii_strcasecmp (word, "yes") != 0)
    return _("Expected y or n.\n");
  return NULL;
}

/** okap_question_edit_offer_keys: (transfer full) (nullable): the keys, and which; NULL without a
 *   choice */
char *
okap_question_edit_offer_keys (OkapQuestion *question, const OkapScope *scope)
{
  g_autoptr (GPtrArray) keys = okap_question_list_keys (question, scope->provider);
  GString *text;

  if (keys->len < 2)
    return NULL;
  text = g_string_new (NULL);
  for (guint i = 0; i < keys->len; i++)
    {
      OkapKeyInfo *info = g_ptr_array_index (keys, i);

      g_string_append_printf (text, "  %u  %s ····%s\n", i + 1, okap_key_info_get_label (info),
                              okap_key_info_get_tail (info));
    }
  g_string_append (text, _("Which key? [1] "));
  return g_string_free (text, FALSE);
}

/** okap_question_edit_offer_limit: (transfer full) (nullable): NULL if this limit is not set */
char *
okap_question_edit_offer_limit (OkapLimit limit, const OkapScope *scope)
{
  g_autofree char *provider = NULL;
  g_autofree char *now = NULL;

  if (!okap_limits_has (&scope->limits, limit))
    return NULL;
  provider = okap_question_text_name_provider (scope->provider);
  now = okap_question_text_format_limit (limit, scope->limits.value[limit]);
  /* Translators: a provider, and a limit in words */
  return g_strdup_printf (_("%s: at most [%s] "), provider, now);
}
