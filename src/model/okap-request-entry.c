/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One entry of a request: a provider, what may be done there, until when and why. It reads alike
 * in the three shapes. No list of models, an empty one and "*" all become the empty list, so that
 * whoever shows a request says "all models" in each case. One request becomes one token: the
 * earliest end of its entries is the end of all, and an entry without an end has 30 days. */
#include "config.h"

#include "okap-request-entry.h"

#include <math.h>
#include <string.h>

#include "okap-caps.h"
#include "okap-clock.h"
#include "okap-money.h"
#include "okap-provider.h"
#include "okap-text.h"

#define DEFAULT_DAYS 30

static gboolean
is_clean (const char *text)
{
  g_autofree char *clean = okap_text_clean (text, strlen (text));

  return strcmp (clean, text) == 0;
}

static OkapScope *
read_provider (const OkapRequestReader *reader, const OkapMembers *entry, GError **error)
{
  const char *id;
  g_autofree char *got = NULL;

  if (!okap_members_get_string (entry, "provider", "the name of a provider", &id, error))
    return NULL;
  if (id == NULL || *id == '\0')
    {
      okap_members_set_type_error (entry, "provider", "the name of a provider", error);
      return NULL;
    }
  if (!okap_provider_id_is_valid (id))
    {
      got = okap_members_quote (id);
      okap_members_set_error (entry, "provider",
                              "1 to 64 lower case letters, digits, dots, dashes and underscores, "
                              "a letter or digit first", got, error);
      return NULL;
    }
  for (guint i = 0; i < reader->request->scopes->len; i++)
    {
      const OkapScope *other = g_ptr_array_index (reader->request->scopes, i);

      if (g_str_equal (other->provider, id))
        {
          got = g_strdup_printf ("a second one for %s", id);
          okap_members_set_error (entry, "provider", "one entry for each provider", got, error);
          return NULL;
        }
    }
  return okap_scope_new (id);
}

/* What is wrong with a model's name, or NULL. */
static const char *
find_model_fault (const char *name)
{
  const char *star = strchr (name, '*');

  if (*name == '\0')
    return "an empty string";
  if (strlen (name) > OKAP_CAP_MODEL_BYTES)
    return "a longer name";
  if (!is_clean (name))
    return "characters that cannot be seen";
  if (star != NULL && star[1] != '\0')
    return "a * before the end";
  return NULL;
}

static gboolean
read_model (const OkapMembers *entry, JsonArray *models, guint i, const char **out_name,
            GError **error)
{
  JsonNode *node = json_array_get_element (models, i);
  g_autofree char *member = g_strdup_printf ("models[%u]", i);
  g_autofree char *got = NULL;

  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    {
      *out_name = json_node_get_string (node);
      got = g_strdup (find_model_fault (*out_name));
      if (got == NULL)
        return TRUE;
    }
  else
    got = okap_members_describe (node);
  okap_members_set_error (entry, member,
                          "a model's name of at most 128 bytes, * only as its last character",
                          got, error);
  return FALSE;
}

/* No list, an empty one and the prefix of nothing all mean every model. */
static gboolean
read_models (OkapRequestReader *reader, const OkapMembers *entry, OkapScope *scope, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  JsonArray *models;
  gboolean all = FALSE;

  if (!okap_members_get_array (entry, "models", "a list of names", &models, error))
    return FALSE;
  if (models == NULL)
    return TRUE;
  reader->n_models += json_array_get_length (models);
  if (reader->n_models > OKAP_CAP_REQUEST_MODELS)
    {
      g_autofree char *got = g_strdup_printf ("%u", reader->n_models);

      okap_members_set_error (entry, "models", "at most 64 in one request", got, error);
      return FALSE;
    }
  for (guint i = 0; i < json_array_get_length (models); i++)
    {
      const char *name;

      if (!read_model (entry, models, i, &name, error))
        return FALSE;
      all |= g_str_equal (name, "*");
      if (!g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL))
        g_ptr_array_add (names, (gpointer) name);
    }
  if (all)
    return TRUE;
  g_ptr_array_add (names, NULL);
  g_strfreev (scope->models);
  scope->models = g_strdupv ((char **) names->pdata);
  return TRUE;
}

static gboolean
read_capabilities (const OkapMembers *entry, OkapScope *scope, GError **error)
{
  JsonArray *list;

  if (!okap_members_get_array (entry, "capabilities", "a list of names", &list, error))
    return FALSE;
  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    {
      JsonNode *node = json_array_get_element (list, i);
      g_autofree char *member = g_strdup_printf ("capabilities[%u]", i);
      g_autofree char *got = NULL;
      OkapCapability capability = OKAP_CAPABILITY_NONE;

      if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
        {
          capability = okap_capability_from_name (json_node_get_string (node));
          got = okap_members_quote (json_node_get_string (node));
        }
      else
        got = okap_members_describe (node);
      if (capability == OKAP_CAPABILITY_NONE)
        {
          okap_members_set_error (entry, member,
                                  "one of chat, completions, embeddings, images, audio, vision, "
                                  "code, moderation", got, error);
          return FALSE;
        }
      scope->capabilities |= capability;
    }
  if (scope->capabilities == OKAP_CAPABILITY_NONE)
    scope->capabilities = OKAP_CAPABILITY_CHAT;
  return TRUE;
}

static gboolean
read_limit (const OkapMembers *members, const char *name, OkapLimits *limits, GError **error)
{
  g_autofree char *expected = NULL;
  OkapLimit limit;
  double number;
  gint64 most;
  gint64 value;

  if (!okap_limit_from_name (name, &limit))
    {
      okap_members_set_error (members, name, "only limits that this vault knows",
                              "an unknown one, which it could not keep", error);
      return FALSE;
    }
  most = okap_limit_get_most (limit);
  if (okap_limit_is_money (limit))
    {
      expected = g_strdup_printf ("dollars as a number between 0 and %.0f",
                                  okap_money_to_double (most));
      if (!okap_members_get_number (members, name, expected, &number, error))
        return FALSE;
      if (okap_money_from_double (number, &value) && value <= most)
        {
          okap_limits_set (limits, limit, value);
          return TRUE;
        }
    }
  else
    {
      expected = g_strdup_printf ("a whole number between 0 and %" G_GINT64_FORMAT, most);
      if (!okap_members_get_number (members, name, expected, &number, error))
        return FALSE;
      if (number >= 0 && number <= (double) most && !(floor (number) < number))
        {
          okap_limits_set (limits, limit, (gint64) number);
          return TRUE;
        }
    }
  okap_members_set_type_error (members, name, expected, error);
  return FALSE;
}

static gboolean
read_limits (const OkapMembers *entry, OkapScope *scope, GError **error)
{
  g_autofree char *path = okap_members_dup_path (entry, "limits");
  g_autoptr (GList) names = NULL;
  OkapMembers limits = { NULL, path };

  if (!okap_members_get_object (entry, "limits", "an object", &limits.object, error))
    return FALSE;
  if (limits.object != NULL)
    names = json_object_get_members (limits.object);
  for (GList *name = names; name != NULL; name = name->next)
    if (!read_limit (&limits, name->data, &scope->limits, error))
      return FALSE;
  okap_limits_fill_defaults (&scope->limits);
  return TRUE;
}

static gboolean
read_expires (OkapRequestReader *reader, const OkapMembers *entry, GError **error)
{
  static const char *const form = "a date such as 2027-03-01 or an RFC 3339 time";
  OkapRequest *request = reader->request;
  gint64 time_us = reader->now_us + DEFAULT_DAYS * OKAP_DAY_US;
  g_autofree char *got = NULL;
  const char *expected = NULL;
  const char *text;

  if (!okap_members_get_string (entry, "expires", form, &text, error))
    return FALSE;
  if (text != NULL)
    {
      if (!okap_time_parse (text, &time_us))
        expected = form;
      else if (time_us <= reader->now_us)
        expected = "a time in the future";
      else if (time_us > reader->most_us)
        expected = "a time within ten years";
    }
  if (expected != NULL)
    {
      got = okap_members_quote (text);
      okap_members_set_error (entry, "expires", expected, got, error);
      return FALSE;
    }
  if (request->scopes->len == 0 || time_us < request->expires_us)
    {
      request->expires_us = time_us;
      request->expires_defaulted = text == NULL;
    }
  return TRUE;
}

static gboolean
read_reason (OkapRequestReader *reader, const OkapMembers *entry, GError **error)
{
  g_autofree char *reason = NULL;

  if (!okap_members_dup_text (entry, "reason", OKAP_CAP_REASON_CHARS, &reason, error))
    return FALSE;
  if (reason == NULL || *reason == '\0' || strstr (reader->reasons->str, reason) != NULL)
    return TRUE;
  if (reader->reasons->len > 0)
    g_string_append (reader->reasons, " · ");
  g_string_append (reader->reasons, reason);
  if (g_utf8_strlen (reader->reasons->str, -1) > OKAP_CAP_REASON_CHARS)
    {
      okap_members_set_error (entry, "reason", "at most 256 characters in one request",
                              "more in all entries together", error);
      return FALSE;
    }
  return TRUE;
}

/**
 * okap_request_read_entry:
 * @entry: the object that has the members of an entry, in whatever shape
 * @error: %OKAP_ERROR_INVALID_REQUEST for the first fault, in the order of PROTOCOL section 1
 *
 * Adds a scope to the request. Members that are not part of an entry are not looked at.
 */
gboolean
okap_request_read_entry (OkapRequestReader *reader, const OkapMembers *entry, GError **error)
{
  g_autoptr (OkapScope) scope = read_provider (reader, entry, error);

  if (scope == NULL
      || !read_models (reader, entry, scope, error)
      || !read_capabilities (entry, scope, error)
      || !read_limits (entry, scope, error)
      || !read_expires (reader, entry, error)
      || !read_reason (reader, entry, error))
    return FALSE;
  g_ptr_array_add (reader->request->scopes, g_steal_pointer (&scope));
  return TRUE;
}
