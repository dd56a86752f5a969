/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Alerts: an app has used a part of what it may spend. The gate notices, on whatever thread
 * settled the request; here, on the main thread, it becomes a line in the audit trail and a signal
 * for whoever shows it. The gate tells each part once in each day, month or lifetime. */
#include "config.h"

#include "okap-alerts.h"

#include "okap-audit.h"
#include "okap-invoke.h"

/* Forecasts beyond the year 3000 say nothing. */
#define TIME_MOST_US 32503680000e6

G_DEFINE_BOXED_TYPE (OkapAlert, okap_alert, okap_alert_ref, okap_alert_unref)

OkapAlert *
okap_alert_ref (OkapAlert *alert)
{
  g_atomic_ref_count_inc (&alert->ref_count);
  return alert;
}

void
okap_alert_unref (OkapAlert *alert)
{
  if (!g_atomic_ref_count_dec (&alert->ref_count))
    return;
  okap_grant_unref (alert->grant);
  g_free (alert->provider);
  g_free (alert);
}

struct _OkapAlerts
{
  GObject parent_instance;

  OkapStore *store;         /* (owned) */
  OkapClock *clock;         /* (unowned) */
  GMainContext *context;    /* (owned) the main thread's */
};

G_DEFINE_FINAL_TYPE (OkapAlerts, okap_alerts, G_TYPE_OBJECT)

enum
{
  SIGNAL_ALERT,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

typedef struct
{
  OkapAlerts *alerts;       /* (owned) */
  OkapAlert *alert;         /* (owned) */
} Post;

static void
post_free (gpointer user_data)
{
  Post *post = user_data;

  g_object_unref (post->alerts);
  okap_alert_unref (post->alert);
  g_free (post);
}

/**
 * okap_alerts_forecast:
 * @window_start_us: when the limit's day, month or lifetime began
 *
 * Returns: wall time at which the limit is used up if it goes on like this; 0 if it lasts until it
 *   begins anew, or is used up already
 */
gint64
okap_alerts_forecast (const OkapStanding *standing, gint64 window_start_us, gint64 now_us)
{
  double elapsed_us = (double) MAX (now_us - window_start_us, OKAP_MINUTE_US);
  double until_us;

  if (standing->settled <= 0 || standing->settled >= standing->cap)
    return 0;
  until_us = (double) window_start_us
             + elapsed_us * ((double) standing->cap / (double) standing->settled);
  if (standing->resets_us != 0 && until_us >= (double) standing->resets_us)
    return 0;
  return until_us < TIME_MOST_US ? MAX ((gint64) until_us, now_us) : 0;
}

static gint64
find_window_start (const OkapAlert *alert, gint64 now_us)
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_identifier (alert->grant->zone);

  if (zone == NULL)
    zone = g_time_zone_new_local ();
  if (alert->standing.limit == OKAP_LIMIT_DAILY_SPEND)
    return okap_time_day_start (now_us, zone);
  if (alert->standing.limit == OKAP_LIMIT_MONTHLY_SPEND)
    return okap_time_month_start (now_us, zone);
  return alert->grant->created_us;
}

static gboolean
tell (gpointer user_data)
{
  Post *post = user_data;
  OkapAlert *alert = post->alert;
  g_autoptr (OkapAuditEntry) entry = NULL;
  gint64 now_us = okap_clock_get_now (post->alerts->clock);

  alert->lasts_until_us = okap_alerts_forecast (&alert->standing,
                                                find_window_start (alert, now_us), now_us);
  entry = okap_audit_limit_reached (now_us, alert);
  okap_store_commit_async (post->alerts->store, NULL, entry, NULL, NULL);
  g_signal_emit (post->alerts, signals[SIGNAL_ALERT], 0, alert);
  return G_SOURCE_REMOVE;
}

/* From the thread that settled. */
static void
alert_cb (OkapGrant *grant, const char *provider, const OkapStanding *standing, guint percent,
          gpointer user_data)
{
  OkapAlerts *self = user_data;
  Post *post = g_new (Post, 1);

  post->alerts = g_object_ref (self);
  post->alert = g_new0 (OkapAlert, 1);
  g_atomic_ref_count_init (&post->alert->ref_count);
  post->alert->grant = okap_grant_ref (grant);
  post->alert->provider = g_strdup (provider);
  post->alert->standing = *standing;
  post->alert->percent = percent;
  okap_invoke (self->context, tell, post, post_free);
}

static void
okap_alerts_finalize (GObject *object)
{
  OkapAlerts *self = OKAP_ALERTS (object);

  g_object_unref (self->store);
  g_main_context_unref (self->context);
  G_OBJECT_CLASS (okap_alerts_parent_class)->finalize (object);
}

static void
okap_alerts_class_init (OkapAlertsClass *class)
{
  G_OBJECT_CLASS (class)->finalize = okap_alerts_finalize;

  /**
   * OkapAlerts::alert:
   * @alert: an #OkapAlert
   *
   * An app has used a part of a limit of money. Main thread.
   */
  signals[SIGNAL_ALERT] = g_signal_new ("alert", OKAP_TYPE_ALERTS, G_SIGNAL_RUN_LAST, 0, NULL,
                                        NULL, NULL, G_TYPE_NONE, 1, OKAP_TYPE_ALERT);
}

static void
okap_alerts_init (OkapAlerts *self)
{
}

/**
 * okap_alerts_new:
 * @gate: tells of nothing any more when this object goes: whoever settles is stopped before
 * @clock: outlives the object
 *
 * To be called on the main thread before other threads use the gate.
 */
OkapAlerts *
okap_alerts_new (OkapGate *gate, OkapStore *store, OkapClock *clock)
{
  OkapAlerts *self = g_object_new (OKAP_TYPE_ALERTS, NULL);

  self->store = g_object_ref (store);
  self->clock = clock;
  self->context = g_main_context_ref_thread_default ();
  okap_gate_set_alert_func (gate, alert_cb, self);
  return self;
}
