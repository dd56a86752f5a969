/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Series: which rows of usage are summed together. Store thread.
 *
 * A row says which series it is of in place of four texts. The app chooses the names of models, so
 * of one grant at one provider only so many have a series of their own; the rest are summed as one,
 * and their rows say themselves what was asked for. */
#include "config.h"

#include "okap-store-private.h"

#include "okap-caps.h"

#define OTHER_MODELS "(other)"

/* Finds ids for the rows of one transaction. */
struct _OkapSeriesFinder
{
  OkapDb *db;
  GHashTable *known;  /* (owned) rows of the transaction, by what makes their series → OkapSeries */
};

static const char *
or_empty (const char *text)
{
  return text != NULL ? text : "";
}

/** okap_usage_get_series_model: what was asked for or, where nothing was, what served */
const char *
okap_usage_get_series_model (const OkapUsage *usage)
{
  const char *asked = or_empty (usage->model_asked);

  return *asked != '\0' ? asked : or_empty (usage->model_served);
}

static guint
row_hash (gconstpointer data)
{
  const OkapUsage *usage = data;

  return (g_str_hash (or_empty (usage->grant_id)) * 31 + g_str_hash (or_empty (usage->provider)))
         * 31 + g_str_hash (okap_usage_get_series_model (usage));
}

static gboolean
row_equal (gconstpointer a, gconstpointer b)
{
  const OkapUsage *first = a;
  const OkapUsage *second = b;

  return g_strcmp0 (or_empty (first->grant_id), or_empty (second->grant_id)) == 0
         && g_strcmp0 (or_empty (first->provider), or_empty (second->provider)) == 0
         && g_strcmp0 (or_empty (first->app), or_empty (second->app)) == 0
         && strcmp (okap_usage_get_series_model (first),
                    okap_usage_get_series_model (second)) == 0;
}

/** okap_series_finder_new: for the rows of one transaction, which must outlive it */
OkapSeriesFinder *
okap_series_finder_new (OkapDb *db)
{
  OkapSeriesFinder *self = g_new (OkapSeriesFinder, 1);

  self->db = db;
  self->known = g_hash_table_new_full (row_hash, row_equal, NULL, g_free);
  return self;
}

void
okap_series_finder_free (OkapSeriesFinder *self)
{
  g_hash_table_unref (self->known);
  g_free (self);
}

static gboolean
run_with_texts (OkapDb *db, const char *sql, const OkapUsage *usage, const char *model,
                gint64 *out_value, GError **error)
{
  g_auto (OkapQuery) query = { 0 };
  OkapDbStep step;

  if (!okap_query_init (&query, db, sql, error))
    return FALSE;
  okap_query_bind_start (&query, 1, or_empty (usage->grant_id), OKAP_CAP_USAGE_TEXT_BYTES);
  okap_query_bind_start (&query, 2, or_empty (usage->provider), OKAP_CAP_USAGE_TEXT_BYTES);
  if (model != NULL)
    {
      okap_query_bind_start (&query, 3, model, OKAP_CAP_USAGE_TEXT_BYTES);
      okap_query_bind_start (&query, 4, or_empty (usage->app), OKAP_CAP_USAGE_TEXT_BYTES);
    }
  step = okap_query_step (&query, error);
  *out_value = step == OKAP_DB_ROW ? okap_query_get_int (&query, 0) : 0;
  return step != OKAP_DB_FAILED;
}

static gboolean
find_or_make (OkapDb *db, const OkapUsage *usage, const char *model, gboolean make,
              gint64 *out_series, GError **error)
{
  static const char find[] =
    "SELECT id FROM usage_series WHERE grant_id = ?1 AND provider = ?2 AND model = ?3 AND app = ?4";
  static const char insert[] =
    "INSERT INTO usage_series (grant_id, provider, model, app) VALUES (?1, ?2, ?3, ?4)"
    " RETURNING id";

  if (!run_with_texts (db, find, usage, model, out_series, error))
    return FALSE;
  return *out_series != 0 || !make
         || run_with_texts (db, insert, usage, model, out_series, error);
}

static gboolean
find_in_database (OkapDb *db, const OkapUsage *usage, OkapSeries *series, GError **error)
{
  static const char count[] =
    "SELECT count(*) FROM usage_series WHERE grant_id = ?1 AND provider = ?2";
  const char *model = okap_usage_get_series_model (usage);
  gint64 n_series;

  *series = (OkapSeries) { .has_model = TRUE };
  if (!find_or_make (db, usage, model, FALSE, &series->id, error))
    return FALSE;
  if (series->id != 0)
    return TRUE;
  if (!run_with_texts (db, count, usage, NULL, &n_series, error))
    return FALSE;
  series->has_model = n_series < OKAP_CAP_USAGE_SERIES;
  return find_or_make (db, usage, series->has_model ? model : OTHER_MODELS, TRUE, &series->id,
                       error);
}

/**
 * okap_series_finder_find:
 * @usage: stays until the finder is gone
 *
 * Makes the series if it is new.
 *
 * Returns: (transfer none) (nullable): until the finder is gone
 */
const OkapSeries *
okap_series_finder_find (OkapSeriesFinder *self, const OkapUsage *usage, GError **error)
{
  const OkapSeries *known = g_hash_table_lookup (self->known, usage);
  OkapSeries found;

  if (known != NULL)
    return known;
  if (!find_in_database (self->db, usage, &found, error))
    return NULL;
  known = g_memdup2 (&found, sizeof found);
  g_hash_table_insert (self->known, (gpointer) usage, (gpointer) known);
  return known;
}
