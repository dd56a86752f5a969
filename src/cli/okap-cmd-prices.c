/* SPDX-License-Identifier: GPL-3.0-or-later */
/* okap prices list and show: what Okap reckons with. Both read the tables themselves, as Okap does
 * while it runs, so that they need no Okap that runs. One that runs is asked whether the user's own
 * prices count; if not, they are shown, so that the user sees what there is to confirm. */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>

#include "okap-commands.h"
#include "okap-price-files.h"
#include "okap-price-stand.h"
#include "okap-table.h"

#define MODEL_BYTES 128
#define ALL_DAYS 0x7f
#define MONDAY_TO_FRIDAY 0x1f

/* A row with the names that it has in its table. */
typedef struct
{
  const char *provider;
  const char *id;
  const OkapPriceRow *row;
} Line;

static int
compare_lines (gconstpointer a, gconstpointer b)
{
  const Line *line_a = a, *line_b = b;
  int order = strcmp (line_a->provider, line_b->provider);

  return order != 0 ? order : strcmp (line_a->id, line_b->id);
}

static void
add_lines (GArray *lines, const OkapPriceTable *table, const char *provider)
{
  GHashTableIter lists, rows;
  gpointer name, list, id, row;

  if (table == NULL)
    return;
  g_hash_table_iter_init (&lists, table->lists);
  while (g_hash_table_iter_next (&lists, &name, &list))
    {
      if (provider != NULL && !g_str_equal (name, provider))
        continue;
      g_hash_table_iter_init (&rows, ((OkapPriceList *) list)->by_id);
      while (g_hash_table_iter_next (&rows, &id, &row))
        {
          Line line = { name, id, row };

          g_array_append_val (lines, line);
        }
      for (guint i = 0; i < ((OkapPriceList *) list)->rules->len; i++)
        {
          const OkapPriceRule *rule = &g_array_index (((OkapPriceList *) list)->rules,
                                                      OkapPriceRule, i);
          Line line = { name, *rule->suffix != '\0' ? rule->suffix : "*", rule->row };

          g_array_append_val (lines, line);
        }
    }
}

/* The row that counts for @model at each provider that has one. */
static void
add_matches (GArray *lines, const char *provider, const char *model)
{
  const OkapPriceBook *book = okap_price_book_get ();
  const OkapPriceTable *tables[] = { book->overrides, book->table };
  g_autofree char *name = g_ascii_strdown (model, MODEL_BYTES);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    {
      GHashTableIter lists;
      gpointer key;

      if (tables[i] == NULL)
        continue;
      g_hash_table_iter_init (&lists, tables[i]->lists);
      while (g_hash_table_iter_next (&lists, &key, NULL))
        {
          Line line = { key, model, okap_price_table_find (tables[i], key, name) };

          if ((provider != NULL && !g_str_equal (key, provider)) || line.row == NULL
              || !g_hash_table_add (seen, key))
            continue;
          g_array_append_val (lines, line);
        }
    }
}

static char *
dup_price (OkapUnit unit, gint64 pusd)
{
  g_autofree char *usd = okap_price_format_usd (unit, pusd);
  const char *many = unit < OKAP_N_TOKEN_UNITS ? "a million" : "each";

  if (unit == OKAP_UNIT_MILLISECONDS)
    many = "a second";
  if (unit == OKAP_UNIT_CHARACTERS)
    many = "a million";
  return g_strdup_printf ("$%s %s", usd, many);
}

/* "Monday to Friday 01:00-04:00 UTC" and the like; empty for the first part. */
static char *
dup_condition (const OkapPricePart *part)
{
  g_autoptr (GDateTime) since = NULL;
  GString *text;

  if (part->from_minute == part->to_minute)
    {
      if (part->since_us == 0)
        return g_strdup ("");
      since = g_date_time_new_from_unix_utc (part->since_us / G_USEC_PER_SEC);
      return g_date_time_format (since, "from %Y-%m-%d");
    }
  text = g_string_new (NULL);
  g_string_printf (text, "%02d:%02d-%02d:%02d UTC", part->from_minute / 60,
                   part->from_minute % 60, part->to_minute / 60, part->to_minute % 60);
  if (part->days == MONDAY_TO_FRIDAY)
    g_string_append (text, ", Monday to Friday");
  else if (part->days != ALL_DAYS)
    {
      g_string_append (text, ", on days (Monday is 1)");
      for (guint day = 0; day < 7; day++)
        if ((part->days & (1u << day)) != 0)
          g_string_append_printf (text, " %u", day + 1);
    }
  return g_string_free (text, FALSE);
}

static void
build_tier (JsonBuilder *builder, const OkapPriceTier *tier, const char *condition,
            const char *variant)
{
  json_builder_begin_object (builder);
  if (*condition != '\0')
    {
      json_builder_set_member_name (builder, "when");
      json_builder_add_string_value (builder, condition);
    }
  if (variant != NULL)
    {
      json_builder_set_member_name (builder, "variant");
      json_builder_add_string_value (builder, variant);
    }
  if (tier->from_input_tokens > 0)
    {
      json_builder_set_member_name (builder, "above_tokens");
      json_builder_add_int_value (builder, tier->from_input_tokens);
    }
  for (guint unit = 0; unit < OKAP_N_UNITS; unit++)
    if ((tier->known & (1u << unit)) != 0)
      {
        g_autofree char *usd = okap_price_format_usd ((OkapUnit) unit, tier->pusd[unit]);

        json_builder_set_member_name (builder, okap_price_override_get_member ((OkapUnit) unit));
        json_builder_add_double_value (builder, g_ascii_strtod (usd, NULL));
      }
  json_builder_end_object (builder);
}

static void
build_line (JsonBuilder *builder, const Line *line)
{
  const OkapPriceRow *row = line->row;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "provider");
  json_builder_add_string_value (builder, line->provider);
  json_builder_set_member_name (builder, "model");
  json_builder_add_string_value (builder, line->id);
  json_builder_set_member_name (builder, "source");
  json_builder_add_string_value (builder, row->sources);
  json_builder_set_member_name (builder, "max_output_tokens");
  json_builder_add_int_value (builder, row->max_output_tokens);
  json_builder_set_member_name (builder, "context_tokens");
  json_builder_add_int_value (builder, row->context_tokens);
  json_builder_set_member_name (builder, "prices");
  json_builder_begin_array (builder);
  for (guint i = 0; i < row->n_parts; i++)
    {
      g_autofree char *condition = dup_condition (&row->parts[i]);

      for (guint j = 0; j < row->parts[i].n_tiers; j++)
        build_tier (builder, &row->tiers[row->parts[i].first_tier + j], condition, NULL);
    }
  for (guint i = 0; i < row->n_variants; i++)
    build_tier (builder, &row->variants[i].tier, "", row->variants[i].words);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

static void
print_json (GArray *lines, OkapPriceStand stand)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "date");
  json_builder_add_string_value (builder, okap_price_get_date ());
  okap_price_stand_build (builder, stand);
  json_builder_set_member_name (builder, "rows");
  json_builder_begin_array (builder);
  for (guint i = 0; i < lines->len; i++)
    build_line (builder, &g_array_index (lines, Line, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  okap_cli_print_json (root);
}

/* Whether @unit has a price to show: that it costs nothing is worth a word only if nothing does. */
static gboolean
is_worth_showing (const OkapPriceTier *tier, guint unit)
{
  gboolean costs = FALSE;

  for (guint i = 0; i < OKAP_N_UNITS; i++)
    costs |= tier->pusd[i] != 0;
  return (tier->known & (1u << unit)) != 0 && (tier->pusd[unit] != 0 || !costs);
}

static char *
dup_cell (const OkapPrice *price, OkapUnit unit)
{
  return is_worth_showing (price->tiers, unit)
         ? okap_price_format_usd (unit, price->tiers[0].pusd[unit]) : g_strdup ("");
}

/* What is charged besides tokens of text. */
static char *
dup_others (const OkapPrice *price)
{
  GString *text = g_string_new (NULL);

  for (guint unit = OKAP_N_TOKEN_UNITS; unit < OKAP_N_UNITS; unit++)
    if (price->tiers[0].pusd[unit] != 0)
      {
        g_autofree char *usd = okap_price_format_usd ((OkapUnit) unit, price->tiers[0].pusd[unit]);

        g_string_append_printf (text, "%s%s %s", text->len > 0 ? ", " : "",
                                okap_price_override_get_member ((OkapUnit) unit), usd);
      }
  return g_string_free (text, FALSE);
}

static void
print_table (GArray *lines)
{
  const char *headings[] = { "<PROVIDER", "<MODEL", ">INPUT", ">CACHED", ">OUTPUT", "<OTHER",
                             "<SOURCE", NULL };
  g_autoptr (OkapTable) table = okap_table_new (headings);
  g_autofree char *text = NULL;

  for (guint i = 0; i < lines->len; i++)
    {
      const Line *line = &g_array_index (lines, Line, i);
      g_autofree char *input = NULL, *cached = NULL, *output = NULL, *others = NULL;
      OkapPrice price;

      if (line->row->n_parts == 0)
        continue;
      okap_price_row_resolve (line->row, g_get_real_time (), &price);
      input = dup_cell (&price, OKAP_UNIT_INPUT);
      cached = dup_cell (&price, OKAP_UNIT_CACHED);
      output = dup_cell (&price, OKAP_UNIT_OUTPUT);
      others = dup_others (&price);
      okap_table_add_row (table, (const char *[]) { line->provider, line->id, input, cached,
                                                    output, others, line->row->sources });
    }
  text = okap_table_format (table);
  okap_cli_print (text);
}

/* Whether a price only repeats that of what the unit is part of. */
static gboolean
is_repeated (const OkapPriceTier *tier, guint unit)
{
  guint of = unit < OKAP_N_PROMPT_UNITS ? OKAP_UNIT_INPUT : OKAP_UNIT_OUTPUT;

  if (unit == OKAP_UNIT_AUDIO_CACHED || unit == OKAP_UNIT_IMAGE_CACHED)
    of = OKAP_UNIT_CACHED;
  return unit < OKAP_N_TOKEN_UNITS && unit != of && (tier->known & (1u << of)) != 0
         && tier->pusd[unit] == tier->pusd[of];
}

static void
print_tier (const OkapPriceTier *tier, const char *condition)
{
  if (*condition != '\0')
    printf ("  %s\n", condition);
  if (tier->from_input_tokens > 0)
    printf ("  prompts of more than %" G_GINT64_FORMAT " tokens\n", tier->from_input_tokens);
  for (guint unit = 0; unit < OKAP_N_UNITS; unit++)
    {
      g_autofree char *price = dup_price ((OkapUnit) unit, tier->pusd[unit]);

      if (is_worth_showing (tier, unit) && !is_repeated (tier, unit))
        printf ("    %-17s %s\n", okap_unit_get_name ((OkapUnit) unit), price);
    }
}

static void
print_line (const Line *line)
{
  const OkapPriceRow *row = line->row;
  OkapPrice price;

  printf ("%s %s (%s)\n", line->provider, line->id, row->sources);
  if (row->context_tokens > 0)
    printf ("  reads at most %" G_GINT64_FORMAT " tokens\n", row->context_tokens);
  if (row->max_output_tokens > 0)
    printf ("  writes at most %" G_GINT64_FORMAT " tokens\n", row->max_output_tokens);
  if (row->n_parts == 0)
    puts ("  the price is not known");
  if (row->n_parts == 1 && row->tiers[0].known == (1u << OKAP_N_UNITS) - 1)
    {
      okap_price_row_resolve (row, 0, &price);
      if (okap_price_is_free (&price))
        {
          puts ("  costs nothing");
          return;
        }
    }
  for (guint i = 0; i < row->n_parts; i++)
    {
      g_autofree char *condition = dup_condition (&row->parts[i]);

      for (guint j = 0; j < row->parts[i].n_tiers; j++)
        print_tier (&row->tiers[row->parts[i].first_tier + j], condition);
    }
  for (guint i = 0; i < row->n_variants; i++)
    {
      g_autofree char *words = g_strdup_printf ("\"%s\"", row->variants[i].words);

      print_tier (&row->variants[i].tier, words);
    }
}

/* Reads the user's files; what is wrong with them is said on stderr, and the rest goes on. */
static OkapPriceStand
load_files (void)
{
  OkapPriceStand stand = okap_price_stand_ask ();
  g_auto (OkapPriceReport) report = { 0 };

  okap_price_files_load (NULL, NULL, &report);
  if (report.table_problem != NULL)
    fprintf (stderr, "okap: %s\n", report.table_problem);
  if (report.overrides_problem != NULL)
    fprintf (stderr, "okap: %s\n", report.overrides_problem);
  if (stand == OKAP_PRICES_UNCONFIRMED)
    fputs ("okap: The prices were changed but not confirmed: those of your own, and a table that "
           "you installed, do not count. Confirm them with: okap prices confirm\n", stderr);
  return stand;
}

int
okap_cmd_prices_list (const OkapCommand *command, int argc, char *argv[])
{
  g_autofree char *provider = NULL;
  gboolean mine = FALSE, json = FALSE;
  const GOptionEntry entries[] = {
    { "provider", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &provider,
      N_("Only this provider"), "ID" },
    { "mine", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &mine,
      N_("Only prices that you set"), NULL },
    { "json", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &json, N_("Print JSON"), NULL },
    { NULL },
  };
  g_autoptr (GArray) lines = g_array_new (FALSE, FALSE, sizeof (Line));
  const OkapPriceBook *book;
  OkapPriceStand stand;
  int status;

  if (!okap_cli_parse_one_id (command, entries, argc, argv, NULL, &status))
    return status;
  stand = load_files ();
  book = okap_price_book_get ();
  add_lines (lines, book->overrides, provider);
  if (!mine)
    add_lines (lines, book->table, provider);
  g_array_sort (lines, compare_lines);
  if (json)
    print_json (lines, stand);
  else if (lines->len == 0)
    fputs (mine ? "okap: You have set no price.\n" : "okap: No price is known there.\n", stderr);
  else
    print_table (lines);
  return OKAP_EXIT_DONE;
}

int
okap_cmd_prices_show (const OkapCommand *command, int argc, char *argv[])
{
  g_autofree char *model = NULL;
  g_autofree char *provider = NULL;
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "provider", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_STRING, &provider,
      N_("Only at this provider"), "ID" },
    { "json", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &json, N_("Print JSON"), NULL },
    { NULL },
  };
  g_autoptr (GArray) lines = g_array_new (FALSE, FALSE, sizeof (Line));
  OkapPriceStand stand;
  int status;

  if (!okap_cli_parse_one_id (command, entries, argc, argv, &model, &status))
    return status;
  stand = load_files ();
  add_matches (lines, provider, model);
  g_array_sort (lines, compare_lines);
  if (json)
    print_json (lines, stand);
  else
    for (guint i = 0; i < lines->len; i++)
      print_line (&g_array_index (lines, Line, i));
  if (lines->len > 0)
    return OKAP_EXIT_DONE;
  return okap_cli_fail_with ("no price is known for %s. You can set one: okap prices set", model);
}
