/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds every model that a JSON body names. A list of allowed models is worth nothing if a request
 * may name an allowed model and have another one run: as a fallback, as an adviser among the
 * tools, inside a batch, or by leaving the choice to the provider. The body is walked once, in
 * place; what it says of its size and price is gathered by the way (okap-body-facts.c). Two members
 * "model", or one in other letter case (some servers do not tell them apart), are refused, because
 * parsers disagree on which of them counts. */
#include "config.h"

#include "okap-model-finder.h"

#include <string.h>

#include "okap-caps.h"
#include "okap-error.h"
#include "okap-json.h"
#include "okap-model-meaning.h"

#define OTHERS_MOST 64
#define MEDIA_LEAST_BYTES 1024   /* shorter strings are taken as text */
#define MEDIA_PROMPT_BYTES 4096  /* about a thousand tokens, what providers charge for a picture */

/* Plugins that change a request's context, never its model. */
static const char *const harmless_plugins[] = {
  "web", "file-parser", "response-healing", "context-compression",
};

typedef struct
{
  OkapJsonScanner scanner;
  OkapBodyWalk facts;
  OkapModelFinding *finding;
  guint8 inside[OKAP_JSON_DEPTH_MOST + 2];  /* OkapInside, by depth */
  OkapMeaning member;            /* of the value that comes next */
  const char *member_name;  /* of the table, or of a kind of members */
  gboolean name_is_id;
  gboolean name_is_type;
  gboolean tool_draws;      /* the open tool makes pictures */
  gboolean tool_has_model;
  gboolean has_models;
  gboolean has_route;
} Walk;

static void
set_unclear (Walk *walk)
{
  if (walk->finding->unclear == NULL)
    walk->finding->unclear = walk->member_name;
}

static gboolean
add_to (GPtrArray **list, const char *text)
{
  if (*list == NULL)
    *list = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < (*list)->len; i++)
    if (strcmp (g_ptr_array_index (*list, i), text) == 0)
      return TRUE;
  if ((*list)->len >= OTHERS_MOST)
    return FALSE;
  g_ptr_array_add (*list, g_strdup (text));
  return TRUE;
}

/**
 * okap_model_finding_add:
 * @names: one, or several with commas between, of which a gateway tries one after the other
 *
 * Returns: whether each is a possible name, and they are not too many
 */
gboolean
okap_model_finding_add (OkapModelFinding *finding, const char *names)
{
  g_auto (GStrv) each = g_strsplit (names, ",", OTHERS_MOST + 1);

  for (char **name = each; *name != NULL; name++)
    {
      g_strstrip (*name);
      if (**name == '\0' || strlen (*name) > OKAP_CAP_MODEL_BYTES
          || !add_to (&finding->others, *name))
        return FALSE;
    }
  return each[0] != NULL;
}

static void
add_other (Walk *walk)
{
  g_autofree char *name = okap_json_scanner_dup (&walk->scanner);

  if (name == NULL || !okap_model_finding_add (walk->finding, name))
    set_unclear (walk);
}

/* A list of models in one name is its first one, and the others. */
static void
split_model (Walk *walk)
{
  char *comma = strchr (walk->finding->model, ',');

  if (comma == NULL)
    return;
  if (!okap_model_finding_add (walk->finding, comma + 1))
    set_unclear (walk);
  *comma = '\0';
  g_strchomp (walk->finding->model);
}

/* The member "model" of the request itself. */
static gboolean
take_model (Walk *walk, OkapJsonToken token, GError **error)
{
  OkapModelFinding *finding = walk->finding;

  if (token != OKAP_JSON_STRING)
    {
      if (token != OKAP_JSON_NULL)
        set_unclear (walk);
      return TRUE;
    }
  finding->model = okap_json_scanner_dup (&walk->scanner);
  if (finding->model == NULL || finding->model[0] == '\0' || finding->model[0] == ','
      || strcspn (finding->model, ",") > OKAP_CAP_MODEL_BYTES)
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                   "Expected the name of a model of at most %d bytes in the member “model”",
                   OKAP_CAP_MODEL_BYTES);
      return FALSE;
    }
  split_model (walk);
  return TRUE;
}

static void
take_plugin (Walk *walk)
{
  for (guint i = 0; i < G_N_ELEMENTS (harmless_plugins); i++)
    if (okap_json_scanner_is (&walk->scanner, harmless_plugins[i]))
      return;
  set_unclear (walk);
}

static void
take_file (Walk *walk)
{
  g_autofree char *id = okap_json_scanner_dup (&walk->scanner);

  if (id == NULL || strlen (id) > OKAP_CAP_MODEL_BYTES || !add_to (&walk->finding->files, id))
    set_unclear (walk);
}

static gboolean
is_in_batch (const Walk *walk, guint depth)
{
  while (depth > 1)
    if (walk->inside[--depth] == OKAP_INSIDE_REQUESTS)
      return TRUE;
  return FALSE;
}

/* A batch's model is that of its first request, if it has none of its own. */
static void
take_name (Walk *walk, guint depth)
{
  OkapModelFinding *finding = walk->finding;
  gboolean is_name = depth == 1 && walk->member == OKAP_MEANS_NAME;
  gboolean is_first = walk->member == OKAP_MEANS_MODEL && is_in_batch (walk, depth);

  if ((is_name || is_first) && finding->instead == NULL)
    {
      finding->instead = okap_json_scanner_dup (&walk->scanner);
      finding->instead_member = is_name ? walk->member_name : "requests";
    }
  add_other (walk);
}

/* A member of a request, of the outermost one if @depth is 1. */
static gboolean
take_member (Walk *walk, OkapJsonToken token, guint depth, GError **error)
{
  gboolean top = depth == 1;
  gboolean is_string = token == OKAP_JSON_STRING;
  gboolean opens = token == OKAP_JSON_OBJECT || token == OKAP_JSON_ARRAY;

  if (walk->member == OKAP_MEANS_MODEL && top)
    return take_model (walk, token, error);
  if (token == OKAP_JSON_NULL)
    return TRUE;
  switch (walk->member)
    {
    case OKAP_MEANS_MODEL:
    case OKAP_MEANS_NAME:
      if (is_string)
        take_name (walk, depth);
      else
        set_unclear (walk);
      break;
    case OKAP_MEANS_MORE:
      if (is_string)
        add_other (walk);
      break;
    case OKAP_MEANS_VERSION:
      if (top && is_string && walk->finding->version == NULL)
        walk->finding->version = okap_json_scanner_dup (&walk->scanner);
      break;
    case OKAP_MEANS_MODELS:
      walk->has_models |= token == OKAP_JSON_ARRAY;
      if (!opens)
        set_unclear (walk);
      break;
    case OKAP_MEANS_FILES:
      if (is_string)
        take_file (walk);
      else if (token != OKAP_JSON_ARRAY)
        set_unclear (walk);
      break;
    case OKAP_MEANS_ROUTE:
      walk->has_route = TRUE;
      break;
    case OKAP_MEANS_CHOICE:
      set_unclear (walk);
      break;
    case OKAP_MEANS_WEBHOOK:
      walk->finding->webhook = TRUE;
      break;
    case OKAP_MEANS_ENDPOINT:
      if (top && is_string && walk->finding->endpoint == NULL)
        walk->finding->endpoint = okap_json_scanner_dup (&walk->scanner);
      break;
    case OKAP_MEANS_OTHER:
    case OKAP_MEANS_REQUEST:
    case OKAP_MEANS_REQUESTS:
    case OKAP_MEANS_OPTIONS:
    case OKAP_MEANS_TOOLS:
    case OKAP_MEANS_PLUGINS:
    default:
      break;
    }
  return TRUE;
}

/* A member of a fallback, tool or plugin. */
static void
take_entry (Walk *walk, OkapJsonToken token, OkapInside inside)
{
  if (walk->member == OKAP_MEANS_MODEL)
    {
      if (token == OKAP_JSON_STRING)
        add_other (walk);
      else if (token != OKAP_JSON_NULL)
        set_unclear (walk);
      walk->tool_has_model |= token == OKAP_JSON_STRING;
    }
  else if (token != OKAP_JSON_STRING)
    return;
  else if (inside == OKAP_INSIDE_PLUGIN && walk->name_is_id)
    take_plugin (walk);
  else if (inside == OKAP_INSIDE_TOOL && walk->name_is_type)
    walk->tool_draws = okap_json_scanner_is (&walk->scanner, "image_generation");
}

/* A value that stands in an object or a list that is looked into. */
static gboolean
take_value (Walk *walk, OkapJsonToken token, guint depth, GError **error)
{
  OkapInside inside = (OkapInside) walk->inside[depth];

  switch (inside)
    {
    case OKAP_INSIDE_REQUEST:
      return take_member (walk, token, depth, error);
    case OKAP_INSIDE_ENTRY:
    case OKAP_INSIDE_TOOL:
    case OKAP_INSIDE_PLUGIN:
      take_entry (walk, token, inside);
      break;
    case OKAP_INSIDE_MODELS:
      if (token == OKAP_JSON_STRING)
        add_other (walk);
      break;
    case OKAP_INSIDE_PLUGINS:
      if (token == OKAP_JSON_STRING)
        take_plugin (walk);
      break;
    case OKAP_INSIDE_FILES:
      if (token == OKAP_JSON_STRING)
        take_file (walk);
      break;
    case OKAP_INSIDE_NOTHING:
    case OKAP_INSIDE_REQUESTS:
    case OKAP_INSIDE_OPTIONS:
    case OKAP_INSIDE_TOOLS:
    default:
      break;
    }
  return TRUE;
}

static void
open_value (Walk *walk, OkapJsonToken token, guint depth)
{
  OkapInside inside = okap_inside_open ((OkapInside) walk->inside[depth], walk->member,
                                        token == OKAP_JSON_ARRAY);

  walk->inside[depth + 1] = (guint8) inside;
  if (inside == OKAP_INSIDE_TOOL)
    walk->tool_draws = walk->tool_has_model = FALSE;
}

/* A tool that draws takes a model of its own; the provider's choice if it names none. */
static void
close_value (Walk *walk, guint depth)
{
  if (walk->inside[depth] != OKAP_INSIDE_TOOL || !walk->tool_draws)
    return;
  walk->finding->capabilities |= OKAP_CAPABILITY_IMAGES;
  walk->member_name = "tools";
  if (!walk->tool_has_model)
    set_unclear (walk);
}

/* The name of a member of a request. */
static gboolean
take_name_token (Walk *walk, gboolean top, GError **error)
{
  walk->member = okap_meaning_from_name (&walk->scanner, &walk->member_name);
  if (walk->member != OKAP_MEANS_MODEL || !top)
    return TRUE;
  if (!okap_json_scanner_is (&walk->scanner, "model"))
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                           "Expected the member “model” in small letters");
      return FALSE;
    }
  if (walk->finding->model != NULL)
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                           "The body has the member “model” twice");
      return FALSE;
    }
  return TRUE;
}

static gboolean
take_inner_name (Walk *walk, OkapInside inside)
{
  walk->member = OKAP_MEANS_OTHER;
  if (inside != OKAP_INSIDE_ENTRY && inside != OKAP_INSIDE_TOOL && inside != OKAP_INSIDE_PLUGIN)
    return TRUE;
  if (okap_meaning_name_is (&walk->scanner, "model"))
    walk->member = OKAP_MEANS_MODEL;
  walk->name_is_id = okap_meaning_name_is (&walk->scanner, "id");
  walk->name_is_type = okap_meaning_name_is (&walk->scanner, "type");
  return TRUE;
}

/* Pictures and sound come as long strings of base64, which say nothing about tokens. */
static gint64
count_prompt (const OkapJsonScanner *scanner)
{
  if (scanner->length < MEDIA_LEAST_BYTES)
    return (gint64) scanner->length;
  if (memcmp (scanner->text, "data:", 5) == 0)
    return MEDIA_PROMPT_BYTES;
  for (guint i = 0; i < 256; i++)
    if (!g_ascii_isalnum (scanner->text[i]) && strchr ("+/-_=", scanner->text[i]) == NULL)
      return (gint64) scanner->length;
  return MEDIA_PROMPT_BYTES;
}

static gboolean
take_token (Walk *walk, OkapJsonToken token, GError **error)
{
  OkapJsonScanner *scanner = &walk->scanner;
  gboolean opens = token == OKAP_JSON_OBJECT || token == OKAP_JSON_ARRAY;
  guint depth = scanner->depth - (opens ? 1 : 0);  /* of what the value belongs to */

  if (token == OKAP_JSON_NAME)
    {
      walk->finding->prompt_bytes += (gint64) scanner->length;
      return walk->inside[depth] == OKAP_INSIDE_REQUEST
             ? take_name_token (walk, depth == 1, error)
             : take_inner_name (walk, (OkapInside) walk->inside[depth]);
    }
  if (token == OKAP_JSON_OBJECT_END || token == OKAP_JSON_ARRAY_END)
    {
      close_value (walk, depth + 1);
      return TRUE;
    }
  if (token == OKAP_JSON_STRING)
    walk->finding->prompt_bytes += count_prompt (scanner);
  else if (token == OKAP_JSON_NUMBER)
    walk->finding->prompt_bytes += 4;  /* a prompt may be a list of tokens */

  if (!take_value (walk, token, depth, error))
    return FALSE;
  if (opens)
    open_value (walk, token, depth);
  return TRUE;
}

static void
finish (Walk *walk)
{
  OkapModelFinding *finding = walk->finding;

  if (walk->has_route && !walk->has_models && finding->unclear == NULL)
    finding->unclear = "route";
}

/**
 * okap_model_find:
 * @body: a request's JSON, at least as it claims
 * @out_finding: (out caller-allocates): clear it with okap_model_finding_clear(), also on error
 * @error: %OKAP_ERROR_INVALID_REQUEST if the body is not JSON, or has two models
 *
 * Returns: whether the body could be read
 */
gboolean
okap_model_find (const char *body, gsize length, OkapModelFinding *out_finding, GError **error)
{
  Walk walk = { .finding = out_finding, .inside = { [1] = OKAP_INSIDE_REQUEST } };
  OkapJsonToken token;
  gboolean is_object = FALSE;

  memset (out_finding, 0, sizeof *out_finding);
  okap_json_scanner_init (&walk.scanner, body, length, OKAP_CAP_BODY_DEPTH);
  okap_body_walk_begin (&walk.facts, &out_finding->facts, body, length);
  while ((token = okap_json_scanner_next (&walk.scanner)) != OKAP_JSON_END)
    {
      if (token == OKAP_JSON_INVALID)
        {
          g_set_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                       "Expected JSON in the body, but at byte %zu it is not valid",
                       okap_json_scanner_get_offset (&walk.scanner));
          return FALSE;
        }
      if (!is_object && token != OKAP_JSON_OBJECT)
        {
          g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                               "Expected a JSON object as the body");
          return FALSE;
        }
      okap_body_walk_take (&walk.facts, &walk.scanner, token);
      if (!is_object)
        is_object = TRUE;
      else if (!take_token (&walk, token, error))
        return FALSE;
    }
  okap_body_walk_end (&walk.facts);
  out_finding->has_facts = TRUE;
  finish (&walk);
  return TRUE;
}
