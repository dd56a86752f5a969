/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What our profile adds to a request, in every shape at the top level: how the token is fetched
 * (code_challenge, code_challenge_method, state) and which program may use it (binding). Unlike
 * other members there, these are never ignored when they are not understood: an app that asks for
 * protection must not get a token without it. */
#include "config.h"

#include "okap-request-profile.h"

#include <limits.h>
#include <string.h>

#include "okap-caps.h"
#include "okap-challenge.h"
#include "okap-text.h"

static gboolean
read_challenge (OkapRequest *request, const OkapMembers *root, GError **error)
{
  static const char *const form = "43 characters of base64url, the SHA-256 of a verifier "
                                  "(RFC 7636)";
  guint8 hash[OKAP_CHALLENGE_BYTES];
  const char *challenge;
  const char *method;

  if (!okap_members_get_string (root, "code_challenge", form, &challenge, error)
      || !okap_members_get_string (root, "code_challenge_method", "“S256”", &method, error))
    return FALSE;
  if (challenge != NULL && !okap_challenge_parse (challenge, hash))
    {
      okap_members_set_error (root, "code_challenge", form, "another string", error);
      return FALSE;
    }
  if (method != NULL && strcmp (method, "S256") != 0)
    {
      g_autofree char *got = okap_members_quote (method);

      okap_members_set_error (root, "code_challenge_method", "“S256”", got, error);
      return FALSE;
    }
  if (method != NULL && challenge == NULL)
    {
      okap_members_set_type_error (root, "code_challenge", form, error);
      return FALSE;
    }
  request->code_challenge = g_strdup (challenge);
  return TRUE;
}

static gboolean
read_state (OkapRequest *request, const OkapMembers *root, GError **error)
{
  const char *state;

  if (!okap_members_get_string (root, "state", "a string", &state, error))
    return FALSE;
  if (state != NULL && strlen (state) > OKAP_CAP_STATE_BYTES)
    {
      g_autofree char *expected = g_strdup_printf ("at most %d bytes", OKAP_CAP_STATE_BYTES);
      g_autofree char *got = g_strdup_printf ("%zu", strlen (state));

      okap_members_set_error (root, "state", expected, got, error);
      return FALSE;
    }
  request->state = g_strdup (state);
  return TRUE;
}

/* A path as the kernel would give it back, so that it can be compared. */
static gboolean
is_program (const char *path)
{
  g_autofree char *canonical = NULL;
  g_autofree char *clean = NULL;

  if (*path != '/' || path[1] == '/' || strlen (path) >= PATH_MAX || g_str_has_suffix (path, "/"))
    return FALSE;
  canonical = g_canonicalize_filename (path, "/");
  clean = okap_text_clean (path, strlen (path));
  return strcmp (canonical, path) == 0 && strcmp (clean, path) == 0;
}

static gboolean
read_binding (OkapRequest *request, const OkapMembers *root, GError **error)
{
  static const char *const form = "“portable” or {\"program\": \"/path\"}";
  static const char *const path_form = "the absolute path of a program";
  JsonNode *node = json_object_get_member (root->object, "binding");
  OkapMembers binding = { NULL, "binding" };
  g_autoptr (GList) names = NULL;
  const char *program;

  if (node == NULL)
    return TRUE;
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
      && strcmp (json_node_get_string (node), "portable") == 0)
    {
      request->portable = TRUE;
      return TRUE;
    }
  if (!JSON_NODE_HOLDS_OBJECT (node))
    {
      okap_members_set_type_error (root, "binding", form, error);
      return FALSE;
    }

  binding.object = json_node_get_object (node);
  names = json_object_get_members (binding.object);
  for (GList *name = names; name != NULL; name = name->next)
    if (strcmp (name->data, "program") != 0)
      {
        okap_members_set_error (&binding, name->data, "only program", "an unknown member", error);
        return FALSE;
      }
  if (!okap_members_get_string (&binding, "program", path_form, &program, error))
    return FALSE;
  if (program == NULL || !is_program (program))
    {
      okap_members_set_type_error (&binding, "program", path_form, error);
      return FALSE;
    }
  request->bind_program = g_strdup (program);
  return TRUE;
}

/**
 * okap_request_read_profile:
 * @root: the body
 * @error: %OKAP_ERROR_INVALID_REQUEST, by the member's name
 */
gboolean
okap_request_read_profile (OkapRequest *request, const OkapMembers *root, GError **error)
{
  return read_challenge (request, root, error) && read_state (request, root, error)
         && read_binding (request, root, error);
}
