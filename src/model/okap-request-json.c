/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the body of a request to its value: the only reader of OKAP's JSON. It works on any thread
 * and touches nothing but its arguments; what it returns is checked, clean and bounded, so that
 * nobody behind it asks again what an app may have sent.
 *
 * The shape is told by the body, at whatever door it came (PROTOCOL section 1):
 *
 *   A  authorization_details: [entry, …], client
 *   B  request: entry, client
 *   C  the members of entry, app_name, app_url, redirect_uri, all flat
 *
 * An entry reads alike in all three. Invariants (PROTOCOL section 2):
 *  - Bounds come first: the size before any parsing, depth and doubled names before any tree.
 *  - What limits is never dropped. In A and in limits an unknown member is refused by name;
 *    elsewhere it is ignored, unless it is called like a limit or belongs to another shape.
 *  - Our own members beside these, alike in all three, are in okap-request-profile.c.
 *  - No value is converted: null, "10" and true are no amounts.
 *  - One request becomes one token, so the earliest end of its entries is the end of all.
 */
#include "config.h"

#include "okap-request-json.h"

#include <string.h>

#include "okap-callback.h"
#include "okap-caps.h"
#include "okap-clock.h"
#include "okap-error.h"
#include "okap-json.h"
#include "okap-member.h"
#include "okap-request-entry.h"
#include "okap-request-profile.h"
#include "okap-text.h"

#define MOST_YEARS 10

static const char *const details_members[] = {
  "type", "provider", "models", "capabilities", "limits", "expires", "reason", NULL,
};

static const char *const flat_members[] = {
  "provider", "models", "capabilities", "limits", "expires", "reason",
  "app_name", "app_url", "redirect_uri", NULL,
};

static gboolean
refuse (GError **error, const char *message)
{
  g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST, message);
  return FALSE;
}

/* User names in an address make it look like another one. */
static gboolean
is_web_url (const char *text)
{
  g_autofree char *clean = okap_text_clean (text, strlen (text));
  g_autoptr (GUri) uri = NULL;

  if (strcmp (clean, text) != 0 || strpbrk (text, " \\\"<>") != NULL)
    return FALSE;
  uri = g_uri_parse (text, G_URI_FLAGS_NONE, NULL);
  return uri != NULL && g_uri_get_userinfo (uri) == NULL
         && (g_str_equal (g_uri_get_scheme (uri), "http")
             || g_str_equal (g_uri_get_scheme (uri), "https"))
         && g_uri_get_host (uri) != NULL && *g_uri_get_host (uri) != '\0';
}

/* Whether an answer could go there, for a link; at the other doors it is not used. */
static gboolean
is_callback (const char *text)
{
  g_autoptr (OkapCallback) callback = okap_callback_parse (text, NULL);

  return callback != NULL;
}

static gboolean
read_url (const OkapMembers *members, const char *name, gboolean calls_back, char **out_url,
          GError **error)
{
  const char *form = calls_back ? "an http or https URL, or one of an app's own scheme with a "
                                  "dot, without user name"
                                : "an http or https URL without user name";
  const char *text;

  if (!okap_members_get_string (members, name, "an http or https URL", &text, error))
    return FALSE;
  if (text == NULL)
    return TRUE;
  if (strlen (text) > OKAP_CAP_URL_BYTES)
    {
      g_autofree char *expected = g_strdup_printf ("at most %d bytes", OKAP_CAP_URL_BYTES);
      g_autofree char *got = g_strdup_printf ("%zu", strlen (text));

      okap_members_set_error (members, name, expected, got, error);
      return FALSE;
    }
  if (*text != '\0' && !is_web_url (text) && !(calls_back && is_callback (text)))
    {
      okap_members_set_error (members, name, form, "another string", error);
      return FALSE;
    }
  *out_url = g_strdup (text);
  return TRUE;
}

static gboolean
read_client (OkapRequest *request, const OkapMembers *members, const char *name, const char *url,
             const char *callback, GError **error)
{
  return okap_members_dup_text (members, name, OKAP_CAP_NAME_CHARS, &request->app_name, error)
         && read_url (members, url, FALSE, &request->app_url, error)
         && read_url (members, callback, TRUE, &request->callback, error);
}

/* Members of an object of which the unknown ones are ignored: a limit must not be among them. */
static gboolean
check_no_limit (const OkapMembers *members, GError **error)
{
  g_autoptr (GList) names = json_object_get_members (members->object);
  OkapLimit limit;

  for (GList *name = names; name != NULL; name = name->next)
    if (okap_limit_from_name (name->data, &limit))
      {
        okap_members_set_error (members, name->data, "limits inside “limits”",
                                "one beside it, where it would be ignored", error);
        return FALSE;
      }
  return TRUE;
}

static gboolean
check_details_entry (const OkapMembers *entry, GError **error)
{
  g_autoptr (GList) names = json_object_get_members (entry->object);
  const char *type;
  g_autofree char *got = NULL;

  if (!okap_members_get_string (entry, "type", "“ai_model_access”", &type, error))
    return FALSE;
  if (g_strcmp0 (type, "ai_model_access") != 0)
    {
      got = type != NULL ? okap_members_quote (type) : g_strdup ("nothing");
      okap_members_set_error (entry, "type", "“ai_model_access”", got, error);
      return FALSE;
    }
  for (GList *name = names; name != NULL; name = name->next)
    if (!g_strv_contains (details_members, name->data))
      {
        okap_members_set_error (entry, name->data,
                                "only type, provider, models, capabilities, limits, expires, "
                                "reason", "an unknown member", error);
        return FALSE;
      }
  return TRUE;
}

static gboolean
read_details (OkapRequestReader *reader, const OkapMembers *root, GError **error)
{
  static const char *const form = "a list of 1 to 8 entries";
  JsonArray *entries;

  if (!okap_members_get_array (root, "authorization_details", form, &entries, error))
    return FALSE;
  if (json_array_get_length (entries) == 0
      || json_array_get_length (entries) > OKAP_CAP_REQUEST_ENTRIES)
    {
      g_autofree char *got = g_strdup_printf ("%u", json_array_get_length (entries));

      okap_members_set_error (root, "authorization_details", form, got, error);
      return FALSE;
    }
  for (guint i = 0; i < json_array_get_length (entries); i++)
    {
      JsonNode *node = json_array_get_element (entries, i);
      g_autofree char *path = g_strdup_printf ("authorization_details[%u]", i);
      OkapMembers entry = { NULL, path };

      if (!JSON_NODE_HOLDS_OBJECT (node))
        {
          g_autofree char *got = okap_members_describe (node);

          okap_members_set_error (root, path, "an object", got, error);
          return FALSE;
        }
      entry.object = json_node_get_object (node);
      if (!check_details_entry (&entry, error) || !okap_request_read_entry (reader, &entry, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_nested (OkapRequestReader *reader, const OkapMembers *root, GError **error)
{
  OkapMembers entry = { NULL, "request" };

  return okap_members_get_object (root, "request", "an object", &entry.object, error)
         && check_no_limit (&entry, error)
         && okap_request_read_entry (reader, &entry, error);
}

static gboolean
read_client_object (OkapRequest *request, const OkapMembers *root, GError **error)
{
  OkapMembers client = { NULL, "client" };

  if (!okap_members_get_object (root, "client", "an object", &client.object, error))
    return FALSE;
  return client.object == NULL
         || read_client (request, &client, "name", "url", "callback", error);
}

static gboolean
check_version (const OkapMembers *root, GError **error)
{
  const char *version;
  g_autofree char *got = NULL;

  if (!okap_members_get_string (root, "okap", "“1.0”", &version, error))
    return FALSE;
  if (g_strcmp0 (version, "1.0") == 0)
    return TRUE;
  got = version != NULL ? okap_members_quote (version) : g_strdup ("nothing");
  okap_members_set_error (root, "okap", "“1.0”, the version that this vault speaks", got, error);
  return FALSE;
}

/* Tells the shape by the members; one that belongs to another shape would be dropped silently. */
static gboolean
find_shape (JsonObject *root, OkapShape *out_shape, GError **error)
{
  const char *details = json_object_has_member (root, "authorization_details")
                          ? "authorization_details" : NULL;
  const char *nested = json_object_has_member (root, "request") ? "request" : NULL;
  const char *client = json_object_has_member (root, "client") ? "client" : NULL;
  const char *flat = NULL;
  const char *other;
  const char *first = details != NULL ? details : nested;

  for (guint i = 0; flat_members[i] != NULL && flat == NULL; i++)
    if (json_object_has_member (root, flat_members[i]))
      flat = flat_members[i];

  if (first == NULL && flat == NULL)
    return refuse (error, "Expected a request of OKAP 1.0 with the member “authorization_details” "
                          "(or “request”, or “provider”), got none of them");
  if (first == NULL)
    first = client;
  other = first == details && nested != NULL ? nested : flat;
  if (first != NULL && other != NULL)
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                   "Expected one form of request, got two: “%s” and “%s” do not go together",
                   first, other);
      return FALSE;
    }
  *out_shape = details != NULL ? OKAP_SHAPE_A : nested != NULL ? OKAP_SHAPE_B : OKAP_SHAPE_C;
  return TRUE;
}

static gboolean
read_shape (OkapRequestReader *reader, const OkapMembers *root, GError **error)
{
  switch (reader->request->shape)
    {
    case OKAP_SHAPE_A:
      return read_details (reader, root, error)
             && read_client_object (reader->request, root, error);
    case OKAP_SHAPE_B:
      return read_nested (reader, root, error)
             && read_client_object (reader->request, root, error);
    case OKAP_SHAPE_C:
      return okap_request_read_entry (reader, root, error)
             && read_client (reader->request, root, "app_name", "app_url", "redirect_uri", error);
    default:
      g_assert_not_reached ();
    }
}

static gint64
add_years (gint64 time_us, int years)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (time_us / OKAP_SECOND_US);
  g_autoptr (GDateTime) later = g_date_time_add_years (time, years);

  return g_date_time_to_unix (later) * OKAP_SECOND_US;
}

static void
fill_missing (OkapRequest *request, const char *reasons)
{
  request->reason = g_strdup (reasons);
  if (request->app_name == NULL)
    request->app_name = g_strdup ("");
  if (request->app_url == NULL)
    request->app_url = g_strdup ("");
  if (request->callback == NULL)
    request->callback = g_strdup ("");
}

/**
 * okap_request_parse:
 * @body: any bytes, as they came through any door
 * @now_us: wall time; `expires` is judged by it
 * @error: %OKAP_ERROR_TOO_LARGE above 64 KiB, else %OKAP_ERROR_INVALID_REQUEST, naming the member,
 *   what was expected and what came
 *
 * Reads a request in any of the three shapes. Providers are checked for their form only, and
 * models are as the app wrote them: the broker knows what they stand for. A limit that is missing
 * has the vault's default. Any thread.
 *
 * Returns: (transfer full) (nullable): the request, with 1 to 8 scopes of different providers
 */
OkapRequest *
okap_request_parse (const char *body, gsize length, gint64 now_us, GError **error)
{
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (OkapRequest) request = NULL;
  g_autoptr (GString) reasons = NULL;
  OkapMembers root = { NULL, "" };
  OkapShape shape;
  OkapRequestReader reader;

  if (length > OKAP_CAP_REQUEST_BYTES)
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_TOO_LARGE,
                   "Expected a request of at most %d bytes, got %zu", OKAP_CAP_REQUEST_BYTES,
                   length);
      return NULL;
    }
  node = okap_json_parse_strict (body, length, OKAP_CAP_REQUEST_DEPTH, error);
  if (node == NULL)
    return NULL;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    {
      refuse (error, "Expected a request as a JSON object, got another value");
      return NULL;
    }
  root.object = json_node_get_object (node);
  if (!check_version (&root, error) || !find_shape (root.object, &shape, error)
      || !check_no_limit (&root, error))
    return NULL;

  request = okap_request_new (shape);
  reasons = g_string_new (NULL);
  reader = (OkapRequestReader) {
    .request = request, .reasons = reasons, .now_us = now_us,
    .most_us = add_years (now_us, MOST_YEARS),
  };
  if (!read_shape (&reader, &root, error) || !okap_request_read_profile (request, &root, error))
    return NULL;
  fill_missing (request, reasons->str);
  return g_steal_pointer (&request);
}
