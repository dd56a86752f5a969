/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GET /.well-known/okap: what this vault speaks and where. Anybody on this computer may read it,
 * so it says nothing about keys, grants, or whether the vault is open. */
#include "config.h"

#include "okap-build.h"
#include "okap-capability.h"
#include "okap-limits.h"
#include "okap-routes.h"

static void
add_names (JsonBuilder *builder, const char *name, const char * const *names)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  for (; *names != NULL; names++)
    json_builder_add_string_value (builder, *names);
  json_builder_end_array (builder);
}

static void
add_endpoints (JsonBuilder *builder)
{
  static const char * const endpoints[][2] = {
    { "authorize", "/okap/authorize" },
    { "request", "/okap/request" },
    { "redeem", "/okap/redeem" },
    { "grant", "/okap/grant" },
    { "revoke", "/okap/revoke" },
    { "proxy", "/v1/{provider}" },
  };

  json_builder_set_member_name (builder, "endpoints");
  json_builder_begin_object (builder);
  for (guint i = 0; i < G_N_ELEMENTS (endpoints); i++)
    okap_build_string (builder, endpoints[i][0], endpoints[i][1]);
  json_builder_end_object (builder);
}

void
okap_routes_serve_discovery (OkapCall *call)
{
  static const char * const versions[] = { "1.0", NULL };
  static const char * const methods[] = { "S256", NULL };
  static const char * const preferences[] = { "wait", "respond-async", NULL };
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autofree char *origin = okap_transport_dup_origin (call->transport);
  const char *capabilities[OKAP_N_CAPABILITIES + 1] = { NULL };
  const char *limits[OKAP_N_LIMITS + 1] = { NULL };

  for (guint i = 0; i < OKAP_N_CAPABILITIES; i++)
    capabilities[i] = okap_capability_get_name ((OkapCapability) (1u << i));
  for (guint i = 0; i < OKAP_N_LIMITS; i++)
    limits[i] = okap_limit_get_name ((OkapLimit) i);

  json_builder_begin_object (builder);
  okap_build_string (builder, "okap", "1.0");
  add_names (builder, "versions", versions);
  okap_build_string (builder, "vault", "Okap");
  okap_build_string (builder, "version", OKAP_VERSION);
  okap_build_string (builder, "url", origin);
  add_endpoints (builder);
  add_names (builder, "capabilities", capabilities);
  add_names (builder, "limits", limits);
  add_names (builder, "preferences", preferences);
  add_names (builder, "code_challenge_methods", methods);
  json_builder_end_object (builder);
  okap_call_answer_builder (call, 200, builder);
}
