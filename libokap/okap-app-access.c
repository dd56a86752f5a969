/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What the user granted, read from the answer of Okap. It has the shape of the question: that of
 * OKAP 1.0, whose entries stand in a list; of the first draft, which has only one, flat; or of the
 * Python SDK, which has it below "token". Constant. */
#include "config.h"

#include "okap-app-private.h"

#include <string.h>

struct _OkapAppAccess
{
  GObject parent_instance;

  JsonObject *answer;   /* (owned) */
  char *token;          /* (owned) wiped */
};

G_DEFINE_FINAL_TYPE (OkapAppAccess, okap_app_access, G_TYPE_OBJECT)

enum
{
  PROP_TOKEN = 1,
  PROP_BASE_URL,
  PROP_EXPIRES,
  N_PROPERTIES
};

static GParamSpec *properties[N_PROPERTIES];

static void
okap_app_access_finalize (GObject *object)
{
  OkapAppAccess *self = OKAP_APP_ACCESS (object);

  okap_app_wipe (self->token);
  g_clear_pointer (&self->answer, json_object_unref);
  G_OBJECT_CLASS (okap_app_access_parent_class)->finalize (object);
}

static void
okap_app_access_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  OkapAppAccess *self = OKAP_APP_ACCESS (object);

  switch (id)
    {
    case PROP_TOKEN:
      g_value_set_string (value, self->token);
      break;
    case PROP_BASE_URL:
      g_value_set_string (value, okap_app_access_get_base_url (self, NULL));
      break;
    case PROP_EXPIRES:
      g_value_set_string (value, okap_app_access_get_expires (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
okap_app_access_class_init (OkapAppAccessClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->finalize = okap_app_access_finalize;
  object_class->get_property = okap_app_access_get_property;

  /**
   * OkapAppAccess:token:
   *
   * Stands for the provider's key at Okap's own address, and nowhere else.
   */
  properties[PROP_TOKEN] = g_param_spec_string ("token", NULL, NULL, NULL, flags);
  /**
   * OkapAppAccess:base-url:
   *
   * Where the first provider that was granted is reached.
   */
  properties[PROP_BASE_URL] = g_param_spec_string ("base-url", NULL, NULL, NULL, flags);
  /**
   * OkapAppAccess:expires:
   *
   * When the access ends, as RFC 3339 has it.
   */
  properties[PROP_EXPIRES] = g_param_spec_string ("expires", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
okap_app_access_init (OkapAppAccess *self)
{
}

/* (nullable): the entry of @provider, or the first one */
static JsonObject *
find_entry (JsonObject *answer, const char *provider)
{
  JsonNode *node = json_object_get_member (answer, "authorization_details");
  JsonArray *entries = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node)
                                                                    : NULL;

  if (node == NULL)
    return answer;
  for (guint i = 0; entries != NULL && i < json_array_get_length (entries); i++)
    {
      JsonNode *element = json_array_get_element (entries, i);
      JsonObject *entry = JSON_NODE_HOLDS_OBJECT (element) ? json_node_get_object (element) : NULL;

      if (entry != NULL && (provider == NULL
                            || g_strcmp0 (okap_app_get_text (entry, "provider"), provider) == 0))
        return entry;
    }
  return NULL;
}

/* (transfer full) (nullable): @answer (transfer none) says that access was granted, and how */
OkapAppAccess *
okap_app_access_new (JsonObject *answer)
{
  JsonNode *node = json_object_get_member (answer, "token");
  const char *token;
  OkapAppAccess *self;

  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    answer = json_node_get_object (node);
  token = okap_app_get_text (answer, "token");

  if (token == NULL || find_entry (answer, NULL) == NULL)
    return NULL;
  self = g_object_new (OKAP_TYPE_APP_ACCESS, NULL);
  self->answer = json_object_ref (answer);
  self->token = g_strdup (token);
  return self;
}

/**
 * okap_app_access_get_token: (get-property token)
 *
 * Returns: (transfer none): the token, to be used where the provider's key would be
 */
const char *
okap_app_access_get_token (OkapAppAccess *self)
{
  g_return_val_if_fail (OKAP_IS_APP_ACCESS (self), NULL);

  return self->token;
}

/**
 * okap_app_access_get_base_url:
 * @provider: (nullable): one that was asked for; %NULL for the first
 *
 * Returns: (transfer none) (nullable): where it is reached; %NULL if it was not granted
 */
const char *
okap_app_access_get_base_url (OkapAppAccess *self, const char *provider)
{
  JsonObject *entry;

  g_return_val_if_fail (OKAP_IS_APP_ACCESS (self), NULL);

  entry = find_entry (self->answer, provider);
  return entry != NULL ? okap_app_get_text (entry, "base_url") : NULL;
}

/**
 * okap_app_access_get_expires: (get-property expires)
 *
 * Returns: (transfer none) (nullable): when the access ends, as RFC 3339 has it
 */
const char *
okap_app_access_get_expires (OkapAppAccess *self)
{
  JsonObject *entry;
  const char *expires;

  g_return_val_if_fail (OKAP_IS_APP_ACCESS (self), NULL);

  entry = find_entry (self->answer, NULL);
  expires = okap_app_get_text (entry, "expires");
  return expires != NULL ? expires : okap_app_get_text (entry, "expires_at");
}
