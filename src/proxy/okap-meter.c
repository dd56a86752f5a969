/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts what an answer used while it passes. A meter never changes, delays or keeps bytes: it
 * reads them after they were sent on. Its family says where in the JSON the counts stand. Streams
 * repeat counts, always cumulative: the last one that is a number counts, never a sum of them.
 *
 * Beside the counts of the provider it measures the text that the model wrote, so that an answer
 * that ended before its usage came can be estimated. */
#include "config.h"

#include "okap-meter.h"

#include <string.h>

#include "okap-money.h"

/* Content types that stand for a stream (RFC 9110 section 8.3: case does not matter). */
static gboolean
type_is (const char *content_type, const char *type)
{
  gsize length = strlen (type);

  return g_ascii_strncasecmp (content_type, type, length) == 0
         && (content_type[length] == '\0' || strchr ("; \t", content_type[length]) != NULL);
}

/** okap_framing_from_content_type: @content_type: (nullable): value of the answer's header */
OkapFraming
okap_framing_from_content_type (const char *content_type)
{
  if (content_type == NULL)
    return OKAP_FRAMING_BODY;
  if (type_is (content_type, "text/event-stream"))
    return OKAP_FRAMING_SSE;
  if (type_is (content_type, "application/x-ndjson")
      || type_is (content_type, "application/stream+json")
      || type_is (content_type, "application/jsonl"))
    return OKAP_FRAMING_NDJSON;
  return OKAP_FRAMING_BODY;
}

static const OkapMeterFamily *const families[OKAP_N_METERS] = {
  [OKAP_METER_OPENAI_CHAT] = &okap_meter_family_openai_chat,
  [OKAP_METER_OPENAI_RESPONSES] = &okap_meter_family_openai_responses,
  [OKAP_METER_ANTHROPIC_MESSAGES] = &okap_meter_family_anthropic,
  [OKAP_METER_GOOGLE_GENERATE] = &okap_meter_family_google,
  [OKAP_METER_OLLAMA] = &okap_meter_family_ollama,
};

/* The hashes of all paths of all families, made once. */
static const guint64 *
hashes_of (OkapMeterKind kind)
{
  static guint64 hashes[G_N_ELEMENTS (families)][OKAP_METER_PATHS_MOST];
  static gsize made;

  if (g_once_init_enter (&made))
    {
      for (guint i = 0; i < G_N_ELEMENTS (families); i++)
        for (guint j = 0; families[i] != NULL && j < families[i]->n_paths; j++)
          {
            g_assert (j < OKAP_METER_PATHS_MOST);
            hashes[i][j] = okap_json_tap_hash (families[i]->paths[j].path);
          }
      g_once_init_leave (&made, 1);
    }
  return hashes[kind];
}

/**
 * okap_meter_init:
 * @meter: the caller's; needs no clean-up
 * @framing: how the answer is divided
 */
void
okap_meter_init (OkapMeter *meter, OkapMeterKind kind, OkapFraming framing)
{
  meter->family = families[kind];
  meter->hashes = hashes_of (kind);
  meter->framing = framing;
  meter->reported = FALSE;
  meter->text_bytes = 0;
  meter->cost_usd = -1.0;
  meter->cost_upstream_usd = 0.0;
  meter->own_key = FALSE;
  meter->model[0] = '\0';
  memset (meter->counts, 0, sizeof meter->counts);
  okap_sse_init (&meter->sse);
  okap_json_tap_init (&meter->tap);
}

static gboolean
parse_count (const char *text, gsize length, gint64 *out_count)
{
  gint64 count = 0;

  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isdigit (text[i])
        || __builtin_mul_overflow (count, 10, &count)
        || __builtin_add_overflow (count, text[i] - '0', &count))
      return FALSE;
  /* Far above any context, far below any overflow of money. */
  *out_count = MIN (count, G_GINT64_CONSTANT (1000000000000));
  return length > 0;
}

static void
take_dollars (const char *text, gsize length, double *out_usd)
{
  char number[64];
  double usd;

  if (length >= sizeof number)
    return;
  memcpy (number, text, length);
  number[length] = '\0';
  usd = g_ascii_strtod (number, NULL);
  if (usd >= 0.0)
    *out_usd = usd;
}

static void
take_field (OkapMeter *meter, OkapMeterField field, OkapJsonToken token, const char *text,
            gsize length)
{
  gint64 count;

  if (field == OKAP_METER_FIELD_TEXT)
    {
      if (token == OKAP_JSON_STRING)
        meter->text_bytes += (gint64) length;
    }
  else if (text == NULL)
    return;
  else if (field == OKAP_METER_FIELD_MODEL)
    {
      if (token == OKAP_JSON_STRING && meter->model[0] == '\0'
          && g_utf8_validate_len (text, length, NULL))
        {
          memcpy (meter->model, text, length);
          meter->model[length] = '\0';
        }
    }
  else if (field == OKAP_METER_FIELD_OWN_KEY)
    meter->own_key = token == OKAP_JSON_TRUE;
  else if (token != OKAP_JSON_NUMBER)
    return;
  else if (field == OKAP_METER_FIELD_COST)
    take_dollars (text, length, &meter->cost_usd);
  else if (field == OKAP_METER_FIELD_COST_UPSTREAM)
    take_dollars (text, length, &meter->cost_upstream_usd);
  else if (parse_count (text, length, &count))
    {
      meter->counts[field] = count;
      if (field == OKAP_METER_FIELD_INPUT || field == OKAP_METER_FIELD_OUTPUT)
        meter->reported = TRUE;
    }
}

static void
scalar_cb (guint64 path, OkapJsonToken token, const char *text, gsize length, gpointer user_data)
{
  OkapMeter *meter = user_data;

  for (guint i = 0; i < meter->family->n_paths; i++)
    if (meter->hashes[i] == path)
      {
        take_field (meter, meter->family->paths[i].field, token, text, length);
        return;
      }
}

static void
sse_data_cb (const char *data, gsize length, gpointer user_data)
{
  OkapMeter *meter = user_data;

  okap_json_tap_feed (&meter->tap, data, length, scalar_cb, meter);
}

static void
sse_end_cb (gpointer user_data)
{
  OkapMeter *meter = user_data;

  okap_json_tap_reset (&meter->tap);
}

/** okap_meter_feed: listens to the next bytes of the answer, cut anywhere */
void
okap_meter_feed (OkapMeter *meter, const char *data, gsize length)
{
  static const OkapSseHandler handler = { sse_data_cb, sse_end_cb };
  static const OkapSseHandler silent = { NULL, NULL };

  if (meter->framing == OKAP_FRAMING_SSE)
    okap_sse_feed (&meter->sse, data, length, meter->family != NULL ? &handler : &silent, meter);
  else if (meter->family != NULL)
    okap_json_tap_feed (&meter->tap, data, length, scalar_cb, meter);
}

/** okap_meter_get_units: what the provider told so far, in units of which each is billed once */
void
okap_meter_get_units (const OkapMeter *meter, OkapUnits *out_units)
{
  memset (out_units, 0, sizeof *out_units);
  if (meter->family == NULL || !meter->reported)
    return;
  meter->family->sum (meter->counts, out_units);
}

/** okap_meter_get_cost: whether the provider itself told what it billed */
gboolean
okap_meter_get_cost (const OkapMeter *meter, gint64 *out_nusd)
{
  double usd = meter->cost_usd;

  if (usd < 0.0)
    return FALSE;
  /* With a key of one's own behind a gateway, its price is only the gateway's fee. */
  if (meter->own_key)
    usd += meter->cost_upstream_usd;
  return okap_money_from_double (usd, out_nusd);
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
