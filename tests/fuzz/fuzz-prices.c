/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any text as a table of prices and as the prices that a user set. What must hold: a refusal names
 * a line and has no control characters; a table that is read has only prices within bounds, whose
 * worst case is never below them at any time; what a user set is the same when it is written and
 * read again. */
#include "config.h"

#include <string.h>

#include "okap-fuzz.h"
#include "okap-price-override.h"

static void
check_error (const GError *error)
{
  g_assert_nonnull (error);
  g_assert_true (g_str_has_prefix (error->message, "Line "));
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  for (const char *c = error->message; *c != '\0'; c++)
    g_assert_false (g_ascii_iscntrl (*c));
}

static void
check_price (const OkapPrice *price)
{
  g_assert_cmpuint (price->n_tiers, >, 0);
  g_assert_cmpint (price->tiers[0].from_input_tokens, ==, 0);
  for (guint i = 0; i < price->n_tiers; i++)
    {
      const OkapPriceTier *tier = &price->tiers[i];
      gint64 prompt = tier->from_input_tokens + 1;

      if (i > 0)
        g_assert_cmpint (tier->from_input_tokens, >, tier[-1].from_input_tokens);
      for (guint unit = 0; unit < OKAP_N_UNITS; unit++)
        {
          g_assert_cmpint (tier->pusd[unit], >=, 0);
          g_assert_cmpint (tier->pusd[unit], <=, okap_price_get_most_pusd ((OkapUnit) unit));
          if ((tier->known & (1u << unit)) == 0)
            g_assert_cmpint (tier->pusd[unit], ==, 0);
        }
      g_assert_cmpint (okap_price_get_worst_prompt (price, prompt), >=,
                       prompt * tier->pusd[OKAP_UNIT_INPUT] / 1000);
    }
}

static void
check_row (const OkapPriceRow *row)
{
  static const gint64 times_us[] = { -1, 0, 1795435200000000, 1798761599999999, G_MAXINT64 };
  OkapPrice price;

  for (guint i = 0; row->n_parts > 0 && i < G_N_ELEMENTS (times_us); i++)
    {
      okap_price_row_resolve (row, times_us[i], &price);
      check_price (&price);
    }
  for (guint i = 0; i < row->n_variants; i++)
    {
      g_assert_true (okap_price_row_resolve_variant (row, row->variants[i].words, &price));
      check_price (&price);
    }
}

static void
check_table (const OkapPriceTable *table)
{
  GHashTableIter lists, rows;
  gpointer list, row;

  g_hash_table_iter_init (&lists, table->lists);
  while (g_hash_table_iter_next (&lists, NULL, &list))
    {
      const OkapPriceList *one = list;

      for (guint i = 0; i < one->rules->len; i++)
        check_row (g_array_index (one->rules, OkapPriceRule, i).row);
      g_hash_table_iter_init (&rows, one->by_id);
      while (g_hash_table_iter_next (&rows, NULL, &row))
        check_row (row);
    }
}

static void
check_overrides (GPtrArray *overrides)
{
  g_autofree char *text = okap_price_overrides_format (overrides);
  g_autoptr (GPtrArray) again = okap_price_overrides_read (text, strlen (text), NULL);
  g_autofree char *text_again = NULL;
  g_autoptr (OkapPriceTable) table = okap_price_overrides_make_table (overrides, NULL);

  g_assert_nonnull (again);
  g_assert_nonnull (table);
  text_again = okap_price_overrides_format (again);
  g_assert_cmpstr (text, ==, text_again);
  check_table (table);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) table_error = NULL;
  g_autoptr (GError) overrides_error = NULL;
  g_autoptr (OkapPriceTable) table = okap_price_table_read ((const char *) data, size,
                                                            &table_error);
  g_autoptr (GPtrArray) overrides = okap_price_overrides_read ((const char *) data, size,
                                                               &overrides_error);

  if (table != NULL)
    check_table (table);
  else
    check_error (table_error);
  if (overrides != NULL)
    check_overrides (overrides);
  else
    check_error (overrides_error);
  return 0;
}
