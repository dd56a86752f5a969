/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text from outside, before a person sees it: no control, bidirectional, invisible or unassigned
 * characters, white space folded, length bounded. What is left is plain text, never markup. */
#include "config.h"

#include "okap-text.h"

static gboolean
is_hidden (gunichar c)
{
  switch ((int) g_unichar_type (c))
    {
    case G_UNICODE_CONTROL:
    case G_UNICODE_FORMAT:  /* bidirectional overrides and isolates, joiners, soft hyphen, tags */
    case G_UNICODE_SURROGATE:
    case G_UNICODE_PRIVATE_USE:
    case G_UNICODE_UNASSIGNED:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
      return TRUE;
    default:
      break;
    }
  return g_unichar_iszerowidth (c) && !g_unichar_ismark (c)
         ? TRUE
         : (c == 0x115F || c == 0x1160 || c == 0x3164 || c == 0xFFA0   /* Hangul fillers */
            || c == 0x2800                                            /* blank Braille */
            || (c >= 0xFE00 && c <= 0xFE0F)                           /* variation selectors */
            || (c >= 0xE0100 && c <= 0xE01EF));
}

/**
 * okap_text_clean:
 * @text: valid UTF-8 from anywhere
 * @most_chars: the most characters that are kept
 *
 * Returns: (transfer full): @text fit to be shown, perhaps empty
 */
char *
okap_text_clean (const char *text, gsize most_chars)
{
  GString *clean = g_string_new (NULL);
  gboolean space = FALSE;
  gsize chars = 0;
  guint marks = 0;

  for (const char *p = text; *p != '\0' && chars < most_chars; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (g_unichar_isspace (c))
        {
          space = TRUE;
          continue;
        }
      if (is_hidden (c))
        continue;
      /* A few combining marks are a language; a tower of them overflows the line. */
      marks = g_unichar_ismark (c) ? marks + 1 : 0;
      if (marks > 3 || (marks > 0 && clean->len == 0))
        continue;
      if (space && clean->len > 0)
        {
          g_string_append_c (clean, ' ');
          if (++chars >= most_chars)
            break;
        }
      space = FALSE;
      g_string_append_unichar (clean, c);
      chars++;
    }
  return g_string_free (clean, FALSE);
}

/**
 * okap_text_shorten:
 * @text: clean text
 * @most_chars: at least 3
 *
 * Returns: (transfer full): @text, with its middle replaced by an ellipsis if it is longer
 */
char *
okap_text_shorten (const char *text, gsize most_chars)
{
  glong length = g_utf8_strlen (text, -1);
  glong head = (glong) most_chars / 2;
  glong tail = (glong) most_chars - head - 1;
  g_autofree char *first = NULL;

  if (length <= (glong) most_chars)
    return g_strdup (text);
  first = g_utf8_substring (text, 0, head);
  return g_strconcat (first, "…", g_utf8_offset_to_pointer (text, length - tail), NULL);
}
