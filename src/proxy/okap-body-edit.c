/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two things that Okap changes in a request, byte by byte: how much the model may write, and
 * whether a stream tells its usage. The body is never written anew, since vendors' prompt caches
 * go by its bytes. Where the members stand was noted when the body was walked
 * (okap-body-facts.c); an edit replaces one value, or puts one member behind the last of its
 * object. Pure functions. */
#include "config.h"

#include "okap-body-edit.h"

#include <string.h>

static gboolean
add (OkapBodyEdits *edits, gsize at, gsize drop, const char *text)
{
  guint i = edits->n;

  if (edits->n == OKAP_BODY_EDITS_MOST || strlen (text) >= sizeof edits->items[0].text)
    return FALSE;
  for (; i > 0 && edits->items[i - 1].at > at; i--)
    edits->items[i] = edits->items[i - 1];
  edits->items[i] = (OkapBodyEdit) { .at = at, .drop = drop };
  g_strlcpy (edits->items[i].text, text, sizeof edits->items[i].text);
  edits->n++;
  return TRUE;
}

/* Puts the member @text behind the last one of @object. */
static gboolean
insert (OkapBodyEdits *edits, const OkapBodyObject *object, const char *text)
{
  g_autofree char *member = NULL;
  gboolean first = object->is_empty;

  for (guint i = 0; i < edits->n; i++)
    if (edits->items[i].at == object->end && edits->items[i].drop == 0)
      first = FALSE;
  member = g_strconcat (first ? "" : ",", text, NULL);
  return object->is_object && add (edits, object->end, 0, member);
}

/* Puts it there, or makes the object if there is none or it is null. */
static gboolean
insert_nested (OkapBodyEdits *edits, const OkapBodyFacts *facts, OkapBodyObjectName where,
               const char *name, const char *text)
{
  const OkapBodyObject *object = &facts->objects[where];
  g_autofree char *whole = NULL;

  if (object->is_object)
    return insert (edits, object, text);
  if (object->span.length > 0)
    whole = g_strconcat ("{", text, "}", NULL);
  else
    whole = g_strconcat ("\"", name, "\":{", text, "}", NULL);
  return object->span.length > 0 ? add (edits, object->span.at, object->span.length, whole)
                                 : insert (edits, &facts->objects[OKAP_BODY_TOP], whole);
}

/* Lowers those of @names that are there; FALSE if none is. */
static gboolean
replace (OkapBodyEdits *edits, const OkapBodyFacts *facts, const guint8 *names, guint n_names,
         gint64 tokens)
{
  char text[24];
  gboolean holds = FALSE;

  g_snprintf (text, sizeof text, "%" G_GINT64_FORMAT, tokens);
  for (guint i = 0; i < n_names; i++)
    {
      const OkapBodyNumber *number = &facts->numbers[names[i]];

      if (number->value > tokens)
        (void) add (edits, number->span.at, number->span.length, text);
      holds |= number->value >= 0;
    }
  /* Of several that hold no number, one is enough: together they would be refused. */
  for (guint i = 0; i < n_names && !holds; i++)
    if (facts->numbers[names[i]].span.length > 0)
      holds = add (edits, facts->numbers[names[i]].span.at, facts->numbers[names[i]].span.length,
                   text);
  return holds;
}

/**
 * okap_body_edit_lower_output:
 * @field: what the provider calls it in chat completions
 * @tokens: of each answer
 *
 * Bounds the model's output, where the request does not do so already.
 *
 * Returns: whether the family has a member for it, and it could be set
 */
gboolean
okap_body_edit_lower_output (OkapBodyEdits *edits, const OkapBodyFacts *facts, OkapMeterKind meter,
                             const char *field, gint64 tokens)
{
  static const guint8 chat[] = { OKAP_BODY_MAX_TOKENS, OKAP_BODY_MAX_COMPLETION_TOKENS };
  static const guint8 responses[] = { OKAP_BODY_MAX_OUTPUT_TOKENS };
  static const guint8 google[] = { OKAP_BODY_GENERATION_MAX };
  static const guint8 ollama[] = { OKAP_BODY_NUM_PREDICT };
  const OkapBodyObject *top = &facts->objects[OKAP_BODY_TOP];
  char text[64];

  switch ((int) meter)
    {
    case OKAP_METER_OPENAI_CHAT:
      g_snprintf (text, sizeof text, "\"%s\":%" G_GINT64_FORMAT, field, tokens);
      return replace (edits, facts, chat, 2, tokens) || insert (edits, top, text);
    case OKAP_METER_ANTHROPIC_MESSAGES:
    case OKAP_METER_COHERE:
      g_snprintf (text, sizeof text, "\"max_tokens\":%" G_GINT64_FORMAT, tokens);
      return replace (edits, facts, chat, 1, tokens) || insert (edits, top, text);
    case OKAP_METER_OPENAI_RESPONSES:
      g_snprintf (text, sizeof text, "\"max_output_tokens\":%" G_GINT64_FORMAT, tokens);
      return replace (edits, facts, responses, 1, tokens) || insert (edits, top, text);
    case OKAP_METER_GOOGLE_GENERATE:
      g_snprintf (text, sizeof text, "\"maxOutputTokens\":%" G_GINT64_FORMAT, tokens);
      return replace (edits, facts, google, 1, tokens)
             || insert_nested (edits, facts, OKAP_BODY_GENERATION_CONFIG, "generationConfig", text);
    case OKAP_METER_GOOGLE_INTERACTIONS:
      g_snprintf (text, sizeof text, "\"max_output_tokens\":%" G_GINT64_FORMAT, tokens);
      return replace (edits, facts, google, 1, tokens)
             || insert_nested (edits, facts, OKAP_BODY_GENERATION_CONFIG, "generation_config",
                               text);
    case OKAP_METER_OLLAMA:
      g_snprintf (text, sizeof text, "\"num_predict\":%" G_GINT64_FORMAT, tokens);
      return replace (edits, facts, ollama, 1, tokens)
             || insert_nested (edits, facts, OKAP_BODY_OPTIONS, "options", text);
    default:
      return FALSE;
    }
}

/**
 * okap_body_edit_ask_usage:
 *
 * Asks for the usage of a stream of chat completions, unless the request does so itself.
 *
 * Returns: whether the body is changed by it
 */
gboolean
okap_body_edit_ask_usage (OkapBodyEdits *edits, const OkapBodyFacts *facts)
{
  if (facts->includes_usage)
    return FALSE;
  if (facts->include_usage.length > 0)
    return add (edits, facts->include_usage.at, facts->include_usage.length, "true");
  return insert_nested (edits, facts, OKAP_BODY_STREAM_OPTIONS, "stream_options",
                        "\"include_usage\":true");
}

/** okap_body_edits_get_length: of a body of @length bytes when it is edited */
gsize
okap_body_edits_get_length (const OkapBodyEdits *edits, gsize length)
{
  for (guint i = 0; i < edits->n; i++)
    length += strlen (edits->items[i].text) - edits->items[i].drop;
  return length;
}

/**
 * okap_body_edits_apply:
 * @from: of @length bytes; the body that was walked
 * @to: has room for okap_body_edits_get_length()
 */
void
okap_body_edits_apply (const OkapBodyEdits *edits, const char *from, gsize length, char *to)
{
  gsize at = 0;

  for (guint i = 0; i < edits->n; i++)
    {
      const OkapBodyEdit *edit = &edits->items[i];

      g_assert (edit->at >= at && edit->at + edit->drop <= length);
      memcpy (to, from + at, edit->at - at);
      to += edit->at - at;
      to = (char *) memcpy (to, edit->text, strlen (edit->text)) + strlen (edit->text);
      at = edit->at + edit->drop;
    }
  memcpy (to, from + at, length - at);
}
