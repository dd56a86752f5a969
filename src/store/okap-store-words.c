/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words that somebody looks for, and texts in which they stand. Any thread.
 *
 * A text fits if each of the words stands somewhere in it or in the texts beside it, as a part of
 * a word too, in whatever case. So what is found is one bit for each word, and bits are joined. */
#include "config.h"

#include "okap-store-private.h"

#include <string.h>

#include "okap-caps.h"

/**
 * okap_words_new:
 * @text: (nullable): of any length; what is beyond %OKAP_CAP_SEARCH_BYTES is left out
 *
 * Returns: (transfer full) (nullable): its words, folded; NULL if there are none
 */
char **
okap_words_new (const char *text)
{
  g_autofree char *start = NULL;
  g_autofree char *valid = NULL;
  g_autofree char *folded = NULL;
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();
  g_auto (GStrv) parts = NULL;
  guint n = 0;

  if (text == NULL)
    return NULL;
  start = g_strndup (text, OKAP_CAP_SEARCH_BYTES);
  valid = g_utf8_make_valid (start, -1);
  folded = g_utf8_casefold (valid, -1);
  parts = g_strsplit_set (folded, " \t\r\n", -1);
  for (guint i = 0; parts[i] != NULL && n < OKAP_CAP_SEARCH_WORDS; i++)
    if (*parts[i] != '\0')
      {
        g_strv_builder_add (words, parts[i]);
        n++;
      }
  return n > 0 ? g_strv_builder_end (words) : NULL;
}

/** okap_words_get_all: the bits of all of @words */
guint
okap_words_get_all (char **words)
{
  return (1u << g_strv_length (words)) - 1;
}

static gboolean
is_ascii (const char *text)
{
  while (*text != '\0' && (guchar) *text < 0x80)
    text++;
  return *text == '\0';
}

/* @text is plain ASCII, which most texts of a row are: nothing is copied. */
static gboolean
holds (const char *text, const char *word)
{
  gsize length = strlen (word);

  for (; *text != '\0'; text++)
    if (g_ascii_tolower (*text) == *word && g_ascii_strncasecmp (text, word, length) == 0)
      return TRUE;
  return FALSE;
}

/**
 * okap_words_find:
 * @text: (nullable): whatever the file holds
 *
 * Returns: one bit for each of @words that stands in it
 */
guint
okap_words_find (char **words, const char *text)
{
  g_autofree char *valid = NULL;
  g_autofree char *folded = NULL;
  guint found = 0;

  if (text == NULL)
    return 0;
  if (!is_ascii (text))
    {
      valid = g_utf8_make_valid (text, -1);
      folded = g_utf8_casefold (valid, -1);
    }
  for (guint i = 0; words[i] != NULL; i++)
    if (folded != NULL ? strstr (folded, words[i]) != NULL : holds (text, words[i]))
      found |= 1u << i;
  return found;
}
