/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers, money and times for people. Exactness ends here: what is shown is rounded, what is
 * kept is not. Rounding never turns something into nothing: a cost below what can be shown is
 * said to be below it. */
#include "config.h"

#include "okap-format.h"

#include <glib/gi18n.h>
#include <string.h>

#include "okap-clock.h"
#include "okap-money.h"

#define SMALLEST_SHOWN_NUSD (OKAP_NUSD_PER_USD / 10000)
#define SMALLEST_SHOWN 0.0001   /* of another currency */
#define FINE_DIGITS 4
#define CODE_CHARS 3
#define MOST_PER_USD 1000000

/* What amounts are shown in; a rate that the user typed in. */
static struct
{
  char code[CODE_CHARS + 1];   /* empty: dollars */
  double per_usd;
} currency;

/* Those that are not written as their code. */
static const struct
{
  const char *code;
  const char *symbol;
  int digits;
} symbols[] = {
  { "EUR", "€", 2 }, { "GBP", "£", 2 }, { "JPY", "¥", 0 }, { "CNY", "CN¥", 2 }, { "INR", "₹", 2 },
  { "KRW", "₩", 0 }, { "BRL", "R$", 2 }, { "CAD", "CA$", 2 }, { "AUD", "A$", 2 },
  { "MXN", "MX$", 2 }, { "ILS", "₪", 2 }, { "UAH", "₴", 2 }, { "VND", "₫", 0 },
};

/**
 * okap_format_set_currency:
 * @code: three letters such as "EUR"; "" or "USD" for dollars
 * @per_usd: what a dollar is in it
 *
 * Returns: whether it is one; if not, it is dollars again
 */
gboolean
okap_format_set_currency (const char *code, double per_usd)
{
  gboolean is_code = strlen (code) == CODE_CHARS;

  for (const char *c = code; *c != '\0'; c++)
    is_code = is_code && g_ascii_isupper (*c);
  currency.code[0] = '\0';
  currency.per_usd = 1;
  if (*code == '\0' || strcmp (code, "USD") == 0)
    return TRUE;
  if (!is_code || !(per_usd > 0) || per_usd > MOST_PER_USD)
    return FALSE;
  (void) g_strlcpy (currency.code, code, sizeof currency.code);
  currency.per_usd = per_usd;
  return TRUE;
}

/** okap_format_is_converted: whether okap_format_money() gives something other than dollars */
gboolean
okap_format_is_converted (void)
{
  return currency.code[0] != '\0';
}

/**
 * okap_format_usd:
 *
 * Returns: (transfer full): dollars; whole cents from a dollar on, finer below it
 */
char *
okap_format_usd (gint64 nusd)
{
  double usd = okap_money_to_double (nusd);

  if (nusd <= 0 || nusd >= OKAP_NUSD_PER_USD)
    /* Translators: an amount of US dollars with cents */
    return g_strdup_printf (_("$%'.2f"), MAX (usd, 0.0));
  if (nusd % (OKAP_NUSD_PER_USD / 100) == 0)
    return g_strdup_printf (_("$%'.2f"), usd);
  if (nusd < SMALLEST_SHOWN_NUSD)
    /* Translators: an amount of US dollars that is too small to be shown exactly */
    return g_strdup_printf (_("under $%.4f"), okap_money_to_double (SMALLEST_SHOWN_NUSD));
  /* Translators: an amount of US dollars below one dollar */
  return g_strdup_printf (_("$%.4f"), usd);
}

static char *
format_symbol (const char *symbol, int digits, double amount)
{
  g_autofree char *number = g_strdup_printf ("%'.*f", digits, amount);

  /* Translators: an amount in a currency: %1$s is its symbol or code, %2$s the number. Put the
   * symbol where it belongs in your language, such as "%2$s %1$s" */
  return g_strdup_printf (_("%1$s%2$s"), symbol, number);
}

/** okap_format_money: (transfer full): as okap_format_usd(), in the currency that was chosen */
char *
okap_format_money (gint64 nusd)
{
  double amount = MAX (okap_money_to_double (nusd), 0.0) * currency.per_usd;
  g_autofree char *symbol = NULL;
  int digits = 2;

  if (!okap_format_is_converted ())
    return okap_format_usd (nusd);
  for (gsize i = 0; i < G_N_ELEMENTS (symbols); i++)
    if (strcmp (symbols[i].code, currency.code) == 0)
      {
        symbol = g_strdup (symbols[i].symbol);
        digits = symbols[i].digits;
      }
  if (symbol == NULL)
    symbol = g_strconcat (currency.code, "\u00a0", NULL);

  if (nusd > 0 && amount < SMALLEST_SHOWN)
    {
      g_autofree char *least = format_symbol (symbol, FINE_DIGITS, SMALLEST_SHOWN);

      /* Translators: %s is the smallest amount of money that is shown exactly */
      return g_strdup_printf (_("under %s"), least);
    }
  /* Below one unit two decimals would say too little; a currency without cents has none. */
  return format_symbol (symbol, nusd > 0 && amount < 1 ? FINE_DIGITS : digits, amount);
}

char *
okap_format_count (gint64 count)
{
  return g_strdup_printf ("%'" G_GINT64_FORMAT, count);
}

char *
okap_format_tokens (gint64 tokens)
{
  g_autofree char *count = okap_format_count (tokens);

  /* Translators: %s is a number of tokens, the units that models count text in */
  return g_strdup_printf (ngettext ("%s token", "%s tokens", (gulong) tokens), count);
}

char *
okap_format_requests (gint64 requests)
{
  g_autofree char *count = okap_format_count (requests);

  return g_strdup_printf (ngettext ("%s request", "%s requests", (gulong) requests), count);
}

char *
okap_format_duration (gint64 duration_us)
{
  if (duration_us < OKAP_SECOND_US)
    /* Translators: milliseconds */
    return g_strdup_printf (_("%d ms"), (int) (duration_us / 1000));
  if (duration_us < OKAP_MINUTE_US)
    /* Translators: seconds with one decimal */
    return g_strdup_printf (_("%.1f s"), (double) duration_us / 1e6);
  /* Translators: minutes and seconds */
  return g_strdup_printf (_("%d min %02d s"), (int) (duration_us / OKAP_MINUTE_US),
                          (int) (duration_us % OKAP_MINUTE_US / OKAP_SECOND_US));
}

static GDateTime *
local_time (gint64 time_us)
{
  return g_date_time_new_from_unix_local (time_us / OKAP_SECOND_US);
}

/**
 * okap_format_ago:
 * @time_us: a time that is past
 *
 * Returns: (transfer full): how long ago in words, the date once it is more than a week
 */
char *
okap_format_ago (gint64 time_us, gint64 now_us)
{
  gint64 ago_us = now_us - time_us;
  g_autoptr (GDateTime) then = local_time (time_us);
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
  gint64 today_us = okap_time_day_start (now_us, zone);

  if (ago_us < OKAP_MINUTE_US)
    return g_strdup (_("Just now"));
  if (ago_us < 60 * OKAP_MINUTE_US)
    {
      int minutes = (int) (ago_us / OKAP_MINUTE_US);

      return g_strdup_printf (ngettext ("%d minute ago", "%d minutes ago", (gulong) minutes),
                              minutes);
    }
  if (time_us >= today_us)
    /* Translators: a time of today, for g_date_time_format() */
    return g_date_time_format (then, _("Today, %H:%M"));
  if (time_us >= today_us - OKAP_DAY_US)
    /* Translators: a time of yesterday, for g_date_time_format() */
    return g_date_time_format (then, _("Yesterday, %H:%M"));
  if (time_us >= today_us - 6 * OKAP_DAY_US)
    /* Translators: a weekday and a time, for g_date_time_format() */
    return g_date_time_format (then, _("%A, %H:%M"));
  return okap_format_date (time_us);
}

/** okap_format_time: (transfer full): the exact local time, for tooltips and details */
char *
okap_format_time (gint64 time_us)
{
  g_autoptr (GDateTime) time = local_time (time_us);

  /* Translators: an exact time, for g_date_time_format() */
  return g_date_time_format (time, _("%A, %-d %B %Y, %H:%M:%S"));
}

char *
okap_format_date (gint64 time_us)
{
  g_autoptr (GDateTime) time = local_time (time_us);

  /* Translators: a date, for g_date_time_format() */
  return g_date_time_format (time, _("%-d %B %Y"));
}

/** okap_format_hour: (transfer full): hour and minute, for what is not long ago or soon */
char *
okap_format_hour (gint64 time_us)
{
  g_autoptr (GDateTime) time = local_time (time_us);

  /* Translators: a time without its day, for g_date_time_format() */
  return g_date_time_format (time, _("%H:%M"));
}
