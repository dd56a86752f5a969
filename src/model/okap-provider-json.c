/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads one row of data/providers.
 *
 * A row is a JSON object:
 *
 *   id, name, base_url       base_url is empty where each key brings its own
 *   needs_key                false for those that answer without one; true if missing
 *   auth                     [{header, prefix, key_prefix?, path?, with_second?}]: the first that
 *                            fits the key, the path and whether there is a second value
 *   second                   {what, auth}: a second value that a key may have, what it is in words,
 *                            and how it is sent
 *   path                     {drop, versions, keep, add}: see okap-provider-path.c
 *   jobs                     {name: {id, poll, state, final, results_id?, results?}}: see
 *                            OkapJobRule
 *   endpoints                [[method, pattern, capability, model place, meter, remark?]]: an
 *                            allow-list, the first that matches; the remark is the job that the
 *                            answer may begin, or "retired"
 *   stream_usage             "ask" or "sent": whether a stream of chat completions tells its usage
 *                            only when asked; needed where there is one
 *   max_output               the member of chat completions that bounds the output; likewise
 *   reports_cost             true for those that tell in their answers what they bill
 *   model_headers            [header]: for endpoints whose model stands in one of them
 *   model_members            [member]: which name what runs where there is no “model”, as
 *                            “agent_id” does; “requests”: the first one does
 *   addresses                [member]: such as "urls.get", where an answer names an address of the
 *                            provider's API that its SDK asks next
 *   errors                   [[path prefix, form]] where an error has not the common form: the
 *                            first that fits; numbered, text
 *   key_patterns, shared_key_patterns, admin_key_patterns
 *                            [regular expression, anchored at both ends]; keys of the second kind
 *                            look like others', so that the user is asked; one of the third
 *                            manages an account and is none for apps
 *   test_path                a GET that costs nothing and tells a good key from a bad one
 *   standing                 [[kind, place, currency or window]]: what the answer to it tells of
 *                            money and limits: see okap-provider-standing.c
 *   variables                {key: [name], base: [[name, suffix]]}: what okap run sets
 *   model                    {strip_prefixes, strip_suffixes, fold_case}: spelling of models
 *
 * Everything is checked, members that are not known too: a row with a fault is a fault of the
 * program, and tests load all of them. */
#include "config.h"

#include "okap-provider-private.h"

#include <string.h>

#include "okap-error.h"
#include "okap-json.h"

#define ROW_DEPTH 8

static const char *const row_members[] = {
  "id", "name", "base_url", "needs_key", "auth", "second", "path", "jobs", "endpoints",
  "stream_usage", "max_output", "reports_cost", "model_headers", "model_members", "addresses",
  "errors", "key_patterns", "shared_key_patterns", "admin_key_patterns", "test_path", "standing",
  "variables", "model", NULL,
};
static const char *const auth_members[] = { "header", "prefix", "key_prefix", "path",
                                            "with_second", NULL };
static const char *const second_members[] = { "what", "auth", NULL };
static const char *const path_members[] = { "drop", "versions", "keep", "add", NULL };
static const char *const variables_members[] = { "key", "base", NULL };
static const char *const model_members[] = { "strip_prefixes", "strip_suffixes", "fold_case",
                                             NULL };

static const char *const form_names[] = { "common", "numbered", "text", NULL };

G_STATIC_ASSERT (G_N_ELEMENTS (form_names) == OKAP_ERROR_FORM_TEXT + 2);

static void
auth_free (OkapProviderAuth *auth)
{
  g_free (auth->header);
  g_free (auth->prefix);
  g_free (auth->key_prefix);
  g_free (auth->path);
  g_free (auth);
}

static void
error_rule_free (OkapErrorRule *rule)
{
  g_free (rule->prefix);
  g_free (rule);
}

static void
variable_free (OkapProviderVariable *variable)
{
  g_free (variable->name);
  g_free (variable->suffix);
  g_free (variable);
}

static void
key_pattern_free (OkapKeyPattern *pattern)
{
  g_clear_pointer (&pattern->regex, g_regex_unref);
  g_free (pattern);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapProviderAuth, auth_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapKeyPattern, key_pattern_free)

/** okap_row_fail: FALSE, and what a row was expected to have */
gboolean
okap_row_fail (GError **error, const char *member, const char *expected)
{
  g_set_error (error, OKAP_ERROR, OKAP_ERROR_INTERNAL, "“%s” of a provider: expected %s", member,
               expected);
  return FALSE;
}

/** okap_row_get_object: (transfer none) (nullable): the checked object at @node, which has no
 *   member outside @members */
JsonObject *
okap_row_get_object (JsonNode *node, const char *what, const char *const *members, GError **error)
{
  g_autoptr (GList) names = NULL;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    {
      okap_row_fail (error, what, "an object");
      return NULL;
    }
  names = json_object_get_members (json_node_get_object (node));
  for (GList *l = names; l != NULL; l = l->next)
    if (!g_strv_contains (members, l->data))
      {
        okap_row_fail (error, l->data, "no member of this name");
        return NULL;
      }
  return json_node_get_object (node);
}

/** okap_row_read_string: @out_text: (transfer full), untouched if the member is missing */
gboolean
okap_row_read_string (JsonObject *object, const char *member, gboolean required, char **out_text,
             GError **error)
{
  JsonNode *node = json_object_get_member (object, member);

  if (node == NULL && !required)
    return TRUE;
  if (node == NULL || json_node_get_value_type (node) != G_TYPE_STRING)
    return okap_row_fail (error, member, "a string");
  *out_text = json_node_dup_string (node);
  return TRUE;
}

static gboolean
read_bool (JsonObject *object, const char *member, gboolean *out_value, GError **error)
{
  JsonNode *node = json_object_get_member (object, member);

  if (node == NULL)
    return TRUE;
  if (json_node_get_value_type (node) != G_TYPE_BOOLEAN)
    return okap_row_fail (error, member, "true or false");
  *out_value = json_node_get_boolean (node);
  return TRUE;
}

/** okap_row_dup_strings: (transfer full) (nullable): the list of strings at @node; an empty one
 *   where @node is missing */
char **
okap_row_dup_strings (JsonNode *node, const char *what, GError **error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  JsonArray *array;

  if (node == NULL)
    return g_strv_builder_end (builder);
  if (!JSON_NODE_HOLDS_ARRAY (node))
    {
      okap_row_fail (error, what, "a list of strings");
      return NULL;
    }
  array = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *element = json_array_get_element (array, i);

      if (json_node_get_value_type (element) != G_TYPE_STRING)
        {
          okap_row_fail (error, what, "a list of strings");
          return NULL;
        }
      g_strv_builder_add (builder, json_node_get_string (element));
    }
  return g_strv_builder_end (builder);
}

static gboolean
read_strings (JsonObject *object, const char *member, char ***out_strings, GError **error)
{
  *out_strings = okap_row_dup_strings (json_object_get_member (object, member), member, error);
  return *out_strings != NULL;
}

/** okap_row_get_array: (transfer none) (nullable): the list @member, @empty if it is missing; NULL
 *   if it is something else */
JsonArray *
okap_row_get_array (JsonObject *object, const char *member, JsonArray *empty, GError **error)
{
  JsonNode *node = json_object_get_member (object, member);

  if (node == NULL)
    return empty;
  if (!JSON_NODE_HOLDS_ARRAY (node))
    {
      okap_row_fail (error, member, "a list");
      return NULL;
    }
  return json_node_get_array (node);
}

static gboolean
read_auth (GPtrArray *forms, JsonArray *array, GError **error)
{
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      g_autoptr (OkapProviderAuth) auth = g_new0 (OkapProviderAuth, 1);
      JsonObject *object = okap_row_get_object (json_array_get_element (array, i), "auth",
                                                auth_members, error);

      if (object == NULL || !okap_row_read_string (object, "header", TRUE, &auth->header, error)
          || !okap_row_read_string (object, "prefix", TRUE, &auth->prefix, error)
          || !okap_row_read_string (object, "key_prefix", FALSE, &auth->key_prefix, error)
          || !okap_row_read_string (object, "path", FALSE, &auth->path, error)
          || !read_bool (object, "with_second", &auth->with_second, error))
        return FALSE;
      g_ptr_array_add (forms, g_steal_pointer (&auth));
    }
  return TRUE;
}

static gboolean
read_second (OkapProvider *provider, JsonNode *node, JsonArray *empty, GError **error)
{
  JsonObject *object;
  JsonArray *auth;

  if (node == NULL)
    return TRUE;
  object = okap_row_get_object (node, "second", second_members, error);
  if (object == NULL
      || !okap_row_read_string (object, "what", TRUE, &provider->second_what, error))
    return FALSE;
  auth = okap_row_get_array (object, "auth", empty, error);
  return auth != NULL && read_auth (provider->second_auth, auth, error);
}

/* What every row with chat completions must say. */
static gboolean
read_chat (OkapProvider *provider, JsonObject *row, GError **error)
{
  g_autofree char *usage = NULL;

  if (!okap_row_read_string (row, "stream_usage", FALSE, &usage, error)
      || !okap_row_read_string (row, "max_output", FALSE, &provider->max_output, error))
    return FALSE;
  if (usage != NULL && !g_str_equal (usage, "ask") && !g_str_equal (usage, "sent"))
    return okap_row_fail (error, "stream_usage", "ask or sent");
  provider->stream_usage_asked = g_strcmp0 (usage, "ask") == 0;
  for (guint i = 0; i < provider->endpoints->len; i++)
    {
      const OkapEndpoint *endpoint = g_ptr_array_index (provider->endpoints, i);

      if (endpoint->meter == OKAP_METER_OPENAI_CHAT && (usage == NULL || !provider->max_output))
        return okap_row_fail (error, "stream_usage", "it and “max_output” in a row with chat");
    }
  return TRUE;
}

static gboolean
read_errors (OkapProvider *provider, JsonArray *array, GError **error)
{
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      g_auto (GStrv) cells = okap_row_dup_strings (json_array_get_element (array, i), "errors",
                                                   error);
      OkapErrorRule *rule;
      guint form;

      if (cells == NULL)
        return FALSE;
      if (g_strv_length (cells) != 2 || cells[0][0] != '/'
          || !okap_row_find_name (form_names, cells[1], &form))
        return okap_row_fail (error, "errors", "[/path prefix, form]");
      rule = g_new0 (OkapErrorRule, 1);
      rule->prefix = g_strdup (cells[0]);
      rule->form = (OkapErrorForm) form;
      g_ptr_array_add (provider->errors, rule);
    }
  return TRUE;
}

/* Keys are bytes to the expression, and a line's end at the end is not ignored. */
static gboolean
read_key_patterns (GPtrArray *patterns, JsonObject *row, const char *member, gboolean shared,
                   GError **error)
{
  g_auto (GStrv) texts = NULL;

  if (!read_strings (row, member, &texts, error))
    return FALSE;
  for (char **text = texts; *text != NULL; text++)
    {
      g_autoptr (OkapKeyPattern) pattern = g_new0 (OkapKeyPattern, 1);

      if (**text != '^' || !g_str_has_suffix (*text, "$"))
        return okap_row_fail (error, member, "an expression from ^ to $");
      pattern->regex = g_regex_new (*text, G_REGEX_RAW | G_REGEX_DOLLAR_ENDONLY, 0, error);
      if (pattern->regex == NULL)
        return FALSE;
      pattern->shared = shared;
      pattern->fixed = strcspn (*text + 1, "\\[](){}.*+?|$");
      g_ptr_array_add (patterns, g_steal_pointer (&pattern));
    }
  return TRUE;
}

static int
compare_longest_first (gconstpointer a, gconstpointer b)
{
  gsize length_a = strlen (*(char *const *) a);
  gsize length_b = strlen (*(char *const *) b);

  return length_a > length_b ? -1 : length_a < length_b;
}

static gboolean
read_path (OkapProvider *provider, JsonNode *node, GError **error)
{
  OkapPathRules *path = &provider->path;
  JsonObject *object = okap_row_get_object (node, "path", path_members, error);

  if (object == NULL || !read_strings (object, "drop", &path->drop, error)
      || !read_strings (object, "versions", &path->versions, error)
      || !read_strings (object, "keep", &path->keep, error)
      || !okap_row_read_string (object, "add", FALSE, &path->add, error))
    return FALSE;
  qsort (path->drop, g_strv_length (path->drop), sizeof *path->drop, compare_longest_first);
  return TRUE;
}

static gboolean
read_variables (OkapProvider *provider, JsonNode *node, JsonArray *empty, GError **error)
{
  JsonObject *object = okap_row_get_object (node, "variables", variables_members, error);
  g_auto (GStrv) keys = NULL;
  JsonArray *bases;

  if (object == NULL || !read_strings (object, "key", &keys, error))
    return FALSE;
  for (char **key = keys; *key != NULL; key++)
    g_ptr_array_add (provider->key_variables, g_strdup (*key));
  bases = okap_row_get_array (object, "base", empty, error);
  for (guint i = 0; bases != NULL && i < json_array_get_length (bases); i++)
    {
      g_auto (GStrv) cells = okap_row_dup_strings (json_array_get_element (bases, i), "base",
                                                   error);
      OkapProviderVariable *variable;

      if (cells == NULL)
        return FALSE;
      if (g_strv_length (cells) != 2)
        return okap_row_fail (error, "base", "[name, suffix]");
      variable = g_new0 (OkapProviderVariable, 1);
      variable->name = g_strdup (cells[0]);
      variable->suffix = g_strdup (cells[1]);
      g_ptr_array_add (provider->base_variables, variable);
    }
  return bases != NULL;
}

static gboolean
read_model (OkapProvider *provider, JsonNode *node, GError **error)
{
  JsonObject *object = okap_row_get_object (node, "model", model_members, error);

  return object != NULL
         && read_strings (object, "strip_prefixes", &provider->model_prefixes, error)
         && read_strings (object, "strip_suffixes", &provider->model_suffixes, error)
         && read_bool (object, "fold_case", &provider->model_fold_case, error);
}

static gboolean
read_row (OkapProvider *provider, JsonObject *row, GError **error)
{
  g_autoptr (JsonArray) empty = json_array_new ();
  JsonArray *auth = okap_row_get_array (row, "auth", empty, error);
  JsonArray *errors = auth != NULL ? okap_row_get_array (row, "errors", empty, error) : NULL;
  JsonArray *standing = errors != NULL ? okap_row_get_array (row, "standing", empty, error) : NULL;

  if (standing == NULL || !okap_row_read_string (row, "id", TRUE, &provider->id, error)
      || !okap_row_read_string (row, "name", TRUE, &provider->name, error)
      || !okap_row_read_string (row, "base_url", TRUE, &provider->base_url, error)
      || !okap_row_read_string (row, "test_path", FALSE, &provider->test_path, error)
      || !read_strings (row, "model_headers", &provider->model_headers, error)
      || !read_strings (row, "model_members", &provider->model_members, error)
      || !read_strings (row, "addresses", &provider->addresses, error)
      || !read_bool (row, "needs_key", &provider->needs_key, error)
      || !read_bool (row, "reports_cost", &provider->reports_cost, error))
    return FALSE;
  if (!okap_provider_id_is_valid (provider->id))
    return okap_row_fail (error, "id", "lower-case letters, digits, dots and dashes");
  return read_auth (provider->auth, auth, error)
         && read_second (provider, json_object_get_member (row, "second"), empty, error)
         && okap_row_read_endpoints (provider, row, error) && read_chat (provider, row, error)
         && read_errors (provider, errors, error)
         && okap_row_read_standing (provider, standing, error)
         && read_key_patterns (provider->key_patterns, row, "key_patterns", FALSE, error)
         && read_key_patterns (provider->key_patterns, row, "shared_key_patterns", TRUE, error)
         && read_key_patterns (provider->admin_key_patterns, row, "admin_key_patterns", FALSE,
                               error)
         && read_path (provider, json_object_get_member (row, "path"), error)
         && read_variables (provider, json_object_get_member (row, "variables"), empty, error)
         && read_model (provider, json_object_get_member (row, "model"), error);
}

/**
 * okap_provider_from_json:
 * @text: a row as the head of this file describes it
 * @error: %OKAP_ERROR_INVALID_REQUEST or %OKAP_ERROR_INTERNAL, saying which member is wrong
 *
 * Returns: (transfer full) (nullable): the provider
 */
OkapProvider *
okap_provider_from_json (const char *text, gsize length, GError **error)
{
  g_autoptr (JsonNode) node = okap_json_parse_strict (text, length, ROW_DEPTH, error);
  g_autoptr (OkapProvider) provider = NULL;
  JsonObject *row = node != NULL ? okap_row_get_object (node, "row", row_members, error) : NULL;

  if (row == NULL)
    return NULL;
  provider = g_new0 (OkapProvider, 1);
  g_atomic_ref_count_init (&provider->ref_count);
  provider->builtin = TRUE;
  provider->needs_key = TRUE;
  provider->auth = g_ptr_array_new_with_free_func ((GDestroyNotify) auth_free);
  provider->errors = g_ptr_array_new_with_free_func ((GDestroyNotify) error_rule_free);
  provider->second_auth = g_ptr_array_new_with_free_func ((GDestroyNotify) auth_free);
  provider->key_patterns = g_ptr_array_new_with_free_func ((GDestroyNotify) key_pattern_free);
  provider->admin_key_patterns = g_ptr_array_new_with_free_func ((GDestroyNotify) key_pattern_free);
  provider->standing = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_standing_rule_free);
  provider->key_variables = g_ptr_array_new_with_free_func (g_free);
  provider->base_variables = g_ptr_array_new_with_free_func ((GDestroyNotify) variable_free);
  return read_row (provider, row, error) ? g_steal_pointer (&provider) : NULL;
}
