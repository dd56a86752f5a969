/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads data/prices/prices.json, which is compiled in, once, on first use, from any thread.
 * build-aux/update-prices writes that file and says what a line of it means. It is read with the
 * scanner in one pass because it has thousands of lines. */
#include "config.h"

#include "okap-price-table.h"

#include <string.h>

#include "okap-json.h"
#include "okap-provider-private.h"

#define FILE_PATH "/com/example/Okap/prices/prices.json"
#define FILE_DEPTH 4
#define TIERS_MOST 8
#define TIER_NUMBERS 5

static void
list_free (OkapPriceList *list)
{
  for (guint i = 0; i < list->rules->len; i++)
    {
      g_free (g_array_index (list->rules, OkapPriceRule, i).suffix);
      g_free (g_array_index (list->rules, OkapPriceRule, i).row);
    }
  g_array_unref (list->rules);
  g_hash_table_unref (list->by_id);
  g_free (list);
}

void
okap_price_table_free (OkapPriceTable *table)
{
  g_free (table->date);
  g_hash_table_unref (table->lists);
  g_free (table);
}

static OkapPriceList *
get_list (OkapPriceTable *table, const char *provider)
{
  OkapPriceList *list = g_hash_table_lookup (table->lists, provider);

  if (list == NULL)
    {
      list = g_new0 (OkapPriceList, 1);
      list->by_id = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
      list->rules = g_array_new (FALSE, FALSE, sizeof (OkapPriceRule));
      g_hash_table_insert (table->lists, g_strdup (provider), list);
    }
  return list;
}

/* What has no price of its own is priced as what it is part of. */
static void
fill_tier (OkapPriceTier *tier, const gint64 numbers[TIER_NUMBERS])
{
  tier->from_input_tokens = numbers[0];
  tier->known = (1u << OKAP_N_TOKEN_UNITS) - 1;
  for (guint unit = 0; unit < OKAP_N_TOKEN_UNITS; unit++)
    tier->pusd[unit] = unit < OKAP_N_PROMPT_UNITS ? numbers[1] : numbers[4];
  tier->pusd[OKAP_UNIT_CACHED] = numbers[2];
  tier->pusd[OKAP_UNIT_CACHE_WRITTEN] = numbers[3];
  tier->pusd[OKAP_UNIT_CACHE_WRITTEN_1H] = numbers[3];
}

/* The rest of a line, behind its source: numbers up to the end of the list. */
static OkapPriceRow *
read_row (OkapJsonScanner *scanner)
{
  gint64 numbers[TIERS_MOST * TIER_NUMBERS];
  guint n = 0;
  OkapJsonToken token;
  OkapPriceRow *row;

  while ((token = okap_json_scanner_next (scanner)) == OKAP_JSON_NUMBER)
    if (n == G_N_ELEMENTS (numbers) || !okap_json_scanner_get_int (scanner, &numbers[n++]))
      return NULL;
  if (token != OKAP_JSON_ARRAY_END || n % TIER_NUMBERS != 0)
    return NULL;
  row = g_malloc0 (sizeof *row + n / TIER_NUMBERS * sizeof *row->tiers);
  row->n_tiers = n / TIER_NUMBERS;
  for (guint i = 0; i < row->n_tiers; i++)
    {
      const gint64 *tier = &numbers[i * TIER_NUMBERS];

      fill_tier (&row->tiers[i], tier);
      if (i == 0 ? tier[0] != 0 : tier[0] <= row->tiers[i - 1].from_input_tokens)
        {
          g_free (row);
          return NULL;
        }
    }
  return row;
}

static char *
read_string (OkapJsonScanner *scanner)
{
  return okap_json_scanner_next (scanner) == OKAP_JSON_STRING ? okap_json_scanner_dup (scanner)
                                                              : NULL;
}

/* One line, behind its opening bracket. */
static gboolean
read_line (OkapPriceTable *table, OkapJsonScanner *scanner)
{
  g_autofree char *provider = read_string (scanner);
  g_autofree char *id = provider != NULL ? read_string (scanner) : NULL;
  g_autofree char *source = id != NULL ? read_string (scanner) : NULL;
  OkapPriceRow *row = source != NULL && *id != '\0' ? read_row (scanner) : NULL;
  OkapPriceList *list;
  gsize last;

  if (row == NULL)
    return FALSE;
  list = get_list (table, provider);
  if (id[0] == '*')
    {
      OkapPriceRule rule = { g_strdup (id + 1), row };

      g_array_append_val (list->rules, rule);
      return TRUE;
    }
  last = strlen (id) - 1;
  row->dated = id[last] == '*';
  if (row->dated)
    id[last] = '\0';
  return g_hash_table_insert (list->by_id, g_steal_pointer (&id), row);
}

static gboolean
read_lines (OkapPriceTable *table, OkapJsonScanner *scanner)
{
  OkapJsonToken token;

  if (okap_json_scanner_next (scanner) != OKAP_JSON_ARRAY)
    return FALSE;
  while ((token = okap_json_scanner_next (scanner)) == OKAP_JSON_ARRAY)
    if (!read_line (table, scanner))
      return FALSE;
  return token == OKAP_JSON_ARRAY_END;
}

static gboolean
read_members (OkapPriceTable *table, OkapJsonScanner *scanner)
{
  OkapJsonToken token;

  if (okap_json_scanner_next (scanner) != OKAP_JSON_OBJECT)
    return FALSE;
  while ((token = okap_json_scanner_next (scanner)) == OKAP_JSON_NAME)
    {
      if (okap_json_scanner_is (scanner, "date") && table->date == NULL)
        table->date = read_string (scanner);
      else if (okap_json_scanner_is (scanner, "models"))
        {
          if (!read_lines (table, scanner))
            return FALSE;
        }
      else if (!okap_json_scanner_skip (scanner, token))
        return FALSE;
    }
  return token == OKAP_JSON_OBJECT_END && table->date != NULL
         && okap_json_scanner_next (scanner) == OKAP_JSON_END;
}

static int
compare_longest_first (gconstpointer a, gconstpointer b)
{
  gsize length_a = strlen (((const OkapPriceRule *) a)->suffix);
  gsize length_b = strlen (((const OkapPriceRule *) b)->suffix);

  return length_a > length_b ? -1 : length_a < length_b;
}

/** okap_price_table_read: (transfer full) (nullable): a table in the form of prices.json; NULL if
 *   @text is anything else, or prices one id twice */
OkapPriceTable *
okap_price_table_read (const char *text, gsize length)
{
  g_autoptr (OkapPriceTable) table = g_new0 (OkapPriceTable, 1);
  OkapJsonScanner scanner;
  GHashTableIter iter;
  gpointer list;

  table->lists = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                        (GDestroyNotify) list_free);
  okap_json_scanner_init (&scanner, text, length, FILE_DEPTH);
  if (!read_members (table, &scanner))
    return NULL;
  g_hash_table_iter_init (&iter, table->lists);
  while (g_hash_table_iter_next (&iter, NULL, &list))
    g_array_sort (((OkapPriceList *) list)->rules, compare_longest_first);
  return g_steal_pointer (&table);
}

static OkapPriceTable *
load_table (void)
{
  g_autoptr (GBytes) bytes = okap_model_data_load (FILE_PATH);
  gsize length;
  const char *text = g_bytes_get_data (bytes, &length);
  OkapPriceTable *table = okap_price_table_read (text, length);

  if (table == NULL)
    g_error ("%s is not a table of prices: run build-aux/update-prices", FILE_PATH);
  return table;
}

/** okap_price_table_get: (transfer none): the table compiled in, loaded on the first call */
const OkapPriceTable *
okap_price_table_get (void)
{
  static const OkapPriceTable *table;

  if (g_once_init_enter (&table))
    g_once_init_leave (&table, load_table ());
  return table;
}
