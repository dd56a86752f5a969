/* SPDX-License-Identifier: GPL-3.0-or-later */
/* okap usage. With --json exactly the members that scripts rely on. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "okap-client.h"
#include "okap-clock.h"
#include "okap-commands.h"
#include "okap-money.h"
#include "okap-table.h"

static const char * const groupings[] = { "app", "provider", "model", "day", "grant", "scope",
                                          NULL };

static void
print_json (JsonArray *rows)
{
  static const char * const members[] = {
    "key", "requests", "input_tokens", "output_tokens", "cost_usd", "cached_tokens",
    "failed_requests", "estimated_requests", "requests_without_price", "over_usd",
  };
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "rows");
  json_builder_begin_array (builder);
  for (guint i = 0; rows != NULL && i < json_array_get_length (rows); i++)
    {
      JsonObject *row = json_array_get_object_element (rows, i);

      json_builder_begin_object (builder);
      for (guint j = 0; j < G_N_ELEMENTS (members); j++)
        {
          json_builder_set_member_name (builder, members[j]);
          json_builder_add_value (builder, json_object_dup_member (row, members[j]));
        }
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  okap_cli_print_json (root);
}

static char *
dup_cost (JsonObject *row)
{
  double usd = json_object_get_double_member_with_default (row, "cost_usd", 0);
  gint64 nusd = 0;
  gint64 unknown = json_object_get_int_member_with_default (row, "requests_without_price", 0);
  g_autofree char *text = NULL;

  okap_money_from_double (ABS (usd), &nusd);
  text = okap_money_format (nusd);
  if (unknown == 0)
    return g_strconcat (usd < 0 ? "-$" : "$", text, NULL);
  return g_strdup_printf ("%s$%s, %" G_GINT64_FORMAT " without a price", usd < 0 ? "-" : "", text,
                          unknown);
}

static char *
dup_count (JsonObject *row, const char *name)
{
  return g_strdup_printf ("%" G_GINT64_FORMAT,
                          json_object_get_int_member_with_default (row, name, 0));
}

static void
print_table (JsonArray *rows, const char *by)
{
  g_autofree char *upper = g_ascii_strup (by, -1);
  g_autofree char *heading = g_strconcat ("<", upper, NULL);
  const char *headings[] = { heading, ">REQUESTS", ">FAILED", ">TOKENS IN", ">CACHED",
                             ">TOKENS OUT", ">COST", NULL };
  g_autoptr (OkapTable) table = okap_table_new (headings);
  g_autofree char *text = NULL;

  for (guint i = 0; rows != NULL && i < json_array_get_length (rows); i++)
    {
      JsonObject *row = json_array_get_object_element (rows, i);
      g_autofree char *requests = dup_count (row, "requests");
      g_autofree char *failed = dup_count (row, "failed_requests");
      g_autofree char *cached = dup_count (row, "cached_tokens");
      g_autofree char *input = dup_count (row, "input_tokens");
      g_autofree char *output = dup_count (row, "output_tokens");
      g_autofree char *cost = dup_cost (row);
      const char *cells[] = { json_object_get_string_member_with_default (row, "key", ""),
                              requests, failed, input, cached, output, cost };

      okap_table_add_row (table, cells);
    }
  text = okap_table_format (table);
  okap_cli_print (text);
}

int
okap_cmd_usage (const OkapCommand *command, int argc, char *argv[])
{
  g_autofree char *by = NULL;
  g_autofree char *since = NULL;
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "by", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &by,
      N_("Group by app (if not given), provider, model, day, grant or scope"), "WHAT" },
    { "since", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &since,
      N_("Only from then on: 2027-03-01, or 7d ago"), "WHEN" },
    { "json", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &json, N_("Print JSON"), NULL },
    { NULL },
  };
  g_autofree char *since_iso = NULL;
  g_autofree char *path = NULL;
  g_autoptr (OkapReply) reply = NULL;
  g_autoptr (GError) error = NULL;
  gint64 since_us;
  int status;

  if (!okap_cli_parse_one_id (command, entries, argc, argv, NULL, &status))
    return status;
  if (by != NULL && !g_strv_contains (groupings, by))
    return okap_cli_misuse (command, "expected --by app, provider, model, day, grant or scope");
  if (since != NULL)
    {
      if (!okap_when_parse (since, g_get_real_time (), FALSE, &since_us, &error))
        return okap_cli_misuse (command, "%s", error->message);
      since_iso = okap_time_format_iso (since_us);
    }
  path = okap_client_dup_path ("/okap/control/usage", "by", by, "since", since_iso, NULL);
  reply = okap_client_get (path, &error);
  if (reply == NULL)
    return okap_cli_fail (error);
  if (json)
    print_json (okap_reply_get_rows (reply));
  else
    print_table (okap_reply_get_rows (reply), by != NULL ? by : "app");
  return OKAP_EXIT_DONE;
}
