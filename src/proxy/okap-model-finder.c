/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds every model that a JSON body names. A list of allowed models is worth nothing if a request
 * may name an allowed model and have another one run: as a fallback, as an adviser among the
 * tools, inside a batch, or by leaving the choice to the provider. The body is walked once, in
 * place. Two members "model", or one in other letter case (some servers do not tell them apart),
 * are refused, because parsers disagree on which of them counts. */
#include "config.h"

#include "okap-model-finder.h"

#include <string.h>

#include "okap-caps.h"
#include "okap-error.h"
#include "okap-json.h"
#include "okap-provider.h"

#define OTHERS_MOST 64
#define MEDIA_LEAST_BYTES 1024   /* shorter strings are taken as text */
#define MEDIA_PROMPT_BYTES 4096  /* about a thousand tokens, what providers charge for a picture */

/* What a member of the outermost object means for the choice of the model. */
typedef enum
{
  MEMBER_OTHER,
  MEMBER_MODEL,
  MEMBER_MODELS,     /* names, or objects with a "model" */
  MEMBER_NAME,       /* a name by itself */
  MEMBER_NESTED,     /* an object with a "model" */
  MEMBER_TOOLS,      /* objects with perhaps a "model"; deeper ones are schemas */
  MEMBER_REQUESTS,   /* objects with a "model", or with "params" that have one */
  MEMBER_PLUGINS,    /* objects with an "id" */
  MEMBER_ROUTE,      /* chooses among "models"; without them the provider does */
  MEMBER_CHOICE,     /* hides the model behind a name of the provider's */
} Member;

static const struct
{
  const char *name;
  Member member;
} members[] = {
  { "model", MEMBER_MODEL },
  { "models", MEMBER_MODELS },              /* openrouter */
  { "fallbacks", MEMBER_MODELS },           /* anthropic */
  { "model_id", MEMBER_NAME },              /* together, batches */
  { "preset", MEMBER_NAME },                /* perplexity */
  { "session", MEMBER_NESTED },             /* openai, live */
  { "setup", MEMBER_NESTED },               /* google, live */
  { "generateContentRequest", MEMBER_NESTED },  /* google, counting */
  { "tools", MEMBER_TOOLS },                /* anthropic's adviser, openai's images */
  { "requests", MEMBER_REQUESTS },          /* batches of anthropic and google */
  { "plugins", MEMBER_PLUGINS },            /* openrouter */
  { "route", MEMBER_ROUTE },                /* openrouter */
  { "agent", MEMBER_CHOICE },               /* google */
  { "agent_id", MEMBER_CHOICE },            /* mistral */
  { "input_file_id", MEMBER_CHOICE },       /* batches: the models stand in the file */
};

/* Plugins that change a request's context, never its model. */
static const char *const harmless_plugins[] = {
  "web", "file-parser", "response-healing", "context-compression",
};

typedef struct
{
  OkapJsonScanner scanner;
  OkapModelFinding *finding;
  Member member;
  const char *member_name;  /* of the table */
  gboolean name_is_model;   /* the value that comes next is a member "model" */
  gboolean name_is_id;
  gboolean has_models;
  gboolean has_route;
} Walk;

static gboolean
name_is (const OkapJsonScanner *scanner, const char *text)
{
  return okap_json_scanner_is (scanner, text);
}

static gboolean
name_is_model_in_other_case (const OkapJsonScanner *scanner)
{
  g_autofree char *decoded = NULL;

  if (!scanner->escaped)
    return scanner->length == 5 && g_ascii_strncasecmp (scanner->text, "model", 5) == 0
           && memcmp (scanner->text, "model", 5) != 0;
  decoded = okap_json_scanner_dup (scanner);
  return decoded != NULL && g_ascii_strcasecmp (decoded, "model") == 0
         && strcmp (decoded, "model") != 0;
}

static void
set_unclear (Walk *walk)
{
  if (walk->finding->unclear == NULL)
    walk->finding->unclear = walk->member_name;
}

static void
add_other (Walk *walk)
{
  OkapModelFinding *finding = walk->finding;
  g_autofree char *name = okap_json_scanner_dup (&walk->scanner);

  if (finding->others == NULL)
    finding->others = g_ptr_array_new_with_free_func (g_free);
  if (name == NULL || strlen (name) > OKAP_CAP_MODEL_BYTES || finding->others->len >= OTHERS_MOST)
    {
      set_unclear (walk);
      return;
    }
  for (guint i = 0; i < finding->others->len; i++)
    if (strcmp (g_ptr_array_index (finding->others, i), name) == 0)
      return;
  g_ptr_array_add (finding->others, g_steal_pointer (&name));
}

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
  if (finding->model == NULL || finding->model[0] == '\0'
      || strlen (finding->model) > OKAP_CAP_MODEL_BYTES)
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                   "Expected the name of a model of at most %d bytes in the member “model”",
                   OKAP_CAP_MODEL_BYTES);
      return FALSE;
    }
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

/* A value of the outermost object. */
static gboolean
take_top_value (Walk *walk, OkapJsonToken token, GError **error)
{
  if (walk->member == MEMBER_MODEL)
    return take_model (walk, token, error);
  if (token == OKAP_JSON_NULL || walk->member == MEMBER_OTHER)
    return TRUE;
  if (walk->member == MEMBER_NAME && token == OKAP_JSON_STRING)
    add_other (walk);
  else if (walk->member == MEMBER_ROUTE)
    walk->has_route = TRUE;
  else if (walk->member == MEMBER_MODELS && token == OKAP_JSON_ARRAY)
    walk->has_models = TRUE;
  else if (walk->member == MEMBER_NAME || walk->member == MEMBER_CHOICE
           || walk->member == MEMBER_MODELS)
    set_unclear (walk);
  return TRUE;
}

/* Whether a member "model" at this depth of the running member chooses a model. */
static gboolean
chooses_at (Member member, guint depth)
{
  switch (member)
    {
    case MEMBER_MODELS:
    case MEMBER_TOOLS:
    case MEMBER_PLUGINS:
      return depth == 3;
    case MEMBER_REQUESTS:
      return depth == 3 || depth == 4;
    case MEMBER_NESTED:
      return depth == 2;
    case MEMBER_OTHER:
    case MEMBER_MODEL:
    case MEMBER_NAME:
    case MEMBER_ROUTE:
    case MEMBER_CHOICE:
    default:
      return FALSE;
    }
}

/* A value further inside. */
static void
take_inner_value (Walk *walk, OkapJsonToken token, guint depth)
{
  if (walk->name_is_model && chooses_at (walk->member, depth))
    {
      if (token == OKAP_JSON_STRING)
        add_other (walk);
      else if (token != OKAP_JSON_NULL)
        set_unclear (walk);
    }
  else if (token != OKAP_JSON_STRING)
    return;
  else if (walk->member == MEMBER_MODELS && depth == 2)
    add_other (walk);
  else if (walk->member == MEMBER_PLUGINS && (depth == 2 || (depth == 3 && walk->name_is_id)))
    take_plugin (walk);
}

static gboolean
take_top_name (Walk *walk, GError **error)
{
  if (name_is_model_in_other_case (&walk->scanner))
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                           "Expected the member “model” in small letters");
      return FALSE;
    }
  walk->member = MEMBER_OTHER;
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    if (name_is (&walk->scanner, members[i].name))
      {
        walk->member = members[i].member;
        walk->member_name = members[i].name;
      }
  if (walk->member == MEMBER_MODEL && walk->finding->model != NULL)
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                           "The body has the member “model” twice");
      return FALSE;
    }
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
      if (scanner->depth == 1)
        return take_top_name (walk, error);
      if (walk->member == MEMBER_OTHER)
        return TRUE;
      walk->name_is_model = name_is (scanner, "model");
      walk->name_is_id = name_is (scanner, "id");
      return TRUE;
    }
  if (token == OKAP_JSON_OBJECT_END || token == OKAP_JSON_ARRAY_END)
    return TRUE;
  if (token == OKAP_JSON_STRING)
    walk->finding->prompt_bytes += count_prompt (scanner);
  else if (token == OKAP_JSON_NUMBER)
    walk->finding->prompt_bytes += 4;  /* a prompt may be a list of tokens */

  if (depth == 1)
    return take_top_value (walk, token, error);
  if (walk->member != MEMBER_OTHER)
    take_inner_value (walk, token, depth);
  return TRUE;
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
  Walk walk = { .finding = out_finding };
  OkapJsonToken token;
  gboolean is_object = FALSE;

  memset (out_finding, 0, sizeof *out_finding);
  okap_json_scanner_init (&walk.scanner, body, length, OKAP_CAP_BODY_DEPTH);
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
      if (!is_object)
        is_object = TRUE;
      else if (!take_token (&walk, token, error))
        return FALSE;
    }
  if (walk.has_route && !walk.has_models && out_finding->unclear == NULL)
    out_finding->unclear = "route";
  return TRUE;
}

/**
 * okap_model_check_others:
 * @scope: what is allowed
 * @error: %OKAP_ERROR_MODEL_NOT_ALLOWED or %OKAP_ERROR_MODEL_UNKNOWN
 *
 * Judges the models that a body names beside its own one. Without a list all are allowed.
 *
 * Returns: whether each of them is on the list
 */
gboolean
okap_model_check_others (const OkapModelFinding *finding, const OkapScope *scope, GError **error)
{
  if (scope->models[0] == NULL)
    return TRUE;
  if (finding->unclear != NULL)
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_MODEL_UNKNOWN,
                   "“%s” leaves the choice of the model to the provider, but this "
                   "app may use only the models that you allowed", finding->unclear);
      return FALSE;
    }
  for (guint i = 0; finding->others != NULL && i < finding->others->len; i++)
    {
      const char *name = g_ptr_array_index (finding->others, i);
      g_autofree char *canonical = okap_provider_canonical_model (scope->provider, name);

      if (okap_scope_allows_model (scope, canonical))
        continue;
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_MODEL_NOT_ALLOWED,
                   "The request also names the model “%s”, which this app may not use",
                   canonical);
      return FALSE;
    }
  return TRUE;
}

void
okap_model_finding_clear (OkapModelFinding *finding)
{
  g_clear_pointer (&finding->model, g_free);
  g_clear_pointer (&finding->others, g_ptr_array_unref);
}
