/* SPDX-License-Identifier: GPL-3.0-or-later */
/* okap prices set, unset, update and check: they change files, and an Okap that runs sees that. A
 * file is checked completely before it counts; one that is refused changes nothing. What is changed
 * counts once it is confirmed with the passphrase (okap-cmd-prices-confirm.c). */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>

#include "okap-commands.h"
#include "okap-price-files.h"
#include "okap-price-stand.h"
#include "okap-process.h"
#include "okap-provider.h"

#define PASSPHRASE_HELP N_("Read the passphrase from descriptor N and confirm what is changed")

static const char *const options[OKAP_N_UNITS] = {
  [OKAP_UNIT_INPUT] = "input",
  [OKAP_UNIT_CACHED] = "cached",
  [OKAP_UNIT_CACHE_WRITTEN] = "cache-written",
  [OKAP_UNIT_CACHE_WRITTEN_1H] = "cache-written-1h",
  [OKAP_UNIT_AUDIO_INPUT] = "audio-input",
  [OKAP_UNIT_AUDIO_CACHED] = "audio-cached",
  [OKAP_UNIT_IMAGE_INPUT] = "image-input",
  [OKAP_UNIT_IMAGE_CACHED] = "image-cached",
  [OKAP_UNIT_VIDEO_INPUT] = "video-input",
  [OKAP_UNIT_OUTPUT] = "output",
  [OKAP_UNIT_REASONING] = "reasoning",
  [OKAP_UNIT_AUDIO_OUTPUT] = "audio-output",
  [OKAP_UNIT_IMAGE_OUTPUT] = "image-output",
  [OKAP_UNIT_VIDEO_OUTPUT] = "video-output",
  [OKAP_UNIT_REQUESTS] = "per-run",
  [OKAP_UNIT_IMAGES] = "per-image",
  [OKAP_UNIT_MILLISECONDS] = "per-second",
  [OKAP_UNIT_CHARACTERS] = "per-million-characters",
  [OKAP_UNIT_SEARCHES] = "per-search",
  [OKAP_UNIT_PAGES] = "per-page",
};

/* What was given on the command line. */
typedef struct
{
  char *usd[OKAP_N_UNITS];  /* (owned) (nullable) */
  gint64 max_output_tokens;
  gint64 context_tokens;
  gboolean free;
  gboolean json;
  int fd;                   /* of the passphrase; below zero: none */
} Given;

static void
given_clear (Given *given)
{
  for (guint unit = 0; unit < OKAP_N_UNITS; unit++)
    g_free (given->usd[unit]);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Given, given_clear)

/* Exactly the two arguments PROVIDER and MODEL, behind the options. */
static gboolean
parse_two (const OkapCommand *command, const GOptionEntry *entries, int argc, char *argv[],
           char **out_provider, char **out_model, int *out_exit)
{
  if (!okap_cli_parse (command, entries, FALSE, &argc, &argv, out_exit))
    return FALSE;
  if (argc == 4 && strcmp (argv[1], "--") == 0)
    {
      argv++;
      argc--;
    }
  if (argc != 3)
    {
      *out_exit = okap_cli_misuse (command, "expected a provider and a model");
      return FALSE;
    }
  *out_provider = g_ascii_strdown (argv[1], -1);
  *out_model = g_ascii_strdown (argv[2], -1);
  return TRUE;
}

static gboolean
parse_set (const OkapCommand *command, int argc, char *argv[], Given *given, char **out_provider,
           char **out_model, int *out_exit)
{
  GOptionEntry entries[OKAP_N_UNITS + 6] = { { NULL } };
  GOptionEntry *next = entries;

  for (guint unit = 0; unit < OKAP_N_UNITS; unit++)
    *next++ = (GOptionEntry) {
      options[unit], 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &given->usd[unit],
      unit < OKAP_N_TOKEN_UNITS ? N_("Dollars a million tokens") : N_("Dollars"), "USD" };
  *next++ = (GOptionEntry) {
    "max-output", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_INT64, &given->max_output_tokens,
    N_("What the model writes at most"), "TOKENS" };
  *next++ = (GOptionEntry) {
    "context", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_INT64, &given->context_tokens,
    N_("What the model reads at most"), "TOKENS" };
  *next++ = (GOptionEntry) {
    "free", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &given->free, N_("It costs nothing"), NULL };
  *next++ = (GOptionEntry) {
    "passphrase-fd", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_INT, &given->fd, PASSPHRASE_HELP, "N" };
  *next++ = (GOptionEntry) {
    "json", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &given->json, N_("Print JSON"), NULL };
  return parse_two (command, entries, argc, argv, out_provider, out_model, out_exit);
}

static OkapPriceOverride *
find_or_add (GPtrArray *overrides, const char *provider, const char *model)
{
  OkapPriceOverride *override;

  for (guint i = 0; i < overrides->len; i++)
    {
      override = g_ptr_array_index (overrides, i);
      if (g_str_equal (override->provider, provider) && g_str_equal (override->model, model))
        return override;
    }
  override = okap_price_override_new (provider, model);
  g_ptr_array_add (overrides, override);
  return override;
}

/* Adds what was given to what was set before; to set something free, or not, starts anew. */
static gboolean
apply (OkapPriceOverride *override, const Given *given, GError **error)
{
  gboolean anew = given->free || override->free;

  override->free = given->free;
  for (guint unit = 0; unit < OKAP_N_UNITS; unit++)
    if ((given->usd[unit] != NULL || anew)
        && !okap_price_override_set (override, (OkapUnit) unit, given->usd[unit], error))
      return FALSE;
  if (given->max_output_tokens > 0)
    override->max_output_tokens = given->max_output_tokens;
  if (given->context_tokens > 0)
    override->context_tokens = given->context_tokens;
  return TRUE;
}

static void
add_confirmed (JsonBuilder *builder, gboolean confirmed)
{
  json_builder_set_member_name (builder, "confirmed");
  json_builder_add_boolean_value (builder, confirmed);
}

/* Writes, and has what is written confirmed. */
static gboolean
keep (GPtrArray *overrides, OkapPriceStand before, int fd, gboolean *out_confirmed, GError **error)
{
  return okap_price_files_write_overrides (overrides, error)
         && okap_price_stand_confirm (before, fd, out_confirmed, error);
}

static void
print_done (gboolean json, const char *provider, const char *model, gboolean set,
            gboolean confirmed)
{
  g_autoptr (JsonBuilder) builder = NULL;
  g_autoptr (JsonNode) root = NULL;

  if (!json)
    {
      printf (set ? "Set: %s %s\n" : "No longer set: %s %s\n", provider, model);
      return;
    }
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "provider");
  json_builder_add_string_value (builder, provider);
  json_builder_set_member_name (builder, "model");
  json_builder_add_string_value (builder, model);
  json_builder_set_member_name (builder, "set");
  json_builder_add_boolean_value (builder, set);
  add_confirmed (builder, confirmed);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  okap_cli_print_json (root);
}

int
okap_cmd_prices_set (const OkapCommand *command, int argc, char *argv[])
{
  g_auto (Given) given = { .fd = -1 };
  g_autofree char *provider = NULL;
  g_autofree char *model = NULL;
  g_autoptr (GPtrArray) overrides = NULL;
  g_autoptr (OkapProvider) known = NULL;
  g_autoptr (GError) error = NULL;
  OkapPriceStand before;
  gboolean any, confirmed;
  int status;

  okap_process_hide ();
  if (!parse_set (command, argc, argv, &given, &provider, &model, &status))
    return status;
  any = given.free;
  for (guint unit = 0; unit < OKAP_N_UNITS; unit++)
    {
      if (given.usd[unit] != NULL && given.free)
        return okap_cli_misuse (command, "expected either --free or prices");
      any |= given.usd[unit] != NULL;
    }
  if (!any)
    return okap_cli_misuse (command, "expected at least one price, such as --input 0.5, or "
                            "--free");
  if (given.max_output_tokens < 0 || given.context_tokens < 0)
    return okap_cli_misuse (command, "expected a number of tokens");
  before = okap_price_stand_ask ();
  overrides = okap_price_files_read_overrides (&error);
  if (overrides == NULL)
    return okap_cli_fail (error);
  if (!apply (find_or_add (overrides, provider, model), &given, &error))
    return okap_cli_misuse (command, "%s", error->message);
  if (!keep (overrides, before, given.fd, &confirmed, &error))
    return okap_cli_fail (error);
  known = okap_provider_lookup (provider);
  if (known == NULL)
    fprintf (stderr, "okap: %s is no provider of Okap's own list: the price counts if you add one "
             "of that name\n", provider);
  print_done (given.json, provider, model, TRUE, confirmed);
  return OKAP_EXIT_DONE;
}

int
okap_cmd_prices_unset (const OkapCommand *command, int argc, char *argv[])
{
  gboolean json = FALSE, confirmed;
  int fd = -1;
  const GOptionEntry entries[] = {
    { "passphrase-fd", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_INT, &fd, PASSPHRASE_HELP, "N" },
    { "json", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &json, N_("Print JSON"), NULL },
    { NULL },
  };
  g_autofree char *provider = NULL;
  g_autofree char *model = NULL;
  g_autoptr (GPtrArray) overrides = NULL;
  g_autoptr (GError) error = NULL;
  OkapPriceStand before;
  int status;

  okap_process_hide ();
  if (!parse_two (command, entries, argc, argv, &provider, &model, &status))
    return status;
  before = okap_price_stand_ask ();
  overrides = okap_price_files_read_overrides (&error);
  if (overrides == NULL)
    return okap_cli_fail (error);
  if (!okap_price_overrides_remove (overrides, provider, model))
    return okap_cli_fail_with ("you have set no price for %s of %s", model, provider);
  if (!keep (overrides, before, fd, &confirmed, &error))
    return okap_cli_fail (error);
  print_done (json, provider, model, FALSE, confirmed);
  return OKAP_EXIT_DONE;
}

static void
print_table (gboolean json, const char *words, const char *date, guint rows,
             const gboolean *confirmed)
{
  g_autoptr (JsonBuilder) builder = NULL;
  g_autoptr (JsonNode) root = NULL;

  if (!json)
    {
      printf (date != NULL ? "%s: %u prices, of %s\n" : "%s: %u prices\n", words, rows, date);
      return;
    }
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  if (date != NULL)
    {
      json_builder_set_member_name (builder, "date");
      json_builder_add_string_value (builder, date);
    }
  json_builder_set_member_name (builder, "prices");
  json_builder_add_int_value (builder, rows);
  if (confirmed != NULL)
    add_confirmed (builder, *confirmed);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  okap_cli_print_json (root);
}

static int
fail_file (const char *path, const GError *error)
{
  return okap_cli_fail_with ("%s: %s", path, error->message);
}

int
okap_cmd_prices_update (const OkapCommand *command, int argc, char *argv[])
{
  gboolean json = FALSE, built_in = FALSE, confirmed;
  int fd = -1;
  const GOptionEntry entries[] = {
    { "built-in", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &built_in,
      N_("Go back to the table that came with Okap"), NULL },
    { "passphrase-fd", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_INT, &fd, PASSPHRASE_HELP, "N" },
    { "json", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &json, N_("Print JSON"), NULL },
    { NULL },
  };
  g_auto (OkapPriceReport) report = { 0 };
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  OkapPriceStand before;
  gsize length;
  int status;

  okap_process_hide ();
  if (!okap_cli_parse (command, entries, FALSE, &argc, &argv, &status))
    return status;
  if (argc != (built_in ? 1 : 2))
    return okap_cli_misuse (command, built_in ? "expected no file with --built-in"
                                              : "expected exactly one argument: FILE");
  before = okap_price_stand_ask ();
  okap_price_files_load (NULL, NULL, &report);
  if (built_in && !okap_price_files_uninstall (&error))
    return okap_cli_fail (error);
  if (!built_in && !okap_price_files_read (argv[1], &text, &length, &error))
    return okap_cli_fail (error);
  if (!built_in && !okap_price_files_install (text, length, &error))
    return fail_file (argv[1], error);
  okap_price_report_clear (&report);
  okap_price_files_load (NULL, NULL, &report);
  if (!okap_price_stand_confirm (before, fd, &confirmed, &error))
    return okap_cli_fail (error);
  print_table (json, confirmed ? "The table in use" : "The table", okap_price_get_date (),
               okap_price_book_get ()->table->n_rows, &confirmed);
  return OKAP_EXIT_DONE;
}

int
okap_cmd_prices_check (const OkapCommand *command, int argc, char *argv[])
{
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "json", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &json, N_("Print JSON"), NULL },
    { NULL },
  };
  g_autofree char *path = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GPtrArray) overrides = NULL;
  g_autoptr (OkapPriceTable) table = NULL;
  g_autoptr (GError) error = NULL;
  OkapJsonScanner scanner;
  gsize length;
  int status;

  if (!okap_cli_parse_one_id (command, entries, argc, argv, &path, &status))
    return status;
  if (!okap_price_files_read (path, &text, &length, &error))
    return okap_cli_fail (error);
  okap_json_scanner_init (&scanner, text, length, OKAP_JSON_DEPTH_MOST);
  if (okap_json_scanner_next (&scanner) == OKAP_JSON_OBJECT
      && okap_json_scanner_next (&scanner) == OKAP_JSON_NAME
      && okap_json_scanner_is (&scanner, "prices"))
    {
      overrides = okap_price_overrides_read (text, length, &error);
      if (overrides == NULL)
        return fail_file (path, error);
      print_table (json, "Good", NULL, overrides->len, NULL);
      return OKAP_EXIT_DONE;
    }
  table = okap_price_table_read (text, length, &error);
  if (table == NULL)
    return fail_file (path, error);
  print_table (json, "Good", table->date, table->n_rows, NULL);
  return OKAP_EXIT_DONE;
}
