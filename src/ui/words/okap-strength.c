/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A rough judgement of a passphrase, in words. It counts bits the way a guesser would: a letter
 * that repeats or continues its neighbour adds next to nothing, the words that everybody takes
 * add little, and only then the kinds of characters count. The vault's Argon2id makes each guess
 * cost about a second of a core, which the words take into account. Rough on purpose: it steers,
 * it does not score. */
#include "config.h"

#include "okap-strength.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#define BITS_FAIR   35.0
#define BITS_GOOD   50.0
#define BITS_STRONG 70.0

static const char *const common[] = {
  "password", "passphrase", "passwort", "contraseña", "secret", "geheim", "qwerty", "qwertz",
  "letmein", "iloveyou", "welcome", "dragon", "monkey", "master", "admin", "okap",
};

static double
pool_of (const char *text)
{
  double lower = 0, upper = 0, digit = 0, space = 0, other = 0, foreign = 0;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (c >= 0x80)
        foreign = 100;
      else if (g_ascii_islower ((char) c))
        lower = 26;
      else if (g_ascii_isupper ((char) c))
        upper = 26;
      else if (g_ascii_isdigit ((char) c))
        digit = 10;
      else if (c == ' ')
        space = 1;
      else
        other = 32;
    }
  return lower + upper + digit + space + other + foreign;
}

/* Characters that a guesser has to guess: one that repeats or counts on counts a quarter. */
static double
effective_length (const char *text)
{
  double length = 0;
  gunichar before = 0;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      gboolean follows = before != 0 && (c == before || c == before + 1 || c + 1 == before);

      length += follows ? 0.25 : 1.0;
      before = c;
    }
  return length;
}

/**
 * okap_strength_judge:
 * @passphrase: valid UTF-8
 */
OkapStrength
okap_strength_judge (const char *passphrase)
{
  double length;
  double bits;

  if (g_utf8_strlen (passphrase, -1) < OKAP_STRENGTH_LEAST_CHARS)
    return OKAP_STRENGTH_TOO_SHORT;

  length = effective_length (passphrase);
  for (guint i = 0; i < G_N_ELEMENTS (common); i++)
    if (strcasestr (passphrase, common[i]) != NULL)
      length -= (double) g_utf8_strlen (common[i], -1) - 1.5;

  bits = MAX (length, 0.0) * log2 (MAX (pool_of (passphrase), 2.0));
  /* Long texts are words of a language, which are easier to guess than their letters. */
  if (length > 12)
    bits = 12 * bits / length + (length - 12) * 2.0;
  return bits < BITS_FAIR     ? OKAP_STRENGTH_WEAK
         : bits < BITS_GOOD   ? OKAP_STRENGTH_FAIR
         : bits < BITS_STRONG ? OKAP_STRENGTH_GOOD
                              : OKAP_STRENGTH_STRONG;
}

/** okap_strength_in_words: (transfer none) */
const char *
okap_strength_in_words (OkapStrength strength)
{
  switch (strength)
    {
    case OKAP_STRENGTH_TOO_SHORT:
      return _("Take at least eight characters.");
    case OKAP_STRENGTH_WEAK:
      return _("Easy to guess for someone who has your disk. A few unrelated words are better.");
    case OKAP_STRENGTH_FAIR:
      return _("Holds for a while. One more word makes it good.");
    case OKAP_STRENGTH_GOOD:
      return _("Good. Guessing it would take years.");
    case OKAP_STRENGTH_STRONG:
      return _("Strong. Guessing it is hopeless.");
    default:
      g_assert_not_reached ();
    }
}
