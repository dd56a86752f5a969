/* SPDX-License-Identifier: GPL-3.0-or-later */
/* POST /okap/control/open: what "okap open LINK" does where no desktop opens links. It begins a
 * question, as opening the link would, and answers with the digits that the dialog will show; what
 * the person says goes to the link's callback and never here. Main thread. */
#include "config.h"

#include "okap-build.h"
#include "okap-caps.h"
#include "okap-error.h"
#include "okap-json.h"
#include "okap-link.h"
#include "okap-member.h"
#include "okap-routes.h"

gboolean
okap_control_check_open (OkapCall *call, GError **error)
{
  g_autoptr (JsonNode) node = okap_json_parse_strict (call->body != NULL ? call->body : "",
                                                      call->length, OKAP_CAP_REQUEST_DEPTH, error);
  OkapMembers body = { NULL, "" };
  const char *uri;

  if (node == NULL)
    return FALSE;
  body.object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  if (body.object == NULL || !json_object_has_member (body.object, "uri"))
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                           "Expected a JSON object with the member “uri”.");
      return FALSE;
    }
  if (!okap_members_get_string (&body, "uri", "a string", &uri, error))
    return FALSE;
  call->match_code = okap_link_dup_match (uri, error);
  if (call->match_code == NULL)
    return FALSE;
  call->link = g_strdup (uri);
  return TRUE;
}

void
okap_control_serve_open (OkapCall *call)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  okap_link_open (call->transport->broker, call->link);
  json_builder_begin_object (builder);
  okap_build_string (builder, "status", "asked");
  okap_build_string (builder, "match_code", call->match_code);
  json_builder_end_object (builder);
  okap_call_answer_builder (call, 202, builder);
}
