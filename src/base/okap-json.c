/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON from outside. The scanner walks the text once, in place; what it accepts is exactly
 * RFC 8259 within a depth. okap-json-strict.c makes a tree of it, okap-json-print.c writes.
 *
 * States of the scanner, by what may come next:
 *
 *   VALUE ──scalar──▶ AFTER ──,──▶ VALUE (array) or NAME (object)
 *     │ {                │ } ]
 *     ▼                  ▼
 *   FIRST_NAME         AFTER of the level above, or DONE at level 0
 *     │ name :
 *     ▼
 *   VALUE
 */
#include "config.h"

#include "okap-json.h"

#include <string.h>

enum
{
  STATE_VALUE,
  STATE_FIRST_VALUE,  /* behind "[": a value or "]" */
  STATE_FIRST_NAME,   /* behind "{": a name or "}" */
  STATE_NAME,         /* behind "," in an object */
  STATE_COLON,
  STATE_AFTER,
  STATE_DONE,
  STATE_BROKEN,
};

/**
 * okap_json_scanner_init:
 * @scanner: on the caller's stack; borrows @data
 * @most_depth: the most objects and arrays in each other, at most %OKAP_JSON_DEPTH_MOST
 */
void
okap_json_scanner_init (OkapJsonScanner *scanner, const char *data, gsize length, guint most_depth)
{
  g_assert (most_depth <= OKAP_JSON_DEPTH_MOST);

  *scanner = (OkapJsonScanner) {
    .data = data, .p = data, .end = data + length, .most_depth = most_depth, .state = STATE_VALUE,
  };
}

static OkapJsonToken
broken (OkapJsonScanner *scanner)
{
  scanner->state = STATE_BROKEN;
  return OKAP_JSON_INVALID;
}

static void
skip_space (OkapJsonScanner *scanner)
{
  while (scanner->p < scanner->end
         && (*scanner->p == ' ' || *scanner->p == '\n' || *scanner->p == '\r'
             || *scanner->p == '\t'))
    scanner->p++;
}

/* The scanner stands behind the opening quote. */
static gboolean
scan_string (OkapJsonScanner *scanner)
{
  const char *p = scanner->p;
  gboolean ascii = TRUE;

  scanner->text = p;
  scanner->escaped = FALSE;
  for (;;)
    {
      while (p < scanner->end && (guchar) *p >= 0x20 && *p != '"' && *p != '\\')
        ascii &= (guchar) *p++ < 0x80;
      if (p >= scanner->end || (guchar) *p < 0x20)
        return FALSE;
      if (*p == '"')
        break;
      scanner->escaped = TRUE;
      if (++p >= scanner->end || strchr ("\"\\/bfnrtu", *p) == NULL || *p == '\0')
        return FALSE;
      if (*p++ == 'u')
        for (guint i = 0; i < 4; i++)
          if (p >= scanner->end || !g_ascii_isxdigit (*p++))
            return FALSE;
    }
  scanner->length = (gsize) (p - scanner->text);
  scanner->p = p + 1;
  return ascii || g_utf8_validate_len (scanner->text, scanner->length, NULL);
}

static gboolean
scan_digits (OkapJsonScanner *scanner)
{
  const char *start = scanner->p;

  while (scanner->p < scanner->end && g_ascii_isdigit (*scanner->p))
    scanner->p++;
  return scanner->p > start;
}

static gboolean
scan_number (OkapJsonScanner *scanner)
{
  const char *start = scanner->p;

  if (*scanner->p == '-')
    scanner->p++;
  if (scanner->p < scanner->end && *scanner->p == '0')
    scanner->p++;
  else if (!scan_digits (scanner))
    return FALSE;
  if (scanner->p < scanner->end && *scanner->p == '.')
    {
      scanner->p++;
      if (!scan_digits (scanner))
        return FALSE;
    }
  if (scanner->p < scanner->end && (*scanner->p == 'e' || *scanner->p == 'E'))
    {
      scanner->p++;
      if (scanner->p < scanner->end && (*scanner->p == '+' || *scanner->p == '-'))
        scanner->p++;
      if (!scan_digits (scanner))
        return FALSE;
    }
  scanner->text = start;
  scanner->length = (gsize) (scanner->p - start);
  return TRUE;
}

static gboolean
scan_word (OkapJsonScanner *scanner, const char *word)
{
  gsize length = strlen (word);

  if ((gsize) (scanner->end - scanner->p) < length || memcmp (scanner->p, word, length) != 0)
    return FALSE;
  scanner->text = scanner->p;
  scanner->length = length;
  scanner->p += length;
  return TRUE;
}

static OkapJsonToken
after_value (OkapJsonScanner *scanner, gboolean valid, OkapJsonToken token)
{
  if (!valid)
    return broken (scanner);
  scanner->state = scanner->depth > 0 ? STATE_AFTER : STATE_DONE;
  return token;
}

static OkapJsonToken
open_level (OkapJsonScanner *scanner, gboolean is_object)
{
  if (scanner->depth >= scanner->most_depth)
    return broken (scanner);
  scanner->text = scanner->p++;
  scanner->length = 1;
  scanner->in_object = scanner->in_object << 1 | (is_object ? 1 : 0);
  scanner->depth++;
  scanner->state = is_object ? STATE_FIRST_NAME : STATE_FIRST_VALUE;
  return is_object ? OKAP_JSON_OBJECT : OKAP_JSON_ARRAY;
}

static OkapJsonToken
close_level (OkapJsonScanner *scanner, gboolean is_object)
{
  scanner->text = scanner->p++;
  scanner->length = 1;
  scanner->in_object >>= 1;
  scanner->depth--;
  return after_value (scanner, TRUE, is_object ? OKAP_JSON_OBJECT_END : OKAP_JSON_ARRAY_END);
}

static OkapJsonToken
scan_value (OkapJsonScanner *scanner)
{
  switch (*scanner->p)
    {
    case '{':
      return open_level (scanner, TRUE);
    case '[':
      return open_level (scanner, FALSE);
    case '"':
      scanner->p++;
      return after_value (scanner, scan_string (scanner), OKAP_JSON_STRING);
    case 't':
      return after_value (scanner, scan_word (scanner, "true"), OKAP_JSON_TRUE);
    case 'f':
      return after_value (scanner, scan_word (scanner, "false"), OKAP_JSON_FALSE);
    case 'n':
      return after_value (scanner, scan_word (scanner, "null"), OKAP_JSON_NULL);
    default:
      return after_value (scanner, scan_number (scanner), OKAP_JSON_NUMBER);
    }
}

static OkapJsonToken
scan_name (OkapJsonScanner *scanner)
{
  if (*scanner->p++ != '"' || !scan_string (scanner))
    return broken (scanner);
  skip_space (scanner);
  if (scanner->p >= scanner->end || *scanner->p++ != ':')
    return broken (scanner);
  scanner->state = STATE_VALUE;
  return OKAP_JSON_NAME;
}

/**
 * okap_json_scanner_next:
 *
 * Returns: the next token; %OKAP_JSON_END behind a complete value and nothing else,
 *   %OKAP_JSON_INVALID from the first fault on
 */
OkapJsonToken
okap_json_scanner_next (OkapJsonScanner *scanner)
{
  gboolean in_object = (scanner->in_object & 1) != 0;

  skip_space (scanner);
  if (scanner->p >= scanner->end)
    return scanner->state == STATE_DONE ? OKAP_JSON_END : broken (scanner);

  switch (scanner->state)
    {
    case STATE_FIRST_VALUE:
      if (*scanner->p == ']')
        return close_level (scanner, FALSE);
      return scan_value (scanner);
    case STATE_VALUE:
      return scan_value (scanner);
    case STATE_FIRST_NAME:
      if (*scanner->p == '}')
        return close_level (scanner, TRUE);
      return scan_name (scanner);
    case STATE_AFTER:
      if (*scanner->p == (in_object ? '}' : ']'))
        return close_level (scanner, in_object);
      if (*scanner->p++ != ',')
        return broken (scanner);
      skip_space (scanner);
      if (scanner->p >= scanner->end)
        return broken (scanner);
      return in_object ? scan_name (scanner) : scan_value (scanner);
    default:
      return broken (scanner);
    }
}

/**
 * okap_json_scanner_skip:
 * @token: the token that okap_json_scanner_next() just returned
 *
 * If @token opens an object or array, walks to its end; behind a name, over its value.
 *
 * Returns: whether the text was valid so far
 */
gboolean
okap_json_scanner_skip (OkapJsonScanner *scanner, OkapJsonToken token)
{
  guint depth;

  if (token == OKAP_JSON_NAME)
    token = okap_json_scanner_next (scanner);
  if (token != OKAP_JSON_OBJECT && token != OKAP_JSON_ARRAY)
    return token != OKAP_JSON_INVALID;
  depth = scanner->depth - 1;
  while (scanner->depth > depth)
    if (okap_json_scanner_next (scanner) == OKAP_JSON_INVALID)
      return FALSE;
  return TRUE;
}

/**
 * okap_json_scanner_is:
 * @text: ASCII
 *
 * Returns: whether the last string or name is @text, escapes in it decoded
 */
gboolean
okap_json_scanner_is (const OkapJsonScanner *scanner, const char *text)
{
  g_autofree char *decoded = NULL;

  if (!scanner->escaped)
    return strlen (text) == scanner->length && memcmp (scanner->text, text, scanner->length) == 0;
  decoded = okap_json_scanner_dup (scanner);
  return decoded != NULL && strcmp (decoded, text) == 0;
}

static gunichar
decode_hex (const char *p)
{
  gunichar c = 0;

  for (guint i = 0; i < 4; i++)
    c = c << 4 | (gunichar) g_ascii_xdigit_value (p[i]);
  return c;
}

/* Decodes one escape at @p (behind the backslash); returns what follows it, NULL if it is no
 * character or the one that a C string cannot hold. */
static const char *
decode_escape (const char *p, const char *end, GString *out)
{
  static const char plain[] = "\"\\/bfnrt";
  static const char meant[] = "\"\\/\b\f\n\r\t";
  gunichar c;

  if (*p != 'u')
    {
      g_string_append_c (out, meant[strchr (plain, *p) - plain]);
      return p + 1;
    }
  c = decode_hex (p + 1);
  p += 5;
  if (c >= 0xD800 && c < 0xDC00)
    {
      gunichar low = end - p >= 6 && p[0] == '\\' && p[1] == 'u' ? decode_hex (p + 2) : 0;

      if (low < 0xDC00 || low > 0xDFFF)
        return NULL;
      c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
      p += 6;
    }
  if (c == 0 || (c >= 0xDC00 && c < 0xE000))
    return NULL;
  g_string_append_unichar (out, c);
  return p;
}

/**
 * okap_json_scanner_dup:
 *
 * Returns: (transfer full) (nullable): the last string, name or number as text; NULL if it has an
 *   escape that is no character, or the character NUL
 */
char *
okap_json_scanner_dup (const OkapJsonScanner *scanner)
{
  g_autoptr (GString) out = g_string_sized_new (scanner->length + 1);
  const char *end = scanner->text + scanner->length;

  for (const char *p = scanner->text; p < end;)
    {
      const char *stop = scanner->escaped ? memchr (p, '\\', (gsize) (end - p)) : NULL;

      if (stop == NULL)
        stop = end;
      g_string_append_len (out, p, stop - p);
      p = stop;
      if (p < end)
        p = decode_escape (p + 1, end, out);
      if (p == NULL)
        return NULL;
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

/**
 * okap_json_scanner_get_int:
 *
 * Returns: whether the last token is a whole number without sign or exponent that fits
 */
gboolean
okap_json_scanner_get_int (const OkapJsonScanner *scanner, gint64 *out_value)
{
  gint64 value = 0;

  for (gsize i = 0; i < scanner->length; i++)
    {
      if (!g_ascii_isdigit (scanner->text[i])
          || __builtin_mul_overflow (value, 10, &value)
          || __builtin_add_overflow (value, scanner->text[i] - '0', &value))
        return FALSE;
    }
  if (scanner->length == 0)
    return FALSE;
  *out_value = value;
  return TRUE;
}

/** okap_json_scanner_get_offset: how many bytes were read, for messages about a fault */
gsize
okap_json_scanner_get_offset (const OkapJsonScanner *scanner)
{
  return (gsize) (scanner->p - scanner->data);
}
