/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums per grant for the list of apps. The store is asked again when usage was added, but at most
 * twice a second and never twice at once: an app that streams busily costs one query now and then,
 * not one per request. Main thread. */
#include "config.h"

#include "okap-app-stats.h"

#include "okap-currency.h"
#include "okap-money.h"

#define REFRESH_MS 500

struct _OkapAppStats
{
  GObject parent_instance;

  OkapStore *store;      /* (owned) (immutable) */
  GHashTable *uses;      /* (owned) grant id → OkapAppUse (owned) */
  GHashTable *fresh;     /* (owned) (nullable) what the running queries fill */
  GHashTable *days;      /* (owned) grant id → OKAP_APP_DAYS numbers (owned) */
  gboolean stale;        /* usage came in while a query was running, or nobody looked */
  gboolean watched;
  guint timeout_id;
};

G_DEFINE_FINAL_TYPE (OkapAppStats, okap_app_stats, G_TYPE_OBJECT)

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void schedule (OkapAppStats *self);

static OkapAppUse *
ensure_use (GHashTable *uses, const char *grant_id)
{
  OkapAppUse *use = g_hash_table_lookup (uses, grant_id);

  if (use == NULL)
    {
      use = g_new0 (OkapAppUse, 1);
      g_hash_table_insert (uses, g_strdup (grant_id), use);
    }
  return use;
}

static GPtrArray *
take_summaries (GObject *source, GAsyncResult *result)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *summaries = okap_store_summarise_finish (OKAP_STORE (source), result, &error);

  if (summaries == NULL)
    g_message ("The use of the apps could not be read: %s", error->message);
  return summaries;
}

static void
finish (OkapAppStats *self)
{
  g_clear_pointer (&self->uses, g_hash_table_unref);
  self->uses = g_steal_pointer (&self->fresh);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
  if (self->stale)
    schedule (self);
}

static void
take_days (OkapAppStats *self, const OkapUsageTimeline *timeline)
{
  g_hash_table_remove_all (self->days);
  for (guint i = 0; i < timeline->n_groups - (timeline->has_rest ? 1 : 0); i++)
    {
      double *days = g_new0 (double, OKAP_APP_DAYS);

      for (guint j = 0; j < MIN (timeline->n_buckets, OKAP_APP_DAYS); j++)
        days[j] = MAX (okap_money_to_double (okap_usage_timeline_get (timeline, i, j)->cost_nusd),
                       0);
      g_hash_table_replace (self->days, g_strdup (timeline->keys[i]), days);
    }
}

static void
days_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapAppStats) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapUsageTimeline) timeline = okap_store_timeline_finish (OKAP_STORE (source), result,
                                                                       &error);

  if (timeline == NULL)
    g_message ("The use of the apps by day could not be read: %s", error->message);
  else
    take_days (self, timeline);
  finish (self);
}

static void
read_days (OkapAppStats *self)
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
  gint64 borders_us[OKAP_APP_DAYS + 1];
  gint64 now_us = okap_clock_get_now (okap_clock_get_real ());

  borders_us[OKAP_APP_DAYS] = okap_time_next_day (now_us, zone);
  for (guint i = OKAP_APP_DAYS; i > 0; i--)
    borders_us[i - 1] = okap_time_day_start (borders_us[i] - 1, zone);
  okap_store_timeline_async (self->store, OKAP_USAGE_BY_GRANT, borders_us,
                             G_N_ELEMENTS (borders_us), OKAP_TIMELINE_MOST_GROUPS, days_cb,
                             g_object_ref (self));
}

static void
month_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapAppStats) self = user_data;
  g_autoptr (GPtrArray) summaries = take_summaries (source, result);

  for (guint i = 0; summaries != NULL && i < summaries->len; i++)
    {
      const OkapUsageSummary *summary = g_ptr_array_index (summaries, i);
      OkapAppUse *use = ensure_use (self->fresh, summary->key);

      use->month_nusd = summary->cost_nusd;
      use->month_unknown = summary->unknown_requests;
    }
  read_days (self);
}

static void
ever_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapAppStats) self = user_data;
  g_autoptr (GPtrArray) summaries = take_summaries (source, result);
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
  gint64 now_us = okap_clock_get_now (okap_clock_get_real ());

  for (guint i = 0; summaries != NULL && i < summaries->len; i++)
    {
      const OkapUsageSummary *summary = g_ptr_array_index (summaries, i);
      OkapAppUse *use = ensure_use (self->fresh, summary->key);

      use->requests = summary->requests;
      use->last_us = summary->last_us;
    }
  okap_store_summarise_async (self->store, OKAP_USAGE_BY_GRANT,
                              okap_time_month_start (now_us, zone), zone, month_cb,
                              g_object_ref (self));
}

static void
refresh (OkapAppStats *self)
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();

  self->stale = FALSE;
  self->fresh = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  okap_store_summarise_async (self->store, OKAP_USAGE_BY_GRANT, 0, zone, ever_cb,
                              g_object_ref (self));
}

static gboolean
refresh_cb (gpointer user_data)
{
  OkapAppStats *self = user_data;

  self->timeout_id = 0;
  refresh (self);
  return G_SOURCE_REMOVE;
}

static void
schedule (OkapAppStats *self)
{
  self->stale = TRUE;
  if (self->watched && self->timeout_id == 0 && self->fresh == NULL)
    self->timeout_id = g_timeout_add (REFRESH_MS, refresh_cb, self);
}

static void
okap_app_stats_dispose (GObject *object)
{
  OkapAppStats *self = OKAP_APP_STATS (object);

  g_clear_handle_id (&self->timeout_id, g_source_remove);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (okap_app_stats_parent_class)->dispose (object);
}

static void
okap_app_stats_finalize (GObject *object)
{
  OkapAppStats *self = OKAP_APP_STATS (object);

  g_hash_table_unref (self->uses);
  g_hash_table_unref (self->days);
  g_clear_pointer (&self->fresh, g_hash_table_unref);
  G_OBJECT_CLASS (okap_app_stats_parent_class)->finalize (object);
}

static void
okap_app_stats_class_init (OkapAppStatsClass *class)
{
  G_OBJECT_CLASS (class)->dispose = okap_app_stats_dispose;
  G_OBJECT_CLASS (class)->finalize = okap_app_stats_finalize;

  signals[SIGNAL_CHANGED] = g_signal_new ("changed", OKAP_TYPE_APP_STATS, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
okap_app_stats_init (OkapAppStats *self)
{
  self->uses = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->days = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

static void
currency_changed_cb (OkapAppStats *self)
{
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

/** okap_app_stats_new: begins to read at once */
OkapAppStats *
okap_app_stats_new (OkapStore *store)
{
  OkapAppStats *self = g_object_new (OKAP_TYPE_APP_STATS, NULL);

  self->store = g_object_ref (store);
  g_signal_connect_object (store, "usage-added", G_CALLBACK (schedule), self, G_CONNECT_SWAPPED);
  okap_currency_watch (self, G_CALLBACK (currency_changed_cb));
  refresh (self);
  return self;
}

/** okap_app_stats_get: all zero for a grant that was never used, and until the first answer */
OkapAppUse
okap_app_stats_get (OkapAppStats *self, const char *grant_id)
{
  const OkapAppUse *use = g_hash_table_lookup (self->uses, grant_id);

  return use != NULL ? *use : (OkapAppUse) { 0 };
}

const double *
okap_app_stats_get_days (OkapAppStats *self, const char *grant_id)
{
  return g_hash_table_lookup (self->days, grant_id);
}

void
okap_app_stats_set_watched (OkapAppStats *self, gboolean watched)
{
  self->watched = watched;
  if (watched && self->stale)
    schedule (self);
}
