/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ledger's decision about one request: everything it needs is taken from all limits at once, or
 * nothing is.
 *
 * What cannot be known beforehand is taken as the worst case. If that does not fit, the request
 * gets what remains under the narrowest limit, as long as that is of use to it; it is then cut, or
 * made smaller before it is sent, by whoever holds the lease. What is known to cost nothing, or to
 * use no tokens, passes whatever was spent. Zero allows nothing else; what is not set does not
 * limit.
 *
 * Limits are asked in the order of how little waiting helps, so that a refusal names the one that
 * matters: a request that no window can hold is not told to come back in a minute. */
#include "config.h"

#include "okap-ledger.h"

#define MOST (G_MAXINT64 / 4)
#define RUNNING_WAIT_S 2  /* until one of those that run is likely to be over */

static const OkapLimit money_limits[] = {
  OKAP_LIMIT_SPEND_PER_REQUEST, OKAP_LIMIT_TOTAL_SPEND, OKAP_LIMIT_MONTHLY_SPEND,
  OKAP_LIMIT_DAILY_SPEND,
};

/* A limit that @needed does not fit under. */
static gboolean
refuse (const OkapLedger *ledger, OkapLimit limit, gint64 needed, OkapRefusal *out_refusal)
{
  *out_refusal = (OkapRefusal) { .limit = limit, .cap = okap_ledger_get_cap (ledger, limit),
                                 .needed = needed };
  if (limit < OKAP_N_WINDOWS)
    {
      const OkapSpendWindow *window = &ledger->windows[limit];

      out_refusal->settled = window->settled_nusd;
      out_refusal->reserved = window->reserved_nusd;
      out_refusal->resets_us = window->end_us == G_MAXINT64 ? 0 : window->end_us;
      if (window->reserved_nusd > 0
          && out_refusal->cap - MAX (window->settled_nusd, 0) >= MAX (needed, 1))
        out_refusal->wait_s = RUNNING_WAIT_S;
    }
  return FALSE;
}

/* Sets how much money the lease has. */
static gboolean
find_money (const OkapLedger *ledger, const OkapAdmission *admission, OkapLease *lease,
            OkapRefusal *out_refusal)
{
  gint64 worst = MIN (admission->worst_nusd, MOST);
  gint64 least = CLAMP (admission->least_nusd, 1, MAX (worst, 1));
  gint64 unreserved = MOST - ledger->windows[OKAP_LIMIT_TOTAL_SPEND].reserved_nusd;
  gboolean is_limited = FALSE;

  lease->reserved_nusd = worst;
  for (guint i = 0; i < G_N_ELEMENTS (money_limits); i++)
    {
      OkapLimit limit = money_limits[i];
      gint64 room;

      if (!okap_limits_has (&ledger->limits, limit))
        continue;
      is_limited = TRUE;
      if (worst < 0)
        {
          (void) refuse (ledger, limit, 0, out_refusal);
          out_refusal->is_unpriced = TRUE;
          return FALSE;
        }
      room = limit < OKAP_N_WINDOWS ? okap_ledger_get_room (ledger, limit)
                                    : ledger->limits.value[limit];
      if (room < worst && room < least)
        return refuse (ledger, limit, least, out_refusal);
      lease->reserved_nusd = MIN (lease->reserved_nusd, room);
    }
  lease->reserved_nusd = CLAMP (lease->reserved_nusd, 0, MAX (unreserved, 0));
  lease->nusd = is_limited ? lease->reserved_nusd : G_MAXINT64;
  return TRUE;
}

/* Sets how many tokens the lease has, and of them, how many count in the minute. */
static gboolean
find_tokens (OkapLedger *ledger, const OkapAdmission *admission, gint64 monotonic_us,
             OkapLease *lease, gint64 *out_reserved, OkapRefusal *out_refusal)
{
  const OkapLimits *limits = &ledger->limits;
  gint64 worst = CLAMP (admission->worst_tokens, 0, MOST);
  gint64 least = CLAMP (admission->least_tokens, 1, MAX (worst, 1));
  gint64 tokens = worst;

  if (okap_limits_has (limits, OKAP_LIMIT_TOKENS_PER_REQUEST))
    {
      gint64 room = limits->value[OKAP_LIMIT_TOKENS_PER_REQUEST];

      if (room < worst && room < least)
        return refuse (ledger, OKAP_LIMIT_TOKENS_PER_REQUEST, least, out_refusal);
      tokens = MIN (tokens, room);
    }
  if (okap_limits_has (limits, OKAP_LIMIT_TOKENS_PER_MINUTE))
    {
      gint64 cap = limits->value[OKAP_LIMIT_TOKENS_PER_MINUTE];
      gint64 used = okap_rate_get_tokens (&ledger->rate);
      gint64 room = MAX (cap - used, 0);

      if (room < worst && room < least)
        {
          (void) refuse (ledger, OKAP_LIMIT_TOKENS_PER_MINUTE, least, out_refusal);
          out_refusal->settled = ledger->rate.settled_tokens;
          out_refusal->reserved = ledger->rate.reserved_tokens;
          if (least <= cap)
            out_refusal->wait_s = okap_rate_tokens_wait (&ledger->rate, monotonic_us, least - room);
          return FALSE;
        }
      tokens = MIN (tokens, room);
    }
  if (okap_limits_has (limits, OKAP_LIMIT_TOKENS_PER_REQUEST)
      || okap_limits_has (limits, OKAP_LIMIT_TOKENS_PER_MINUTE))
    lease->tokens = tokens;
  *out_reserved = tokens;
  return TRUE;
}

static gboolean
check_counts (OkapLedger *ledger, gint64 now_us, gint64 monotonic_us, OkapRefusal *out_refusal)
{
  const gint64 *cap = ledger->limits.value;
  gint64 minute = okap_rate_count_minute (&ledger->rate, monotonic_us);
  gint64 day = okap_rate_count_day (&ledger->rate, now_us, ledger->zone);

  if (okap_limits_has (&ledger->limits, OKAP_LIMIT_REQUESTS_PER_DAY)
      && day >= cap[OKAP_LIMIT_REQUESTS_PER_DAY])
    {
      (void) refuse (ledger, OKAP_LIMIT_REQUESTS_PER_DAY, 1, out_refusal);
      out_refusal->settled = day;
      out_refusal->resets_us = ledger->rate.day_end_us;
      out_refusal->wait_s = (guint) (MAX (ledger->rate.day_end_us - now_us, 0) / OKAP_SECOND_US)
                            + 1;
      return FALSE;
    }
  if (okap_limits_has (&ledger->limits, OKAP_LIMIT_REQUESTS_PER_MINUTE)
      && minute >= cap[OKAP_LIMIT_REQUESTS_PER_MINUTE])
    {
      (void) refuse (ledger, OKAP_LIMIT_REQUESTS_PER_MINUTE, 1, out_refusal);
      out_refusal->settled = minute;
      out_refusal->wait_s = okap_rate_minute_wait (&ledger->rate, monotonic_us);
      return FALSE;
    }
  if (okap_limits_has (&ledger->limits, OKAP_LIMIT_CONCURRENCY)
      && ledger->running >= cap[OKAP_LIMIT_CONCURRENCY])
    {
      (void) refuse (ledger, OKAP_LIMIT_CONCURRENCY, 1, out_refusal);
      out_refusal->reserved = ledger->running;
      if (cap[OKAP_LIMIT_CONCURRENCY] > 0)
        out_refusal->wait_s = RUNNING_WAIT_S;
      return FALSE;
    }
  return TRUE;
}

static gint64
find_remaining (const OkapLedger *ledger)
{
  gint64 remaining = -1;

  for (guint i = 0; i < OKAP_N_WINDOWS; i++)
    if (okap_limits_has (&ledger->limits, i))
      {
        gint64 room = okap_ledger_get_room (ledger, i);

        remaining = remaining < 0 ? room : MIN (remaining, room);
      }
  return remaining;
}

/**
 * okap_ledger_admit:
 * @out_lease: (out): what the request may use; a part of all limits until okap_ledger_settle()
 * @out_refusal: (out): set if it does not fit
 *
 * Takes from all limits, or from none.
 */
gboolean
okap_ledger_admit (OkapLedger *ledger, const OkapAdmission *admission, gint64 now_us,
                   gint64 monotonic_us, OkapLease *out_lease, OkapRefusal *out_refusal)
{
  OkapLease lease = { .nusd = G_MAXINT64, .tokens = G_MAXINT64, .is_open = TRUE,
                      .ledger = ledger };
  gint64 tokens;

  okap_ledger_roll (ledger, now_us);
  (void) okap_rate_count_minute (&ledger->rate, monotonic_us);
  if (!find_money (ledger, admission, &lease, out_refusal)
      || !find_tokens (ledger, admission, monotonic_us, &lease, &tokens, out_refusal)
      || !check_counts (ledger, now_us, monotonic_us, out_refusal))
    return FALSE;

  for (guint i = 0; i < OKAP_N_WINDOWS; i++)
    ledger->windows[i].reserved_nusd += lease.reserved_nusd;
  lease.rate_number = okap_rate_add (&ledger->rate, monotonic_us, tokens);
  ledger->running++;
  lease.started_us = MAX (now_us, ledger->windows[OKAP_LIMIT_DAILY_SPEND].start_us);
  lease.month_end_us = ledger->windows[OKAP_LIMIT_MONTHLY_SPEND].end_us;
  lease.day_end_us = ledger->windows[OKAP_LIMIT_DAILY_SPEND].end_us;
  lease.remaining_nusd = find_remaining (ledger);
  *out_lease = lease;
  return TRUE;
}
