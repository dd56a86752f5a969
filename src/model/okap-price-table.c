/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A table of prices, from a file in the form that build-aux/update-prices writes and explains, and
 * where a name is found in it. A file is read whole or not at all: what is wrong with it is said
 * with its line. It is read with the scanner in one pass because it has thousands of lines.
 *
 * A model has the price of the longest id that its name is or is a dated form of:
 *
 *   1. the id itself;
 *   2. the id and a whole date, as vendors write the version of a model that they serve:
 *      -20250929 or -2024-07-18;
 *   3. where the table says so, the id and a short date: -001, -2506, -05-06, -09-2025;
 *   4. a rule for the provider, by the name's end: the longest.
 *
 * A gateway may charge what the providers behind it do: then their prices count, in the order of
 * the table, for names that it has no price of its own for.
 *
 * Nothing else is guessed. A name that only begins like a model's is another model, at another
 * price, and has none here. */
#include "config.h"

#include "okap-price-table.h"

#include <string.h>

#include "okap-caps.h"
#include "okap-error.h"
#include "okap-price-private.h"

#define FILE_DEPTH 4
#define SOURCES_BYTES 8

/* Dates that may stand behind an id; d is a digit. */
static const char *const whole_dates[] = { "-20dddddd", "-20dd-dd-dd" };
static const char *const short_dates[] = { "-ddd", "-dddd", "-dd-dd", "-dd-20dd" };

static void
rule_clear (OkapPriceRule *rule)
{
  g_free (rule->suffix);
  okap_price_row_free (rule->row);
}

static void
same_clear (OkapPriceSame *same)
{
  g_free (same->prefix);
  g_free (same->provider);
}

static void
list_free (OkapPriceList *list)
{
  g_array_unref (list->same);
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

/** okap_price_table_new: (transfer full): an empty table; add its rows, then seal it
 * @date: (nullable)
 */
OkapPriceTable *
okap_price_table_new (const char *date)
{
  OkapPriceTable *table = g_new0 (OkapPriceTable, 1);

  table->date = g_strdup (date);
  table->lists = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                        (GDestroyNotify) list_free);
  return table;
}

static OkapPriceList *
get_list (OkapPriceTable *table, const char *provider)
{
  OkapPriceList *list = g_hash_table_lookup (table->lists, provider);

  if (list == NULL)
    {
      list = g_new0 (OkapPriceList, 1);
      list->by_id = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                           (GDestroyNotify) okap_price_row_free);
      list->rules = g_array_new (FALSE, FALSE, sizeof (OkapPriceRule));
      g_array_set_clear_func (list->rules, (GDestroyNotify) rule_clear);
      list->same = g_array_new (FALSE, FALSE, sizeof (OkapPriceSame));
      g_array_set_clear_func (list->same, (GDestroyNotify) same_clear);
      g_hash_table_insert (table->lists, g_strdup (provider), list);
    }
  return list;
}

static gboolean
is_id (const char *id)
{
  gsize length = strlen (id);

  for (const char *c = id; *c != '\0'; c++)
    if (!g_ascii_isgraph (*c) || g_ascii_isupper (*c))
      return FALSE;
  return length > 0 && length <= OKAP_CAP_MODEL_BYTES;
}

static gboolean
add_rule (OkapPriceList *list, const char *suffix, OkapPriceRow *row)
{
  OkapPriceRule rule = { NULL, row };

  for (guint i = 0; i < list->rules->len; i++)
    if (g_str_equal (g_array_index (list->rules, OkapPriceRule, i).suffix, suffix))
      {
        okap_price_row_free (row);
        return FALSE;
      }
  rule.suffix = g_strdup (suffix);
  g_array_append_val (list->rules, rule);
  return TRUE;
}

static gboolean
add_id (OkapPriceList *list, const char *id, OkapPriceRow *row)
{
  g_autofree char *name = g_strdup (id);
  gsize last = strlen (name) - 1;

  row->dated = name[last] == '*';
  if (row->dated)
    name[last] = '\0';
  if (g_hash_table_contains (list->by_id, name))
    {
      okap_price_row_free (row);
      return FALSE;
    }
  return g_hash_table_insert (list->by_id, g_steal_pointer (&name), row);
}

/**
 * okap_price_table_add:
 * @id: as it stands in a file: with a * at its end or beginning, perhaps
 * @row: (transfer full)
 * @error: if the id is none, or has a price already
 */
gboolean
okap_price_table_add (OkapPriceTable *table, const char *provider, const char *id,
                      OkapPriceRow *row, GError **error)
{
  OkapPriceList *list;

  if (!is_id (provider) || !is_id (id) || g_str_equal (id, "**"))
    {
      okap_price_row_free (row);
      return okap_price_refuse (error, "expected the ids of a provider and of a model, in "
                                "lower case and without spaces");
    }
  list = get_list (table, provider);
  if (id[0] == '*' ? !add_rule (list, id + 1, row) : !add_id (list, id, row))
    return okap_price_refuse (error, "%s of %s has two prices", id, provider);
  table->n_rows++;
  return TRUE;
}

static int
compare_longest_first (gconstpointer a, gconstpointer b)
{
  gsize length_a = strlen (((const OkapPriceRule *) a)->suffix);
  gsize length_b = strlen (((const OkapPriceRule *) b)->suffix);

  return length_a > length_b ? -1 : length_a < length_b;
}

/** okap_price_table_seal: nothing is added any more */
void
okap_price_table_seal (OkapPriceTable *table)
{
  GHashTableIter iter;
  gpointer list;

  g_hash_table_iter_init (&iter, table->lists);
  while (g_hash_table_iter_next (&iter, NULL, &list))
    g_array_sort (((OkapPriceList *) list)->rules, compare_longest_first);
}

static char *
read_string (OkapJsonScanner *scanner)
{
  return okap_json_scanner_next (scanner) == OKAP_JSON_STRING ? okap_json_scanner_dup (scanner)
                                                              : NULL;
}

/* One line, behind its opening bracket. */
static gboolean
read_line (OkapPriceTable *table, OkapJsonScanner *scanner, GError **error)
{
  g_autofree char *provider = read_string (scanner);
  g_autofree char *id = provider != NULL ? read_string (scanner) : NULL;
  g_autofree char *sources = id != NULL ? read_string (scanner) : NULL;
  OkapPriceRow *row;

  if (sources == NULL || !is_id (sources) || strlen (sources) > SOURCES_BYTES)
    return okap_price_refuse (error, "expected a line to begin with a provider, a model and the "
                              "letters of sources");
  row = okap_price_row_read (scanner, error);
  if (row == NULL)
    return FALSE;
  if (row->n_parts == 0 && id[0] != '*')
    {
      okap_price_row_free (row);
      return okap_price_refuse (error, "%s of %s has no price", id, provider);
    }
  row->sources = g_steal_pointer (&sources);
  return okap_price_table_add (table, provider, id, row, error);
}

static gboolean
read_lines (OkapPriceTable *table, OkapJsonScanner *scanner, GError **error)
{
  OkapJsonToken token;

  if (okap_json_scanner_next (scanner) != OKAP_JSON_ARRAY)
    return okap_price_refuse (error, "expected \"models\" to be a list");
  while ((token = okap_json_scanner_next (scanner)) == OKAP_JSON_ARRAY)
    if (!read_line (table, scanner, error))
      return FALSE;
  if (token != OKAP_JSON_ARRAY_END)
    return okap_price_refuse (error, "expected a list: the line of a model");
  return TRUE;
}

/* ["kilo","","openrouter"], behind its opening bracket. */
static gboolean
read_same (OkapPriceTable *table, OkapJsonScanner *scanner, GError **error)
{
  g_autofree char *provider = read_string (scanner);
  g_autofree char *prefix = provider != NULL ? read_string (scanner) : NULL;
  g_autofree char *other = prefix != NULL ? read_string (scanner) : NULL;
  OkapPriceSame same;

  if (other == NULL || okap_json_scanner_next (scanner) != OKAP_JSON_ARRAY_END
      || !is_id (provider) || !is_id (other) || (*prefix != '\0' && !is_id (prefix)))
    return okap_price_refuse (error, "expected a provider, a prefix and another provider, in "
                              "lower case and without spaces");
  same = (OkapPriceSame) { g_steal_pointer (&prefix), g_steal_pointer (&other) };
  g_array_append_val (get_list (table, provider)->same, same);
  return TRUE;
}

static gboolean
read_sames (OkapPriceTable *table, OkapJsonScanner *scanner, GError **error)
{
  OkapJsonToken token;

  if (okap_json_scanner_next (scanner) != OKAP_JSON_ARRAY)
    return okap_price_refuse (error, "expected \"same\" to be a list");
  while ((token = okap_json_scanner_next (scanner)) == OKAP_JSON_ARRAY)
    if (!read_same (table, scanner, error))
      return FALSE;
  if (token != OKAP_JSON_ARRAY_END)
    return okap_price_refuse (error, "expected a list: two providers and a prefix");
  return TRUE;
}

static gboolean
is_date (const char *text)
{
  static const char shape[] = "dddd-dd-dd";

  for (gsize i = 0; i < strlen (shape); i++)
    if (shape[i] == 'd' ? !g_ascii_isdigit (text[i]) : text[i] != shape[i])
      return FALSE;
  return text[strlen (shape)] == '\0';
}

static gboolean
read_members (OkapPriceTable *table, OkapJsonScanner *scanner, GError **error)
{
  OkapJsonToken token;
  gboolean models = FALSE;

  if (okap_json_scanner_next (scanner) != OKAP_JSON_OBJECT)
    return okap_price_refuse (error, "expected a table of prices in JSON");
  while ((token = okap_json_scanner_next (scanner)) == OKAP_JSON_NAME)
    {
      if (okap_json_scanner_is (scanner, "date") && table->date == NULL)
        {
          table->date = read_string (scanner);
          if (table->date == NULL || !is_date (table->date))
            return okap_price_refuse (error, "expected \"date\" to be a date such as 2027-01-01");
        }
      else if (okap_json_scanner_is (scanner, "models") && !models)
        {
          models = TRUE;
          if (!read_lines (table, scanner, error))
            return FALSE;
        }
      else if (okap_json_scanner_is (scanner, "same"))
        {
          if (!read_sames (table, scanner, error))
            return FALSE;
        }
      else if (!okap_json_scanner_is (scanner, "sources"))
        return okap_price_refuse (error, "expected \"date\", \"sources\", \"same\" and "
                                  "\"models\", each once");
      else if (!okap_json_scanner_skip (scanner, okap_json_scanner_next (scanner)))
        return okap_price_refuse (error, "expected JSON");
    }
  if (token != OKAP_JSON_OBJECT_END || okap_json_scanner_next (scanner) != OKAP_JSON_END)
    return okap_price_refuse (error, "expected the end of the table");
  if (table->date == NULL || !models)
    return okap_price_refuse (error, "expected \"date\" and \"models\"");
  return TRUE;
}

/**
 * okap_price_table_read: (transfer full)
 * @text: in the form of data/prices/prices.json
 * @error: %OKAP_ERROR_INVALID_REQUEST with the line and what was expected there
 */
OkapPriceTable *
okap_price_table_read (const char *text, gsize length, GError **error)
{
  g_autoptr (OkapPriceTable) table = okap_price_table_new (NULL);
  g_autoptr (GError) reason = NULL;
  OkapJsonScanner scanner;

  okap_json_scanner_init (&scanner, text, length, FILE_DEPTH);
  if (!read_members (table, &scanner, &reason))
    {
      okap_price_refuse_line (error, &scanner, text, length, reason);
      return NULL;
    }
  okap_price_table_seal (table);
  return g_steal_pointer (&table);
}

static gboolean
fits (const char *text, const char *shape)
{
  for (; *shape != '\0'; shape++, text++)
    if (*shape == 'd' ? !g_ascii_isdigit (*text) : *text != *shape)
      return FALSE;
  return TRUE;
}

/* The row of @name without the longest date of @shapes at its end. */
static const OkapPriceRow *
find_dated (const OkapPriceList *list, char *name, const char *const *shapes, gsize n_shapes)
{
  gsize length = strlen (name);

  for (gsize i = 0; i < n_shapes; i++)
    {
      gsize date = strlen (shapes[i]);
      const OkapPriceRow *row;
      char *end;

      if (length <= date || !fits (name + length - date, shapes[i]))
        continue;
      end = name + length - date;
      *end = '\0';
      row = g_hash_table_lookup (list->by_id, name);
      *end = '-';
      if (row != NULL)
        return row;
    }
  return NULL;
}

static const OkapPriceRow *
find_rule (const OkapPriceList *list, const char *name)
{
  for (guint i = 0; i < list->rules->len; i++)
    {
      const OkapPriceRule *rule = &g_array_index (list->rules, OkapPriceRule, i);

      if (g_str_has_suffix (name, rule->suffix))
        return rule->row;
    }
  return NULL;
}

/* The row of @name in the list itself. */
static const OkapPriceRow *
find_own (const OkapPriceList *list, char *name)
{
  const OkapPriceRow *row = g_hash_table_lookup (list->by_id, name);

  if (row == NULL)
    row = find_dated (list, name, whole_dates, G_N_ELEMENTS (whole_dates));
  if (row == NULL)
    {
      row = find_dated (list, name, short_dates, G_N_ELEMENTS (short_dates));
      if (row != NULL && !row->dated)
        row = NULL;
    }
  return row != NULL ? row : find_rule (list, name);
}

/**
 * okap_price_table_find:
 * @name: lower-case; changed while it is looked for, and put back
 *
 * Returns: (nullable): the row whose price @name has; allocates nothing
 */
const OkapPriceRow *
okap_price_table_find (const OkapPriceTable *table, const char *provider, char *name)
{
  const OkapPriceList *list = g_hash_table_lookup (table->lists, provider);
  const OkapPriceRow *row = list != NULL ? find_own (list, name) : NULL;

  for (guint i = 0; list != NULL && row == NULL && i < list->same->len; i++)
    {
      const OkapPriceSame *same = &g_array_index (list->same, OkapPriceSame, i);
      const OkapPriceList *other = g_hash_table_lookup (table->lists, same->provider);

      if (other != NULL && g_str_has_prefix (name, same->prefix))
        row = find_own (other, name + strlen (same->prefix));
    }
  return row;
}
