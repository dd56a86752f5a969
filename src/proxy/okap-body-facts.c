/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a request's body says of its size and price: how much the model may write, how many answers
 * are wanted, what comes in beside the text, and where in the bytes those things stand. It listens
 * to the one walk that looks for models (okap-model-finder.c) and allocates nothing.
 *
 * A member counts only where a provider reads it: "max_tokens" inside a message or a tool's schema
 * is somebody's text. What an app hands to a model as data (arguments and results of tools,
 * schemas) is text to the last byte, whatever it looks like.
 *
 * Everything errs on the side of more: what is not recognised is counted byte for byte, and a
 * model never reads more tokens than bytes. */
#include "config.h"

#include "okap-body-facts.h"

#include <string.h>

#include "okap-body-names.h"
#include "okap-money.h"

#define BATCH_DEPTH 4        /* of a member in requests[].params */
#define SEARCHES_ASSUMED 10  /* of a search tool that names no bound */
#define SEARCHES_UNCLEAR 100 /* of one that names it in a way that only some read */
#define SOURCES_MOST 50      /* of xAI's search, each of which has its price */

/* Tools that the app itself runs; all others run at the provider, and what they find is input. */
static const char *const own_tools[] = { "function", "custom" };
static const char *const vendor_tools[] = {
  "bash", "text_editor", "computer", "memory", "local_shell", "shell", "apply_patch",
};
/* What is called otherwise may be read as text, whatever its first bytes are. */
static const char *const media_types[] = { "image/", "audio/", "video/", "application/pdf" };
static const char *const search_tools[] = { "web_search", "google_search", "x_search" };

/* Which of them a member at its place is; the places differ in depth and in what holds them. */
static const struct
{
  guint8 name;
  guint8 holder;
  guint8 depth;
  guint8 number;
} places[] = {
  { OKAP_NAME_MAX_TOKENS, OKAP_NAME_NONE, 1, OKAP_BODY_MAX_TOKENS },
  { OKAP_NAME_MAX_COMPLETION_TOKENS, OKAP_NAME_NONE, 1, OKAP_BODY_MAX_COMPLETION_TOKENS },
  { OKAP_NAME_MAX_OUTPUT_TOKENS, OKAP_NAME_NONE, 1, OKAP_BODY_MAX_OUTPUT_TOKENS },
  { OKAP_NAME_MAX_OUTPUT_TOKENS, OKAP_NAME_GENERATION_CONFIG, 2, OKAP_BODY_GENERATION_MAX },
  { OKAP_NAME_CANDIDATES, OKAP_NAME_GENERATION_CONFIG, 2, OKAP_BODY_CANDIDATES },
  { OKAP_NAME_NUM_PREDICT, OKAP_NAME_OPTIONS, 2, OKAP_BODY_NUM_PREDICT },
  { OKAP_NAME_BUDGET, OKAP_NAME_THINKING, 2, OKAP_BODY_THINKING_BUDGET },
  { OKAP_NAME_N, OKAP_NAME_NONE, 1, OKAP_BODY_N },
  { OKAP_NAME_SAMPLES, OKAP_NAME_PARAMETERS, 2, OKAP_BODY_N },
  { OKAP_NAME_BEST_OF, OKAP_NAME_NONE, 1, OKAP_BODY_BEST_OF },
};

/**
 * okap_body_walk_begin:
 * @facts: (out caller-allocates): complete after okap_body_walk_end()
 * @body: of @length bytes, that the scanner walks
 */
void
okap_body_walk_begin (OkapBodyWalk *walk, OkapBodyFacts *facts, const char *body, gsize length)
{
  memset (facts, 0, sizeof *facts);
  for (guint i = 0; i < OKAP_N_BODY_NUMBERS; i++)
    facts->numbers[i].value = -1;
  facts->streams = -1;
  facts->text_bytes = (gint64) length;
  memset (walk, 0, sizeof *walk);
  walk->facts = facts;
  walk->body = body;
}

/* What a number's row is at this place, or -1. */
static int
find_number (OkapBodyName name, guint8 holder, guint depth)
{
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    if (places[i].name == name && places[i].holder == holder && places[i].depth == depth)
      return places[i].number;
  return -1;
}

static int
find_object (OkapBodyName name, guint depth)
{
  if (depth != 1)
    return -1;
  if (name == OKAP_NAME_STREAM_OPTIONS)
    return OKAP_BODY_STREAM_OPTIONS;
  if (name == OKAP_NAME_GENERATION_CONFIG)
    return OKAP_BODY_GENERATION_CONFIG;
  return name == OKAP_NAME_OPTIONS ? OKAP_BODY_OPTIONS : -1;
}

/* Where a value that we may read or write would be written twice, it is not known which counts. */
static void
take_name (OkapBodyWalk *walk, const OkapJsonScanner *scanner)
{
  OkapBodyFacts *facts = walk->facts;
  guint depth = scanner->depth;
  guint8 holder = walk->holder[depth];
  const char *text = NULL;
  gboolean exact = TRUE;
  OkapBodyName name = okap_body_name_find (scanner, &text, &exact);
  int number = find_number (name, holder, depth);
  int object = find_object (name, depth);
  gboolean is_switch = (name == OKAP_NAME_INCLUDE_USAGE && holder == OKAP_NAME_STREAM_OPTIONS
                        && depth == 2)
                       || (name == OKAP_NAME_STREAM && depth == 1);

  walk->current[depth] = name;
  facts->has_media |= name == OKAP_NAME_INLINE_DATA || name == OKAP_NAME_INPUT_AUDIO
                      || name == OKAP_NAME_FILE_DATA || name == OKAP_NAME_IMAGE_URL
                      || name == OKAP_NAME_IMAGES || name == OKAP_NAME_SOURCE;
  facts->wants_sound |= name == OKAP_NAME_MODALITIES && depth <= 2;
  facts->keeps_cache |= name == OKAP_NAME_CACHE;
  facts->keeps_longer |= name == OKAP_NAME_TTL && holder == OKAP_NAME_CACHE;
  if (name == OKAP_NAME_NONE || walk->opaque_from != 0)
    return;
  if ((number >= 0 && facts->numbers[number].span.length > 0)
      || (object >= 0 && facts->objects[object].span.length > 0)
      || (name == OKAP_NAME_INCLUDE_USAGE && is_switch && facts->include_usage.length > 0)
      || (name == OKAP_NAME_STREAM && is_switch && facts->streams >= 0)
      || ((number >= 0 || object >= 0 || is_switch) && !exact))
    facts->unsure = text;
  if (name == OKAP_NAME_FILE || (name == OKAP_NAME_TOOLS && holder == OKAP_NAME_PARAMS))
    facts->hidden = text;
  if (name == OKAP_NAME_PARAMS && depth == BATCH_DEPTH - 1)
    facts->batch_items++;
  if (holder == OKAP_NAME_TOOLS && depth == 3
      && (name == OKAP_NAME_SEARCH_TOOL || name == OKAP_NAME_SERVER_TOOL))
    {
      facts->hidden = text;
      walk->tool_is_search |= name == OKAP_NAME_SEARCH_TOOL;
    }
}

static gboolean
text_begins (const OkapJsonScanner *scanner, const char *prefix)
{
  gsize length = strlen (prefix);

  return scanner->length >= length && memcmp (scanner->text, prefix, length) == 0;
}

static gboolean
begins_like (const OkapJsonScanner *scanner, const char *const *list, guint n)
{
  for (guint i = 0; i < n; i++)
    if (text_begins (scanner, list[i]))
      return TRUE;
  return FALSE;
}

static void
take_tool_type (OkapBodyWalk *walk, const OkapJsonScanner *scanner)
{
  for (guint i = 0; i < G_N_ELEMENTS (own_tools); i++)
    if (okap_json_scanner_is (scanner, own_tools[i]))
      return;
  if (begins_like (scanner, vendor_tools, G_N_ELEMENTS (vendor_tools)))
    {
      walk->facts->vendor_tools++;
      return;
    }
  walk->facts->hidden = "tools";
  walk->tool_is_search |= begins_like (scanner, search_tools, G_N_ELEMENTS (search_tools));
}

/* What is no plain word is one that nobody knows. */
static void
copy_signal (char *room, gsize size, const OkapJsonScanner *scanner)
{
  g_strlcpy (room, "?", size);
  if (scanner->length >= size)
    return;
  for (gsize i = 0; i < scanner->length; i++)
    if (!g_ascii_isalnum (scanner->text[i]) && strchr ("-_.", scanner->text[i]) == NULL)
      return;
  memcpy (room, scanner->text, scanner->length);
  room[scanner->length] = '\0';
}

typedef enum
{
  MEDIA_TEXT,   /* or nothing that is known */
  MEDIA_IMAGE,
  MEDIA_AUDIO,
  MEDIA_FILE,
} Media;

/* By its first bytes, for what a body says of its own media decides nothing. */
static Media
sniff (const char *text, gsize length)
{
  static const struct
  {
    const char *bytes;
    guint8 at, length;
    guint8 media;
  } marks[] = {
    { "\x89PNG", 0, 4, MEDIA_IMAGE },  { "\xFF\xD8\xFF", 0, 3, MEDIA_IMAGE },
    { "GIF8", 0, 4, MEDIA_IMAGE },     { "WEBP", 8, 4, MEDIA_IMAGE },
    { "WAVE", 8, 4, MEDIA_AUDIO },     { "ID3", 0, 3, MEDIA_AUDIO },
    { "OggS", 0, 4, MEDIA_AUDIO },     { "fLaC", 0, 4, MEDIA_AUDIO },
    { "\xFF\xFB", 0, 2, MEDIA_AUDIO }, { "\xFF\xF3", 0, 2, MEDIA_AUDIO },
    { "\xFF\xF1", 0, 2, MEDIA_AUDIO }, { "ftypM4A", 4, 7, MEDIA_AUDIO },
    { "ftyphei", 4, 7, MEDIA_IMAGE },  { "ftypavif", 4, 8, MEDIA_IMAGE },
    { "%PDF", 0, 4, MEDIA_FILE },
  };
  guchar bytes[16];
  char start[17];
  gint state = 0;
  guint save = 0;
  gsize n;

  if (length < 16)
    return MEDIA_TEXT;
  memcpy (start, text, 16);
  start[16] = '\0';
  n = g_base64_decode_step (start, 16, bytes, &state, &save);
  for (guint i = 0; i < G_N_ELEMENTS (marks); i++)
    if (n >= (gsize) marks[i].at + marks[i].length
        && memcmp (bytes + marks[i].at, marks[i].bytes, marks[i].length) == 0)
      return (Media) marks[i].media;
  return MEDIA_TEXT;
}

static void
add_media (OkapBodyWalk *walk, Media media, const OkapJsonScanner *scanner, const char *name)
{
  OkapBodyFacts *facts = walk->facts;

  if (media == MEDIA_TEXT)
    return;
  if (media == MEDIA_IMAGE)
    facts->images++;
  else if (media == MEDIA_AUDIO)
    facts->audio_bytes += (gint64) scanner->length;
  else
    facts->hidden = name;
  walk->media_bytes += (gint64) scanner->length;
}

/* A text where a picture, sound or file may stand. */
static void
take_media (OkapBodyWalk *walk, const OkapJsonScanner *scanner, OkapBodyName name,
            OkapBodyName holder)
{
  const char *comma;
  Media media;

  if ((name == OKAP_NAME_URL && holder == OKAP_NAME_IMAGE_URL) || name == OKAP_NAME_IMAGE_URL
      || name == OKAP_NAME_IMAGES)
    {
      /* Where only pictures may stand, a URL or anything else is one. */
      media = MEDIA_IMAGE;
      if (!text_begins (scanner, "data:") && sniff (scanner->text, scanner->length) == MEDIA_TEXT)
        walk->facts->images++;
      else
        add_media (walk, media, scanner, "image_url");
      return;
    }
  if (name == OKAP_NAME_URL && holder == OKAP_NAME_SOURCE)
    {
      walk->facts->hidden = "source.url";
      return;
    }
  if (name == OKAP_NAME_DATA && holder == OKAP_NAME_INPUT_AUDIO)
    {
      add_media (walk, MEDIA_AUDIO, scanner, "input_audio");
      return;
    }
  if (name != OKAP_NAME_FILE_DATA
      && !(name == OKAP_NAME_DATA
           && (holder == OKAP_NAME_SOURCE || holder == OKAP_NAME_INLINE_DATA)))
    return;
  comma = text_begins (scanner, "data:") ? memchr (scanner->text, ',', MIN (scanner->length, 128))
                                         : NULL;
  media = comma != NULL
          ? sniff (comma + 1, scanner->length - (gsize) (comma + 1 - scanner->text))
          : sniff (scanner->text, scanner->length);
  add_media (walk, media, scanner, "file_data");
}

/* Characters of a text as a provider counts them. */
static gint64
count_chars (const OkapJsonScanner *scanner)
{
  gint64 chars = 0;

  for (gsize i = 0; i < scanner->length; i++)
    {
      guchar c = (guchar) scanner->text[i];

      if (c == '\\')
        i += scanner->text[i + 1] == 'u' ? 5 : 1;
      if (c < 0x80 || c >= 0xC0)
        chars++;
    }
  return chars;
}

static void
take_string (OkapBodyWalk *walk, const OkapJsonScanner *scanner, OkapBodyName name,
             OkapBodyName holder, guint depth)
{
  OkapBodyFacts *facts = walk->facts;

  if (depth == 1 && name == OKAP_NAME_TIER)
    copy_signal (facts->tier, sizeof facts->tier, scanner);
  else if (depth == 1 && name == OKAP_NAME_SPEED)
    copy_signal (facts->speed, sizeof facts->speed, scanner);
  else if (depth == 1 && name == OKAP_NAME_GEO)
    copy_signal (facts->geo, sizeof facts->geo, scanner);
  else if (depth == 1 && name == OKAP_NAME_SIZE)
    copy_signal (facts->size, sizeof facts->size, scanner);
  else if (depth == 1 && name == OKAP_NAME_QUALITY)
    copy_signal (facts->quality, sizeof facts->quality, scanner);
  else if (depth <= 2 && name == OKAP_NAME_INPUT)
    facts->input_chars += count_chars (scanner);
  else if (name == OKAP_NAME_TYPE && holder == OKAP_NAME_TOOLS && depth == 3)
    take_tool_type (walk, scanner);
  else if ((name == OKAP_NAME_TYPE && holder == OKAP_NAME_SOURCE
            && okap_json_scanner_is (scanner, "text"))
           || (name == OKAP_NAME_MIME
               && !begins_like (scanner, media_types, G_N_ELEMENTS (media_types))))
    walk->media_is_text = TRUE;
  else
    take_media (walk, scanner, name, holder);
}

static void
take_number (OkapBodyWalk *walk, const OkapJsonScanner *scanner, OkapJsonToken token,
             OkapBodyNumber *number)
{
  gboolean is_copies = number >= &walk->facts->numbers[OKAP_BODY_N];
  gint64 value;

  number->span = (OkapBodySpan) { (gsize) (scanner->text - walk->body), scanner->length };
  if (token == OKAP_JSON_OBJECT || token == OKAP_JSON_ARRAY)
    walk->facts->unsure = "an object or array for a number";
  if (token == OKAP_JSON_STRING)
    number->span = (OkapBodySpan) { number->span.at - 1, scanner->length + 2 };
  /* For many servers 0 means that there is no bound. */
  if (token == OKAP_JSON_NUMBER && okap_json_scanner_get_int (scanner, &value)
      && (value > 0 || is_copies))
    number->value = value;
  else if (is_copies && token != OKAP_JSON_NULL)
    walk->facts->unsure = "n";
}

/* Each request of a batch has its own maximum; one that is written twice counts twice. */
static void
take_batch_number (OkapBodyFacts *facts, const OkapJsonScanner *scanner, OkapJsonToken token)
{
  gint64 value;

  if (token != OKAP_JSON_NUMBER || !okap_json_scanner_get_int (scanner, &value) || value <= 0)
    return;
  facts->batch_bounded++;
  facts->batch_output_tokens = okap_money_add (facts->batch_output_tokens, value);
}

/* A scalar, or the opening of an object or array, whose container has @depth. */
static void
take_value (OkapBodyWalk *walk, const OkapJsonScanner *scanner, OkapJsonToken token, guint depth)
{
  OkapBodyFacts *facts = walk->facts;
  OkapBodyName name = (OkapBodyName) walk->current[depth];
  OkapBodyName holder = (OkapBodyName) walk->holder[depth];
  int number = find_number (name, holder, depth);
  int object = find_object (name, depth);
  OkapBodySpan span = { (gsize) (scanner->text - walk->body), scanner->length };

  if (number >= 0)
    take_number (walk, scanner, token, &facts->numbers[number]);
  else if (object >= 0)
    {
      facts->objects[object].span = span;
      facts->objects[object].is_object = token == OKAP_JSON_OBJECT;
    }
  else if (depth == 1 && name == OKAP_NAME_STREAM)
    facts->streams = token == OKAP_JSON_TRUE ? 1 : 0;
  else if (depth == 2 && name == OKAP_NAME_INCLUDE_USAGE && holder == OKAP_NAME_STREAM_OPTIONS)
    {
      facts->include_usage = span;
      facts->includes_usage = token == OKAP_JSON_TRUE;
    }
  else if (depth == 3 && holder == OKAP_NAME_TOOLS && name == OKAP_NAME_MAX_USES)
    {
      if (!okap_json_scanner_get_int (scanner, &walk->tool_uses))
        walk->tool_uses = token == OKAP_JSON_NULL ? -1 : SEARCHES_UNCLEAR;
    }
  else if (depth == BATCH_DEPTH && holder == OKAP_NAME_PARAMS && name == OKAP_NAME_MAX_TOKENS)
    take_batch_number (facts, scanner, token);
  else if (token == OKAP_JSON_NULL)
    return;
  else if (name == OKAP_NAME_PROMPT && holder == OKAP_NAME_PROMPT)
    facts->prompts += token == OKAP_JSON_STRING || token == OKAP_JSON_ARRAY;
  else if (depth == 1 && name == OKAP_NAME_PREDICTION)
    facts->predicts = TRUE;
  else if (depth == 1 && name == OKAP_NAME_HIDDEN)
    facts->hidden = "a conversation or a file that the provider keeps";
  else if (depth == 1
           && (name == OKAP_NAME_SEARCH_OPTIONS || name == OKAP_NAME_SEARCH_SOURCES))
    {
      facts->hidden = "a search";
      facts->searches += name == OKAP_NAME_SEARCH_SOURCES ? SOURCES_MOST : SEARCHES_ASSUMED;
    }
  else if (depth == 2 && name == OKAP_NAME_ID && holder == OKAP_NAME_PROMPT)
    facts->hidden = "prompt.id";
  else if (token == OKAP_JSON_STRING)
    take_string (walk, scanner, name, holder, depth);
}

static gboolean
is_opaque (OkapBodyName name, guint depth)
{
  return name == OKAP_NAME_OPAQUE
         || (depth > 1 && (name == OKAP_NAME_INPUT || name == OKAP_NAME_PARAMETERS));
}

static void
open_container (OkapBodyWalk *walk, const OkapJsonScanner *scanner, OkapJsonToken token)
{
  OkapBodyFacts *facts = walk->facts;
  guint depth = scanner->depth;
  guint8 name = depth > 1 ? walk->current[depth - 1] : (guint8) OKAP_NAME_NONE;

  walk->holder[depth] = name;
  walk->current[depth] = token == OKAP_JSON_ARRAY ? name : (guint8) OKAP_NAME_NONE;
  if (walk->opaque_from == 0 && depth > 1 && is_opaque ((OkapBodyName) name, depth - 1))
    walk->opaque_from = depth;
  if (depth == 1)
    facts->objects[OKAP_BODY_TOP].is_object = TRUE;
  if (depth == 3 && name == OKAP_NAME_TOOLS)
    {
      facts->has_tools = TRUE;
      walk->tool_is_search = FALSE;
      walk->tool_uses = -1;
    }
}

static void
close_container (OkapBodyWalk *walk, const OkapJsonScanner *scanner, gsize at)
{
  OkapBodyFacts *facts = walk->facts;
  guint depth = scanner->depth + 1;  /* that it had */
  int object = depth == 1 ? OKAP_BODY_TOP
               : walk->opaque_from == 0 && depth == 2
                 ? find_object ((OkapBodyName) walk->holder[depth], 1) : -1;

  if (walk->opaque_from == depth)
    walk->opaque_from = 0;
  if (object >= 0)
    {
      facts->objects[object].end = walk->last_end;
      facts->objects[object].is_empty = facts->objects[object].span.at + 1 == walk->last_end;
      facts->objects[object].span.length = at + 1 - facts->objects[object].span.at;
    }
  if (depth == 3 && walk->holder[depth] == OKAP_NAME_TOOLS && walk->opaque_from == 0
      && walk->tool_is_search)
    {
      facts->searches += walk->tool_uses >= 0 ? walk->tool_uses : SEARCHES_ASSUMED;
      walk->tool_is_search = FALSE;
    }
}

/** okap_body_walk_take: the scanner's next token, which is valid and not the end */
void
okap_body_walk_take (OkapBodyWalk *walk, const OkapJsonScanner *scanner, OkapJsonToken token)
{
  gsize at = (gsize) (scanner->text - walk->body);

  switch ((int) token)
    {
    case OKAP_JSON_NAME:
      take_name (walk, scanner);
      break;
    case OKAP_JSON_OBJECT_END:
    case OKAP_JSON_ARRAY_END:
      close_container (walk, scanner, at);
      break;
    case OKAP_JSON_OBJECT:
    case OKAP_JSON_ARRAY:
      if (scanner->depth == 1)
        walk->facts->objects[OKAP_BODY_TOP].span.at = at;
      else if (walk->opaque_from == 0)
        take_value (walk, scanner, token, scanner->depth - 1);
      open_container (walk, scanner, token);
      break;
    default:
      if (walk->opaque_from == 0)
        take_value (walk, scanner, token, scanner->depth);
      break;
    }
  walk->last_end = okap_json_scanner_get_offset (scanner);
}

/** okap_body_walk_end: the body was read to its end */
void
okap_body_walk_end (OkapBodyWalk *walk)
{
  if (!walk->media_is_text)
    walk->facts->text_bytes -= walk->media_bytes;
}
