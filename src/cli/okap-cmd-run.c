/* SPDX-License-Identifier: GPL-3.0-or-later */
/* okap run: asks for one grant, then becomes the command. The process keeps its number, so the
 * vault can watch it and end the grant when it ends, however it ends; and it recognises what the
 * command starts (okap-run-scope.c). The connection is closed and its descriptor close-on-exec
 * before that. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "okap-asking.h"
#include "okap-caps.h"
#include "okap-client.h"
#include "okap-commands.h"
#include "okap-run-env.h"
#include "okap-run-scope.h"
#include "okap-text.h"

enum
{
  EXIT_NOT_EXECUTABLE = 126,  /* as shells have it */
  EXIT_NOT_FOUND = 127,
};

/* Nobody should be asked for a program that cannot start. */
static int
find_program (const char *name, char **out_path)
{
  g_autofree char *path = g_find_program_in_path (name);

  *out_path = path != NULL ? g_canonicalize_filename (path, NULL) : NULL;
  if (path != NULL)
    return OKAP_EXIT_DONE;
  if (strchr (name, '/') != NULL && g_file_test (name, G_FILE_TEST_EXISTS))
    {
      fprintf (stderr, "okap: %s cannot be executed\n", name);
      return EXIT_NOT_EXECUTABLE;
    }
  fprintf (stderr, "okap: %s was not found\n", name);
  return EXIT_NOT_FOUND;
}

static char *
dup_joined (GPtrArray *names)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < names->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "",
                            (const char *) g_ptr_array_index (names, i));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
tell (const OkapRunEnv *result, const char *program)
{
  g_autofree char *set = dup_joined (result->set);
  g_autofree char *replaced = dup_joined (result->replaced);
  g_autofree char *skipped = dup_joined (result->skipped);

  fprintf (stderr, "okap: %s runs with %s%s%s; the access ends with it\n", program, set,
           *replaced != '\0' ? "; replaced or removed " : "", replaced);
  if (*skipped != '\0')
    fprintf (stderr, "okap: no variables are left for %s: another provider before it has them\n",
             skipped);
}

static int
become (char *argv[], char **env)
{
  int failure;

  fflush (NULL);
  execvpe (argv[0], argv, env);
  failure = errno;
  fprintf (stderr, "okap: %s could not be started: %s\n", argv[0], g_strerror (failure));
  return failure == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}

static int
refuse (JsonObject *answer)
{
  g_autofree char *reason = okap_text_clean (
    json_object_get_string_member_with_default (answer, "reason", "no reason was given"), 512);

  return okap_cli_fail_with ("No access: %s", reason);
}

static int
start (OkapReply *reply, const char *app_name, char *argv[])
{
  JsonObject *answer = okap_reply_get_object (reply);
  const char *token = json_object_get_string_member_with_default (answer, "token", NULL);
  JsonNode *node = json_object_get_member (answer, "authorization_details");
  JsonArray *details = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node)
                                                                    : NULL;
  OkapRunEntry entries[OKAP_CAP_REQUEST_ENTRIES];
  g_auto (OkapRunEnv) result = { NULL };
  g_auto (GStrv) env = g_get_environ ();
  guint n_entries = 0;

  if (token == NULL || details == NULL)
    return refuse (answer);
  for (; n_entries < MIN (json_array_get_length (details), G_N_ELEMENTS (entries)); n_entries++)
    {
      JsonObject *detail = json_array_get_object_element (details, n_entries);

      entries[n_entries].provider = json_object_get_string_member (detail, "provider");
      entries[n_entries].base_url = json_object_get_string_member (detail, "base_url");
    }
  okap_run_env_init (&result, env, argv[0], entries, n_entries, token, app_name);
  tell (&result, argv[0]);
  return become (argv, result.env);
}

int
okap_cmd_run (const OkapCommand *command, int argc, char *argv[])
{
  g_auto (OkapAsking) asking = OKAP_ASKING_INIT;
  GOptionEntry entries[OKAP_ASKING_N_ENTRIES + 1] = { 0 };
  g_autofree char *body = NULL;
  g_autofree char *path = NULL;
  g_autofree char *program = NULL;
  g_autoptr (OkapReply) reply = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  okap_asking_add_entries (&asking, entries);
  if (!okap_cli_parse (command, entries, TRUE, &argc, &argv, &status))
    return status;
  if (argc > 1 && strcmp (argv[1], "--") == 0)
    {
      argv++;
      argc--;
    }
  if (argc < 2)
    return okap_cli_misuse (command, "expected a command to run, such as: okap run --provider "
                                     "openai -- node chat.js");
  if (asking.providers == NULL)
    return okap_cli_misuse (command, "expected --provider, such as --provider openai");
  status = find_program (argv[1], &program);
  if (status != OKAP_EXIT_DONE)
    return status;

  if (asking.name == NULL)
    asking.name = g_path_get_basename (argv[1]);
  body = okap_asking_format (&asking, g_get_real_time (), &error);
  if (body == NULL)
    return okap_cli_misuse (command, "%s", error->message);
  if (!okap_run_scope_enter (program))
    okap_run_scope_adopt ();
  path = okap_client_dup_path ("/okap/control/run", "command", program, NULL);
  reply = okap_client_call (path, "application/json", body, strlen (body), &error);
  if (reply == NULL || !okap_reply_check (reply, &error))
    return okap_cli_fail (error);
  return start (reply, asking.name, argv + 1);
}
