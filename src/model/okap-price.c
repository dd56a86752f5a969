/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a model costs. Safe from any thread; a look-up allocates nothing.
 *
 * A model has the price of the longest id that its name is or is a dated form of:
 *
 *   1. the id itself;
 *   2. the id and a whole date, as vendors write the version of a model that they serve:
 *      -20250929 or -2024-07-18;
 *   3. where the table says so, the id and a short date: -001, -2506, -05-06, -09-2025;
 *   4. a rule for the provider, by the name's end: the longest.
 *
 * Nothing else is guessed. A name that only begins like a model's is another model, at another
 * price, and has none here: the caller must treat that as unknown, not as free. */
#include "config.h"

#include "okap-price.h"

#include <string.h>

#include "okap-caps.h"
#include "okap-price-table.h"

/* Dates that may stand behind an id; d is a digit. */
static const char *const whole_dates[] = { "-20dddddd", "-20dd-dd-dd" };
static const char *const short_dates[] = { "-ddd", "-dddd", "-dd-dd", "-dd-20dd" };

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

static const OkapPriceRow *
find_row (const OkapPriceList *list, char *name)
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
 * okap_price_lookup:
 * @provider: a provider's id
 * @model: (nullable): as okap_provider_canonical_model() returns it; letter case does not matter
 * @at_us: wall time of the request: prices change on days and with the hours
 * @out_price: (out): the price; its tiers live for ever
 *
 * Returns: whether the price is known. A known price may be zero.
 */
gboolean
okap_price_lookup (const char *provider, const char *model, gint64 at_us, OkapPrice *out_price)
{
  const OkapPriceList *list = g_hash_table_lookup (okap_price_table_get ()->lists, provider);
  const OkapPriceRow *row;
  char name[OKAP_CAP_MODEL_BYTES + 1];
  gsize length = 0;

  *out_price = (OkapPrice) { 0 };
  if (list == NULL || model == NULL || *model == '\0')
    return FALSE;
  for (; model[length] != '\0'; length++)
    {
      if (length == OKAP_CAP_MODEL_BYTES)
        return FALSE;
      name[length] = g_ascii_tolower (model[length]);
    }
  name[length] = '\0';
  row = find_row (list, name);
  if (row == NULL || row->n_tiers == 0)
    return FALSE;
  *out_price = (OkapPrice) { .tiers = row->tiers, .n_tiers = row->n_tiers,
                             .dearest_permille = 1000 };
  return TRUE;
}

/**
 * okap_price_get_modifier:
 * @signal: what the provider said of how it served the request, such as a tier of service
 *
 * Returns: the factor on the whole cost, in thousandths; 1000 if nothing is known of it
 */
guint
okap_price_get_modifier (const char *provider, const char *model, const char *signal)
{
  return 1000;
}

/** okap_price_get_date: (transfer none): the day of the newest of the table's sources, as
 *   YYYY-MM-DD */
const char *
okap_price_get_date (void)
{
  return okap_price_table_get ()->date;
}
