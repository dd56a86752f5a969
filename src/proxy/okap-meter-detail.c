/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a meter takes that is no plain count: names of models, signals, things to be counted one by
 * one, lists of counts by modality, and parts of an answer that other models made.
 *
 * The elements of a list share one path, and their members come in any order; so an element is
 * gathered member by member and taken when its object ends. A list that begins again replaces what
 * it said before, since streams repeat their usage whole. */
#include "config.h"

#include "okap-meter-private.h"

#include <string.h>

#include "okap-money.h"

enum { MODALITY_OTHER, MODALITY_AUDIO, MODALITY_IMAGE, MODALITY_VIDEO, MODALITY_SEARCH };
enum { CALL_OTHER, CALL_SEARCH };
enum { ITEM_IMAGE, ITEM_PAGE, ITEM_SEARCH };

static gboolean
text_is (const char *text, gsize length, const char *word)
{
  return text != NULL && strlen (word) == length && g_ascii_strncasecmp (text, word, length) == 0;
}

static void
take_model (char *model, OkapJsonToken token, const char *text, gsize length)
{
  if (token != OKAP_JSON_STRING || text == NULL || length == 0 || length > OKAP_CAP_MODEL_BYTES
      || !g_utf8_validate_len (text, (gssize) length, NULL))
    return;
  memcpy (model, text, length);
  model[length] = '\0';
}

static gboolean
is_signal_char (char c)
{
  return g_ascii_isalnum (c) || c == '-' || c == '_' || c == '.' || c == ':';
}

static void
set_signal (OkapMeter *meter, OkapMeterSignal signal, const char *text, gsize length)
{
  static const char *const names[OKAP_METER_N_SIGNALS] = {
    "tier=", "speed=", "geo=", "size=", "quality=", "status=",
  };
  char *place = meter->signals[signal];
  gsize at = strlen (names[signal]);

  if (length == 0 || length >= OKAP_METER_SIGNAL_BYTES - at)
    return;
  for (gsize i = 0; i < length; i++)
    if (!is_signal_char (text[i]))
      return;
  memcpy (place, names[signal], at);
  for (gsize i = 0; i < length; i++)
    place[at + i] = g_ascii_tolower (text[i]);
  place[at + length] = '\0';
}

/* Tiers of Google's as everybody else calls them. */
static void
take_tier (OkapMeter *meter, const char *text, gsize length)
{
  static const struct
  {
    const char *name;
    const char *tier;
  } tiers[] = {
    { "ON_DEMAND", "standard" },
    { "ON_DEMAND_PRIORITY", "priority" },
    { "ON_DEMAND_FLEX", "flex" },
    { "ON_DEMAND_OFFPEAK", "offpeak" },
    { "PROVISIONED_THROUGHPUT", "provisioned" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (tiers); i++)
    if (text_is (text, length, tiers[i].name))
      {
        set_signal (meter, OKAP_METER_SIGNAL_TIER, tiers[i].tier, strlen (tiers[i].tier));
        return;
      }
  set_signal (meter, OKAP_METER_SIGNAL_TIER, text, length);
}

static void
take_signal (OkapMeter *meter, OkapMeterField field, OkapJsonToken token, const char *text,
             gsize length)
{
  if (field == OKAP_METER_FIELD_DONE)
    {
      if (token == OKAP_JSON_TRUE)
        set_signal (meter, OKAP_METER_SIGNAL_STATUS, "done", 4);
      return;
    }
  if (token != OKAP_JSON_STRING || text == NULL)
    return;
  if (field == OKAP_METER_FIELD_TIER)
    take_tier (meter, text, length);
  else
    set_signal (meter, (OkapMeterSignal) (field - OKAP_METER_FIELD_TIER), text, length);
}

G_STATIC_ASSERT (OKAP_METER_FIELD_STATUS - OKAP_METER_FIELD_TIER == OKAP_METER_SIGNAL_STATUS);

/* One more thing in this event; the most that one event had counts, since the last repeats all. */
static void
add_item (OkapMeter *meter, guint item, OkapMeterField field)
{
  gint64 *count = &meter->reading.counts[field];

  meter->items[item]++;
  *count = MAX (*count, meter->items[item]);
  meter->reading.has |= G_GUINT64_CONSTANT (1) << field;
}

static void
add_streamed (OkapMeter *meter, OkapMeterField field)
{
  meter->reading.counts[field]++;
  meter->reading.has |= G_GUINT64_CONSTANT (1) << field;
}

static guint8
read_call (const char *text, gsize length)
{
  return text_is (text, length, "web_search_call") || text_is (text, length, "file_search_call")
         || text_is (text, length, "web_search_tool_result")
         || text_is (text, length, "google_search_call") ? CALL_SEARCH : CALL_OTHER;
}

/* A tool call that the stream shows: OpenAI when it begins ("in_progress") and when it is done,
 * Anthropic and Gemini once, without a state. */
static void
take_call (OkapMeter *meter, OkapMeterField field, OkapJsonToken token, const char *text,
           gsize length)
{
  if (field == OKAP_METER_FIELD_CALL_KIND && token == OKAP_JSON_STRING)
    meter->call = read_call (text, length);
  else if (field == OKAP_METER_FIELD_CALL_STATE && token == OKAP_JSON_STRING)
    meter->call_state = text_is (text, length, "in_progress");
  else if (field == OKAP_METER_FIELD_CALL && token == OKAP_JSON_OBJECT_END)
    {
      if (meter->call == CALL_SEARCH && !meter->call_state)
        add_streamed (meter, OKAP_METER_FIELD_SEARCHES_STREAMED);
      meter->call = CALL_OTHER;
      meter->call_state = FALSE;
    }
}

static void
take_item (OkapMeter *meter, OkapMeterField field, OkapJsonToken token, const char *text,
           gsize length)
{
  gboolean is_thing = token == OKAP_JSON_OBJECT_END || token == OKAP_JSON_STRING;

  if (field == OKAP_METER_FIELD_ITEM_IMAGE && is_thing)
    add_item (meter, ITEM_IMAGE, OKAP_METER_FIELD_IMAGES_SEEN);
  else if (field == OKAP_METER_FIELD_ITEM_PAGE && is_thing)
    add_item (meter, ITEM_PAGE, OKAP_METER_FIELD_PAGES_SEEN);
  else if (field == OKAP_METER_FIELD_ITEM_SEARCH && is_thing)
    add_item (meter, ITEM_SEARCH, OKAP_METER_FIELD_SEARCHES_SEEN);
  else if (field == OKAP_METER_FIELD_CALL_TYPE && token == OKAP_JSON_STRING
           && read_call (text, length) == CALL_SEARCH)
    add_item (meter, ITEM_SEARCH, OKAP_METER_FIELD_SEARCHES_SEEN);
  else if (field == OKAP_METER_FIELD_EVENT && text_is (text, length, "response.audio.delta"))
    meter->is_sound = TRUE;
  else if (field == OKAP_METER_FIELD_EVENT
           && (text_is (text, length, "image_generation.completed")
               || text_is (text, length, "image_edit.completed")))
    add_streamed (meter, OKAP_METER_FIELD_IMAGES_STREAMED);
}

static guint8
read_modality (const char *text, gsize length)
{
  if (text_is (text, length, "audio"))
    return MODALITY_AUDIO;
  if (text_is (text, length, "image"))
    return MODALITY_IMAGE;
  if (text_is (text, length, "video"))
    return MODALITY_VIDEO;
  if (text_is (text, length, "google_search") || text_is (text, length, "google_maps")
      || text_is (text, length, "retrieval"))
    return MODALITY_SEARCH;
  return MODALITY_OTHER;
}

/* The counts that one of the lists is summed into; OKAP_METER_N_COUNTS: none. */
static OkapMeterField
find_modality (OkapMeterField list, guint8 modality)
{
  static const guint8 targets[][3] = {
    { OKAP_METER_FIELD_AUDIO_INPUT, OKAP_METER_FIELD_IMAGE_INPUT, OKAP_METER_FIELD_VIDEO_INPUT },
    { OKAP_METER_FIELD_AUDIO_MORE, OKAP_METER_FIELD_IMAGE_MORE, OKAP_METER_FIELD_IMAGE_MORE },
    { OKAP_METER_FIELD_AUDIO_CACHED, OKAP_METER_FIELD_IMAGE_CACHED,
      OKAP_METER_FIELD_IMAGE_CACHED },
    { OKAP_METER_FIELD_AUDIO_OUTPUT, OKAP_METER_FIELD_IMAGE_OUTPUT,
      OKAP_METER_FIELD_VIDEO_OUTPUT },
  };

  if (list == OKAP_METER_FIELD_MODALITIES_TOOLS)
    return modality == MODALITY_SEARCH ? OKAP_METER_FIELD_SEARCHES : OKAP_METER_N_COUNTS;
  if (modality < MODALITY_AUDIO || modality > MODALITY_VIDEO)
    return OKAP_METER_N_COUNTS;
  return targets[list - OKAP_METER_FIELD_MODALITIES_INPUT][modality - MODALITY_AUDIO];
}

/* A list that begins again in the same event is no repetition: its counts come on top. */
static void
begin_modalities (OkapMeter *meter, OkapMeterReading *reading, OkapMeterField list)
{
  guint64 bit = G_GUINT64_CONSTANT (1) << find_modality (list, list
                                                         == OKAP_METER_FIELD_MODALITIES_TOOLS
                                                         ? MODALITY_SEARCH : MODALITY_AUDIO);

  if (reading == &meter->reading && (meter->seen & bit) != 0)
    {
      meter->doubtful = TRUE;
      return;
    }
  meter->seen |= reading == &meter->reading ? bit : 0;
  for (guint8 modality = MODALITY_AUDIO; modality <= MODALITY_SEARCH; modality++)
    {
      OkapMeterField field = find_modality (list, modality);

      if (field != OKAP_METER_N_COUNTS)
        reading->counts[field] = 0;
    }
}

static void
take_modality (OkapMeter *meter, guint8 what, OkapJsonToken token, const char *text, gsize length)
{
  OkapMeterField field = what & ~OKAP_METER_OF_PART;
  OkapMeterReading *reading = what != field ? &meter->part : &meter->reading;
  gint64 count;

  if (field == OKAP_METER_FIELD_MODALITY)
    {
      if (token == OKAP_JSON_STRING)
        meter->modality = read_modality (text, length);
    }
  else if (field == OKAP_METER_FIELD_MODALITY_COUNT)
    {
      if (token != OKAP_JSON_NUMBER || text == NULL
          || okap_meter_parse_number (text, length, 0, &count) != OKAP_METER_NUMBER_PLAIN
          || count > G_MAXINT32)
        meter->doubtful = TRUE;
      else
        meter->modality_count = count;
    }
  else if (token == OKAP_JSON_ARRAY)
    begin_modalities (meter, reading, field);
  else if (token == OKAP_JSON_OBJECT_END)
    {
      OkapMeterField target = find_modality (field, meter->modality);

      if (target != OKAP_METER_N_COUNTS)
        {
          reading->counts[target] = MIN (reading->counts[target] + meter->modality_count,
                                         G_MAXINT32);
          reading->has |= G_GUINT64_CONSTANT (1) << target;
        }
      meter->modality = MODALITY_OTHER;
      meter->modality_count = 0;
    }
}

static void
add_units (OkapUnits *sum, const OkapUnits *units)
{
  for (guint i = 0; i < OKAP_N_UNITS; i++)
    sum->count[i] = okap_money_add (sum->count[i], units->count[i]);
}

/* The place of a part: a tool has one, however often it is told; of a list each element has its
 * own, as long as there is room. */
static OkapMeterPart *
find_place (OkapMeter *meter, OkapMeterField origin, const char *model)
{
  gboolean is_tool = origin == OKAP_METER_FIELD_PART_PICTURES
                     || origin == OKAP_METER_FIELD_PART_DRAWING;
  OkapMeterPart *place = NULL;

  for (guint i = 0; is_tool && i < meter->n_parts; i++)
    if (meter->parts[i].origin == origin)
      {
        memset (&meter->parts[i].units, 0, sizeof meter->parts[i].units);
        return &meter->parts[i];
      }
  if (meter->n_parts < OKAP_METER_PARTS_MOST)
    {
      place = &meter->parts[meter->n_parts++];
      place->origin = origin;
      g_strlcpy (place->model, model, sizeof place->model);
      memset (&place->units, 0, sizeof place->units);
      return place;
    }
  /* Tiers by length are then chosen by a sum, which is not what each of them was. */
  meter->doubtful = TRUE;
  for (guint i = 0; i < meter->n_parts; i++)
    if (strcmp (meter->parts[i].model, model) == 0)
      place = &meter->parts[i];
  return place != NULL ? place : &meter->parts[meter->n_parts - 1];
}

static void
end_part (OkapMeter *meter, OkapMeterField origin)
{
  OkapUnits units = { 0 };
  OkapMeterPart *place;

  if (meter->part.has != 0)
    {
      /* What draws in text writes text, whatever its family makes of what is written. */
      gboolean agrees = origin == OKAP_METER_FIELD_PART_DRAWING
                        ? okap_meter_sum_inside (&meter->part, &units)
                        : meter->family->sum (&meter->part, &units);

      if (!agrees)
        meter->doubtful = TRUE;
      if (origin == OKAP_METER_FIELD_PART_PICTURES && units.count[OKAP_UNIT_IMAGE_OUTPUT] == 0)
        {
          units.count[OKAP_UNIT_IMAGE_OUTPUT] = units.count[OKAP_UNIT_OUTPUT];
          units.count[OKAP_UNIT_OUTPUT] = 0;
        }
      meter->reported = TRUE;
      if (origin == OKAP_METER_FIELD_PART_RESULT && meter->part_func != NULL)
        meter->part_func (meter->part_model, &units, meter->part_data);
      else if (okap_units_get_tokens (&units) > 0)
        {
          place = find_place (meter, origin, meter->part_model);
          add_units (&place->units, &units);
        }
    }
  memset (&meter->part, 0, sizeof meter->part);
  meter->part_model[0] = '\0';
}

static void
take_part (OkapMeter *meter, OkapMeterField field, OkapJsonToken token)
{
  guint kept = 0;

  if (token == OKAP_JSON_OBJECT_END)
    end_part (meter, field);
  else if (token == OKAP_JSON_ARRAY && field == OKAP_METER_FIELD_PARTS)
    {
      for (guint i = 0; i < meter->n_parts; i++)
        if (meter->parts[i].origin != OKAP_METER_FIELD_PARTS)
          meter->parts[kept++] = meter->parts[i];
      meter->n_parts = kept;
    }
}

/* okap_meter_take_detail: takes what is neither a count nor text nor money */
void
okap_meter_take_detail (OkapMeter *meter, guint8 what, OkapJsonToken token, const char *text,
                        gsize length)
{
  OkapMeterField field = what & ~OKAP_METER_OF_PART;

  if (field == OKAP_METER_FIELD_MODEL && what != field)
    take_model (meter->part_model, token, text, length);
  else if (field == OKAP_METER_FIELD_MODEL)
    {
      if (meter->model[0] == '\0')
        take_model (meter->model, token, text, length);
    }
  else if (field == OKAP_METER_FIELD_TOOL_MODEL)
    take_model (meter->tool_model, token, text, length);
  else if (field >= OKAP_METER_FIELD_TIER && field <= OKAP_METER_FIELD_DONE)
    take_signal (meter, field, token, text, length);
  else if (field == OKAP_METER_FIELD_ANNOTATION)
    {
      if (token == OKAP_JSON_STRING && length > 0)
        set_signal (meter, OKAP_METER_SIGNAL_QUALITY, "annotated", strlen ("annotated"));
    }
  else if (field == OKAP_METER_FIELD_MINIMUM)
    meter->least_ms = 10 * 1000;
  else if (field >= OKAP_METER_FIELD_EVENT && field <= OKAP_METER_FIELD_CALL_TYPE)
    take_item (meter, field, token, text, length);
  else if (field >= OKAP_METER_FIELD_CALL && field <= OKAP_METER_FIELD_CALL_STATE)
    take_call (meter, field, token, text, length);
  else if (field >= OKAP_METER_FIELD_MODALITY && field <= OKAP_METER_FIELD_MODALITIES_TOOLS)
    take_modality (meter, what, token, text, length);
  else
    take_part (meter, field, token);
}
