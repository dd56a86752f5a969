/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The figures of the overview. The store is asked five short questions in a row, and what they find
 * is published together, so that no tile contradicts another. One such round runs at a time, and
 * while usage streams in there are two of them a second at most. Not active, nothing is asked and
 * no timer runs: what came meanwhile is asked for at the next showing. Main thread.
 *
 *   idle ──refresh──▸ running ──last answer──▸ published ──stale──▸ waits ──▸ running
 */
#include "config.h"

#include "okap-overview-data.h"

#include "okap-clock.h"

#define REFRESH_MS 500
#define MOST_GROUPS 6
#define LATENCY_REQUESTS 1000
#define N_QUESTIONS 5

struct _OkapOverviewData
{
  GObject parent_instance;

  OkapStore *store;             /* (owned) */
  OkapRange range;
  OkapUsageGrouping by;
  guint first_weekday;
  gint64 at_us;                 /* in the period that is shown; 0: now, whenever that is */
  gboolean active;
  gboolean stale;               /* what is published is not the newest */
  gboolean is_new;              /* neither is it of this view */
  gboolean outdated;            /* the view was changed while the round ran: it is of no use */

  OkapOverviewFigures *figures; /* (owned) (nullable) published */
  OkapOverviewFigures *fresh;   /* (owned) (nullable) what the running round fills */
  GArray *days;                 /* (owned) (nullable) borders of the running round's totals */
  guint n_open;                 /* questions of the running round without an answer */
  GError *fresh_error;          /* (owned) (nullable) the first of the running round */
  GError *error;                /* (owned) (nullable) of the last round */
  guint timeout_id;
  guint midnight_id;
};

G_DEFINE_FINAL_TYPE (OkapOverviewData, okap_overview_data, G_TYPE_OBJECT)

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void schedule          (OkapOverviewData *self, guint wait_ms);
static void schedule_midnight (OkapOverviewData *self);

static void
figures_free (OkapOverviewFigures *figures)
{
  g_clear_pointer (&figures->zone, g_time_zone_unref);
  g_clear_pointer (&figures->line, okap_usage_timeline_unref);
  g_clear_pointer (&figures->grants, g_ptr_array_unref);
  g_free (figures);
}

/* Totals: sums of days */

static gint64
border_at (GArray *borders, guint number)
{
  return g_array_index (borders, gint64, number);
}

static OkapUsageCounts
sum_days (const OkapUsageTimeline *days, gint64 from_us, gint64 until_us)
{
  OkapUsageCounts sum = { 0 };

  for (guint day = 0; day < days->n_buckets; day++)
    if (days->borders_us[day] >= from_us && days->borders_us[day] < until_us)
      {
        OkapUsageCounts counts = okap_usage_timeline_sum (days, day, day + 1);

        okap_usage_counts_add (&sum, &counts);
      }
  return sum;
}

/* When the day began that is @n_days before that of @time_us. */
static gint64
days_before (gint64 time_us, guint n_days, GTimeZone *zone)
{
  gint64 day_us = okap_time_day_start (time_us, zone);

  for (guint i = 0; i < n_days; i++)
    day_us = okap_time_day_start (day_us - 1, zone);
  return day_us;
}

static gint64
find_first_use (const OkapUsageTimeline *days, gint64 from_us)
{
  for (guint day = 0; day < days->n_buckets; day++)
    if (days->borders_us[day] >= from_us
        && okap_usage_timeline_sum (days, day, day + 1).requests > 0)
      return days->borders_us[day];
  return 0;
}

static void
set_totals (OkapOverviewFigures *figures, const OkapUsageTimeline *days)
{
  gint64 now_us = figures->now_us;
  gint64 today_us = okap_time_day_start (now_us, figures->zone);
  gint64 month_us = okap_time_month_start (now_us, figures->zone);
  gint64 end_us = okap_time_next_month (now_us, figures->zone);
  gint64 week_us = days_before (now_us, 6, figures->zone);
  gint64 weeks_us = days_before (now_us, 27, figures->zone);
  OkapUsageCounts week = sum_days (days, week_us, G_MAXINT64);
  OkapUsageCounts weeks = sum_days (days, weeks_us, G_MAXINT64);

  figures->today = sum_days (days, today_us, G_MAXINT64);
  figures->yesterday = sum_days (days, okap_time_day_start (today_us - 1, figures->zone), today_us);
  figures->month = sum_days (days, month_us, G_MAXINT64);
  figures->last_month = sum_days (days, okap_time_month_start (month_us - 1, figures->zone),
                                  month_us);
  figures->days_of_month = (guint) ((end_us - month_us + OKAP_DAY_US / 2) / OKAP_DAY_US);
  figures->pace = (OkapPace) {
    .now_us = now_us,
    .month_end_us = end_us,
    .first_us = find_first_use (days, weeks_us),
    .month_nusd = figures->month.cost_nusd,
    .week_from_us = week_us,
    .week_nusd = week.cost_nusd,
    .weeks_from_us = weeks_us,
    .weeks_nusd = weeks.cost_nusd,
    .weeks_requests = weeks.requests,
  };
}

/* A round */

static void
publish (OkapOverviewData *self)
{
  gboolean is_new = self->is_new;

  g_clear_error (&self->error);
  self->error = g_steal_pointer (&self->fresh_error);
  if (self->error == NULL)
    {
      g_clear_pointer (&self->figures, figures_free);
      self->figures = g_steal_pointer (&self->fresh);
      self->is_new = FALSE;
    }
  g_clear_pointer (&self->fresh, figures_free);
  schedule_midnight (self);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0, is_new);
}

static void
answered (OkapOverviewData *self, GError *error)
{
  if (self->fresh_error == NULL)
    self->fresh_error = error;
  else
    g_clear_error (&error);
  if (--self->n_open > 0)
    return;
  g_clear_pointer (&self->days, g_array_unref);
  if (self->outdated)
    {
      g_clear_error (&self->fresh_error);
      g_clear_pointer (&self->fresh, figures_free);
      schedule (self, 0);
      return;
    }
  publish (self);
  if (self->stale)
    schedule (self, REFRESH_MS);
}

static void
line_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapOverviewData) self = user_data;
  GError *error = NULL;

  self->fresh->line = okap_store_timeline_finish (OKAP_STORE (source), result, &error);
  if (self->fresh->line != NULL)
    self->fresh->period = okap_usage_timeline_sum (self->fresh->line, 0,
                                                   self->fresh->line->n_buckets);
  answered (self, error);
}

static void
days_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapOverviewData) self = user_data;
  GError *error = NULL;
  g_autoptr (OkapUsageTimeline) days = okap_store_timeline_finish (OKAP_STORE (source), result,
                                                                   &error);

  if (days != NULL)
    set_totals (self->fresh, days);
  answered (self, error);
}

static void
latency_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapOverviewData) self = user_data;
  GError *error = NULL;

  okap_store_latency_finish (OKAP_STORE (source), result, &self->fresh->latency, &error);
  answered (self, error);
}

static void
grants_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapOverviewData) self = user_data;
  GError *error = NULL;

  self->fresh->grants = okap_store_summarise_finish (OKAP_STORE (source), result, &error);
  answered (self, error);
}

static void
ever_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapOverviewData) self = user_data;
  GError *error = NULL;
  g_autoptr (GPtrArray) providers = okap_store_summarise_finish (OKAP_STORE (source), result,
                                                                 &error);

  for (guint i = 0; providers != NULL && i < providers->len; i++)
    self->fresh->requests_ever += ((const OkapUsageSummary *) providers->pdata[i])->requests;
  answered (self, error);
}

static void
ask (OkapOverviewData *self, GArray *borders)
{
  OkapOverviewFigures *fresh = self->fresh;

  self->n_open = N_QUESTIONS;
  okap_store_timeline_async (self->store, self->by, (const gint64 *) (gpointer) borders->data,
                             borders->len, MOST_GROUPS, line_cb, g_object_ref (self));
  okap_store_timeline_async (self->store, self->by, (const gint64 *) (gpointer) self->days->data,
                             self->days->len, 0, days_cb, g_object_ref (self));
  okap_store_latency_async (self->store, border_at (borders, 0),
                            border_at (borders, borders->len - 1), LATENCY_REQUESTS, latency_cb,
                            g_object_ref (self));
  okap_store_summarise_async (self->store, OKAP_USAGE_BY_GRANT,
                              okap_time_month_start (fresh->now_us, fresh->zone), fresh->zone,
                              grants_cb, g_object_ref (self));
  okap_store_summarise_async (self->store, OKAP_USAGE_BY_PROVIDER, 0, fresh->zone, ever_cb,
                              g_object_ref (self));
}

static void
run (OkapOverviewData *self)
{
  g_autoptr (GArray) borders = NULL;
  OkapOverviewFigures *fresh = g_new0 (OkapOverviewFigures, 1);
  gint64 from_us, last_month_us;

  fresh->range = self->range;
  fresh->by = self->by;
  fresh->zone = g_time_zone_new_local ();
  fresh->now_us = okap_clock_get_now (okap_clock_get_real ());
  borders = okap_period_dup_borders (self->range, self->at_us != 0 ? self->at_us : fresh->now_us,
                                     fresh->zone, self->first_weekday);
  last_month_us = okap_time_month_start (okap_time_month_start (fresh->now_us, fresh->zone) - 1,
                                         fresh->zone);
  from_us = MIN (last_month_us, days_before (fresh->now_us, 27, fresh->zone));
  self->days = okap_period_dup_days (from_us, okap_time_next_day (fresh->now_us, fresh->zone),
                                     fresh->zone);
  self->fresh = fresh;
  self->stale = self->outdated = FALSE;
  ask (self, borders);
}

/* When */

static gboolean
refresh_cb (gpointer user_data)
{
  OkapOverviewData *self = user_data;

  self->timeout_id = 0;
  run (self);
  return G_SOURCE_REMOVE;
}

static void
schedule (OkapOverviewData *self, guint wait_ms)
{
  self->stale = TRUE;
  if (!self->active || self->fresh != NULL)
    return;
  if (self->timeout_id != 0 && wait_ms > 0)
    return;
  g_clear_handle_id (&self->timeout_id, g_source_remove);
  if (wait_ms > 0)
    self->timeout_id = g_timeout_add (wait_ms, refresh_cb, self);
  else
    run (self);
}

static void
usage_added_cb (OkapOverviewData *self)
{
  schedule (self, REFRESH_MS);
}

static gboolean
midnight_cb (gpointer user_data)
{
  OkapOverviewData *self = user_data;

  self->midnight_id = 0;
  schedule (self, 0);
  return G_SOURCE_REMOVE;
}

static void
schedule_midnight (OkapOverviewData *self)
{
  gint64 wait_us;

  g_clear_handle_id (&self->midnight_id, g_source_remove);
  if (!self->active || self->figures == NULL)
    return;
  wait_us = okap_time_next_day (self->figures->now_us, self->figures->zone)
            - okap_clock_get_now (okap_clock_get_real ());
  self->midnight_id = g_timeout_add_seconds ((guint) (MAX (wait_us, 0) / OKAP_SECOND_US) + 1,
                                             midnight_cb, self);
}

static void
change_view (OkapOverviewData *self)
{
  self->is_new = TRUE;
  self->outdated = self->fresh != NULL;
  schedule (self, 0);
}

/** okap_overview_data_set_active: whether anybody looks */
void
okap_overview_data_set_active (OkapOverviewData *self, gboolean active)
{
  self->active = active;
  if (active)
    {
      gint64 now_us = okap_clock_get_now (okap_clock_get_real ());

      if (self->figures != NULL
          && now_us >= okap_time_next_day (self->figures->now_us, self->figures->zone))
        self->stale = TRUE;
      if (self->stale)
        schedule (self, 0);
    }
  else
    g_clear_handle_id (&self->timeout_id, g_source_remove);
  schedule_midnight (self);
}

/** okap_overview_data_refresh: as soon as somebody looks */
void
okap_overview_data_refresh (OkapOverviewData *self)
{
  schedule (self, 0);
}

/** okap_overview_data_set_view: shows the current period */
void
okap_overview_data_set_view (OkapOverviewData *self, OkapRange range, OkapUsageGrouping by,
                             guint first_weekday)
{
  if (range != self->range)
    self->at_us = 0;
  self->range = range;
  self->by = by;
  self->first_weekday = first_weekday;
  change_view (self);
}

/** okap_overview_data_can_move: not before the first use that may be, and not into the future */
gboolean
okap_overview_data_can_move (OkapOverviewData *self, int step)
{
  const OkapUsageTimeline *line = self->figures != NULL ? self->figures->line : NULL;

  if (line == NULL)
    return FALSE;
  if (step > 0)
    return line->borders_us[line->n_buckets] <= self->figures->now_us;
  return line->borders_us[0] > 366 * OKAP_DAY_US;
}

/** okap_overview_data_move: to the period before (@step -1) or after (1) the one that is shown */
void
okap_overview_data_move (OkapOverviewData *self, int step)
{
  const OkapUsageTimeline *line;

  if (!okap_overview_data_can_move (self, step))
    return;
  line = self->figures->line;
  self->at_us = step > 0 ? line->borders_us[line->n_buckets] : line->borders_us[0] - 1;
  change_view (self);
}

OkapOverviewState
okap_overview_data_get_state (OkapOverviewData *self)
{
  if (self->error != NULL)
    return OKAP_OVERVIEW_FAILED;
  return self->figures != NULL ? OKAP_OVERVIEW_READY : OKAP_OVERVIEW_LOADING;
}

/** okap_overview_data_get_error: (transfer none) (nullable): why the last round failed */
const GError *
okap_overview_data_get_error (OkapOverviewData *self)
{
  return self->error;
}

/** okap_overview_data_get_figures: (transfer none) (nullable): until the next "changed" */
const OkapOverviewFigures *
okap_overview_data_get_figures (OkapOverviewData *self)
{
  return self->figures;
}

static void
okap_overview_data_dispose (GObject *object)
{
  OkapOverviewData *self = OKAP_OVERVIEW_DATA (object);

  g_clear_handle_id (&self->timeout_id, g_source_remove);
  g_clear_handle_id (&self->midnight_id, g_source_remove);
  self->active = FALSE;
  g_clear_object (&self->store);
  G_OBJECT_CLASS (okap_overview_data_parent_class)->dispose (object);
}

static void
okap_overview_data_finalize (GObject *object)
{
  OkapOverviewData *self = OKAP_OVERVIEW_DATA (object);

  g_clear_pointer (&self->figures, figures_free);
  g_clear_pointer (&self->fresh, figures_free);
  g_clear_pointer (&self->days, g_array_unref);
  g_clear_error (&self->fresh_error);
  g_clear_error (&self->error);
  G_OBJECT_CLASS (okap_overview_data_parent_class)->finalize (object);
}

static void
okap_overview_data_class_init (OkapOverviewDataClass *class)
{
  G_OBJECT_CLASS (class)->dispose = okap_overview_data_dispose;
  G_OBJECT_CLASS (class)->finalize = okap_overview_data_finalize;

  signals[SIGNAL_CHANGED] = g_signal_new ("changed", OKAP_TYPE_OVERVIEW_DATA, G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_BOOLEAN);
}

static void
okap_overview_data_init (OkapOverviewData *self)
{
  self->range = OKAP_RANGE_MONTH;
  self->by = OKAP_USAGE_BY_APP;
  self->first_weekday = 1;
  self->stale = self->is_new = TRUE;
}

/** okap_overview_data_new: asks nothing before it is active */
OkapOverviewData *
okap_overview_data_new (OkapStore *store)
{
  OkapOverviewData *self = g_object_new (OKAP_TYPE_OVERVIEW_DATA, NULL);

  self->store = g_object_ref (store);
  g_signal_connect_object (store, "usage-added", G_CALLBACK (usage_added_cb), self,
                           G_CONNECT_SWAPPED);
  return self;
}
