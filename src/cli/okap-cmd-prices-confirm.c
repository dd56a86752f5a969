/* SPDX-License-Identifier: GPL-3.0-or-later */
/* okap prices confirm, and what the commands that change prices do of it: the user's prices count
 * once they are confirmed with the passphrase. What is confirmed is named by its digest as this
 * program read it, so that what another program writes meanwhile does not slip in. For the same
 * reason a command that changes one price confirms only if the others were confirmed before. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "okap-client.h"
#include "okap-commands.h"
#include "okap-price-files.h"
#include "okap-price-stand.h"
#include "okap-process.h"

/** okap_price_stand_ask: quiet if no Okap runs that is unlocked */
OkapPriceStand
okap_price_stand_ask (void)
{
  g_autoptr (OkapReply) reply = okap_client_get ("/okap/control/prices", NULL);
  g_auto (OkapPriceReport) report = { 0 };
  JsonObject *object = reply != NULL ? okap_reply_get_object (reply) : NULL;

  if (object == NULL)
    return OKAP_PRICES_UNTOLD;
  okap_price_files_load (NULL, NULL, &report);
  return json_object_get_boolean_member_with_default (object, "confirmed", FALSE)
         && g_strcmp0 (json_object_get_string_member_with_default (object, "digest", NULL),
                       report.digest) == 0
         ? OKAP_PRICES_CONFIRMED : OKAP_PRICES_UNCONFIRMED;
}

/** okap_price_stand_build: a member "confirmed", null if nobody can tell */
void
okap_price_stand_build (JsonBuilder *builder, OkapPriceStand stand)
{
  json_builder_set_member_name (builder, "confirmed");
  if (stand == OKAP_PRICES_UNTOLD)
    json_builder_add_null_value (builder);
  else
    json_builder_add_boolean_value (builder, stand == OKAP_PRICES_CONFIRMED);
}

static gboolean
confirm (const char *digest, int fd, GError **error)
{
  g_autoptr (OkapSecret) passphrase = NULL;
  g_autofree char *path = NULL;
  g_autoptr (OkapReply) reply = NULL;

  passphrase = okap_cli_read_passphrase (fd, _("Passphrase or recovery code: "), error);
  if (passphrase == NULL)
    return FALSE;
  path = okap_client_dup_path ("/okap/control/prices/confirm", "digest", digest, NULL);
  reply = okap_client_post_secret (path, passphrase, error);
  return reply != NULL;
}

/**
 * okap_price_stand_confirm:
 * @before: how the prices stood before the command changed them
 * @fd: where the passphrase is read from; below zero: it is asked for if there is a terminal
 * @out_confirmed: (out): whether what is in the files counts; if not, it was said why
 * @error: if the confirmation was refused
 */
gboolean
okap_price_stand_confirm (OkapPriceStand before, int fd, gboolean *out_confirmed, GError **error)
{
  g_auto (OkapPriceReport) report = { 0 };

  okap_price_files_load (NULL, NULL, &report);
  *out_confirmed = report.digest == NULL;
  if (*out_confirmed)
    return TRUE;
  if (before == OKAP_PRICES_UNCONFIRMED)
    fputs ("okap: Other prices were changed and not confirmed. Look at them with \"okap prices "
           "list --mine\"; all of them count once you run: okap prices confirm\n", stderr);
  else if (before == OKAP_PRICES_UNTOLD || (fd < 0 && !isatty (STDIN_FILENO)))
    fputs ("okap: This counts once it is confirmed, while Okap is unlocked: okap prices confirm\n",
           stderr);
  else
    return *out_confirmed = confirm (report.digest, fd, error);
  return TRUE;
}

static void
print_confirmed (gboolean json, const OkapPriceReport *report)
{
  g_autoptr (JsonBuilder) builder = NULL;
  g_autoptr (JsonNode) root = NULL;

  if (!json)
    {
      puts (report->digest != NULL ? "Confirmed" : "There is nothing to confirm");
      return;
    }
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  okap_price_stand_build (builder, OKAP_PRICES_CONFIRMED);
  json_builder_set_member_name (builder, "prices");
  json_builder_add_int_value (builder, report->n_overrides);
  json_builder_set_member_name (builder, "date");
  json_builder_add_string_value (builder, okap_price_get_date ());
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  okap_cli_print_json (root);
}

static gboolean
show_and_confirm (const OkapPriceReport *report, int fd, GError **error)
{
  g_autoptr (OkapReply) running = NULL;

  if (report->digest == NULL)
    return TRUE;
  /* Nobody should have to type before they learn that it is of no use. */
  running = okap_client_get ("/okap/control/prices", error);
  if (running == NULL)
    return FALSE;
  fprintf (stderr, "okap: This lets count: %u prices of your own (okap prices list --mine), and "
           "the table of %s%s\n", report->n_overrides, okap_price_get_date (),
           report->installed ? ", which you installed" : ", which came with Okap");
  if (fd < 0 && !isatty (STDIN_FILENO))
    fd = STDIN_FILENO;
  return confirm (report->digest, fd, error);
}

int
okap_cmd_prices_confirm (const OkapCommand *command, int argc, char *argv[])
{
  gboolean json = FALSE;
  int fd = -1;
  const GOptionEntry entries[] = {
    { "passphrase-fd", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_INT, &fd,
      N_("Read the passphrase from descriptor N instead of asking"), "N" },
    { "json", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &json, N_("Print JSON"), NULL },
    { NULL },
  };
  g_auto (OkapPriceReport) report = { 0 };
  g_autoptr (GError) error = NULL;
  int status;

  okap_process_hide ();
  if (!okap_cli_parse_one_id (command, entries, argc, argv, NULL, &status))
    return status;
  okap_price_files_load (NULL, NULL, &report);
  if (!show_and_confirm (&report, fd, &error))
    return okap_cli_fail (error);
  print_confirmed (json, &report);
  return OKAP_EXIT_DONE;
}
