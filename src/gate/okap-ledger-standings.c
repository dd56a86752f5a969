/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the limits of a scope stand, for whoever shows or tells it. */
#include "config.h"

#include "okap-ledger.h"

/** okap_ledger_get_money: how a window's limit stands, as it was rolled last */
OkapStanding
okap_ledger_get_money (const OkapLedger *ledger, OkapLimit limit)
{
  const OkapSpendWindow *window = &ledger->windows[limit];

  return (OkapStanding) { .limit = limit, .cap = okap_ledger_get_cap (ledger, limit),
                          .settled = window->settled_nusd, .reserved = window->reserved_nusd,
                          .resets_us = window->end_us == G_MAXINT64 ? 0 : window->end_us };
}

static OkapStanding
get_count (OkapLedger *ledger, OkapLimit limit, gint64 now_us, gint64 monotonic_us)
{
  OkapRate *rate = &ledger->rate;
  OkapStanding standing = { .limit = limit, .cap = ledger->limits.value[limit] };
  gint64 minute = okap_rate_count_minute (rate, monotonic_us);
  gint64 day = okap_rate_count_day (rate, now_us, ledger->zone);

  if (limit == OKAP_LIMIT_REQUESTS_PER_DAY)
    {
      standing.settled = day;
      standing.resets_us = rate->day_end_us;
    }
  else if (limit == OKAP_LIMIT_CONCURRENCY)
    standing.reserved = ledger->running;
  else
    {
      gboolean of_tokens = limit == OKAP_LIMIT_TOKENS_PER_MINUTE;

      standing.settled = of_tokens ? rate->settled_tokens : minute;
      standing.reserved = of_tokens ? rate->reserved_tokens : 0;
      if (minute > 0)
        standing.resets_us = now_us
                             + okap_rate_minute_wait (rate, monotonic_us) * OKAP_SECOND_US;
    }
  return standing;
}

/**
 * okap_ledger_get_standings:
 * @out_standings: (out): one for each limit that is set and has a running count
 *
 * Returns: how many there are
 */
guint
okap_ledger_get_standings (OkapLedger *ledger, gint64 now_us, gint64 monotonic_us,
                           OkapStanding out_standings[OKAP_N_LIMITS])
{
  guint n = 0;

  okap_ledger_roll (ledger, now_us);
  for (guint i = 0; i < OKAP_N_LIMITS; i++)
    {
      if (!okap_limits_has (&ledger->limits, i) || i == OKAP_LIMIT_SPEND_PER_REQUEST
          || i == OKAP_LIMIT_TOKENS_PER_REQUEST)
        continue;
      out_standings[n++] = i < OKAP_N_WINDOWS ? okap_ledger_get_money (ledger, i)
                                              : get_count (ledger, i, now_us, monotonic_us);
    }
  return n;
}
