/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a model costs at a time. Safe from any thread; a look-up allocates nothing and waits for
 * nobody. The user's own prices come before the table's. A model without a price has none: the
 * caller must treat that as unknown, not as free. */
#include "config.h"

#include "okap-price.h"

#include <string.h>

#include "okap-caps.h"
#include "okap-price-private.h"

/* What models that are charged by token write. */
#define WRITTEN (1u << OKAP_UNIT_OUTPUT | 1u << OKAP_UNIT_IMAGE_OUTPUT)

static const OkapPriceRow *
find_row (const char *provider, const char *model)
{
  const OkapPriceBook *book = okap_price_book_get ();
  char name[OKAP_CAP_MODEL_BYTES + 1];
  const OkapPriceRow *row = NULL;
  gsize length = 0;

  if (model == NULL || *model == '\0')
    return NULL;
  for (; model[length] != '\0'; length++)
    {
      if (length == OKAP_CAP_MODEL_BYTES)
        return NULL;
      name[length] = g_ascii_tolower (model[length]);
    }
  name[length] = '\0';
  if (book->overrides != NULL)
    row = okap_price_table_find (book->overrides, provider, name);
  if (row == NULL)
    row = okap_price_table_find (book->table, provider, name);
  return row != NULL && row->n_parts > 0 ? row : NULL;
}

/**
 * okap_price_lookup:
 * @provider: a provider's id
 * @model: (nullable): as okap_provider_canonical_model() returns it; letter case does not matter
 * @at_us: wall time of the request: prices change on days and with the hours
 * @out_price: (out): the price; its tiers live for ever
 *
 * Prices of requests that end in another hour or on another day than they began may be either; the
 * cost of one is made with what @at_us says, its worst case with all that may come to hold.
 *
 * Returns: whether the price is known. A known price may be zero.
 */
gboolean
okap_price_lookup (const char *provider, const char *model, gint64 at_us, OkapPrice *out_price)
{
  const OkapPriceRow *row = find_row (provider, model);

  *out_price = (OkapPrice) { 0 };
  if (row == NULL)
    return FALSE;
  okap_price_row_resolve (row, at_us, out_price);
  okap_price_open_modifiers (out_price, provider);
  return TRUE;
}

/**
 * okap_price_lookup_variant:
 * @variant: (nullable): what the request says of the thing that it wants, in words with
 *   one space between them, in any order: "hd 1024x1792", "high", "annotated"
 *
 * As okap_price_lookup(). Where the table has prices for some such words, the dearest of those
 * that fit all of @variant counts, or the one that has no others; if none fits, the price is
 * unknown. A model that it has no such prices for costs the same whatever is asked. For models that
 * are charged by token the price of a picture is an estimate, for before the tokens are known:
 * count either; if no variant fits, those have the price of their tokens alone.
 */
gboolean
okap_price_lookup_variant (const char *provider, const char *model, const char *variant,
                           gint64 at_us, OkapPrice *out_price)
{
  const OkapPriceRow *row = find_row (provider, model);
  gboolean is_plain = variant == NULL || *variant == '\0';

  *out_price = (OkapPrice) { 0 };
  if (row == NULL)
    return FALSE;
  if (is_plain || !okap_price_row_resolve_variant (row, variant, out_price))
    {
      if (!is_plain && row->n_variants > 0 && (row->tiers[0].known & WRITTEN) == 0)
        return FALSE;
      okap_price_row_resolve (row, at_us, out_price);
    }
  okap_price_open_modifiers (out_price, provider);
  return TRUE;
}

/** okap_price_get_date: (transfer none): the day of the newest of the table's sources, as
 *   YYYY-MM-DD */
const char *
okap_price_get_date (void)
{
  return okap_price_book_get ()->table->date;
}
