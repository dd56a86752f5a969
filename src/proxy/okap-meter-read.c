/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a meter answers when it is asked: the counts of the provider as units, and an estimate where
 * it told none, or told what cannot be. There is one estimator, for running, broken off and silent
 * answers alike: a token for each three bytes of text that was seen, which few languages exceed,
 * and at least one for each event that carried some. */
#include "config.h"

#include "okap-meter.h"

#include <string.h>

#include "okap-money.h"

#define BYTES_PER_TOKEN 3

/* A count of tokens that so many bytes of text cannot have come from. Runs of spaces and escaped
 * characters make long tokens, but no text is made of them. */
#define BYTES_PER_TOKEN_MOST 32
#define BYTES_UNJUDGED 1024

/** okap_meter_estimate_tokens: an upper estimate of the tokens of so many bytes of text */
gint64
okap_meter_estimate_tokens (gint64 bytes)
{
  return bytes / BYTES_PER_TOKEN + (bytes % BYTES_PER_TOKEN > 0);
}

static gint64
estimate_written (const OkapMeter *meter)
{
  return MAX (okap_meter_estimate_tokens (meter->text_bytes),
              meter->text_events + meter->has_text);
}

static gboolean
has_prompt (const OkapUnits *units)
{
  return okap_units_get_prompt (units) > 0;
}

static gboolean
has_tokens (const OkapUnits *units)
{
  return okap_units_get_tokens (units) > 0;
}

static gboolean
is_nothing (const OkapUnits *units)
{
  for (guint i = 0; i < OKAP_N_UNITS; i++)
    if (units->count[i] != 0)
      return FALSE;
  return TRUE;
}

/* Units that stand in for @unit, which was not told. */
static gboolean
take_from_request (const OkapMeter *meter, OkapUnit unit, gint64 seen, OkapUnits *units)
{
  if (units->count[unit] == 0)
    units->count[unit] = MAX (seen, meter->request.count[unit]);
  return units->count[unit] > 0;
}

/* The prompt and the text, where they were not told or told too low. */
static gboolean
complete_tokens (const OkapMeter *meter, const OkapUnits *parts, gboolean running,
                 OkapUnits *units)
{
  gboolean exact = meter->reported;
  gint64 written = okap_units_get_written (units) + okap_units_get_written (parts);
  gint64 text = estimate_written (meter);
  gboolean is_other = !has_tokens (units) && !has_tokens (parts) && !is_nothing (units);
  gboolean too_few = written < (meter->text_bytes - BYTES_UNJUDGED) / BYTES_PER_TOKEN_MOST;

  /* Cohere's classifications, searches and pages. */
  if (is_other && exact && text == 0)
    return TRUE;
  if (!has_prompt (units) && !has_prompt (parts))
    {
      units->count[OKAP_UNIT_INPUT] = meter->request.count[OKAP_UNIT_INPUT];
      exact = FALSE;
    }
  if (text > written && (running || written == 0 || too_few))
    {
      units->count[OKAP_UNIT_OUTPUT] += text - written;
      exact = FALSE;
    }
  return exact;
}

/* What is billed otherwise than by tokens. */
static gboolean
complete_others (const OkapMeter *meter, OkapUnits *units)
{
  const gint64 *seen = meter->reading.counts;
  gboolean known = meter->reported;

  if (has_tokens (units) && meter->family->basis != OKAP_METER_BY_JOB)
    return known;
  switch (meter->family->basis)
    {
    case OKAP_METER_BY_PICTURES:
      known = MAX (seen[OKAP_METER_FIELD_IMAGES_SEEN],
                   seen[OKAP_METER_FIELD_IMAGES_STREAMED]) > 0;
      take_from_request (meter, OKAP_UNIT_IMAGES,
                         MAX (seen[OKAP_METER_FIELD_IMAGES_SEEN],
                              seen[OKAP_METER_FIELD_IMAGES_STREAMED]), units);
      break;
    case OKAP_METER_BY_CHARACTERS:
      known = take_from_request (meter, OKAP_UNIT_CHARACTERS, 0, units);
      break;
    case OKAP_METER_BY_SOUND:
      known = units->count[OKAP_UNIT_MILLISECONDS] > 0 || seen[OKAP_METER_FIELD_DURATION] > 0;
      if (units->count[OKAP_UNIT_MILLISECONDS] == 0)
        units->count[OKAP_UNIT_MILLISECONDS] = seen[OKAP_METER_FIELD_DURATION];
      take_from_request (meter, OKAP_UNIT_MILLISECONDS, 0, units);
      if (units->count[OKAP_UNIT_MILLISECONDS] > 0)
        units->count[OKAP_UNIT_MILLISECONDS] = MAX (units->count[OKAP_UNIT_MILLISECONDS],
                                                    meter->least_ms);
      break;
    case OKAP_METER_BY_PAGES:
      known = units->count[OKAP_UNIT_PAGES] > 0;
      take_from_request (meter, OKAP_UNIT_PAGES, seen[OKAP_METER_FIELD_PAGES_SEEN], units);
      break;
    case OKAP_METER_BY_SEARCHES:
    case OKAP_METER_BY_DOCUMENTS:
      known = units->count[OKAP_UNIT_SEARCHES] > 0
              || meter->family->basis == OKAP_METER_BY_SEARCHES;
      take_from_request (meter, OKAP_UNIT_SEARCHES, 1, units);
      break;
    case OKAP_METER_BY_TOKENS:
    case OKAP_METER_BY_JOB:
    default:
      break;
    }
  return known;
}

/* What belongs to the model that answered: all that was told, but for what a list of parts says
 * that others made. Tokens that the list leaves out stay; a list that tells more stands for all. */
static gboolean
subtract_parts (const OkapUnits *listed, OkapUnits *units)
{
  gint64 prompt = okap_units_get_prompt (units) - okap_units_get_prompt (listed);
  gint64 written = okap_units_get_written (units) - okap_units_get_written (listed);

  for (guint i = 0; i < OKAP_N_TOKEN_UNITS; i++)
    units->count[i] = 0;
  for (guint i = OKAP_N_TOKEN_UNITS; i < OKAP_N_UNITS; i++)
    units->count[i] = MAX (units->count[i] - listed->count[i], 0);
  units->count[OKAP_UNIT_INPUT] = MAX (prompt, 0);
  units->count[OKAP_UNIT_OUTPUT] = MAX (written, 0);
  return prompt <= 0 && written <= 0;
}

/* What the model that answered used, and (@out_parts) what all others did. */
static gboolean
read_main (const OkapMeter *meter, gboolean running, OkapUnits *out_units, OkapUnits *out_parts)
{
  gboolean exact = !meter->doubtful;
  gboolean has_list = FALSE;
  OkapUnits listed = { 0 };

  memset (out_units, 0, sizeof *out_units);
  memset (out_parts, 0, sizeof *out_parts);
  if (meter->family == NULL)
    return exact;
  if (!meter->family->sum (&meter->reading, out_units))
    exact = FALSE;
  for (guint i = 0; i < meter->n_parts; i++)
    for (guint unit = 0; unit < OKAP_N_UNITS; unit++)
      {
        gint64 count = meter->parts[i].units.count[unit];

        out_parts->count[unit] = okap_money_add (out_parts->count[unit], count);
        if (meter->parts[i].origin != OKAP_METER_FIELD_PARTS)
          continue;
        listed.count[unit] = okap_money_add (listed.count[unit], count);
        has_list = TRUE;
      }
  if (has_list && !subtract_parts (&listed, out_units))
    exact = FALSE;
  if (meter->family->basis == OKAP_METER_BY_TOKENS && !meter->reported && !running)
    return FALSE;
  if (meter->family->basis == OKAP_METER_BY_TOKENS)
    return complete_tokens (meter, out_parts, running, out_units) && exact;
  return complete_others (meter, out_units) && exact;
}

static void
add_units (OkapUnits *sum, const OkapUnits *units)
{
  for (guint i = 0; i < OKAP_N_UNITS; i++)
    sum->count[i] = okap_money_add (sum->count[i], units->count[i]);
}

/**
 * okap_meter_get_units:
 *
 * What the whole answer used, in units of which each is billed once, as the provider told it, with
 * its contradictions settled; nothing if it told nothing. See okap_meter_is_exact(): if it is not,
 * okap_meter_get_running() is the estimate to book. Parts of it may be billed at different prices.
 */
void
okap_meter_get_units (const OkapMeter *meter, OkapUnits *out_units)
{
  OkapUnits parts;

  (void) read_main (meter, FALSE, out_units, &parts);
  add_units (out_units, &parts);
}

/**
 * okap_meter_is_exact:
 *
 * Returns: whether all of okap_meter_get_units() was told by the provider, or counted by a rule of
 *   its price list, and nothing contradicts it
 */
gboolean
okap_meter_is_exact (const OkapMeter *meter)
{
  OkapUnits units, parts;

  return read_main (meter, FALSE, &units, &parts);
}

/**
 * okap_meter_get_running:
 *
 * What an answer that still runs, or was broken off, used at most so far: what was told, but at
 * least as much as was seen. Cheap enough for each piece of a stream.
 */
void
okap_meter_get_running (const OkapMeter *meter, OkapUnits *out_units)
{
  OkapUnits parts;

  /* Nearly always, while a stream runs. */
  if (meter->reading.has == 0 && meter->n_parts == 0 && meter->family != NULL
      && meter->family->basis == OKAP_METER_BY_TOKENS)
    {
      memset (out_units, 0, sizeof *out_units);
      out_units->count[OKAP_UNIT_INPUT] = meter->request.count[OKAP_UNIT_INPUT];
      out_units->count[OKAP_UNIT_OUTPUT] = estimate_written (meter);
      return;
    }
  (void) read_main (meter, TRUE, out_units, &parts);
  add_units (out_units, &parts);
}

/**
 * okap_meter_get_n_parts:
 *
 * Returns: how many parts the answer has that are priced apart; at least 1
 */
guint
okap_meter_get_n_parts (const OkapMeter *meter)
{
  OkapUnits units, parts;

  (void) read_main (meter, FALSE, &units, &parts);
  return meter->n_parts + (meter->n_parts == 0 || !is_nothing (&units));
}

/**
 * okap_meter_get_part:
 * @i: below okap_meter_get_n_parts()
 * @out_model: (out) (transfer none): as the provider calls it; empty: it did not say
 * @out_units: (out): what this model used; of all parts together okap_meter_get_units()
 */
void
okap_meter_get_part (const OkapMeter *meter, guint i, const char **out_model,
                     OkapUnits *out_units)
{
  const OkapMeterPart *part;

  *out_model = meter->model;
  if (i >= meter->n_parts)
    {
      OkapUnits parts;

      (void) read_main (meter, FALSE, out_units, &parts);
      return;
    }
  part = &meter->parts[i];
  *out_units = part->units;
  if (part->model[0] != '\0')
    *out_model = part->model;
  else if (part->origin == OKAP_METER_FIELD_PART_PICTURES)
    /* A name that nothing has a price for, rather than the price of another model. */
    *out_model = meter->tool_model[0] != '\0' ? meter->tool_model : "image_generation";
}

/** okap_meter_get_cost: whether the provider itself told what it billed */
gboolean
okap_meter_get_cost (const OkapMeter *meter, gint64 *out_nusd)
{
  gint64 nusd = MAX (meter->cost_nusd, meter->cost_ticks_nusd);

  if (nusd < 0)
    return FALSE;
  /* With a key of one's own behind a gateway, its price is only the gateway's fee. */
  if (meter->own_key)
    {
      if (meter->cost_upstream_nusd < 0)
        return FALSE;
      nusd = okap_money_add (nusd, meter->cost_upstream_nusd);
    }
  *out_nusd = nusd;
  return TRUE;
}

/** okap_meter_tells_output: whether the provider told, beside the text, how much it wrote */
gboolean
okap_meter_tells_output (const OkapMeter *meter)
{
  return (meter->reading.has & (OKAP_METER_BIT (OUTPUT) | OKAP_METER_BIT (BILLED_OUTPUT))) != 0;
}

/** okap_meter_get_signal: (transfer none) (nullable): such as "tier=flex"; NULL: none was told */
const char *
okap_meter_get_signal (const OkapMeter *meter, OkapMeterSignal signal)
{
  return meter->signals[signal][0] != '\0' ? meter->signals[signal] : NULL;
}

/** okap_meter_get_tier: (transfer none) (nullable): the tier of service, as in "flex" */
const char *
okap_meter_get_tier (const OkapMeter *meter)
{
  const char *signal = okap_meter_get_signal (meter, OKAP_METER_SIGNAL_TIER);

  return signal != NULL ? strchr (signal, '=') + 1 : NULL;
}
