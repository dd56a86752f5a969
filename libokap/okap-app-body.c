/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The request as OKAP 1.0 has it. It is kept as JSON from the beginning; what is wrong in it, Okap
 * says. */
#include "config.h"

#include "okap-app-private.h"

void
okap_app_body_init (OkapAppBody *body)
{
  body->client = json_object_new ();
  body->entries = json_array_new ();
}

void
okap_app_body_clear (OkapAppBody *body)
{
  g_free (body->json);
  json_object_unref (body->client);
  json_array_unref (body->entries);
  g_free (body->expires);
  g_free (body->reason);
}

/* okap_app_body_set_client: @value (nullable) */
void
okap_app_body_set_client (OkapAppBody *body, const char *name, const char *value)
{
  if (value != NULL)
    json_object_set_string_member (body->client, name, value);
  else
    json_object_remove_member (body->client, name);
}

/* okap_app_body_add_provider: a new entry; what is added from now on belongs to it */
void
okap_app_body_add_provider (OkapAppBody *body, const char *provider)
{
  JsonObject *entry = json_object_new ();

  json_object_set_string_member (entry, "type", "ai_model_access");
  json_object_set_string_member (entry, "provider", provider);
  json_object_set_array_member (entry, "models", json_array_new ());
  json_object_set_array_member (entry, "capabilities", json_array_new ());
  json_object_set_object_member (entry, "limits", json_object_new ());
  json_array_add_object_element (body->entries, entry);
}

/* (nullable) */
static JsonObject *
get_last_entry (OkapAppBody *body)
{
  guint n = json_array_get_length (body->entries);

  return n > 0 ? json_array_get_object_element (body->entries, n - 1) : NULL;
}

/* okap_app_body_add: @list: "models" or "capabilities" */
void
okap_app_body_add (OkapAppBody *body, const char *list, const char *value)
{
  JsonObject *entry = get_last_entry (body);

  g_return_if_fail (entry != NULL && value != NULL);

  json_array_add_string_element (json_object_get_array_member (entry, list), value);
}

/* okap_app_body_set_limit: dollars, or a number */
void
okap_app_body_set_limit (OkapAppBody *body, const char *limit, double value)
{
  JsonObject *entry = get_last_entry (body);
  JsonObject *limits;

  g_return_if_fail (entry != NULL);

  limits = json_object_get_object_member (entry, "limits");
  if (g_str_has_suffix (limit, "spend") || g_str_has_prefix (limit, "spend"))
    json_object_set_double_member (limits, limit, value);
  else
    json_object_set_int_member (limits, limit, (gint64) value);
}

static void
complete_entry (JsonArray *entries, guint i, JsonNode *node, gpointer user_data)
{
  const OkapAppBody *body = user_data;
  JsonObject *entry = json_node_get_object (node);
  JsonArray *capabilities = json_object_get_array_member (entry, "capabilities");

  if (json_array_get_length (capabilities) == 0)
    json_array_add_string_element (capabilities, "chat");
  if (body->expires != NULL)
    json_object_set_string_member (entry, "expires", body->expires);
  if (body->reason != NULL)
    json_object_set_string_member (entry, "reason", body->reason);
}

/* okap_app_body_format: makes the text, unless it was given as a whole */
void
okap_app_body_format (OkapAppBody *body)
{
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (JsonObject) object = json_object_new ();

  if (body->json != NULL)
    return;
  json_array_foreach_element (body->entries, complete_entry, body);
  json_object_set_string_member (object, "okap", "1.0");
  json_object_set_array_member (object, "authorization_details", json_array_ref (body->entries));
  json_object_set_object_member (object, "client", json_object_ref (body->client));
  json_node_set_object (root, object);
  body->json = json_to_string (root, FALSE);
}
