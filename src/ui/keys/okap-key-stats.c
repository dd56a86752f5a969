/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums of each key for its row and its page: three queries, one after the other, that the store
 * answers from its sums. They are asked again when usage was added or a grant changed, at most once
 * a second, never twice at once, and not while nobody looks. Main thread. */
#include "config.h"

#include "okap-key-stats.h"

#include "okap-currency.h"
#include "okap-money.h"

#define REFRESH_MS 1000

struct _OkapKeyStats
{
  GObject parent_instance;

  OkapCore *core;               /* (owned) (immutable) */
  GHashTable *uses;             /* (owned) key id → OkapKeyUse */
  OkapUsageTimeline *days;      /* (owned) (nullable) by scope, until the first answer */
  GPtrArray *ever;              /* (owned) (nullable) while the queries run */
  GPtrArray *month;             /* (owned) (nullable) likewise */
  gboolean shown;
  gboolean stale;               /* something changed since the last query began */
  gboolean running;
  guint timeout_id;
};

G_DEFINE_FINAL_TYPE (OkapKeyStats, okap_key_stats, G_TYPE_OBJECT)

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void schedule (OkapKeyStats *self);

static GListModel *
get_grants (OkapKeyStats *self)
{
  return okap_broker_get_grants (okap_core_get_broker (self->core));
}

static GPtrArray *
take_sums (GObject *source, GAsyncResult *result)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *sums = okap_store_summarise_finish (OKAP_STORE (source), result, &error);

  if (sums == NULL)
    g_message ("The use of the keys could not be read: %s", error->message);
  return sums;
}

static void
days_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapKeyStats) self = user_data;
  g_autoptr (GError) error = NULL;
  OkapUsageTimeline *days = okap_store_timeline_finish (OKAP_STORE (source), result, &error);

  if (days != NULL)
    {
      g_clear_pointer (&self->days, okap_usage_timeline_unref);
      self->days = days;
    }
  else
    g_message ("The use of the keys could not be read: %s", error->message);
  g_hash_table_unref (self->uses);
  self->uses = okap_key_use_collect (get_grants (self), self->ever, self->month);
  g_clear_pointer (&self->ever, g_ptr_array_unref);
  g_clear_pointer (&self->month, g_ptr_array_unref);
  self->running = FALSE;
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
  if (self->stale)
    schedule (self);
}

/* The beginnings of the last days and of tomorrow, by the user's calendar. */
static void
find_borders (gint64 borders_us[OKAP_KEY_DAYS + 1])
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
  gint64 now_us = okap_clock_get_now (okap_clock_get_real ());

  borders_us[OKAP_KEY_DAYS] = okap_time_next_day (now_us, zone);
  for (guint i = OKAP_KEY_DAYS; i > 0; i--)
    borders_us[i - 1] = okap_time_day_start (borders_us[i] - 1, zone);
}

static void
month_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapKeyStats) self = user_data;
  gint64 borders_us[OKAP_KEY_DAYS + 1];

  self->month = take_sums (source, result);
  find_borders (borders_us);
  okap_store_timeline_async (OKAP_STORE (source), OKAP_USAGE_BY_SCOPE, borders_us,
                             G_N_ELEMENTS (borders_us), OKAP_TIMELINE_MOST_GROUPS, days_cb,
                             g_object_ref (self));
}

static void
ever_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapKeyStats) self = user_data;
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
  gint64 now_us = okap_clock_get_now (okap_clock_get_real ());

  self->ever = take_sums (source, result);
  okap_store_summarise_async (OKAP_STORE (source), OKAP_USAGE_BY_SCOPE,
                              okap_time_month_start (now_us, zone), zone, month_cb,
                              g_object_ref (self));
}

static void
refresh (OkapKeyStats *self)
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();

  self->stale = FALSE;
  self->running = TRUE;
  okap_store_summarise_async (okap_core_get_store (self->core), OKAP_USAGE_BY_SCOPE, 0, zone,
                              ever_cb, g_object_ref (self));
}

static gboolean
refresh_cb (gpointer user_data)
{
  OkapKeyStats *self = user_data;

  self->timeout_id = 0;
  refresh (self);
  return G_SOURCE_REMOVE;
}

static void
schedule (OkapKeyStats *self)
{
  self->stale = TRUE;
  if (self->shown && self->timeout_id == 0 && !self->running)
    self->timeout_id = g_timeout_add (REFRESH_MS, refresh_cb, self);
}

static void
okap_key_stats_dispose (GObject *object)
{
  OkapKeyStats *self = OKAP_KEY_STATS (object);

  g_clear_handle_id (&self->timeout_id, g_source_remove);
  G_OBJECT_CLASS (okap_key_stats_parent_class)->dispose (object);
}

static void
okap_key_stats_finalize (GObject *object)
{
  OkapKeyStats *self = OKAP_KEY_STATS (object);

  g_hash_table_unref (self->uses);
  g_clear_pointer (&self->days, okap_usage_timeline_unref);
  g_clear_pointer (&self->ever, g_ptr_array_unref);
  g_clear_pointer (&self->month, g_ptr_array_unref);
  g_clear_object (&self->core);
  G_OBJECT_CLASS (okap_key_stats_parent_class)->finalize (object);
}

static void
okap_key_stats_class_init (OkapKeyStatsClass *class)
{
  G_OBJECT_CLASS (class)->dispose = okap_key_stats_dispose;
  G_OBJECT_CLASS (class)->finalize = okap_key_stats_finalize;

  signals[SIGNAL_CHANGED] = g_signal_new ("changed", OKAP_TYPE_KEY_STATS, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
okap_key_stats_init (OkapKeyStats *self)
{
  self->uses = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->stale = TRUE;
}

static void
currency_changed_cb (OkapKeyStats *self)
{
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

OkapKeyStats *
okap_key_stats_new (OkapCore *core)
{
  OkapKeyStats *self = g_object_new (OKAP_TYPE_KEY_STATS, NULL);

  self->core = g_object_ref (core);
  g_signal_connect_object (okap_core_get_store (core), "usage-added", G_CALLBACK (schedule), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (get_grants (self), "items-changed", G_CALLBACK (schedule), self,
                           G_CONNECT_SWAPPED);
  okap_currency_watch (self, G_CALLBACK (currency_changed_cb));
  return self;
}

/** okap_key_stats_set_shown: whether somebody looks; then what is stale is read at once */
void
okap_key_stats_set_shown (OkapKeyStats *self, gboolean shown)
{
  self->shown = shown;
  if (!shown)
    g_clear_handle_id (&self->timeout_id, g_source_remove);
  else if (self->stale && !self->running && self->timeout_id == 0)
    refresh (self);
}

/** okap_key_stats_get: all zero for a key that was never used, and until the first answer */
OkapKeyUse
okap_key_stats_get (OkapKeyStats *self, const char *key_id)
{
  const OkapKeyUse *use = g_hash_table_lookup (self->uses, key_id);

  return use != NULL ? *use : (OkapKeyUse) { 0 };
}

/** okap_key_stats_get_days: @usd: (out): dollars of each of the last days, the last one is today */
void
okap_key_stats_get_days (OkapKeyStats *self, const char *key_id, double usd[OKAP_KEY_DAYS])
{
  g_autoptr (GHashTable) scopes = okap_key_use_map_scopes (get_grants (self));

  for (guint i = 0; i < OKAP_KEY_DAYS; i++)
    usd[i] = 0;
  if (self->days == NULL)
    return;
  for (guint group = 0; group < self->days->n_groups; group++)
    if (g_strcmp0 (g_hash_table_lookup (scopes, self->days->keys[group]), key_id) == 0)
      for (guint i = 0; i < MIN (OKAP_KEY_DAYS, self->days->n_buckets); i++)
        usd[i] += okap_money_to_double (
          okap_usage_timeline_get (self->days, group, i)->cost_nusd);
}
