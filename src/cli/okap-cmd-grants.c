/* SPDX-License-Identifier: GPL-3.0-or-later */
/* okap grants. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>

#include "okap-client.h"
#include "okap-plain.h"
#include "okap-commands.h"
#include "okap-money.h"
#include "okap-process.h"
#include "okap-table.h"
#include "okap-text.h"

static const char *
get_words (JsonObject *object, const char *name)
{
  return json_object_get_string_member_with_default (object, name, "");
}

static char *
dup_money (JsonObject *object, const char *name)
{
  gint64 nusd = 0;
  g_autofree char *text = NULL;

  okap_money_from_double (json_object_get_double_member_with_default (object, name, 0), &nusd);
  text = okap_money_format (nusd);
  return g_strconcat ("$", text, NULL);
}

static JsonArray *
get_array (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

static char *
dup_names (JsonObject *object, const char *name)
{
  JsonArray *array = get_array (object, name);
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "",
                            json_array_get_string_element (array, i));
  return g_string_free (g_steal_pointer (&names), FALSE);
}

static void
tell_attempts (JsonObject *grant)
{
  JsonArray *attempts = get_array (grant, "attempts");

  if (attempts != NULL && json_array_get_length (attempts) > 0)
    fprintf (stderr, "okap: Another program tried the token of %s: okap grants show %s\n",
             get_words (grant, "id"), get_words (grant, "id"));
}

static void
print_grants (OkapReply *reply, const char *id)
{
  JsonArray *rows = okap_reply_get_rows (reply);
  static const char * const headings[] = { "<ID", "<APP", "<STATE", "<PROVIDERS", ">REQUESTS",
                                           ">SPENT", "<UNTIL", "<FOR", NULL };
  g_autoptr (OkapTable) table = okap_table_new (headings);
  g_autofree char *text = NULL;

  for (guint i = 0; rows != NULL && i < json_array_get_length (rows); i++)
    {
      JsonObject *row = json_array_get_object_element (rows, i);
      g_autofree char *providers = dup_names (row, "providers");
      g_autofree char *requests = g_strdup_printf (
        "%" G_GINT64_FORMAT, json_object_get_int_member_with_default (row, "requests", 0));
      g_autofree char *spent = dup_money (row, "cost_usd");
      const char *cells[] = { get_words (row, "id"), get_words (row, "app"),
                              get_words (row, "state"), providers, requests, spent,
                              get_words (row, "expires"), get_words (row, "bound_name") };

      okap_table_add_row (table, cells);
    }
  if (okap_table_get_rows (table) == 0)
    {
      fputs ("okap: No app has access yet.\n", stderr);
      return;
    }
  text = okap_table_format (table);
  okap_cli_print (text);
  for (guint i = 0; i < json_array_get_length (rows); i++)
    tell_attempts (json_array_get_object_element (rows, i));
}

int
okap_cmd_grants_list (const OkapCommand *command, int argc, char *argv[])
{
  return okap_plain_get (command, "/okap/control/grants", print_grants, argc, argv);
}

static void
print_fact (const char *name, const char *value)
{
  g_autofree char *clean = okap_text_clean (value, 1024);

  if (*clean != '\0')
    printf ("%-12s %s\n", name, clean);
}

static void
print_scope (JsonObject *scope)
{
  g_autofree char *models = dup_names (scope, "models");
  g_autofree char *capabilities = dup_names (scope, "capabilities");
  JsonObject *limits = json_object_has_member (scope, "limits")
                       ? json_object_get_object_member (scope, "limits") : NULL;
  g_autoptr (GList) names = limits != NULL ? json_object_get_members (limits) : NULL;

  puts ("");
  print_fact ("provider", get_words (scope, "provider"));
  print_fact ("base url", get_words (scope, "base_url"));
  print_fact ("models", *models != '\0' ? models : "all");
  print_fact ("may", capabilities);
  for (GList *l = names; l != NULL; l = l->next)
    {
      JsonNode *value = json_object_get_member (limits, l->data);

      if (JSON_NODE_HOLDS_VALUE (value))
        printf ("%-12s %s: %.10g\n", "at most", (const char *) l->data,
                json_node_get_double (value));
    }
}

static void
print_money (JsonObject *money)
{
  const char *provider = get_words (money, "provider");
  double input = json_object_get_double_member_with_default (money, "ceiling_input", -1);
  double output = json_object_get_double_member_with_default (money, "ceiling_output", -1);

  if (input >= 0)
    printf ("%-12s %s: $%.10g read and $%.10g written a million tokens without a known price\n",
            "ceiling", provider, input, output);
  if (json_object_get_boolean_member_with_default (money, "keep_output", FALSE))
    printf ("%-12s %s: requests are never made smaller\n", "keeps", provider);
  if (json_object_get_boolean_member_with_default (money, "finish_and_count", FALSE))
    printf ("%-12s %s: requests whose app hung up\n", "finishes", provider);
}

/* Who else may use the token, and who else tried. */
static void
print_programs (JsonObject *grant)
{
  JsonArray *others = get_array (grant, "others");
  JsonArray *attempts = get_array (grant, "attempts");

  for (guint i = 0; others != NULL && i < json_array_get_length (others); i++)
    print_fact ("and to", get_words (json_array_get_object_element (others, i), "program"));
  for (guint i = 0; attempts != NULL && i < json_array_get_length (attempts); i++)
    {
      JsonObject *attempt = json_array_get_object_element (attempts, i);
      gboolean changed = json_object_get_boolean_member_with_default (attempt, "changed", FALSE);
      g_autofree char *line = g_strdup_printf (
        "%s; %" G_GINT64_FORMAT " times, last %s%s", get_words (attempt, "program"),
        json_object_get_int_member_with_default (attempt, "count", 0),
        get_words (attempt, "last"), changed ? "; it is the same file with other content" : "");

      print_fact ("refused to", line);
    }
}

static void
print_grant (OkapReply *reply, const char *id)
{
  JsonObject *grant = okap_reply_get_object (reply);
  static const char * const facts[][2] = {
    { "id", "id" }, { "app", "app" }, { "state", "state" }, { "seen", "evidence" },
    { "bound to", "bound_to" },
    { "reason", "reason" }, { "created", "created" }, { "until", "expires" },
    { "last used", "last_used" },
  };
  JsonArray *scopes = get_array (grant, "authorization_details");
  JsonArray *money = get_array (grant, "money");
  g_autofree char *spent = dup_money (grant, "cost_usd");

  for (guint i = 0; i < G_N_ELEMENTS (facts); i++)
    print_fact (facts[i][0], get_words (grant, facts[i][1]));
  print_programs (grant);
  printf ("%-12s %" G_GINT64_FORMAT "\n", "requests",
          json_object_get_int_member_with_default (grant, "requests", 0));
  printf ("%-12s %s\n", "spent", spent);
  for (guint i = 0; scopes != NULL && i < json_array_get_length (scopes); i++)
    print_scope (json_array_get_object_element (scopes, i));
  for (guint i = 0; money != NULL && i < json_array_get_length (money); i++)
    print_money (json_array_get_object_element (money, i));
}

int
okap_cmd_grants_show (const OkapCommand *command, int argc, char *argv[])
{
  return okap_plain_get (command, "/okap/control/grants/show", print_grant, argc, argv);
}

static void
print_state (OkapReply *reply, const char *id)
{
  printf ("%s %s\n", id, get_words (okap_reply_get_object (reply), "state"));
}

/* pause, revoke: the route has the command's second word. */
int
okap_cmd_grants_change (const OkapCommand *command, int argc, char *argv[])
{
  g_autofree char *route = g_strconcat ("/okap/control/grants/",
                                        strchr (command->name, ' ') + 1, NULL);

  return okap_plain_post (command, route, print_state, argc, argv);
}

int
okap_cmd_grants_resume (const OkapCommand *command, int argc, char *argv[])
{
  gboolean json = FALSE;
  int fd = -1;
  const GOptionEntry entries[] = {
    { "passphrase-fd", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_INT, &fd,
      N_("Read the passphrase from descriptor N instead of asking"), "N" },
    { "json", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &json, N_("Print JSON"), NULL },
    { NULL },
  };
  g_autofree char *id = NULL;
  g_autofree char *path = NULL;
  g_autoptr (OkapReply) reply = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  okap_process_hide ();
  if (!okap_cli_parse_one_id (command, entries, argc, argv, &id, &status))
    return status;
  path = okap_client_dup_path ("/okap/control/grants/resume", "id", id, NULL);
  reply = okap_plain_post_passphrase (path, fd, &error);
  if (reply == NULL)
    return okap_cli_fail (error);
  if (json)
    okap_cli_print_json (reply->root);
  else
    print_state (reply, id);
  return OKAP_EXIT_DONE;
}
