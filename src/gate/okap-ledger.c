/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ledger: what a scope has spent, has set aside, and may still use.
 *
 * Plain data and arithmetic, no lock, no clock, no I/O; the gate guards it (okap-gate-admit.c).
 * Under each limit of money, at every moment,
 *
 *   settled + reserved <= cap
 *
 * unless the user lowered the cap or entered a correction since, or what the user had added to it
 * for a day is over. A lease reserves when it is
 * admitted (okap-ledger-admit.c), and is settled once: its reservation goes, and what it came to is
 * booked. More than the lease is booked only as far as every limit has room for it, whatever a
 * provider claims; the rest is reported as "over" and stays outside the limits.
 *
 * Windows are calendar days and months in the zone of the grant, and one that never ends. They are
 * computed when they are read: there is no job that resets anything. A lease belongs to the windows
 * in which it started. When those are over, their reservations and counts are gone with them, and
 * the lease leaves the later windows alone. A clock that is set back stays in the windows that were
 * counted last, and what starts then is dated at the beginning of that day, so that sums over
 * stored rows come to the same when Okap starts again.
 *
 * All sums stay within MOST, far beyond any limit, so that none can overflow. */
#include "config.h"

#include "okap-ledger.h"

#include <string.h>

#include "okap-money.h"

#define MOST (G_MAXINT64 / 4)

static const guint thresholds[] = { 100, 95, 80, 50 };  /* percent */

/** okap_ledger_new: (transfer full): without limits, nothing spent */
OkapLedger *
okap_ledger_new (void)
{
  OkapLedger *ledger = g_new0 (OkapLedger, 1);

  ledger->zone = g_time_zone_new_utc ();
  ledger->windows[OKAP_LIMIT_TOTAL_SPEND].end_us = G_MAXINT64;
  return ledger;
}

void
okap_ledger_free (OkapLedger *ledger)
{
  g_time_zone_unref (ledger->zone);
  okap_rate_clear (&ledger->rate);
  g_free (ledger);
}

static gint64
add (gint64 a, gint64 b)
{
  return CLAMP (okap_money_add (a, b), -MOST, MOST);
}

static void
begin_window (OkapLedger *ledger, OkapLimit limit, gint64 within_us)
{
  gboolean is_day = limit == OKAP_LIMIT_DAILY_SPEND;
  gint64 start_us = is_day ? okap_time_day_start (within_us, ledger->zone)
                           : okap_time_month_start (within_us, ledger->zone);
  gint64 end_us = is_day ? okap_time_next_day (within_us, ledger->zone)
                         : okap_time_next_month (within_us, ledger->zone);

  if (end_us <= within_us)  /* no zone known does that; it must not free money on each read */
    end_us = within_us + OKAP_DAY_US;
  ledger->windows[limit] = (OkapSpendWindow) { .start_us = MIN (start_us, within_us),
                                               .end_us = end_us };
}

/** okap_ledger_roll: begins the windows of @now_us if those that are counted are over */
void
okap_ledger_roll (OkapLedger *ledger, gint64 now_us)
{
  if (now_us >= ledger->windows[OKAP_LIMIT_DAILY_SPEND].end_us)
    begin_window (ledger, OKAP_LIMIT_DAILY_SPEND, now_us);
  if (now_us >= ledger->windows[OKAP_LIMIT_MONTHLY_SPEND].end_us)
    begin_window (ledger, OKAP_LIMIT_MONTHLY_SPEND, now_us);
}

static guint
find_percent (const OkapSpendWindow *window, gint64 cap)
{
  if (cap <= 0)
    return 0;
  for (guint i = 0; i < G_N_ELEMENTS (thresholds); i++)
    if ((__int128) window->settled_nusd * 100 >= (__int128) cap * thresholds[i])
      return thresholds[i];
  return 0;
}

/**
 * okap_ledger_get_cap:
 *
 * What is added for a day lifts all windows alike, so that it is so much more whichever limit is
 * the narrowest; it goes when the day that is counted is not the one it was for. The longer windows
 * may then be above their cap, and have no room until they end.
 *
 * Returns: the limit, which must be set, as it counts now
 */
gint64
okap_ledger_get_cap (const OkapLedger *ledger, OkapLimit limit)
{
  gint64 cap = ledger->limits.value[limit];

  if (limit < OKAP_N_WINDOWS && ledger->extra.nusd > 0
      && ledger->extra.until_us == ledger->windows[OKAP_LIMIT_DAILY_SPEND].end_us)
    return add (cap, ledger->extra.nusd);
  return cap;
}

/* What is reached already is nothing to be told of. */
static void
forget_alerts (OkapLedger *ledger)
{
  for (guint i = 0; i < OKAP_N_WINDOWS; i++)
    ledger->windows[i].alerted = okap_limits_has (&ledger->limits, i)
                                 ? find_percent (&ledger->windows[i],
                                                 okap_ledger_get_cap (ledger, i)) : 0;
}

/**
 * okap_ledger_set_limits:
 *
 * Holds at once. What is counted stays, and so do leases that run, even above a lowered limit.
 * Another zone counts from the next day and month on.
 */
void
okap_ledger_set_limits (OkapLedger *ledger, const OkapLimits *limits, GTimeZone *zone,
                        gint64 now_us)
{
  gboolean same = memcmp (limits->value, ledger->limits.value, sizeof limits->value) == 0
                  && limits->set == ledger->limits.set;

  ledger->limits = *limits;
  g_time_zone_ref (zone);
  g_time_zone_unref (ledger->zone);
  ledger->zone = zone;
  okap_ledger_roll (ledger, now_us);
  if (!same)
    forget_alerts (ledger);
}

/** okap_ledger_set_extra: what is added to the limits for a day; after okap_ledger_set_limits() */
void
okap_ledger_set_extra (OkapLedger *ledger, const OkapExtra *extra)
{
  gboolean same = extra->nusd == ledger->extra.nusd && extra->until_us == ledger->extra.until_us;

  ledger->extra = *extra;
  if (!same)
    forget_alerts (ledger);
}

/* Sums of a window that is over by now say nothing; a clock that was set back since they were made
 * does not make them void. */
static void
restore_window (OkapLedger *ledger, OkapLimit limit, gint64 start_us, gint64 nusd)
{
  OkapSpendWindow *window = &ledger->windows[limit];

  if (start_us >= window->end_us)
    begin_window (ledger, limit, start_us);
  if (start_us >= window->start_us)
    window->settled_nusd = add (nusd, 0);
}

/* They are as long ago on the monotonic clock as on the wall; one that lies ahead of a clock that
 * was set back is of now. */
static void
restore_minute (OkapLedger *ledger, GArray *minute, gint64 now_us, gint64 monotonic_us)
{
  for (guint i = 0; i < minute->len; i++)
    {
      const OkapPastRequest *request = &g_array_index (minute, OkapPastRequest, i);
      gint64 age_us = MAX (now_us - request->started_us, 0);
      guint64 number;

      if (age_us >= OKAP_MINUTE_US)
        continue;
      number = okap_rate_add (&ledger->rate, monotonic_us - age_us, request->tokens);
      okap_rate_settle_tokens (&ledger->rate, number, request->tokens);
    }
}

/** okap_ledger_restore: takes over what was used before; only in a fresh ledger with limits */
void
okap_ledger_restore (OkapLedger *ledger, const OkapPast *past, gint64 now_us, gint64 monotonic_us)
{
  okap_ledger_roll (ledger, now_us);
  restore_window (ledger, OKAP_LIMIT_DAILY_SPEND, past->day_start_us, past->nusd_day);
  restore_window (ledger, OKAP_LIMIT_MONTHLY_SPEND, past->month_start_us, past->nusd_month);
  ledger->windows[OKAP_LIMIT_TOTAL_SPEND].settled_nusd = add (past->nusd_total, 0);
  if (past->minute != NULL)
    restore_minute (ledger, past->minute, now_us, monotonic_us);
  (void) okap_rate_count_day (&ledger->rate, MAX (now_us, past->day_start_us), ledger->zone);
  ledger->rate.today = past->day_start_us >= ledger->windows[OKAP_LIMIT_DAILY_SPEND].start_us
                       ? MAX (past->requests_day, 0) : 0;
  forget_alerts (ledger);
}

/** okap_ledger_get_room: what may still be reserved under a window's limit; not below zero */
gint64
okap_ledger_get_room (const OkapLedger *ledger, OkapLimit limit)
{
  const OkapSpendWindow *window = &ledger->windows[limit];
  gint64 cap = okap_limits_has (&ledger->limits, limit) ? okap_ledger_get_cap (ledger, limit)
                                                        : MOST;

  return MAX (cap - MAX (window->settled_nusd, 0) - window->reserved_nusd, 0);
}

static gboolean
lease_is_in (const OkapLedger *ledger, const OkapLease *lease, OkapLimit limit)
{
  if (limit == OKAP_LIMIT_TOTAL_SPEND)
    return TRUE;
  return ledger->windows[limit].end_us
         == (limit == OKAP_LIMIT_DAILY_SPEND ? lease->day_end_us : lease->month_end_us);
}

/* What can be booked beyond a lease. Of a window that is over nobody knows what room it had. */
static gint64
room_beyond (const OkapLedger *ledger, const OkapLease *lease)
{
  const OkapLimits *limits = &ledger->limits;
  gint64 room = MOST;

  for (guint i = 0; i < OKAP_N_WINDOWS; i++)
    if (lease_is_in (ledger, lease, i))
      room = MIN (room, okap_ledger_get_room (ledger, i));
    else if (okap_limits_has (limits, i))
      room = 0;
  if (okap_limits_has (limits, OKAP_LIMIT_SPEND_PER_REQUEST))
    room = MIN (room, limits->value[OKAP_LIMIT_SPEND_PER_REQUEST] - lease->reserved_nusd);
  return MAX (room, 0);
}

static void
find_alert (OkapLedger *ledger, OkapLimit limit, OkapSettlement *settlement)
{
  OkapSpendWindow *window = &ledger->windows[limit];
  guint percent;

  if (!okap_limits_has (&ledger->limits, limit))
    return;
  percent = find_percent (window, okap_ledger_get_cap (ledger, limit));
  if (percent <= window->alerted)
    return;
  window->alerted = percent;
  settlement->alerts[settlement->n_alerts] = okap_ledger_get_money (ledger, limit);
  settlement->percents[settlement->n_alerts++] = percent;
}

/**
 * okap_ledger_settle:
 * @lease: admitted by @ledger; each is settled once
 * @cost_nusd: what it came to; below zero counts as nothing
 * @tokens: that it read and wrote
 *
 * The reservation ends. Tokens are taken as they are said: too many make others wait.
 */
void
okap_ledger_settle (OkapLedger *ledger, const OkapLease *lease, gint64 cost_nusd, gint64 tokens,
                    gint64 now_us, OkapSettlement *out_settlement)
{
  gint64 beyond;

  okap_ledger_roll (ledger, now_us);
  cost_nusd = CLAMP (cost_nusd, 0, MOST);
  beyond = MAX (cost_nusd - lease->reserved_nusd, 0);
  *out_settlement = (OkapSettlement) { 0 };
  out_settlement->over_nusd = beyond - MIN (beyond, room_beyond (ledger, lease));
  out_settlement->booked_nusd = cost_nusd - out_settlement->over_nusd;

  for (guint i = 0; i < OKAP_N_WINDOWS; i++)
    {
      OkapSpendWindow *window = &ledger->windows[i];

      if (!lease_is_in (ledger, lease, i))
        continue;
      window->reserved_nusd -= lease->reserved_nusd;
      window->settled_nusd = add (window->settled_nusd, out_settlement->booked_nusd);
      find_alert (ledger, i, out_settlement);
    }
  okap_rate_settle_tokens (&ledger->rate, lease->rate_number, tokens);
  ledger->running--;
}

/**
 * okap_ledger_resume:
 * @lease: (inout): that an earlier process admitted and that is open; from now on of @ledger
 *
 * After okap_ledger_restore(), in whose sums it is not. It reserves in the windows in which it
 * started, as far as they are not over.
 */
void
okap_ledger_resume (OkapLedger *ledger, OkapLease *lease, gint64 now_us, gint64 monotonic_us)
{
  const OkapSpendWindow *day = &ledger->windows[OKAP_LIMIT_DAILY_SPEND];
  const OkapSpendWindow *month = &ledger->windows[OKAP_LIMIT_MONTHLY_SPEND];
  gint64 unreserved = MOST - ledger->windows[OKAP_LIMIT_TOTAL_SPEND].reserved_nusd;

  okap_ledger_roll (ledger, now_us);
  (void) okap_rate_count_day (&ledger->rate, now_us, ledger->zone);
  (void) okap_rate_count_minute (&ledger->rate, monotonic_us);
  lease->ledger = ledger;
  lease->reserved_nusd = CLAMP (lease->reserved_nusd, 0, MAX (unreserved, 0));
  lease->day_end_us = lease->started_us >= day->start_us ? day->end_us : 0;
  lease->month_end_us = lease->started_us >= month->start_us ? month->end_us : 0;
  for (guint i = 0; i < OKAP_N_WINDOWS; i++)
    if (lease_is_in (ledger, lease, i))
      ledger->windows[i].reserved_nusd += lease->reserved_nusd;

  /* What it is known to have used of the minute is its start, which is as good as now. */
  if (now_us - lease->started_us < OKAP_MINUTE_US)
    lease->rate_number = okap_rate_add (&ledger->rate, monotonic_us, 0);
  else
    {
      lease->rate_number = G_MAXUINT64;
      ledger->rate.today++;
    }
  if (lease->day_end_us == 0)
    ledger->rate.today--;
  ledger->running++;
}

/** okap_ledger_correct: books what the user entered, below zero too; a window may pass its cap */
void
okap_ledger_correct (OkapLedger *ledger, gint64 nusd, gint64 now_us)
{
  okap_ledger_roll (ledger, now_us);
  for (guint i = 0; i < OKAP_N_WINDOWS; i++)
    ledger->windows[i].settled_nusd = add (ledger->windows[i].settled_nusd, nusd);
  forget_alerts (ledger);
}
