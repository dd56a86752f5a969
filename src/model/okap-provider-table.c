/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All rows of data/providers, compiled in, read on first use from any thread, then constant and
 * never freed. okap-provider-json.c says what a row is. */
#include "config.h"

#include "okap-provider-private.h"

#include "data/okap-model-data.h"

#define FOLDER "/com/example/Okap/providers/"
#define TEMPLATE_ID "openai-compatible"
#define LAST_ID "demo"

/** okap_model_data_load: (transfer full): a file of data/ that was compiled in */
GBytes *
okap_model_data_load (const char *path)
{
  g_autoptr (GError) error = NULL;
  GBytes *bytes = g_resource_lookup_data (okap_model_data_get_resource (), path,
                                          G_RESOURCE_LOOKUP_FLAGS_NONE, &error);

  if (bytes == NULL)
    g_error ("Data that was to be compiled in is missing: %s", error->message);
  return bytes;
}

static OkapProvider *
load_row (const char *file)
{
  g_autofree char *path = g_strconcat (FOLDER, file, NULL);
  g_autoptr (GBytes) bytes = okap_model_data_load (path);
  g_autoptr (GError) error = NULL;
  gsize length;
  const char *text = g_bytes_get_data (bytes, &length);
  OkapProvider *provider = okap_provider_from_json (text, length, &error);

  if (provider == NULL)
    g_error ("%s: %s", path, error->message);
  return provider;
}

static int
compare_by_name (gconstpointer a, gconstpointer b)
{
  const OkapProvider *const *provider_a = a;
  const OkapProvider *const *provider_b = b;
  gboolean last_a = g_str_equal ((*provider_a)->id, LAST_ID);
  gboolean last_b = g_str_equal ((*provider_b)->id, LAST_ID);

  if (last_a != last_b)
    return last_a ? 1 : -1;
  return g_ascii_strcasecmp ((*provider_a)->name, (*provider_b)->name);
}

static OkapProviderTable *
load_table (void)
{
  OkapProviderTable *table = g_new0 (OkapProviderTable, 1);
  g_auto (GStrv) files = g_resource_enumerate_children (okap_model_data_get_resource (), FOLDER,
                                                        G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);

  table->by_id = g_hash_table_new (g_str_hash, g_str_equal);
  table->in_order = g_ptr_array_new ();
  for (char **file = files; file != NULL && *file != NULL; file++)
    {
      OkapProvider *provider = load_row (*file);

      if (g_str_equal (provider->id, TEMPLATE_ID))
        {
          provider->builtin = FALSE;
          table->compatible = provider;
          continue;
        }
      if (!g_hash_table_insert (table->by_id, provider->id, provider))
        g_error ("Two rows of data/providers are called %s", provider->id);
      g_ptr_array_add (table->in_order, provider);
    }
  if (table->compatible == NULL)
    g_error ("data/providers has no row %s", TEMPLATE_ID);
  g_ptr_array_sort (table->in_order, compare_by_name);
  return table;
}

/** okap_provider_table_get: (transfer none): all rows, loaded on the first call */
const OkapProviderTable *
okap_provider_table_get (void)
{
  static const OkapProviderTable *table;

  if (g_once_init_enter (&table))
    g_once_init_leave (&table, load_table ());
  return table;
}
