/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The accounts of one exchange: exactly one usage row for each request that was sent, however it
 * ended. What the provider counted is known; what broke off, or was not counted, is estimated from
 * the bytes that were seen; what has no price is unknown, never zero. */
#include "config.h"

#include <string.h>

#include "okap-error.h"
#include "okap-exchange.h"
#include "okap-price.h"

#define BYTES_PER_TOKEN 4

static void
estimate (const OkapExchange *exchange, OkapUnits *units)
{
  gint64 prompt_bytes = exchange->finding.prompt_bytes;
  gint64 output = exchange->head_sent ? exchange->meter.text_bytes / BYTES_PER_TOKEN : 0;

  if (okap_units_get_prompt (units) == 0)
    units->count[OKAP_UNIT_INPUT] = prompt_bytes / BYTES_PER_TOKEN;
  /* Counts in the middle of a stream may lag behind what was already written. */
  units->count[OKAP_UNIT_OUTPUT] = MAX (units->count[OKAP_UNIT_OUTPUT], output);
}

/* The price of the model that answered, else of the one that was asked for. */
static gboolean
find_price (const OkapExchange *exchange, const char *served, OkapPrice *out_price)
{
  const char *provider = exchange->access->scope->provider;

  gint64 now_us = okap_clock_get_now (exchange->proxy->clock);

  return (served[0] != '\0' && okap_price_lookup (provider, served, now_us, out_price))
         || (exchange->model != NULL
             && okap_price_lookup (provider, exchange->model, now_us, out_price));
}

static void
count (const OkapExchange *exchange, guint status, const GError *error, const char *served,
       OkapUnits *out_units, OkapExchangeCost *out_cost)
{
  gboolean answered = exchange->state >= OKAP_EXCHANGE_ANSWERING && exchange->status != 0;
  const OkapMeter *meter = &exchange->meter;
  OkapPrice price;

  *out_units = (OkapUnits) { 0 };
  *out_cost = (OkapExchangeCost) { 0, OKAP_COST_KNOWN };
  if (answered)
    okap_meter_get_units (meter, out_units);
  /* Providers do not bill their own refusals, nor what never reached them. */
  if (answered ? exchange->status >= 400 && !meter->reported
               : g_error_matches (error, OKAP_ERROR, OKAP_ERROR_UPSTREAM_UNREACHABLE))
    return;
  if (answered && error == NULL && okap_meter_get_cost (meter, &out_cost->cost_nusd))
    return;

  if (!answered || !meter->reported || error != NULL)
    {
      estimate (exchange, out_units);
      out_cost->status = OKAP_COST_ESTIMATED;
    }
  if (exchange->route.endpoint->meter == OKAP_METER_NONE
      || !find_price (exchange, served, &price)
      || !okap_price_get_cost (&price, out_units, 1000, &out_cost->cost_nusd))
    *out_cost = (OkapExchangeCost) { 0, OKAP_COST_UNKNOWN };
}

/**
 * okap_exchange_settle:
 * @status: what the app was told
 * @error: (nullable): why it did not get a whole answer
 *
 * Tells the gate what the exchange came to; the second time it does nothing.
 */
OkapExchangeCost
okap_exchange_settle (OkapExchange *exchange, guint status, const GError *error)
{
  g_autoptr (OkapUsage) usage = NULL;
  OkapExchangeCost cost = { 0, OKAP_COST_UNKNOWN };
  const OkapAccess *access = exchange->access;
  gboolean answered = exchange->status != 0;
  gint64 now_us = g_get_monotonic_time ();

  if (exchange->settled || !exchange->counted)
    return cost;
  exchange->settled = TRUE;

  usage = okap_usage_new ();
  usage->model_asked = g_strdup (exchange->model != NULL ? exchange->model : "");
  usage->model_served = answered && exchange->meter.model[0] != '\0'
                        ? okap_provider_canonical_model (access->scope->provider,
                                                         exchange->meter.model)
                        : g_strdup ("");
  count (exchange, status, error, usage->model_served, &usage->units, &cost);
  usage->cost_nusd = cost.cost_nusd;
  usage->cost_status = cost.status;
  usage->request_id = g_strdup (exchange->id);
  usage->grant_id = g_strdup (access->grant->id);
  usage->app = g_strdup (okap_grant_get_title (access->grant));
  usage->provider = g_strdup (access->scope->provider);
  usage->endpoint = g_strdup (exchange->route.path);
  usage->started_us = okap_clock_get_now (exchange->proxy->clock) - (now_us - exchange->arrived_us);
  usage->first_byte_us = exchange->first_byte_us > 0
                         ? exchange->first_byte_us - exchange->arrived_us : 0;
  usage->duration_us = now_us - exchange->arrived_us;
  usage->overhead_us = exchange->overhead_us;
  usage->http_status = status;
  usage->error = error != NULL ? g_strdup (okap_error_get_wire_name (error)) : NULL;
  usage->bytes_in = exchange->bytes_in;
  usage->bytes_out = exchange->bytes_out;
  usage->streamed = answered && exchange->meter.framing != OKAP_FRAMING_BODY;
  okap_gate_settle (exchange->proxy->gate, &exchange->lease, usage);
  return cost;
}
