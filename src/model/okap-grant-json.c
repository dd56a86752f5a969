/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A grant as text: what the store keeps and the policy tag covers. Members are written in a fixed
 * order, so one grant has one text. */
#include "config.h"

#include "okap-grant.h"

#include "okap-caps.h"
#include "okap-error.h"
#include "okap-token.h"

static void
add_strings (JsonBuilder *builder, const char *name, char **values)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  for (char **value = values; *value != NULL; value++)
    json_builder_add_string_value (builder, *value);
  json_builder_end_array (builder);
}

static void
add_string (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
}

static void
add_int (JsonBuilder *builder, const char *name, gint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

static void
add_scope (JsonBuilder *builder, const OkapScope *scope)
{
  g_auto (GStrv) capabilities = okap_capability_dup_names (scope->capabilities);

  json_builder_begin_object (builder);
  add_string (builder, "provider", scope->provider);
  add_strings (builder, "models", scope->models);
  add_strings (builder, "capabilities", capabilities);
  json_builder_set_member_name (builder, "limits");
  json_builder_begin_object (builder);
  for (guint i = 0; i < OKAP_N_LIMITS; i++)
    if (okap_limits_has (&scope->limits, i))
      add_int (builder, okap_limit_get_name (i), scope->limits.value[i]);
  json_builder_end_object (builder);
  add_int (builder, "defaulted", scope->limits.defaulted);
  if (scope->options != 0)
    add_int (builder, "options", scope->options);
  if (scope->ceiling.set)
    {
      add_int (builder, "ceiling_input_pusd", scope->ceiling.input_pusd);
      add_int (builder, "ceiling_output_pusd", scope->ceiling.output_pusd);
    }
  if (scope->extra.nusd > 0)
    {
      add_int (builder, "extra_nusd", scope->extra.nusd);
      add_int (builder, "extra_until_us", scope->extra.until_us);
    }
  if (scope->key_id != NULL)
    add_string (builder, "key", scope->key_id);
  json_builder_end_object (builder);
}

static void
add_tokens (JsonBuilder *builder, GPtrArray *tokens)
{
  json_builder_set_member_name (builder, "tokens");
  json_builder_begin_array (builder);
  for (guint i = 0; i < tokens->len; i++)
    {
      GBytes *hash = g_ptr_array_index (tokens, i);
      g_autofree char *text = g_base64_encode (g_bytes_get_data (hash, NULL),
                                               g_bytes_get_size (hash));

      json_builder_add_string_value (builder, text);
    }
  json_builder_end_array (builder);
}

/** okap_grant_to_json: (transfer full): everything but its first token; only for the store */
JsonNode *
okap_grant_to_json (const OkapGrant *grant)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  add_string (builder, "id", grant->id);
  add_int (builder, "version", grant->version);
  add_string (builder, "state", okap_grant_state_get_name (grant->state));
  add_string (builder, "app_name", grant->app_name);
  add_string (builder, "app_url", grant->app_url);
  add_string (builder, "reason", grant->reason);
  add_string (builder, "evidence", grant->evidence);
  json_builder_set_member_name (builder, "identity");
  okap_identity_build (grant->identity, builder);
  json_builder_set_member_name (builder, "others");
  json_builder_begin_array (builder);
  for (guint i = 0; i < grant->others->len; i++)
    okap_identity_build (g_ptr_array_index (grant->others, i), builder);
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "portable");
  json_builder_add_boolean_value (builder, grant->portable);
  json_builder_set_member_name (builder, "scopes");
  json_builder_begin_array (builder);
  for (guint i = 0; i < grant->scopes->len; i++)
    add_scope (builder, g_ptr_array_index (grant->scopes, i));
  json_builder_end_array (builder);
  add_int (builder, "created_us", grant->created_us);
  add_int (builder, "expires_us", grant->expires_us);
  add_string (builder, "term", okap_grant_term_get_name (grant->term));
  add_string (builder, "zone", grant->zone);
  if (grant->asked != NULL)
    add_string (builder, "asked", grant->asked);
  if (grant->tokens->len > 0)
    add_tokens (builder, grant->tokens);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

static char **
dup_strings (JsonObject *object, const char *name)
{
  g_autoptr (GStrvBuilder) strings = g_strv_builder_new ();
  JsonArray *array = json_object_get_array_member (object, name);

  for (guint i = 0; i < json_array_get_length (array); i++)
    g_strv_builder_add (strings, json_array_get_string_element (array, i));
  return g_strv_builder_end (strings);
}

static OkapScope *
read_scope (JsonObject *object)
{
  OkapScope *scope = okap_scope_new (json_object_get_string_member (object, "provider"));
  g_auto (GStrv) capabilities = dup_strings (object, "capabilities");
  JsonObject *limits = json_object_get_object_member (object, "limits");

  g_strfreev (scope->models);
  scope->models = dup_strings (object, "models");
  for (char **name = capabilities; *name != NULL; name++)
    scope->capabilities |= okap_capability_from_name (*name);
  for (guint i = 0; i < OKAP_N_LIMITS; i++)
    if (json_object_has_member (limits, okap_limit_get_name (i)))
      okap_limits_set (&scope->limits, i,
                       json_object_get_int_member (limits, okap_limit_get_name (i)));
  scope->limits.defaulted = (guint32) json_object_get_int_member (object, "defaulted");
  scope->options = (OkapScopeOptions) json_object_get_int_member_with_default (object, "options",
                                                                               0);
  if (json_object_has_member (object, "ceiling_input_pusd"))
    scope->ceiling = (OkapPriceCeiling) {
      .set = TRUE,
      .input_pusd = json_object_get_int_member (object, "ceiling_input_pusd"),
      .output_pusd = json_object_get_int_member_with_default (object, "ceiling_output_pusd", 0),
    };
  scope->extra.nusd = json_object_get_int_member_with_default (object, "extra_nusd", 0);
  scope->extra.until_us = json_object_get_int_member_with_default (object, "extra_until_us", 0);
  scope->key_id = g_strdup (json_object_get_string_member_with_default (object, "key", NULL));
  return scope;
}

static gboolean
read_state (const char *name, OkapGrantState *out_state)
{
  for (guint i = 0; i <= OKAP_GRANT_REVOKED; i++)
    if (g_strcmp0 (okap_grant_state_get_name (i), name) == 0)
      {
        *out_state = (OkapGrantState) i;
        return TRUE;
      }
  return FALSE;
}

static char *
dup_string (JsonObject *object, const char *name)
{
  return g_strdup (json_object_get_string_member_with_default (object, name, ""));
}

/* A kind that only a newer Okap knows must not become an unknown program, who is everybody. */
static gboolean
has_known_kind (JsonNode *node)
{
  const char *name = NULL;

  if (JSON_NODE_HOLDS_OBJECT (node))
    name = json_object_get_string_member_with_default (json_node_get_object (node), "kind", NULL);
  for (guint i = 0; i <= OKAP_IDENTITY_RUN; i++)
    if (g_strcmp0 (okap_identity_kind_get_name (i), name) == 0)
      return TRUE;
  return FALSE;
}

/* Grants that were made before programs were told apart have none of these members: they are bound
 * to nothing. Returns whether the program that the grant was given to can be told. */
static gboolean
read_identities (OkapGrant *grant, JsonObject *object)
{
  JsonNode *identity = json_object_get_member (object, "identity");
  JsonNode *others = json_object_get_member (object, "others");
  JsonArray *array = others != NULL && JSON_NODE_HOLDS_ARRAY (others)
                     ? json_node_get_array (others) : NULL;

  if (identity != NULL && !has_known_kind (identity))
    return FALSE;
  okap_identity_unref (grant->identity);
  grant->identity = okap_identity_from_json (identity);
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      g_autoptr (OkapIdentity) other = okap_identity_from_json (json_array_get_element (array, i));

      if (other->kind != OKAP_IDENTITY_UNKNOWN)
        g_ptr_array_add (grant->others, g_steal_pointer (&other));
    }
  return TRUE;
}

/* Grants that were given once have none. */
static void
read_tokens (OkapGrant *grant, JsonObject *object)
{
  JsonNode *tokens = json_object_get_member (object, "tokens");
  JsonArray *array = tokens != NULL && JSON_NODE_HOLDS_ARRAY (tokens)
                     ? json_node_get_array (tokens) : NULL;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      gsize length;
      guchar *hash = g_base64_decode (json_array_get_string_element (array, i), &length);
      g_autoptr (GBytes) bytes = g_bytes_new_take (hash, length);

      if (length == OKAP_TOKEN_HASH_BYTES && grant->tokens->len < OKAP_CAP_GRANT_TOKENS - 1)
        g_ptr_array_add (grant->tokens, g_steal_pointer (&bytes));
    }
}

static OkapGrantTerm
read_term (JsonObject *object)
{
  const char *name = json_object_get_string_member_with_default (object, "term", NULL);

  for (guint i = 0; i <= OKAP_TERM_RENEWING; i++)
    if (g_strcmp0 (okap_grant_term_get_name (i), name) == 0)
      return (OkapGrantTerm) i;
  return json_object_get_boolean_member_with_default (object, "ends_with_process", FALSE)
         ? OKAP_TERM_RUN : OKAP_TERM_UNTIL;
}

/**
 * okap_grant_from_json:
 * @node: what okap_grant_to_json() made; the caller has checked its tag, so the form is trusted
 *   except for what an older or newer Okap may have written
 * @error: %OKAP_ERROR_STORAGE
 */
OkapGrant *
okap_grant_from_json (JsonNode *node, GError **error)
{
  g_autoptr (OkapGrant) grant = okap_grant_new ();
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  JsonArray *scopes;

  if (object == NULL
      || !read_state (json_object_get_string_member_with_default (object, "state", NULL),
                      &grant->state)
      || !json_object_has_member (object, "id") || !json_object_has_member (object, "scopes")
      || !read_identities (grant, object))
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_STORAGE,
                           "A stored grant has a form that this version of Okap does not know");
      return NULL;
    }

  grant->id = dup_string (object, "id");
  grant->version = (guint) json_object_get_int_member_with_default (object, "version", 1);
  grant->app_name = dup_string (object, "app_name");
  grant->app_url = dup_string (object, "app_url");
  grant->reason = dup_string (object, "reason");
  grant->evidence = dup_string (object, "evidence");
  grant->portable = json_object_get_boolean_member_with_default (object, "portable", FALSE);
  grant->created_us = json_object_get_int_member_with_default (object, "created_us", 0);
  grant->expires_us = json_object_get_int_member_with_default (object, "expires_us", 0);
  grant->term = read_term (object);
  grant->zone = dup_string (object, "zone");
  grant->asked = g_strdup (json_object_get_string_member_with_default (object, "asked", NULL));
  read_tokens (grant, object);
  scopes = json_object_get_array_member (object, "scopes");
  for (guint i = 0; i < json_array_get_length (scopes); i++)
    g_ptr_array_add (grant->scopes, read_scope (json_array_get_object_element (scopes, i)));
  return g_steal_pointer (&grant);
}
