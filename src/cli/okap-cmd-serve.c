/* SPDX-License-Identifier: GPL-3.0-or-later */
/* okap serve: the whole core without a window.
 *
 *   start the core ─▶ unlock, if a passphrase was given ─▶ print "ready" ─▶ serve until a signal
 *
 * The line on standard output is for scripts: it comes when everything works, and never twice. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "okap-auto-prompter.h"
#include "okap-ceiling.h"
#include "okap-commands.h"
#include "okap-core.h"
#include "okap-defaults.h"
#include "okap-error.h"
#include "okap-money.h"
#include "okap-process.h"
#include "okap-serve-bus.h"
#include "okap-serve-locking.h"
#include "okap-settings.h"
#include "okap-terminal-prompter.h"

/* Who decides, as the command line says. */
typedef struct
{
  const char *how;
  OkapPriceCeiling ceiling;
  gboolean portable;
} Approval;

typedef struct
{
  GMainLoop *loop;          /* (owned) */
  OkapCore *core;           /* (owned) */
  OkapServeBus *bus;        /* (owned) (nullable) with --bus */
  OkapLocking *locking;     /* (owned) */
  const char *listen;       /* (unowned) (nullable) */
  OkapPrompter *prompter;   /* (unowned) while it serves */
  OkapSecret *passphrase;   /* (owned) (nullable) until used */
  gboolean started;
  gboolean ending;
  int status;
} Serving;

static const char * const approvals[] = { "ask", "never", "always", NULL };

static void
give_up (Serving *serving, const GError *error)
{
  serving->status = okap_cli_fail (error);
  g_main_loop_quit (serving->loop);
}

static void
say_ready (Serving *serving)
{
  printf ("okap: ready %s unix:%s\n", okap_core_get_origin (serving->core),
          okap_core_get_socket (serving->core));
  fflush (stdout);
  if (okap_core_port_moved (serving->core))
    fputs ("okap: The usual port is taken by another program, so this is a free one.\n", stderr);
}

static void
unlocked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Serving *serving = user_data;
  OkapBroker *broker = OKAP_BROKER (source);
  g_autoptr (OkapProof) proof = okap_broker_unlock_dup_proof (broker, result);
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&serving->passphrase, okap_secret_unref);
  if (!okap_broker_unlock_finish (broker, result, &error))
    {
      give_up (serving, error);
      return;
    }
  if (OKAP_IS_AUTO_PROMPTER (serving->prompter))
    okap_auto_prompter_set_proof (OKAP_AUTO_PROMPTER (serving->prompter), proof);
  else
    okap_terminal_prompter_vouch (OKAP_TERMINAL_PROMPTER (serving->prompter));
  say_ready (serving);
}

static void
started_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Serving *serving = user_data;
  g_autoptr (GError) error = NULL;

  if (!okap_core_start_finish (OKAP_CORE (source), result, &error))
    {
      give_up (serving, error);
      return;
    }
  serving->started = TRUE;
  if (serving->bus != NULL)
    okap_serve_bus_open (serving->bus, okap_core_get_origin (serving->core),
                         okap_core_get_socket (serving->core));
  if (serving->passphrase != NULL)
    okap_broker_unlock_async (okap_core_get_broker (serving->core), serving->passphrase,
                              unlocked_cb, serving);
  else
    say_ready (serving);
}

/* The name first: whoever started us over the bus waits for it. */
static void
name_owned_cb (const GError *error, gpointer user_data)
{
  Serving *serving = user_data;

  if (error != NULL)
    give_up (serving, error);
  else
    okap_core_start_async (serving->core, serving->listen, started_cb, serving);
}

static void
bus_ended_cb (gpointer user_data)
{
  Serving *serving = user_data;

  g_main_loop_quit (serving->loop);
}

/* A second signal does not wait for the bus. */
static gboolean
signal_cb (gpointer user_data)
{
  Serving *serving = user_data;

  if (serving->bus != NULL && !serving->ending)
    okap_serve_bus_end (serving->bus, bus_ended_cb, serving);
  else
    g_main_loop_quit (serving->loop);
  serving->ending = TRUE;
  return G_SOURCE_CONTINUE;
}

/* What decides, and a word on standard error where that is not a person. */
static OkapPrompter *
make_prompter (OkapCore *core, const Approval *approval)
{
  OkapConsole *console;

  if (strcmp (approval->how, "always") == 0)
    {
      fputs ("okap: WARNING: --approve=always: every program of yours gets whatever it asks for, "
             "without a question.\n", stderr);
      return okap_auto_prompter_new (OKAP_AUTO_ALWAYS, &approval->ceiling, approval->portable);
    }
  if (strcmp (approval->how, "never") == 0)
    return okap_auto_prompter_new (OKAP_AUTO_NEVER, NULL, FALSE);
  console = okap_console_open ();
  if (console != NULL)
    return okap_terminal_prompter_new (console, okap_core_get_vault (core));
  fputs ("okap: There is no terminal to ask on, so every request will be refused (no_display). "
         "See --approve.\n", stderr);
  return okap_auto_prompter_new (OKAP_AUTO_NOBODY, NULL, FALSE);
}

/* "127.0.0.1:6527", "[::1]:6527", "localhost:6527": loopback and nothing else. */
static gboolean
is_loopback (const char *listen)
{
  const char *colon = strrchr (listen, ':');
  g_autofree char *address = colon != NULL ? g_strndup (listen, (gsize) (colon - listen)) : NULL;

  return colon != NULL && g_ascii_string_to_unsigned (colon + 1, 10, 0, G_MAXUINT16, NULL, NULL)
         && (strcmp (address, "127.0.0.1") == 0 || strcmp (address, "[::1]") == 0
             || strcmp (address, "localhost") == 0);
}

/* One line for whoever watches the server. */
static void
alert_cb (OkapAlerts *alerts, const OkapAlert *alert, gpointer user_data)
{
  g_autofree char *settled = okap_money_format (alert->standing.settled);
  g_autofree char *cap = okap_money_format (alert->standing.cap);

  g_printerr ("okap: “%s” has used %u %% of its %s at %s: $%s of $%s\n",
              okap_grant_get_title (alert->grant), alert->percent,
              okap_limit_get_name (alert->standing.limit), alert->provider, settled, cap);
}

static void
key_alert_cb (OkapKeyCare *care, OkapKeyInfo *key, guint class, gboolean rolled_back,
              gpointer user_data)
{
  g_printerr ("okap: %s key “%s” (%s): %s%s\n", okap_key_info_get_provider (key),
              okap_key_info_get_label (key), okap_key_info_get_id (key),
              okap_key_class_get_words ((OkapKeyClass) class),
              rolled_back ? "; the old one is back in use" : "");
}

static void
misuse_cb (OkapMisuseWatch *watch, OkapMisuse *misuse, gpointer user_data)
{
  g_autofree char *words = okap_misuse_dup_words (misuse);

  g_printerr ("okap: %s. Is it not yours? okap grants revoke %s\n", words,
              okap_misuse_get_grant (misuse)->id);
}

static int
serve (Serving *serving, const Approval *approval, gboolean on_bus)
{
  g_autoptr (OkapPrompter) prompter = NULL;
  const int numbers[] = { SIGTERM, SIGINT, SIGHUP };
  guint sources[G_N_ELEMENTS (numbers)];

  signal (SIGPIPE, SIG_IGN);
  signal (SIGTTIN, SIG_IGN);
  signal (SIGTTOU, SIG_IGN);
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    sources[i] = g_unix_signal_add (numbers[i], signal_cb, serving);
  prompter = make_prompter (serving->core, approval);
  serving->prompter = prompter;
  okap_broker_set_prompter (okap_core_get_broker (serving->core), prompter);
  g_signal_connect (okap_broker_get_alerts (okap_core_get_broker (serving->core)), "alert",
                    G_CALLBACK (alert_cb), NULL);
  g_signal_connect (okap_broker_get_key_care (okap_core_get_broker (serving->core)), "alert",
                    G_CALLBACK (key_alert_cb), NULL);
  g_signal_connect (okap_broker_get_misuse_watch (okap_core_get_broker (serving->core)), "misuse",
                    G_CALLBACK (misuse_cb), NULL);
  serving->locking = okap_serve_locking_start (serving->core);
  okap_defaults_follow (okap_settings_get ());
  okap_core_set_port (serving->core, (guint16) g_settings_get_uint (okap_settings_get (), "port"));
  if (on_bus)
    serving->bus = okap_serve_bus_new (okap_core_get_broker (serving->core), name_owned_cb,
                                       serving);
  else
    okap_core_start_async (serving->core, serving->listen, started_cb, serving);
  g_main_loop_run (serving->loop);
  g_clear_pointer (&serving->bus, okap_serve_bus_free);
  okap_broker_set_prompter (okap_core_get_broker (serving->core), NULL);
  g_clear_object (&serving->locking);
  okap_core_stop (serving->core);
  for (guint i = 0; i < G_N_ELEMENTS (sources); i++)
    g_source_remove (sources[i]);
  return serving->status;
}

int
okap_cmd_serve (const OkapCommand *command, int argc, char *argv[])
{
  g_autofree char *listen = NULL;
  g_autofree char *approve = NULL;
  g_autofree char *input = NULL;
  g_autofree char *output = NULL;
  Approval approval = { .how = "ask" };
  gboolean on_bus = FALSE;
  int fd = -1;
  const GOptionEntry entries[] = {
    { "listen", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &listen,
      N_("Where on this computer (127.0.0.1:6527 if not given; port 0 is a free one)"),
      "ADDR:PORT" },
    { "approve", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &approve,
      N_("Who decides: ask (the terminal, if not given), never, always"), "HOW" },
    { "ceiling-input", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &input,
      N_("With --approve=always: what models without a known price may cost, in dollars for a "
      "million tokens read"), "USD" },
    { "ceiling-output", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &output,
      N_("The same for a million tokens written"), "USD" },
    { "portable", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &approval.portable,
      N_("With --approve=always: any program may use the tokens, not only the one that asked"),
      NULL },
    { "bus", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &on_bus,
      N_("Also on the session bus, in the place of the app"), NULL },
    { "passphrase-fd", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_INT, &fd,
      N_("Unlock with the passphrase from descriptor N; without it Okap starts locked"), "N" },
    { NULL },
  };
  Serving serving = { .status = OKAP_EXIT_DONE };
  g_autoptr (GError) error = NULL;
  int status;

  okap_process_hide ();
  if (!okap_cli_parse_one_id (command, entries, argc, argv, NULL, &status))
    return status;
  if (approve != NULL && !g_strv_contains (approvals, approve))
    return okap_cli_misuse (command, "expected --approve ask, never or always");
  if (listen != NULL && !is_loopback (listen))
    return okap_cli_misuse (command, "expected --listen 127.0.0.1:PORT or [::1]:PORT: Okap serves "
                                     "only this computer");

  if (!okap_ceiling_parse (input, output, &approval.ceiling, &error))
    return okap_cli_misuse (command, "%s", error->message);
  if (approve != NULL)
    approval.how = approve;
  if ((approval.ceiling.set || approval.portable) && strcmp (approval.how, "always") != 0)
    return okap_cli_misuse (command, "--ceiling-input, --ceiling-output and --portable go with "
                                     "--approve=always; whoever is asked can say it then");

  serving.core = okap_core_new ();
  if (okap_vault_get_state (okap_core_get_vault (serving.core)) == OKAP_VAULT_NONE)
    status = okap_cli_fail_with ("There is no vault yet. Make one with: okap init");
  else if (fd >= 0
           && (serving.passphrase = okap_cli_read_passphrase (fd, NULL, &error)) == NULL)
    status = okap_cli_fail (error);
  else
    {
      serving.loop = g_main_loop_new (NULL, FALSE);
      serving.listen = listen;
      status = serve (&serving, &approval, on_bus);
      g_main_loop_unref (serving.loop);
    }
  g_clear_pointer (&serving.passphrase, okap_secret_unref);
  g_object_unref (serving.core);
  return status;
}
