/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of prices that count now: one pointer, exchanged as a whole. Whoever looks a price up
 * takes the pointer and no lock, from any thread, and may keep what it found for ever: tables that
 * were replaced are kept. They are replaced when the user changes prices, which is seldom. */
#include "config.h"

#include "okap-price-table.h"

#include "okap-provider-private.h"

#define FILE_PATH "/com/example/Okap/prices/prices.json"

/* All that was ever published, so that none is taken for lost. */
static GMutex published_lock;
static GPtrArray *published;       /* locked by published_lock */
static const OkapPriceBook *book;  /* atomic */

static OkapPriceTable *
load_built_in (void)
{
  g_autoptr (GBytes) bytes = okap_model_data_load (FILE_PATH);
  g_autoptr (GError) error = NULL;
  gsize length;
  const char *text = g_bytes_get_data (bytes, &length);
  OkapPriceTable *table = okap_price_table_read (text, length, &error);

  if (table == NULL)
    g_error ("%s: %s", FILE_PATH, error->message);
  return table;
}

/** okap_price_book_get_built_in: (transfer none): the table that was compiled in, loaded on the
 *   first call. Any thread. */
const OkapPriceTable *
okap_price_book_get_built_in (void)
{
  static const OkapPriceTable *built_in;

  if (g_once_init_enter (&built_in))
    g_once_init_leave (&built_in, load_built_in ());
  return built_in;
}

/**
 * okap_price_book_publish:
 * @table: (transfer full) (nullable): %NULL for the one compiled in; may be one that was published
 *   before
 * @overrides: (transfer full) (nullable): as @table
 *
 * From now on these are the prices, for whoever looks one up. Any thread.
 */
void
okap_price_book_publish (const OkapPriceTable *table, const OkapPriceTable *overrides)
{
  const OkapPriceBook *now = g_atomic_pointer_get (&book);
  OkapPriceBook *next;

  if (table == NULL)
    table = okap_price_book_get_built_in ();
  if (now != NULL && now->table == table && now->overrides == overrides)
    return;
  next = g_new0 (OkapPriceBook, 1);
  next->table = table;
  next->overrides = overrides;
  g_mutex_lock (&published_lock);
  if (published == NULL)
    published = g_ptr_array_new ();
  g_ptr_array_add (published, next);
  g_atomic_pointer_set (&book, next);
  g_mutex_unlock (&published_lock);
}

/** okap_price_book_get: (transfer none): what counts now; lives for ever. Any thread. */
const OkapPriceBook *
okap_price_book_get (void)
{
  static gsize initialized;
  const OkapPriceBook *now = g_atomic_pointer_get (&book);

  if (G_LIKELY (now != NULL))
    return now;
  if (g_once_init_enter (&initialized))
    {
      if (g_atomic_pointer_get (&book) == NULL)
        okap_price_book_publish (NULL, NULL);
      g_once_init_leave (&initialized, 1);
    }
  return g_atomic_pointer_get (&book);
}
