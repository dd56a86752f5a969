/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Limits as data: one row names a limit on the wire, says whether it is money, the most that a
 * request may ask for, and the value of this vault where a request is silent. A missing limit is
 * never "unlimited" (PROTOCOL section 2): the four limits of the draft always get a value. */
#include "config.h"

#include "okap-limits.h"

#include "okap-money.h"

#define NO_DEFAULT (-1)
#define USD(n) ((n) * OKAP_NUSD_PER_USD)

static const struct
{
  const char *name;
  gboolean is_money;
  gint64 most;
  gint64 fallback;
} table[OKAP_N_LIMITS] = {
  [OKAP_LIMIT_MONTHLY_SPEND] = { "monthly_spend", TRUE, OKAP_MONEY_MOST_NUSD, USD (10) },
  [OKAP_LIMIT_DAILY_SPEND] = { "daily_spend", TRUE, OKAP_MONEY_MOST_NUSD, USD (2) },
  [OKAP_LIMIT_TOTAL_SPEND] = { "total_spend", TRUE, OKAP_MONEY_MOST_NUSD, NO_DEFAULT },
  [OKAP_LIMIT_SPEND_PER_REQUEST] = { "spend_per_request", TRUE, OKAP_MONEY_MOST_NUSD, NO_DEFAULT },
  [OKAP_LIMIT_REQUESTS_PER_MINUTE] = { "requests_per_minute", FALSE, 1000000, 60 },
  [OKAP_LIMIT_REQUESTS_PER_DAY] = { "requests_per_day", FALSE, 100000000, 2000 },
  [OKAP_LIMIT_TOKENS_PER_MINUTE] = { "tokens_per_minute", FALSE, 1000000000, NO_DEFAULT },
  [OKAP_LIMIT_TOKENS_PER_REQUEST] = { "tokens_per_request", FALSE, 100000000, NO_DEFAULT },
  [OKAP_LIMIT_CONCURRENCY] = { "concurrency", FALSE, 1000, NO_DEFAULT },
};

/* The user's own, by lock; 0: none. */
static GMutex own_lock;
static gint64 own[OKAP_N_LIMITS];

/** okap_limit_get_name: (transfer none): the name on the wire */
const char *
okap_limit_get_name (OkapLimit limit)
{
  return table[limit].name;
}

/** okap_limit_from_name: whether @name is a limit, and which */
gboolean
okap_limit_from_name (const char *name, OkapLimit *out_limit)
{
  for (guint i = 0; i < OKAP_N_LIMITS; i++)
    if (g_str_equal (table[i].name, name))
      {
        *out_limit = (OkapLimit) i;
        return TRUE;
      }
  return FALSE;
}

gboolean
okap_limit_is_money (OkapLimit limit)
{
  return table[limit].is_money;
}

/** okap_limit_get_most: the most that can be asked for, in the limit's own unit */
gint64
okap_limit_get_most (OkapLimit limit)
{
  return table[limit].most;
}

/**
 * okap_limit_set_default:
 * @limit: one that has a default
 * @value: that requests get which name none; 0 for Okap's own
 *
 * Any thread, from the next request on.
 */
void
okap_limit_set_default (OkapLimit limit, gint64 value)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&own_lock);

  g_return_if_fail (table[limit].fallback != NO_DEFAULT && value >= 0);

  own[limit] = MIN (value, table[limit].most);
}

static gint64
get_default (OkapLimit limit)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&own_lock);

  return own[limit] > 0 ? own[limit] : table[limit].fallback;
}

gboolean
okap_limits_has (const OkapLimits *limits, OkapLimit limit)
{
  return (limits->set & (1u << limit)) != 0;
}

/** okap_limits_set: gives a limit its value; what differs from Okap's default is none any more */
void
okap_limits_set (OkapLimits *limits, OkapLimit limit, gint64 value)
{
  g_return_if_fail (limit < OKAP_N_LIMITS);

  if (limits->value[limit] != value)
    limits->defaulted &= ~(1u << limit);
  limits->value[limit] = value;
  limits->set |= 1u << limit;
}

/**
 * okap_limits_fill_defaults:
 *
 * Gives each limit of the draft that is missing the vault's own value, and marks it. A default is
 * never above a limit that the request did name for the same money.
 */
void
okap_limits_fill_defaults (OkapLimits *limits)
{
  for (guint i = 0; i < OKAP_N_LIMITS; i++)
    if (!okap_limits_has (limits, i) && table[i].fallback != NO_DEFAULT)
      {
        okap_limits_set (limits, i, get_default ((OkapLimit) i));
        limits->defaulted |= 1u << i;
      }

  if ((limits->defaulted & (1u << OKAP_LIMIT_DAILY_SPEND)) != 0)
    limits->value[OKAP_LIMIT_DAILY_SPEND] = MIN (limits->value[OKAP_LIMIT_DAILY_SPEND],
                                                 limits->value[OKAP_LIMIT_MONTHLY_SPEND]);
}

/**
 * okap_limits_within:
 * @bounds: what was asked for
 *
 * Returns: whether @limits allows nothing that @bounds does not: a person may only narrow
 */
gboolean
okap_limits_within (const OkapLimits *limits, const OkapLimits *bounds)
{
  for (guint i = 0; i < OKAP_N_LIMITS; i++)
    if (okap_limits_has (bounds, i)
        && (!okap_limits_has (limits, i) || limits->value[i] > bounds->value[i]))
      return FALSE;
  return TRUE;
}
