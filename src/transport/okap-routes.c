/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of routes. Nothing in it approves a request or widens a grant: that is for a person,
 * through the prompter (ARCHITECTURE, decision 7), or with the passphrase as the body of a call.
 * HTTP thread. */
#include "config.h"

#include "okap-routes.h"

#include <string.h>

#include "okap-caps.h"
#include "okap-error.h"

#define JSON_BYTES OKAP_CAP_REQUEST_BYTES
#define CONTROL_JSON (OKAP_DOOR_CONTROL | OKAP_DOOR_JSON)
#define CONTROL_NARROWS (CONTROL_JSON | OKAP_DOOR_NARROWS)
#define PAIR_BYTES (2 * OKAP_CAP_PASSPHRASE_BYTES + 1)
#define CONTROL_SECRET (OKAP_DOOR_CONTROL | OKAP_DOOR_SECRET)

static const OkapDoorRoute table[] = {
  { "POST", "/okap/authorize", OKAP_DOOR_JSON, JSON_BYTES,
    okap_routes_check_request, okap_routes_serve_authorize },
  { "POST", "/okap/request", OKAP_DOOR_JSON, JSON_BYTES,
    okap_routes_check_request, okap_routes_serve_authorize },
  { "GET", "/okap/requests/", OKAP_DOOR_ID, 0, NULL, okap_routes_serve_poll },
  { "POST", "/okap/redeem", OKAP_DOOR_JSON, OKAP_CAP_REDEEM_BYTES,
    okap_routes_check_redeem, okap_routes_serve_redeem },
  { "GET", "/okap/grant", 0, 0, okap_routes_check_token, okap_routes_serve_grant },
  { "POST", "/okap/revoke", 0, JSON_BYTES, okap_routes_check_token, okap_routes_serve_revoke },
  { "GET", "/.well-known/okap", 0, 0, NULL, okap_routes_serve_discovery },

  { "GET", "/okap/control/status", OKAP_DOOR_CONTROL, 0, NULL, okap_control_serve_status },
  { "POST", "/okap/control/unlock", CONTROL_SECRET | OKAP_DOOR_NARROWS,
    OKAP_CAP_PASSPHRASE_BYTES, NULL, okap_control_serve_unlock },
  { "POST", "/okap/control/lock", CONTROL_NARROWS, JSON_BYTES, NULL, okap_control_serve_lock },
  { "POST", "/okap/control/pause", CONTROL_NARROWS, JSON_BYTES,
    NULL, okap_control_serve_pause_all },
  { "POST", "/okap/control/resume", CONTROL_SECRET, OKAP_CAP_PASSPHRASE_BYTES,
    NULL, okap_control_serve_resume_all },
  { "GET", "/okap/control/vault", OKAP_DOOR_CONTROL, 0, NULL, okap_control_serve_slots },
  { "POST", "/okap/control/vault/change", CONTROL_SECRET, PAIR_BYTES,
    NULL, okap_control_serve_slot_change },
  { "POST", "/okap/control/vault/export", CONTROL_SECRET, PAIR_BYTES,
    NULL, okap_control_serve_export },
  { "POST", "/okap/control/vault/import", CONTROL_SECRET, PAIR_BYTES,
    NULL, okap_control_serve_import },
  { "GET", "/okap/control/keys", OKAP_DOOR_CONTROL, 0, NULL, okap_control_serve_keys },
  { "POST", "/okap/control/keys/add", CONTROL_SECRET,
    OKAP_CAP_PASSPHRASE_BYTES + 1 + OKAP_CAP_PROVIDER_KEY_BYTES,
    okap_control_check_key, okap_control_serve_key_add },
  { "POST", "/okap/control/keys/remove", CONTROL_NARROWS, JSON_BYTES,
    NULL, okap_control_serve_key_remove },
  { "POST", "/okap/control/keys/test", CONTROL_NARROWS, JSON_BYTES,
    NULL, okap_control_serve_key_test },
  { "POST", "/okap/control/keys/rotate", CONTROL_SECRET, OKAP_CAP_PROVIDER_KEY_BYTES,
    NULL, okap_control_serve_key_rotate },
  { "POST", "/okap/control/keys/settle", CONTROL_JSON, JSON_BYTES,
    okap_control_check_settle, okap_control_serve_key_settle },
  { "GET", "/okap/control/grants", OKAP_DOOR_CONTROL, 0, NULL, okap_control_serve_grants },
  { "GET", "/okap/control/grants/show", OKAP_DOOR_CONTROL, 0, NULL, okap_control_serve_grant },
  { "POST", "/okap/control/grants/pause", CONTROL_NARROWS, JSON_BYTES,
    NULL, okap_control_serve_pause },
  { "POST", "/okap/control/grants/resume", CONTROL_SECRET, OKAP_CAP_PASSPHRASE_BYTES,
    NULL, okap_control_serve_resume },
  { "POST", "/okap/control/grants/revoke", CONTROL_NARROWS, JSON_BYTES,
    NULL, okap_control_serve_revoke },
  { "POST", "/okap/control/grants/set", CONTROL_JSON, JSON_BYTES,
    okap_control_check_money, okap_control_serve_money },
  { "POST", "/okap/control/grants/ceiling", CONTROL_SECRET, OKAP_CAP_PASSPHRASE_BYTES,
    okap_control_check_ceiling, okap_control_serve_ceiling },
  { "GET", "/okap/control/threshold", OKAP_DOOR_CONTROL, 0, NULL, okap_control_serve_threshold },
  { "POST", "/okap/control/threshold", CONTROL_SECRET, OKAP_CAP_PASSPHRASE_BYTES,
    okap_control_check_threshold, okap_control_serve_threshold_change },
  { "GET", "/okap/control/prices", OKAP_DOOR_CONTROL, 0, NULL, okap_control_serve_prices },
  { "POST", "/okap/control/prices/confirm", CONTROL_SECRET, OKAP_CAP_PASSPHRASE_BYTES,
    okap_control_check_confirmation, okap_control_serve_confirmation },
  { "GET", "/okap/control/usage", OKAP_DOOR_CONTROL, 0,
    okap_control_check_usage, okap_control_serve_usage },
  { "GET", "/okap/control/usage/rows", OKAP_DOOR_CONTROL, 0,
    okap_control_check_usage_rows, okap_control_serve_usage_rows },
  { "GET", "/okap/control/usage/keep", OKAP_DOOR_CONTROL, 0,
    NULL, okap_control_serve_retention },
  { "POST", "/okap/control/usage/keep", CONTROL_JSON, JSON_BYTES,
    okap_control_check_retention, okap_control_serve_retention_change },
  { "POST", "/okap/control/usage/correct", CONTROL_SECRET, OKAP_CAP_PASSPHRASE_BYTES,
    okap_control_check_correction, okap_control_serve_correction },
  { "POST", "/okap/control/open", CONTROL_NARROWS, OKAP_CAP_LINK_BYTES + 1024,
    okap_control_check_open, okap_control_serve_open },
  { "POST", "/okap/control/run", CONTROL_NARROWS, JSON_BYTES,
    okap_routes_check_run, okap_routes_serve_run },
};

static gboolean
has_path (const OkapDoorRoute *route, const OkapHttpHead *head)
{
  gsize length = strlen (route->path);

  if ((route->flags & OKAP_DOOR_CONTROL) != 0 && !head->on_socket)
    return FALSE;
  if ((route->flags & OKAP_DOOR_ID) == 0)
    return strcmp (route->path, head->path) == 0;
  return strncmp (route->path, head->path, length) == 0 && head->path[length] != '\0'
         && strchr (head->path + length, '/') == NULL;
}

/* HEAD is GET; the server leaves the body out. Not where fetching takes away what is fetched. */
static gboolean
knows_head (const OkapDoorRoute *route)
{
  return strcmp (route->method, "GET") == 0 && (route->flags & OKAP_DOOR_ID) == 0;
}

static gboolean
has_method (const OkapDoorRoute *route, const OkapHttpHead *head)
{
  return strcmp (route->method, head->method) == 0
         || (strcmp (head->method, "HEAD") == 0 && knows_head (route));
}

/**
 * okap_routes_find:
 * @error: %OKAP_ERROR_NOT_FOUND, %OKAP_ERROR_METHOD_NOT_ALLOWED
 */
const OkapDoorRoute *
okap_routes_find (const OkapHttpHead *head, GError **error)
{
  gboolean found = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (has_path (&table[i], head))
      {
        if (has_method (&table[i], head))
          return &table[i];
        found = TRUE;
      }
  if (found)
    g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_METHOD_NOT_ALLOWED,
                         "This path does not know that method; the header Allow names the ones "
                         "that it knows.");
  else
    g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_NOT_FOUND,
                         "There is nothing at this path. GET /.well-known/okap lists what there "
                         "is.");
  return NULL;
}

/** okap_routes_dup_methods: (transfer full): what Allow says about the path */
char *
okap_routes_dup_methods (const OkapHttpHead *head)
{
  g_autoptr (GString) methods = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (has_path (&table[i], head))
      g_string_append_printf (methods, "%s%s%s", methods->len > 0 ? ", " : "", table[i].method,
                              knows_head (&table[i]) ? ", HEAD" : "");
  return g_string_free (g_steal_pointer (&methods), FALSE);
}
