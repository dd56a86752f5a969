/* SPDX-License-Identifier: GPL-3.0-or-later */
/* okap request: asks as an app would, with the library for apps, and prints the answer as it came.
 * Whoever called puts the token somewhere, so it is asked for as one that any program may use, or
 * only the program that --bind names. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "okap-asking.h"
#include "okap-caps.h"
#include "okap-commands.h"
#include "okap-error.h"
#include "okap-json.h"
#include "okap.h"
#include "okap-request-binding.h"

/* A little more than what is accepted, so that the server says what is wrong. */
static char *
read_all (const char *path, gsize *out_length, GError **error)
{
  const gsize size = OKAP_CAP_REQUEST_BYTES + 1024;
  g_autofree char *room = g_malloc (size);
  gboolean is_stdin = strcmp (path, "-") == 0;
  int fd = is_stdin ? STDIN_FILENO : open (path, O_RDONLY | O_CLOEXEC);
  gssize n = fd >= 0 ? 1 : -1;

  *out_length = 0;
  while (n > 0 && *out_length < size)
    {
      n = read (fd, room + *out_length, size - *out_length);
      if (n < 0 && errno == EINTR)
        n = 1;
      else if (n > 0)
        *out_length += (gsize) n;
    }
  if (n < 0)
    g_set_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST, "The request in %s could not be "
                 "read: %s", path, g_strerror (errno));
  if (fd >= 0 && !is_stdin)
    close (fd);
  return n < 0 ? NULL : g_steal_pointer (&room);
}

/* So that a script reads the same, whichever way the refusal came. */
static void
print_denied (const GError *error)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "okap");
  json_builder_add_string_value (builder, "1.0");
  json_builder_set_member_name (builder, "status");
  json_builder_add_string_value (builder, "denied");
  json_builder_set_member_name (builder, "reason");
  json_builder_add_string_value (builder, error->message);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  text = okap_json_print (root, FALSE);
  puts (text);
}

static int
fail (OkapAppRequest *request, const GError *error)
{
  const char *answer = okap_app_request_get_answer (request);
  g_autoptr (GError) worded = NULL;

  if (answer != NULL)
    puts (answer);
  else if (error->domain == OKAP_APP_ERROR && error->code <= OKAP_APP_ERROR_POLICY)
    print_denied (error);
  if (g_error_matches (error, OKAP_APP_ERROR, OKAP_APP_ERROR_REFUSED))
    return OKAP_EXIT_FAILED;
  if (g_error_matches (error, OKAP_APP_ERROR, OKAP_APP_ERROR_UNAVAILABLE))
    worded = g_error_new_literal (OKAP_ERROR, OKAP_ERROR_NOT_FOUND,
                                  "Okap is not running. Open the app, or run: okap serve");
  return okap_cli_fail (worded != NULL ? worded : error);
}

static int
send_request (const OkapCommand *command, const char *json, gsize length, const char *program)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *body = okap_request_binding_add (json, length, program, &length, &error);
  g_autoptr (OkapAppRequest) request = NULL;
  g_autoptr (OkapAppAccess) access = NULL;

  if (body == NULL)
    return okap_cli_misuse (command, "%s", error->message);
  if (program != NULL)
    fprintf (stderr, "okap: Asking for a token that only %s can use\n", program);
  else
    fputs ("okap: Asking for a token that any program can use; for one alone, see --bind\n",
           stderr);
  request = okap_app_request_new_from_json (body);
  g_object_set (request, "direct", TRUE, NULL);
  access = okap_app_request_send (request, NULL, &error);
  if (access == NULL)
    return fail (request, error);
  puts (okap_app_request_get_answer (request));
  return OKAP_EXIT_DONE;
}

int
okap_cmd_request (const OkapCommand *command, int argc, char *argv[])
{
  g_auto (OkapAsking) asking = OKAP_ASKING_INIT;
  gboolean json = FALSE;
  g_autofree char *bind = NULL;
  g_autofree char *program = NULL;
  GOptionEntry entries[OKAP_ASKING_N_ENTRIES + 3] = {
    [OKAP_ASKING_N_ENTRIES] = { "bind", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_FILENAME, &bind,
                                N_("Only this program can use the token; any can, if not given"),
                                "PROGRAM" },
    [OKAP_ASKING_N_ENTRIES + 1] = { "json", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &json,
                                N_("Print JSON, which is what is printed anyway"), NULL },
  };
  g_autofree char *body = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;
  int status;

  okap_asking_add_entries (&asking, entries);
  if (!okap_cli_parse (command, entries, FALSE, &argc, &argv, &status))
    return status;
  if (argc > 2 || (argc == 2) != okap_asking_is_empty (&asking))
    return okap_cli_misuse (command, "expected either a file (- for standard input), or options "
                                     "that say what to ask for");
  if (bind != NULL && (program = okap_request_binding_find (bind, &error)) == NULL)
    return okap_cli_misuse (command, "%s", error->message);
  if (argc == 2)
    {
      body = read_all (argv[1], &length, &error);
      return body != NULL ? send_request (command, body, length, program) : okap_cli_fail (error);
    }
  if (asking.providers == NULL)
    return okap_cli_misuse (command, "expected --provider, such as --provider openai");
  body = okap_asking_format (&asking, g_get_real_time (), &error);
  if (body == NULL)
    return okap_cli_misuse (command, "%s", error->message);
  return send_request (command, body, strlen (body), program);
}
