/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading members of a JSON object that came from outside, with strict types: a wrong one is never
 * converted and null is not "missing". Each fault has one form of message, written for the app's
 * developer: where in the body, what was expected, what came. */
#include "config.h"

#include "okap-member.h"

#include <math.h>
#include <string.h>

#include "okap-error.h"
#include "okap-json.h"
#include "okap-text.h"

/** okap_members_dup_path: (transfer full): where member @name stands, such as client.name */
char *
okap_members_dup_path (const OkapMembers *members, const char *name)
{
  g_autofree char *clean = okap_text_clean (name, 64);

  return *members->path != '\0' ? g_strconcat (members->path, ".", clean, NULL)
                                : g_steal_pointer (&clean);
}

/**
 * okap_members_describe:
 * @node: (nullable): any value
 *
 * Returns: (transfer full): what @node is, in words. Numbers are shown; strings are not, because
 *   somebody may have put a key there.
 */
char *
okap_members_describe (JsonNode *node)
{
  if (node == NULL)
    return g_strdup ("nothing");
  if (JSON_NODE_HOLDS_OBJECT (node))
    return g_strdup ("an object");
  if (JSON_NODE_HOLDS_ARRAY (node))
    return g_strdup ("a list");
  if (JSON_NODE_HOLDS_NULL (node))
    return g_strdup ("null");
  if (json_node_get_value_type (node) == G_TYPE_STRING)
    return g_strdup (*json_node_get_string (node) == '\0' ? "an empty string" : "a string");
  if (json_node_get_value_type (node) == G_TYPE_DOUBLE && !isfinite (json_node_get_double (node)))
    return g_strdup ("a number that is too large");
  return okap_json_print (node, FALSE);
}

/**
 * okap_members_set_error:
 * @name: the member that is at fault, of any characters
 * @expected: what is right, in words
 * @got: what came, in words that are fit to be shown
 * @error: (out): %OKAP_ERROR_INVALID_REQUEST
 */
void
okap_members_set_error (const OkapMembers *members, const char *name, const char *expected,
                        const char *got, GError **error)
{
  g_autofree char *path = okap_members_dup_path (members, name);

  g_set_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST, "%s: expected %s, got %s", path,
               expected, got);
}

/** okap_members_set_type_error: like okap_members_set_error(), with what came as described */
void
okap_members_set_type_error (const OkapMembers *members, const char *name, const char *expected,
                             GError **error)
{
  g_autofree char *got = okap_members_describe (json_object_get_member (members->object, name));

  okap_members_set_error (members, name, expected, got, error);
}

static gboolean
holds (JsonNode *node, GType type)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == type;
}

/**
 * okap_members_get_string:
 * @expected: what the member must be, for the message
 * @out_text: (out) (transfer none) (nullable): its text, NULL if there is no such member
 * @error: %OKAP_ERROR_INVALID_REQUEST if there is one of another type
 */
gboolean
okap_members_get_string (const OkapMembers *members, const char *name, const char *expected,
                         const char **out_text, GError **error)
{
  JsonNode *node = json_object_get_member (members->object, name);

  *out_text = NULL;
  if (node == NULL)
    return TRUE;
  if (!holds (node, G_TYPE_STRING))
    {
      okap_members_set_type_error (members, name, expected, error);
      return FALSE;
    }
  *out_text = json_node_get_string (node);
  return TRUE;
}

/** okap_members_get_array: the same for a list */
gboolean
okap_members_get_array (const OkapMembers *members, const char *name, const char *expected,
                        JsonArray **out_array, GError **error)
{
  JsonNode *node = json_object_get_member (members->object, name);

  *out_array = NULL;
  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_ARRAY (node))
    {
      okap_members_set_type_error (members, name, expected, error);
      return FALSE;
    }
  *out_array = json_node_get_array (node);
  return TRUE;
}

/** okap_members_get_object: the same for an object */
gboolean
okap_members_get_object (const OkapMembers *members, const char *name, const char *expected,
                         JsonObject **out_object, GError **error)
{
  JsonNode *node = json_object_get_member (members->object, name);

  *out_object = NULL;
  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    {
      okap_members_set_type_error (members, name, expected, error);
      return FALSE;
    }
  *out_object = json_node_get_object (node);
  return TRUE;
}

/**
 * okap_members_get_number:
 * @name: a member that exists
 * @out_number: (out): finite
 * @error: %OKAP_ERROR_INVALID_REQUEST if it is no number, or one beyond all doubles
 */
gboolean
okap_members_get_number (const OkapMembers *members, const char *name, const char *expected,
                         double *out_number, GError **error)
{
  JsonNode *node = json_object_get_member (members->object, name);

  if (node != NULL && holds (node, G_TYPE_INT64))
    *out_number = (double) json_node_get_int (node);
  else if (node != NULL && holds (node, G_TYPE_DOUBLE) && isfinite (json_node_get_double (node)))
    *out_number = json_node_get_double (node);
  else
    {
      okap_members_set_type_error (members, name, expected, error);
      return FALSE;
    }
  return TRUE;
}

/** okap_members_quote: (transfer full): the beginning of a name that came, fit to be shown */
char *
okap_members_quote (const char *text)
{
  g_autofree char *clean = okap_text_clean (text, 40);

  return g_strdup_printf ("“%s”", clean);
}

/**
 * okap_members_dup_text:
 * @most_chars: the most that @name may have once it is clean
 * @out_text: (out) (transfer full) (nullable): a text for people, NULL if there is no such member
 * @error: %OKAP_ERROR_INVALID_REQUEST if it is no string or too long
 */
gboolean
okap_members_dup_text (const OkapMembers *members, const char *name, glong most_chars,
                       char **out_text, GError **error)
{
  const char *text;
  g_autofree char *clean = NULL;
  glong length;

  if (!okap_members_get_string (members, name, "a string", &text, error))
    return FALSE;
  *out_text = NULL;
  if (text == NULL)
    return TRUE;
  clean = okap_text_clean (text, strlen (text));
  length = g_utf8_strlen (clean, -1);
  if (length > most_chars)
    {
      g_autofree char *expected = g_strdup_printf ("at most %ld characters", most_chars);
      g_autofree char *got = g_strdup_printf ("%ld", length);

      okap_members_set_error (members, name, expected, got, error);
      return FALSE;
    }
  *out_text = g_steal_pointer (&clean);
  return TRUE;
}
