/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts what an answer used while it passes. A meter never changes, delays or keeps bytes: it
 * reads them after they were sent on. Its family says where in the JSON the counts stand. Streams
 * repeat counts, always cumulative: the last one that is a number counts, never a sum of them.
 *
 * Beside the counts of the provider it measures the text that the model wrote, so that an answer
 * that is still running, or ended before its usage came, can be estimated.
 *
 * Counts are somebody else's word. One that is no number, is negative or beyond all reason is not
 * taken; of two that contradict each other the dearer is taken; either makes the meter doubtful.
 * Runs on the proxy's thread, in constant memory, and allocates nothing. */
#include "config.h"

#include "okap-meter.h"

#include <string.h>

#include "okap-meter-private.h"
#include "okap-money.h"

/* Far above what one call can come to, and a batch of calls; far below any overflow of money. */
#define COUNT_MOST G_GINT64_CONSTANT (1000000000)
#define COUNT_MOST_OF_JOB G_GINT64_CONSTANT (1000000000000)
#define COST_MOST_NUSD (100000 * OKAP_NUSD_PER_USD)

/* Content types that stand for a stream, or for no JSON at all (RFC 9110 section 8.3: case does
 * not matter). One that ends in a slash is the start of one. */
static gboolean
type_is (const char *content_type, const char *type)
{
  gsize length = strlen (type);

  return g_ascii_strncasecmp (content_type, type, length) == 0
         && (type[length - 1] == '/' || content_type[length] == '\0'
             || strchr ("; \t", content_type[length]) != NULL);
}

/** okap_framing_from_content_type: @content_type: (nullable): value of the answer's header */
OkapFraming
okap_framing_from_content_type (const char *content_type)
{
  static const struct
  {
    const char *type;
    OkapFraming framing;
  } types[] = {
    { "application/json", OKAP_FRAMING_BODY },
    { "text/event-stream", OKAP_FRAMING_SSE },
    { "application/x-ndjson", OKAP_FRAMING_NDJSON },
    { "application/stream+json", OKAP_FRAMING_NDJSON },
    { "application/jsonl", OKAP_FRAMING_NDJSON },
    { "application/x-jsonl", OKAP_FRAMING_NDJSON },
    { "application/x-jsonlines", OKAP_FRAMING_NDJSON },
    { "audio/", OKAP_FRAMING_OPAQUE },
    { "video/", OKAP_FRAMING_OPAQUE },
    { "image/", OKAP_FRAMING_OPAQUE },
    { "text/", OKAP_FRAMING_OPAQUE },
    { "application/x-subrip", OKAP_FRAMING_OPAQUE },
    { "application/octet-stream", OKAP_FRAMING_OPAQUE },
  };

  for (guint i = 0; content_type != NULL && i < G_N_ELEMENTS (types); i++)
    if (type_is (content_type, types[i].type))
      return types[i].framing;
  return OKAP_FRAMING_BODY;
}

static const OkapMeterFamily *const families[OKAP_N_METERS] = {
  [OKAP_METER_OPENAI_CHAT] = &okap_meter_family_openai_chat,
  [OKAP_METER_OPENAI_RESPONSES] = &okap_meter_family_openai_responses,
  [OKAP_METER_OPENAI_IMAGES] = &okap_meter_family_openai_images,
  [OKAP_METER_OPENAI_SPEECH] = &okap_meter_family_openai_speech,
  [OKAP_METER_OPENAI_TRANSCRIPTION] = &okap_meter_family_openai_transcription,
  [OKAP_METER_OPENAI_BATCH] = &okap_meter_family_openai_batch,
  [OKAP_METER_OPENAI_VIDEO] = &okap_meter_family_openai_video,
  [OKAP_METER_ANTHROPIC_MESSAGES] = &okap_meter_family_anthropic,
  [OKAP_METER_ANTHROPIC_BATCH] = &okap_meter_family_anthropic_batch,
  [OKAP_METER_GOOGLE_GENERATE] = &okap_meter_family_google,
  [OKAP_METER_GOOGLE_INTERACTIONS] = &okap_meter_family_google_interactions,
  [OKAP_METER_GOOGLE_OPERATION] = &okap_meter_family_google_operation,
  [OKAP_METER_OLLAMA] = &okap_meter_family_ollama,
  [OKAP_METER_REPLICATE] = &okap_meter_family_replicate,
  [OKAP_METER_MODERATION] = &okap_meter_family_openai_chat,
  [OKAP_METER_COHERE] = &okap_meter_family_cohere,
  [OKAP_METER_RERANK] = &okap_meter_family_rerank,
  [OKAP_METER_MISTRAL_OCR] = &okap_meter_family_mistral_ocr,
  [OKAP_METER_SEARCH] = &okap_meter_family_search,
  [OKAP_METER_AI_SDK] = &okap_meter_family_ai_sdk,
};

/* Only these may answer with what is no JSON; from all others it is read as what it is not. */
static gboolean
may_be_opaque (const OkapMeterFamily *family)
{
  return family->basis == OKAP_METER_BY_CHARACTERS || family->basis == OKAP_METER_BY_SOUND
         || family->basis == OKAP_METER_BY_PICTURES;
}

/**
 * okap_meter_init:
 * @meter: the caller's; needs no clean-up
 * @framing: how the answer is divided
 */
void
okap_meter_init (OkapMeter *meter, OkapMeterKind kind, OkapFraming framing)
{
  memset (meter, 0, G_STRUCT_OFFSET (OkapMeter, sse));
  meter->model[0] = '\0';
  meter->tool_model[0] = '\0';
  meter->part_model[0] = '\0';
  meter->kind = kind;
  meter->family = families[kind];
  meter->framing = framing;
  meter->cost_nusd = -1;
  meter->cost_ticks_nusd = -1;
  meter->cost_upstream_nusd = -1;
  okap_sse_init (&meter->sse);
  okap_json_tap_init (&meter->tap);
  if (meter->family == NULL)
    return;
  meter->table = okap_meter_table_get (kind, meter->family);
  if (framing == OKAP_FRAMING_OPAQUE && !may_be_opaque (meter->family))
    meter->framing = OKAP_FRAMING_BODY;
}

/**
 * okap_meter_set_request_units:
 * @units: what the request tells: an estimate of its prompt (see okap_meter_estimate_tokens()), the
 *   characters to be spoken, the pictures asked for, the length of the sound sent
 *
 * Taken where the answer tells nothing. Characters are what is billed; all else makes an estimate.
 */
void
okap_meter_set_request_units (OkapMeter *meter, const OkapUnits *units)
{
  meter->request = *units;
}

/**
 * okap_meter_set_part_func:
 * @func: (nullable): told of each result of a job as it passes
 */
void
okap_meter_set_part_func (OkapMeter *meter, OkapMeterPartFunc func, gpointer user_data)
{
  meter->part_func = func;
  meter->part_data = user_data;
}

static void
take_cost (OkapMeter *meter, gint64 *nusd, int scale, const char *text, gsize length)
{
  gint64 told;

  if (okap_meter_parse_number (text, length, scale, &told) == OKAP_METER_NUMBER_BAD
      || told > COST_MOST_NUSD)
    {
      meter->doubtful = TRUE;
      return;
    }
  if (told < *nusd)
    meter->doubtful = TRUE;
  *nusd = MAX (*nusd, told);
}

/**
 * okap_meter_take_headers:
 * @headers: lines of the answer's head, each ended by CRLF
 *
 * LiteLLM tells the cost there; in streams before it is known, and 0 for what it has no price of.
 */
void
okap_meter_take_headers (OkapMeter *meter, const char *headers)
{
  static const char name[] = "x-litellm-response-cost:";
  const char *line = headers;

  if (meter->framing == OKAP_FRAMING_SSE || meter->framing == OKAP_FRAMING_NDJSON)
    return;
  while (*line != '\0')
    {
      gsize length = strcspn (line, "\r\n");
      gint64 nusd = 0;

      if (g_ascii_strncasecmp (line, name, sizeof name - 1) == 0)
        {
          const char *value = line + sizeof name - 1;

          value += strspn (value, " \t");
          if (okap_meter_parse_number (value, length - (gsize) (value - line), 9, &nusd)
              != OKAP_METER_NUMBER_BAD && nusd > 0 && nusd <= COST_MOST_NUSD)
            meter->cost_nusd = nusd;
        }
      line += length;
      line += strspn (line, "\r\n");
    }
}

/* One more word about a count of @reading, of which @again says that this event had it already. */
static void
take_count (OkapMeter *meter, OkapMeterReading *reading, OkapMeterField field, gint64 count,
            gboolean again)
{
  guint64 bit = G_GUINT64_CONSTANT (1) << field;
  gint64 before = reading->counts[field];

  if ((reading->has & bit) != 0 && count != before)
    {
      gboolean cheap = (meter->family->cheap & bit) != 0;
      gboolean credits = cheap ? count > before : count < before;

      /* Cumulative counts do not fall, and nothing has two values at once; but a cache may be
       * named late. */
      if (again || (credits && !cheap))
        meter->doubtful = TRUE;
      if (credits && (again || !cheap))
        return;
    }
  reading->has |= bit;
  reading->counts[field] = count;
}

/* What makes a usage of counts, rather than details of some. */
#define REPORTS (OKAP_METER_BIT (INPUT) | OKAP_METER_BIT (OUTPUT) | OKAP_METER_BIT (BILLED_INPUT) \
                 | OKAP_METER_BIT (BILLED_OUTPUT) | OKAP_METER_BIT (REQUESTS) \
                 | OKAP_METER_BIT (SEARCHES) | OKAP_METER_BIT (PAGES) | OKAP_METER_BIT (SECONDS) \
                 | OKAP_METER_BIT (TOTAL) | OKAP_METER_BIT (BILLED_IMAGES))

static gboolean
read_count (OkapMeter *meter, OkapMeterField field, OkapJsonToken token, const char *text,
            gsize length, gint64 *out_count)
{
  gboolean seconds = field == OKAP_METER_FIELD_SECONDS || field == OKAP_METER_FIELD_DURATION;
  /* The seconds of a film that was asked for are a string. */
  gboolean is_number = token == OKAP_JSON_NUMBER
                       || (token == OKAP_JSON_STRING && seconds
                           && meter->kind == OKAP_METER_OPENAI_VIDEO);
  OkapMeterNumber number = OKAP_METER_NUMBER_BAD;

  if (is_number && text != NULL)
    number = okap_meter_parse_number (text, length, seconds ? 3 : 0, out_count);
  if (number == OKAP_METER_NUMBER_BAD
      || *out_count > (meter->family->basis == OKAP_METER_BY_JOB ? COUNT_MOST_OF_JOB : COUNT_MOST))
    {
      meter->doubtful = TRUE;
      return FALSE;
    }
  if (number == OKAP_METER_NUMBER_ODD && !seconds)
    meter->doubtful = TRUE;
  return TRUE;
}

/* What stands where a count may: nothing, or an object that holds several (Vercel). */
static gboolean
is_no_count (const OkapMeter *meter, OkapJsonToken token)
{
  return token == OKAP_JSON_NULL || token == OKAP_JSON_OBJECT_END || token == OKAP_JSON_ARRAY_END
         || (token == OKAP_JSON_OBJECT && meter->kind == OKAP_METER_AI_SDK);
}

static void
take_own_count (OkapMeter *meter, OkapMeterField field, OkapJsonToken token, const char *text,
                gsize length)
{
  guint64 bit = G_GUINT64_CONSTANT (1) << field;
  gint64 count;

  if (is_no_count (meter, token) || !read_count (meter, field, token, text, length, &count))
    return;
  take_count (meter, &meter->reading, field, count, (meter->seen & bit) != 0);
  meter->seen |= bit;
  if ((REPORTS & bit) != 0)
    meter->reported = TRUE;
}

static void
take_part_count (OkapMeter *meter, OkapMeterField field, OkapJsonToken token, const char *text,
                 gsize length)
{
  gint64 count;

  if (is_no_count (meter, token) || !read_count (meter, field, token, text, length, &count))
    return;
  take_count (meter, &meter->part, field, count,
              (meter->part.has & G_GUINT64_CONSTANT (1) << field) != 0);
}

static void
take_text (OkapMeter *meter, OkapJsonToken token, gsize length)
{
  if (token != OKAP_JSON_STRING || length == 0)
    return;
  meter->text_bytes += meter->is_sound ? 0 : (gint64) length;
  meter->has_text = TRUE;
}

static void
take_cost_field (OkapMeter *meter, OkapMeterField field, OkapJsonToken token, const char *text,
                 gsize length)
{
  if (field == OKAP_METER_FIELD_OWN_KEY)
    {
      meter->own_key = meter->own_key || token == OKAP_JSON_TRUE;
      return;
    }
  /* It is null where it is not known, and an object where the cost stands one level deeper. */
  if (token == OKAP_JSON_NULL || token == OKAP_JSON_OBJECT || token == OKAP_JSON_OBJECT_END)
    return;
  if (field == OKAP_METER_FIELD_COST_TEXT)
    {
      gint64 nusd;

      if (token == OKAP_JSON_STRING && text != NULL
          && okap_meter_parse_number (text, length, 9, &nusd) != OKAP_METER_NUMBER_BAD && nusd > 0)
        take_cost (meter, &meter->cost_nusd, 9, text, length);
      return;
    }
  if (token != OKAP_JSON_NUMBER || text == NULL)
    {
      meter->doubtful = TRUE;
      return;
    }
  if (field == OKAP_METER_FIELD_COST)
    take_cost (meter, &meter->cost_nusd, 9, text, length);
  else if (field == OKAP_METER_FIELD_COST_TICKS)
    take_cost (meter, &meter->cost_ticks_nusd, -1, text, length);
  else
    take_cost (meter, &meter->cost_upstream_nusd, 9, text, length);
}

static void
take_field (OkapMeter *meter, guint8 what, OkapJsonToken token, const char *text, gsize length)
{
  OkapMeterField field = what & ~OKAP_METER_OF_PART;

  if (field == OKAP_METER_FIELD_TEXT)
    take_text (meter, token, length);
  else if (field >= OKAP_METER_FIELD_COST && field <= OKAP_METER_FIELD_OWN_KEY)
    take_cost_field (meter, field, token, text, length);
  else if (field >= OKAP_METER_N_COUNTS)
    okap_meter_take_detail (meter, what, token, text, length);
  else if (what != field)
    take_part_count (meter, field, token, text, length);
  else
    take_own_count (meter, field, token, text, length);
}

/* What stands for itself has been read: an event, a line, or an element of Gemini's array. */
static void
end_event (OkapMeter *meter)
{
  meter->text_events += meter->has_text;
  meter->has_text = FALSE;
  meter->is_sound = FALSE;
  meter->seen = 0;
  meter->event_bytes = 0;
  memset (meter->items, 0, sizeof meter->items);
}

static void
value_cb (guint64 path, OkapJsonToken token, const char *text, gsize length, gpointer user_data)
{
  OkapMeter *meter = user_data;
  guint8 what = okap_meter_table_find (meter->table, path);

  if (what != OKAP_METER_NO_FIELD)
    take_field (meter, what, token, text, length);
  if (token == OKAP_JSON_OBJECT_END && meter->framing != OKAP_FRAMING_SSE
      && okap_json_tap_is_whole (&meter->tap))
    end_event (meter);
}

static void
sse_data_cb (const char *data, gsize length, gpointer user_data)
{
  OkapMeter *meter = user_data;

  meter->event_bytes += length;
  okap_json_tap_feed (&meter->tap, data, length, value_cb, meter);
}

static void
sse_end_cb (gpointer user_data)
{
  OkapMeter *meter = user_data;

  gboolean is_done = meter->event_bytes == strlen ("[DONE]") && meter->tap.depth == 1;

  /* Data that is no JSON is text, as far as anyone can tell. */
  if (okap_json_tap_is_broken (&meter->tap) && !is_done)
    take_text (meter, OKAP_JSON_STRING, meter->event_bytes);
  end_event (meter);
  okap_json_tap_reset (&meter->tap);
}

static void
feed_lines (OkapMeter *meter, const char *data, gsize length)
{
  while (length > 0)
    {
      const char *newline = memchr (data, '\n', length);
      gsize piece = newline != NULL ? (gsize) (newline - data) + 1 : length;

      okap_json_tap_feed (&meter->tap, data, piece, value_cb, meter);
      if (okap_json_tap_is_broken (&meter->tap))
        {
          take_text (meter, OKAP_JSON_STRING, piece);
          if (newline != NULL)
            {
              end_event (meter);
              okap_json_tap_reset (&meter->tap);
            }
        }
      data += piece;
      length -= piece;
    }
}

/** okap_meter_feed: listens to the next bytes of the answer, cut anywhere */
void
okap_meter_feed (OkapMeter *meter, const char *data, gsize length)
{
  static const OkapSseHandler handler = { sse_data_cb, sse_end_cb };
  static const OkapSseHandler silent = { NULL, NULL };

  if (meter->framing == OKAP_FRAMING_SSE)
    okap_sse_feed (&meter->sse, data, length, meter->family != NULL ? &handler : &silent, meter);
  else if (meter->family == NULL || meter->framing == OKAP_FRAMING_OPAQUE)
    return;
  else if (meter->framing == OKAP_FRAMING_NDJSON)
    feed_lines (meter, data, length);
  else
    {
      okap_json_tap_feed (&meter->tap, data, length, value_cb, meter);
      if (okap_json_tap_is_broken (&meter->tap))
        take_text (meter, OKAP_JSON_STRING, length);
    }
}

/**
 * okap_meter_is_between:
 *
 * Returns: whether the stream stands between two of its parts, where an error of ours may be
 *   written without breaking one
 */
gboolean
okap_meter_is_between (const OkapMeter *meter)
{
  if (meter->framing == OKAP_FRAMING_SSE)
    return okap_sse_is_between_events (&meter->sse);
  return meter->tap.depth == 0;
}
