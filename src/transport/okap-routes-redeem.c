/* SPDX-License-Identifier: GPL-3.0-or-later */
/* POST /okap/redeem: a one-time code and its verifier for the token. The only other place where a
 * token leaves Okap is the answer to a request at these same doors, which go from program to
 * program: what was asked over the bus or by a link ends here.
 *
 * A page of a website comes here, too, from exactly the origin that its callback has.
 *
 * The body is exactly {"code", "code_verifier"}; the answer has the shape of OKAP 1.0. */
#include "config.h"

#include "okap-answer-json.h"
#include "okap-caps.h"
#include "okap-error.h"
#include "okap-json.h"
#include "okap-member.h"
#include "okap-redeem.h"
#include "okap-routes.h"

#include <string.h>

#define DEPTH_MOST 2

/* The text of a member that must be there. */
static gboolean
read_text (const OkapMembers *body, const char *name, char **out_text, GError **error)
{
  const char *text;

  if (!okap_members_get_string (body, name, "a string", &text, error))
    return FALSE;
  if (text == NULL)
    {
      okap_members_set_type_error (body, name, "a string", error);
      return FALSE;
    }
  *out_text = g_strdup (text);
  return TRUE;
}

static gboolean
check_members (const OkapMembers *body, GError **error)
{
  g_autoptr (GList) names = json_object_get_members (body->object);

  for (GList *name = names; name != NULL; name = name->next)
    if (strcmp (name->data, "code") != 0 && strcmp (name->data, "code_verifier") != 0)
      {
        okap_members_set_error (body, name->data, "only code, code_verifier", "an unknown member",
                                error);
        return FALSE;
      }
  return TRUE;
}

gboolean
okap_routes_check_redeem (OkapCall *call, GError **error)
{
  g_autoptr (JsonNode) node = okap_json_parse_strict (call->body != NULL ? call->body : "",
                                                      call->length, DEPTH_MOST, error);
  OkapMembers body = { NULL, "" };

  if (node == NULL)
    return FALSE;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                           "Expected a JSON object with code and code_verifier, got another "
                           "value");
      return FALSE;
    }
  body.object = json_node_get_object (node);
  return check_members (&body, error) && read_text (&body, "code", &call->code, error)
         && read_text (&body, "code_verifier", &call->verifier, error);
}

static void
redeemed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapCall) call = user_data;
  g_autoptr (OkapSecret) token = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapGrant) grant = okap_redeem_finish (OKAP_BROKER (source), result, &token, &error);
  g_autofree char *origin = okap_transport_dup_origin (call->transport);

  if (grant == NULL)
    {
      okap_call_answer_error (call, error);
      return;
    }
  call->given_grant_id = g_strdup (grant->id);
  okap_call_answer (call, 200, okap_answer_format_granted (OKAP_SHAPE_A, grant, token, origin));
}

void
okap_routes_serve_redeem (OkapCall *call)
{
  okap_redeem_async (call->transport->broker, call->code, call->verifier, call->caller,
                     redeemed_cb, okap_call_ref (call));
}
