/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A push tokenizer for answers on their way through. An answer may be many megabytes (images,
 * embeddings) and its usage stands at the end, so nothing is collected: the tap keeps a hash of
 * the path to where it stands and the start of one scalar. Pieces may be cut anywhere, and values
 * may follow each other (one on each line, or one each event).
 *
 *            ┌──────── { [ , : ──────┐
 *            ▼                       │
 *   VALUE ──"──▶ STRING ──"──▶ AFTER ┘       NAME_START ──"──▶ NAME ──"──▶ AFTER
 *     └──other──▶ WORD ──, } ] space──▶ AFTER      (in objects, behind "{" and ",")
 *
 * A path is hashed (FNV-1a, 64 bits) over ".name.name…": 64 bits do not meet by chance within the
 * few dozen names that a meter knows, and what a provider says of its own usage is taken on trust
 * anyway.
 */
#include "config.h"

#include "okap-json-tap.h"

#include <string.h>

enum
{
  STATE_VALUE,
  STATE_STRING,
  STATE_STRING_ESCAPE,
  STATE_WORD,
  STATE_NAME_START,
  STATE_NAME,
  STATE_NAME_ESCAPE,
  STATE_AFTER,
  STATE_BROKEN,
};

#define HASH_START OKAP_JSON_TAP_OUTERMOST
#define STRING_NEAR 32      /* bytes that are looked at one by one */
#define STRING_WINDOW 1024

#define HASH_PRIME G_GUINT64_CONSTANT (1099511628211)

static inline guint64
hash_byte (guint64 hash, char c)
{
  return (hash ^ (guchar) c) * HASH_PRIME;
}

/** okap_json_tap_hash: what a tap calls the value at @path, names joined by dots */
guint64
okap_json_tap_hash (const char *path)
{
  guint64 hash = hash_byte (HASH_START, '.');

  for (const char *p = path; *p != '\0'; p++)
    hash = hash_byte (hash, *p);
  return hash;
}

void
okap_json_tap_init (OkapJsonTap *tap)
{
  okap_json_tap_reset (tap);
}

/** okap_json_tap_reset: makes ready for a new value, whatever came before */
void
okap_json_tap_reset (OkapJsonTap *tap)
{
  tap->depth = 0;
  tap->objects = 0;
  tap->state = STATE_VALUE;
  tap->name = HASH_START;
}

static inline gboolean
in_object (const OkapJsonTap *tap)
{
  return (tap->objects & 1) != 0;
}

static inline guint64
level_path (const OkapJsonTap *tap)
{
  return tap->depth > 0 ? tap->paths[tap->depth - 1] : HASH_START;
}

static void
open_level (OkapJsonTap *tap, gboolean is_object, OkapJsonTapFunc func, gpointer user_data)
{
  if (tap->depth >= OKAP_CAP_BODY_DEPTH)
    {
      tap->state = STATE_BROKEN;
      return;
    }
  tap->paths[tap->depth++] = tap->name;
  tap->objects = tap->objects << 1 | (is_object ? 1 : 0);
  tap->state = is_object ? STATE_NAME_START : STATE_VALUE;
  func (tap->name, is_object ? OKAP_JSON_OBJECT : OKAP_JSON_ARRAY, NULL, 0, user_data);
}

static void
close_level (OkapJsonTap *tap, gboolean is_object, OkapJsonTapFunc func, gpointer user_data)
{
  guint64 path = level_path (tap);

  if (tap->depth == 0 || in_object (tap) != is_object)
    {
      tap->state = STATE_BROKEN;
      return;
    }
  tap->depth--;
  tap->objects >>= 1;
  tap->name = level_path (tap);
  /* Behind the outermost value another one may follow. */
  tap->state = tap->depth == 0 ? STATE_VALUE : STATE_AFTER;
  func (path, is_object ? OKAP_JSON_OBJECT_END : OKAP_JSON_ARRAY_END, NULL, 0, user_data);
}

static void
begin_scalar (OkapJsonTap *tap, guint8 state)
{
  tap->state = state;
  tap->length = 0;
  tap->text_length = 0;
  tap->capturing = TRUE;
}

static void
capture (OkapJsonTap *tap, const char *data, gsize length)
{
  tap->length += length;
  if (!tap->capturing)
    return;
  if (length > sizeof tap->text - tap->text_length)
    {
      tap->capturing = FALSE;
      return;
    }
  memcpy (tap->text + tap->text_length, data, length);
  tap->text_length += (guint) length;
}

static void
end_scalar (OkapJsonTap *tap, OkapJsonToken token, OkapJsonTapFunc func, gpointer user_data)
{
  tap->state = tap->depth == 0 ? STATE_VALUE : STATE_AFTER;
  func (tap->name, token, tap->capturing ? tap->text : NULL,
        tap->capturing ? tap->text_length : tap->length, user_data);
  if (!in_object (tap))
    tap->name = level_path (tap);
}

static OkapJsonToken
word_token (const OkapJsonTap *tap)
{
  switch (tap->text[0])
    {
    case 't':
      return OKAP_JSON_TRUE;
    case 'f':
      return OKAP_JSON_FALSE;
    case 'n':
      return OKAP_JSON_NULL;
    default:
      return OKAP_JSON_NUMBER;
    }
}

/* Numbers, true, false and null; and the NaN and Infinity of careless programs. */
static gboolean
begins_word (char c)
{
  return g_ascii_isdigit (c) || c == '-' || c == 't' || c == 'f' || c == 'n' || c == 'N'
         || c == 'I';
}

/* A byte that is neither in a string nor in a word. */
static void
feed_plain (OkapJsonTap *tap, char c, OkapJsonTapFunc func, gpointer user_data)
{
  if (c == ' ' || c == '\n' || c == '\r' || c == '\t')
    return;
  if (c == '}' || c == ']')
    close_level (tap, c == '}', func, user_data);
  else if (tap->state == STATE_VALUE && (c == '{' || c == '['))
    open_level (tap, c == '{', func, user_data);
  else if (tap->state == STATE_VALUE && c == '"')
    begin_scalar (tap, STATE_STRING);
  else if (tap->state == STATE_VALUE && begins_word (c))
    {
      begin_scalar (tap, STATE_WORD);
      capture (tap, &c, 1);
    }
  else if (tap->state == STATE_NAME_START && c == '"')
    {
      tap->name = hash_byte (level_path (tap), '.');
      tap->state = STATE_NAME;
    }
  else if (tap->state == STATE_AFTER && c == ':' && in_object (tap))
    tap->state = STATE_VALUE;
  else if (tap->state == STATE_AFTER && c == ',')
    tap->state = in_object (tap) ? STATE_NAME_START : STATE_VALUE;
  else
    tap->state = STATE_BROKEN;
}

static void
feed_escape (OkapJsonTap *tap, char c)
{
  if (tap->state == STATE_NAME_ESCAPE)
    {
      tap->name = hash_byte (hash_byte (tap->name, '\\'), c);
      tap->state = STATE_NAME;
      return;
    }
  tap->state = STATE_STRING;
  if (c == '/' || c == '"' || c == '\\')
    {
      capture (tap, &c, 1);
      return;
    }
  tap->length += 2;
  tap->capturing = FALSE;  /* no name of a model has such a character */
}

static const char *
feed_name (OkapJsonTap *tap, const char *p, const char *end)
{
  guint64 hash = tap->name;

  while (p < end && *p != '"' && *p != '\\')
    hash = hash_byte (hash, *p++);
  tap->name = hash;
  if (p == end)
    return p;
  tap->state = *p == '"' ? STATE_AFTER : STATE_NAME_ESCAPE;
  return p + 1;
}

/* The next quote or backslash. Pictures are strings of megabytes, so what is long is left to the C
 * library; a window bounds what is looked at twice. */
static const char *
find_string_end (const char *p, const char *end)
{
  const char *near = p + MIN (end - p, STRING_NEAR);

  for (; p < near; p++)
    if (*p == '"' || *p == '\\')
      return p;
  while (p < end)
    {
      gsize window = MIN ((gsize) (end - p), STRING_WINDOW);
      const char *quote = memchr (p, '"', window);
      gsize length = quote != NULL ? (gsize) (quote - p) : window;
      const char *escape = memchr (p, '\\', length);

      if (escape != NULL)
        return escape;
      p += length;
      if (quote != NULL)
        return p;
    }
  return end;
}

static const char *
feed_string (OkapJsonTap *tap, const char *p, const char *end, OkapJsonTapFunc func,
             gpointer user_data)
{
  const char *start = p;

  p = find_string_end (p, end);
  capture (tap, start, (gsize) (p - start));
  if (p == end)
    return p;
  if (*p == '"')
    end_scalar (tap, OKAP_JSON_STRING, func, user_data);
  else
    tap->state = STATE_STRING_ESCAPE;
  return p + 1;
}

static const char *
feed_word (OkapJsonTap *tap, const char *p, const char *end, OkapJsonTapFunc func,
           gpointer user_data)
{
  const char *start = p;

  while (p < end && (g_ascii_isalnum (*p) || *p == '-' || *p == '+' || *p == '.'))
    p++;
  capture (tap, start, (gsize) (p - start));
  if (p < end)
    end_scalar (tap, word_token (tap), func, user_data);
  return p;
}

/**
 * okap_json_tap_feed:
 * @data: the next bytes, cut anywhere
 * @func: told of each scalar that ends within them, and of each object and array that begins or
 *   ends there
 */
void
okap_json_tap_feed (OkapJsonTap *tap, const char *data, gsize length, OkapJsonTapFunc func,
                    gpointer user_data)
{
  const char *p = data;
  const char *end = data + length;

  while (p < end)
    switch (tap->state)
      {
      case STATE_STRING:
        p = feed_string (tap, p, end, func, user_data);
        break;
      case STATE_NAME:
        p = feed_name (tap, p, end);
        break;
      case STATE_WORD:
        p = feed_word (tap, p, end, func, user_data);
        break;
      case STATE_STRING_ESCAPE:
      case STATE_NAME_ESCAPE:
        feed_escape (tap, *p++);
        break;
      case STATE_BROKEN:
        return;
      default:
        feed_plain (tap, *p++, func, user_data);
        break;
      }
}

/** okap_json_tap_is_in_outer_array: whether it stands behind an element of the outermost array */
gboolean
okap_json_tap_is_in_outer_array (const OkapJsonTap *tap)
{
  return tap->depth == 1 && !in_object (tap) && tap->state == STATE_AFTER;
}

/** okap_json_tap_is_whole: whether the last object that ended stands for itself: is outermost, or
 *   an element of the outermost array */
gboolean
okap_json_tap_is_whole (const OkapJsonTap *tap)
{
  return tap->depth == 0 || (tap->depth == 1 && !in_object (tap));
}

/** okap_json_tap_is_broken: whether what came is not JSON; silent until the next reset */
gboolean
okap_json_tap_is_broken (const OkapJsonTap *tap)
{
  return tap->state == STATE_BROKEN;
}
