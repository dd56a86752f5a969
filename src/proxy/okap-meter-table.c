/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The paths of a family by their hashes. A body may hold a hundred thousand scalars (embeddings),
 * and nearly none of them is a count, so one look must tell. */
#include "config.h"

#include "okap-meter-family.h"

#include "okap-json-tap.h"
#include "okap-provider.h"

/* Where a gateway or a provider tells the price itself; the same wherever the usage stands. */
static const OkapMeterPath cost_paths[] = {
  { "usage.cost", OKAP_METER_FIELD_COST },                    /* OpenRouter, Kilo */
  { "usage.cost.total_cost", OKAP_METER_FIELD_COST },         /* Perplexity */
  { "usage.cost_details.upstream_inference_cost", OKAP_METER_FIELD_COST_UPSTREAM },
  { "usage.is_byok", OKAP_METER_FIELD_OWN_KEY },
  { "usage.cost_in_usd_ticks", OKAP_METER_FIELD_COST_TICKS }, /* xAI */
  { "cost", OKAP_METER_FIELD_COST },                          /* Eden AI */
  { "providerMetadata.gateway.cost", OKAP_METER_FIELD_COST_TEXT },  /* Vercel */
};

static void
add (OkapMeterTable *table, const char *root, const OkapMeterPath *path)
{
  g_autofree char *whole = g_strconcat (root, path->path, NULL);
  /* The outermost value has no name. */
  guint64 hash = whole[0] != '\0' ? okap_json_tap_hash (whole) : OKAP_JSON_TAP_OUTERMOST;
  guint i = okap_meter_table_start (hash);

  while (table->hashes[i] != 0 && table->hashes[i] != hash)
    i = (i + 1) & (OKAP_METER_SLOTS - 1);
  table->hashes[i] = hash;
  table->fields[i] = path->field;
}

static OkapMeterTable *
make (const OkapMeterFamily *family)
{
  static const char *const none[] = { "", NULL };
  OkapMeterTable *table = g_new0 (OkapMeterTable, 1);
  const char *const *roots = family->roots != NULL ? family->roots : none;
  guint used = 0;

  for (; *roots != NULL; roots++)
    {
      for (guint i = 0; i < G_N_ELEMENTS (cost_paths); i++)
        add (table, *roots, &cost_paths[i]);
      for (guint i = 0; i < family->n_usage; i++)
        add (table, *roots, &family->usage[i]);
    }
  for (guint i = 0; i < family->n_others; i++)
    add (table, "", &family->others[i]);
  for (guint i = 0; i < OKAP_METER_SLOTS; i++)
    used += table->hashes[i] != 0;
  g_assert (used <= OKAP_METER_SLOTS / 2);
  return table;
}

/** okap_meter_table_get: (transfer none): the family's table, made when it is first asked for */
const OkapMeterTable *
okap_meter_table_get (guint kind, const OkapMeterFamily *family)
{
  static const OkapMeterTable *tables[OKAP_N_METERS];  /* each for ever */

  if (g_once_init_enter (&tables[kind]))
    g_once_init_leave (&tables[kind], make (family));
  return tables[kind];
}
