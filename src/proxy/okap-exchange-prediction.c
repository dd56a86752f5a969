/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replicate bills a machine's time, and a prediction runs as long as it likes unless it is told
 * when to end. The header Cancel-After says so: with it the worst case of a prediction is known.
 * An app that sends none gets PREDICTION_S where its money is limited, and is told of it. The
 * proxy's thread. */
#include "config.h"

#include <string.h>

#include "okap-exchange.h"

#define NAME "Cancel-After"
#define PREDICTION_S 300
#define MOST_S (24 * 60 * 60)

/* "90", "90s", "5m", "1h"; -1 for anything else, which the provider may read as it likes. */
static gint64
parse_seconds (const char *text)
{
  char *unit;
  guint64 number;

  if (!g_ascii_isdigit (*text))
    return -1;
  number = g_ascii_strtoull (text, &unit, 10);
  if (number > MOST_S)
    return -1;
  if (strcmp (unit, "") == 0 || strcmp (unit, "s") == 0)
    return (gint64) number;
  if (strcmp (unit, "m") == 0)
    return (gint64) number * 60;
  return strcmp (unit, "h") == 0 ? (gint64) number * 60 * 60 : -1;
}

/** okap_exchange_get_most_ms: after so long the provider ends it, told by the app or by us */
gint64
okap_exchange_get_most_ms (const OkapExchange *exchange)
{
  const char *told = okap_http_head_get (okap_http_exchange_get_head (exchange->http), NAME);
  gint64 seconds = told != NULL ? parse_seconds (told) : PREDICTION_S;

  return (seconds >= 0 ? seconds : MOST_S) * 1000;
}

/** okap_exchange_must_end: whether the header has to be added */
gboolean
okap_exchange_must_end (const OkapExchange *exchange)
{
  return exchange->route.endpoint->meter == OKAP_METER_REPLICATE && exchange->money.watched
         && okap_http_head_get (okap_http_exchange_get_head (exchange->http), NAME) == NULL;
}

/**
 * okap_exchange_add_end:
 * @head: of the request
 * @lines: (out) (array fixed-size=101): room for its headers and one more
 *
 * Returns: the same head with the header added; lent by @lines
 */
OkapHttpHead
okap_exchange_add_end (const OkapHttpHead *head, OkapHttpHeader lines[OKAP_CAP_HEADERS + 1])
{
  OkapHttpHead with = *head;

  memcpy (lines, head->headers, head->n_headers * sizeof *lines);
  lines[with.n_headers++] = (OkapHttpHeader) { .name = (char *) NAME,
                                               .value = (char *) G_STRINGIFY (PREDICTION_S) "s" };
  with.headers = lines;
  return with;
}
