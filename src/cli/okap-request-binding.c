/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who shall be able to use the token that okap request asks for. It is printed, so that it can be
 * put where another program finds it: bound to okap itself, it would be of use to nobody. So the
 * request says that any program may use it, or which one.
 *
 * A request from a file stays as it stands there, byte for byte, but for the member that is added:
 * what is wrong with it shall be said by the vault, and about what the file says. */
#include "config.h"

#include "okap-request-binding.h"

#include <json-glib/json-glib.h>
#include <string.h>

#include "okap-error.h"
#include "okap-json.h"

/**
 * okap_request_binding_find:
 * @program: a path, or a name that is looked for like a shell does
 * @error: %OKAP_ERROR_INVALID_REQUEST
 *
 * Returns: (transfer full) (nullable): its absolute path
 */
char *
okap_request_binding_find (const char *program, GError **error)
{
  g_autofree char *found = g_find_program_in_path (program);
  g_autofree char *path = found != NULL ? g_canonicalize_filename (found, NULL) : NULL;

  if (path == NULL)
    g_set_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                 "expected --bind to name a program that can be started; %s was not found",
                 program);
  return g_steal_pointer (&path);
}

static char *
format_member (const char *program, gboolean more)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *value = NULL;

  if (program == NULL)
    return g_strconcat ("\"binding\":\"portable\"", more ? "," : "", NULL);
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "program");
  json_builder_add_string_value (builder, program);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  value = okap_json_print (root, FALSE);
  return g_strconcat ("\"binding\":", value, more ? "," : "", NULL);
}

/**
 * okap_request_binding_add:
 * @body: (array length=length): a request; one that is no JSON object comes back as it is
 * @program: (nullable): absolute path of the only one that shall use the token; NULL: any may
 * @error: %OKAP_ERROR_INVALID_REQUEST: the request says it itself, and otherwise
 *
 * Returns: (transfer full) (nullable): the request that says who may use the token
 */
char *
okap_request_binding_add (const char *body, gsize length, const char *program, gsize *out_length,
                          GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  const char *brace = memchr (body, '{', length);
  g_autoptr (GString) text = g_string_new_len (body, (gssize) length);
  g_autofree char *member = NULL;
  JsonObject *object = NULL;

  if (brace != NULL && json_parser_load_from_data (parser, body, (gssize) length, NULL)
      && JSON_NODE_HOLDS_OBJECT (json_parser_get_root (parser)))
    object = json_node_get_object (json_parser_get_root (parser));
  if (object != NULL && json_object_has_member (object, "binding"))
    {
      if (program != NULL)
        {
          g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                               "the request itself says who may use the token (binding), so "
                               "--bind cannot");
          return NULL;
        }
      object = NULL;
    }
  if (object != NULL)
    {
      member = format_member (program, json_object_get_size (object) > 0);
      g_string_insert (text, brace - body + 1, member);
    }
  *out_length = text->len;
  return g_string_free (g_steal_pointer (&text), FALSE);
}
