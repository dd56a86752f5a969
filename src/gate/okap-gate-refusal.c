/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A refusal in words: which limit, where, what is settled, what is set aside, the cap, what the
 * request needs, when there is room again, and what a person can do. */
#include "config.h"

#include "okap-gate-private.h"

#include "okap-money.h"

static OkapError
find_code (const OkapRefusal *refusal)
{
  if (refusal->is_unpriced)
    return OKAP_ERROR_PRICE_UNKNOWN;
  if (okap_limit_is_money (refusal->limit))
    return OKAP_ERROR_SPEND_LIMIT_REACHED;
  /* Waiting does not make a request smaller, and apps repeat what is rate limited. */
  if (refusal->limit == OKAP_LIMIT_TOKENS_PER_REQUEST
      || (refusal->limit == OKAP_LIMIT_TOKENS_PER_MINUTE && refusal->wait_s == 0))
    return OKAP_ERROR_TOO_LARGE;
  return OKAP_ERROR_RATE_LIMITED;
}

static char *
format_amount (OkapLimit limit, gint64 amount)
{
  g_autofree char *usd = NULL;

  if (!okap_limit_is_money (limit))
    return g_strdup_printf ("%" G_GINT64_FORMAT, amount);
  usd = okap_money_format (amount);
  return g_strconcat (amount < 0 ? "-$" : "$", amount < 0 ? usd + 1 : usd, NULL);
}

/* "at least" is said of what could have been cut or made smaller, too. */
static void
append_need (GString *text, const OkapRefusal *refusal)
{
  g_autofree char *needed = format_amount (refusal->limit, refusal->needed);

  switch ((int) refusal->limit)
    {
    case OKAP_LIMIT_REQUESTS_PER_MINUTE:
    case OKAP_LIMIT_REQUESTS_PER_DAY:
    case OKAP_LIMIT_CONCURRENCY:
      break;
    case OKAP_LIMIT_TOKENS_PER_REQUEST:
    case OKAP_LIMIT_TOKENS_PER_MINUTE:
      g_string_append_printf (text, " This request needs at least %s tokens.", needed);
      break;
    default:
      g_string_append_printf (text, " This request needs at least %s.", needed);
      break;
    }
}

static void
append_time (GString *text, const OkapRefusal *refusal)
{
  g_autofree char *reset = refusal->resets_us > 0 ? okap_time_format_iso (refusal->resets_us)
                                                  : NULL;

  if (reset != NULL)
    g_string_append_printf (text, " It starts anew at %s.", reset);
  if (refusal->wait_s == 0 || refusal->limit == OKAP_LIMIT_REQUESTS_PER_DAY)
    return;
  if (refusal->limit < OKAP_N_WINDOWS)
    g_string_append (text, " There may be room once running requests are settled.");
  g_string_append_printf (text, " Try again in %u second%s.", refusal->wait_s,
                          refusal->wait_s == 1 ? "" : "s");
}

/** okap_gate_refusal_to_error: (transfer full): what an app is told */
GError *
okap_gate_refusal_to_error (const OkapRefusal *refusal, const char *provider)
{
  g_autofree char *cap = format_amount (refusal->limit, refusal->cap);
  g_autofree char *settled = format_amount (refusal->limit, refusal->settled);
  g_autofree char *reserved = format_amount (refusal->limit, refusal->reserved);
  g_autoptr (GString) text = g_string_new (okap_limit_get_name (refusal->limit));

  if (refusal->is_unpriced)
    return g_error_new (OKAP_ERROR, OKAP_ERROR_PRICE_UNKNOWN,
                        "Okap knows no price for this request at %s, and this access has a limit "
                        "of money (%s, %s). A price, or a ceiling for what has none, can be set "
                        "in Okap.", provider, okap_limit_get_name (refusal->limit), cap);

  g_string_append_printf (text, " at %s:", provider);
  if (refusal->limit == OKAP_LIMIT_SPEND_PER_REQUEST
      || refusal->limit == OKAP_LIMIT_TOKENS_PER_REQUEST)
    g_string_append_printf (text, " %s is the most that one request may use.", cap);
  else if (refusal->limit == OKAP_LIMIT_CONCURRENCY)
    g_string_append_printf (text, " %s of %s running at once.", reserved, cap);
  else if (okap_limit_is_money (refusal->limit))
    g_string_append_printf (text, " %s settled and %s reserved, of a cap of %s.", settled, reserved,
                            cap);
  else if (refusal->reserved > 0)
    g_string_append_printf (text, " %s of %s used, and %s set aside for running requests.",
                            settled, cap, reserved);
  else
    g_string_append_printf (text, " %s of %s used.", settled, cap);
  append_need (text, refusal);
  append_time (text, refusal);
  g_string_append (text, " The limit can be raised in Okap.");
  return g_error_new_literal (OKAP_ERROR, (int) find_code (refusal), text->str);
}
