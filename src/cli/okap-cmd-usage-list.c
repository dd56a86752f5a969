/* SPDX-License-Identifier: GPL-3.0-or-later */
/* okap usage list, okap usage keep: single rows of usage, and how long they are kept. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>

#include "okap-client.h"
#include "okap-commands.h"
#include "okap-money.h"
#include "okap-table.h"

static const char *
get_words (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);
  const char *words = node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node)
                                                                   : NULL;

  return words != NULL ? words : "";
}

static gint64
get_count (JsonObject *object, const char *name)
{
  return json_object_get_int_member_with_default (object, name, 0);
}

static char *
dup_tokens (JsonObject *row)
{
  JsonNode *node = json_object_get_member (row, "units");
  g_autoptr (GList) names = NULL;
  GString *text = g_string_new (NULL);
  JsonObject *units;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return g_string_free (text, FALSE);
  units = json_node_get_object (node);
  names = json_object_get_members (units);
  for (GList *l = names; l != NULL; l = l->next)
    g_string_append_printf (text, "%s%" G_GINT64_FORMAT " %s", text->len > 0 ? ", " : "",
                            get_count (units, l->data), (const char *) l->data);
  return g_string_free (text, FALSE);
}

static char *
dup_cost (JsonObject *row)
{
  const char *status = get_words (row, "cost_status");
  double usd = json_object_get_double_member_with_default (row, "cost_usd", 0);
  gint64 nusd = 0;
  g_autofree char *text = NULL;

  if (strcmp (status, "unknown") == 0)
    return g_strdup ("unknown");
  okap_money_from_double (ABS (usd), &nusd);
  text = okap_money_format (nusd);
  return g_strdup_printf ("%s$%s%s%s", usd < 0 ? "-" : "", text,
                          strcmp (status, "known") == 0 ? "" : " ",
                          strcmp (status, "known") == 0 ? "" : status);
}

static void
print_rows (JsonArray *rows)
{
  static const char * const headings[] = { ">ID", "<STARTED", "<APP", "<PROVIDER", "<MODEL",
                                           ">STATUS", "<UNITS", ">COST", NULL };
  g_autoptr (OkapTable) table = okap_table_new (headings);
  g_autofree char *text = NULL;

  for (guint i = 0; rows != NULL && i < json_array_get_length (rows); i++)
    {
      JsonObject *row = json_array_get_object_element (rows, i);
      g_autofree char *id = g_strdup_printf ("%" G_GINT64_FORMAT, get_count (row, "id"));
      g_autofree char *status = g_strdup_printf ("%" G_GINT64_FORMAT, get_count (row, "status"));
      g_autofree char *units = dup_tokens (row);
      g_autofree char *cost = dup_cost (row);
      const char *cells[] = { id, get_words (row, "started"), get_words (row, "app"),
                              get_words (row, "provider"), get_words (row, "model_asked"),
                              status, units, cost };

      okap_table_add_row (table, cells);
    }
  text = okap_table_format (table);
  okap_cli_print (text);
}

int
okap_cmd_usage_list (const OkapCommand *command, int argc, char *argv[])
{
  g_autofree char *grant = NULL;
  g_autofree char *provider = NULL;
  g_autofree char *model = NULL;
  g_autofree char *app = NULL;
  g_autofree char *before = NULL;
  g_autofree char *most = NULL;
  gboolean failed = FALSE;
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "grant", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &grant, N_("Of this grant"), "ID" },
    { "provider", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &provider, N_("At this provider"),
      "NAME" },
    { "model", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &model, N_("Of this model"), "NAME" },
    { "app", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &app, N_("Of this app"), "NAME" },
    { "failed", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &failed, N_("Only what failed"), NULL },
    { "before", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &before,
      N_("Only rows before the one with this id"), "ID" },
    { "most", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &most,
      N_("So many rows (100 if not given, 1000 at most)"), "N" },
    { "json", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &json, N_("Print JSON"), NULL },
    { NULL },
  };
  g_autofree char *path = NULL;
  g_autoptr (OkapReply) reply = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  if (!okap_cli_parse_one_id (command, entries, argc, argv, NULL, &status))
    return status;
  path = okap_client_dup_path ("/okap/control/usage/rows", "grant", grant, "provider", provider,
                               "model", model, "app", app, "before", before, "most", most,
                               "outcome", failed ? "failed" : NULL, NULL);
  reply = okap_client_get (path, &error);
  if (reply == NULL)
    return okap_cli_fail (error);
  if (json)
    okap_cli_print_json (reply->root);
  else
    print_rows (okap_reply_get_rows (reply));
  return OKAP_EXIT_DONE;
}

/* --- keep --- */

/* Bytes as people write them: 500MB, 1GiB, or "any" for 0. */
static gboolean
parse_size (const char *text, gint64 *out_bytes)
{
  static const struct
  {
    const char *name;
    gint64 bytes;
  } units[] = {
    { "MB", 1000 * 1000 }, { "MiB", 1024 * 1024 },
    { "GB", 1000 * 1000 * 1000 }, { "GiB", 1024 * 1024 * 1024 },
  };
  char *end;
  guint64 count = g_ascii_strtoull (text, &end, 10);

  *out_bytes = 0;
  if (strcmp (text, "any") == 0)
    return TRUE;
  if (!g_ascii_isdigit (*text) || count == 0 || count > 1000 * 1000)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    if (strcmp (end, units[i].name) == 0)
      {
        *out_bytes = (gint64) count * units[i].bytes;
        return TRUE;
      }
  return FALSE;
}

static gboolean
parse_days (const char *text, guint64 *out_days)
{
  *out_days = 0;
  return strcmp (text, "any") == 0
         || g_ascii_string_to_unsigned (text, 10, 1, G_MAXUINT, out_days, NULL);
}

static void
print_keep (JsonObject *keep)
{
  gint64 days = get_count (keep, "keep_days");
  gint64 bytes = get_count (keep, "keep_bytes");
  g_autofree char *most = g_format_size_full ((guint64) bytes, G_FORMAT_SIZE_IEC_UNITS);
  g_autofree char *now = g_format_size_full ((guint64) get_count (keep, "database_bytes"),
                                             G_FORMAT_SIZE_IEC_UNITS);
  const char *oldest = get_words (keep, "oldest");

  if (days > 0)
    printf ("%-10s %" G_GINT64_FORMAT " days\n", "rows stay", days);
  else
    printf ("%-10s for ever\n", "rows stay");
  printf ("%-10s %s\n", "up to", bytes > 0 ? most : "any size");
  printf ("%-10s %s\n", "now", now);
  printf ("%-10s %s\n", "oldest", *oldest != '\0' ? oldest : "none");
}

int
okap_cmd_usage_keep (const OkapCommand *command, int argc, char *argv[])
{
  static const char route[] = "/okap/control/usage/keep";
  g_autofree char *days = NULL;
  g_autofree char *size = NULL;
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "days", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &days,
      N_("Keep rows for N days, or any"), "N" },
    { "size", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &size,
      N_("Keep the database below 500MB, 1GiB and the like, or any"), "SIZE" },
    { "json", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &json, N_("Print JSON"), NULL },
    { NULL },
  };
  g_autofree char *days_text = NULL;
  g_autofree char *bytes_text = NULL;
  g_autofree char *path = NULL;
  g_autoptr (OkapReply) reply = NULL;
  g_autoptr (GError) error = NULL;
  guint64 n_days = 0;
  gint64 n_bytes = 0;
  int status;

  if (!okap_cli_parse_one_id (command, entries, argc, argv, NULL, &status))
    return status;
  if (days != NULL && !parse_days (days, &n_days))
    return okap_cli_misuse (command, "expected --days to be a number of days, or any");
  if (size != NULL && !parse_size (size, &n_bytes))
    return okap_cli_misuse (command, "expected --size to be like 500MB or 1GiB, or any");
  if (days != NULL)
    days_text = g_strdup_printf ("%" G_GUINT64_FORMAT, n_days);
  if (size != NULL)
    bytes_text = g_strdup_printf ("%" G_GINT64_FORMAT, n_bytes);
  path = okap_client_dup_path (route, "days", days_text, "bytes", bytes_text, NULL);
  reply = days != NULL || size != NULL ? okap_client_post (path, &error)
                                       : okap_client_get (path, &error);
  if (reply == NULL)
    return okap_cli_fail (error);
  if (json)
    okap_cli_print_json (reply->root);
  else
    print_keep (okap_reply_get_object (reply));
  return OKAP_EXIT_DONE;
}
