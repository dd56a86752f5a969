/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The accounts of one exchange: exactly one usage row for each request that was sent, however it
 * ended, and a few for those that were refused. What the provider billed by its own word is
 * reported; what it counted is known; what broke off, or was not counted, is estimated from the
 * bytes that were seen and the time that passed since; what has no price is unknown, never zero.
 *
 * A provider that is cut off has written more than came: what it may have written since the last
 * byte is booked, too, up to what the request set aside. */
#include "config.h"

#include <string.h>

#include "okap-error.h"
#include "okap-exchange.h"
#include "okap-jobs.h"
#include "okap-money.h"

#define UNSEEN_TOKENS_S 500     /* faster than models write */
#define REFUSED_MOST 1024       /* reasons that are remembered; then all are forgotten */

static gboolean
is_answered (const OkapExchange *exchange)
{
  return exchange->state >= OKAP_EXCHANGE_ANSWERING && exchange->status != 0;
}

/* Which of several prices of a picture or page. Pages that the answer does not show to be annotated
 * have the usual one. */
static const char *
get_variant (const OkapExchange *exchange)
{
  if (exchange->route.endpoint->meter == OKAP_METER_MISTRAL_OCR && is_answered (exchange)
      && exchange->complete
      && okap_meter_get_signal (&exchange->meter, OKAP_METER_SIGNAL_QUALITY) == NULL)
    return NULL;
  return exchange->money.variant;
}

/**
 * okap_exchange_lookup_price:
 * @model: (nullable)
 *
 * Returns: whether what is asked for has a price at this model
 */
gboolean
okap_exchange_lookup_price (const OkapExchange *exchange, const char *model, OkapPrice *out_price)
{
  const char *provider = exchange->access->scope->provider;
  gint64 now_us = okap_clock_get_now (exchange->proxy->clock);

  return okap_price_lookup_variant (provider, model, get_variant (exchange), now_us, out_price);
}

/**
 * okap_exchange_count_running:
 *
 * Sets what the request has come to: money (0 if it has no price) and tokens. What the provider
 * did not tell of the prompt yet counts as the most that it can be, and so does its tier.
 */
void
okap_exchange_count_running (OkapExchange *exchange)
{
  OkapExchangeMoney *money = &exchange->money;
  const OkapMeter *meter = &exchange->meter;
  OkapUnits units;

  okap_meter_get_running (meter, &units);
  money->running_tokens = okap_units_get_tokens (&units);
  if (!money->has_price)
    return;
  if (!meter->reported)
    money->running_nusd = okap_price_get_worst (&money->price, money->worst.prompt_tokens,
                                                okap_units_get_written (&units));
  else
    (void) okap_price_get_cost (&money->price, &units, money->price.dearest_permille,
                                &money->running_nusd);
}

/* Output tokens that the provider may have written without our having seen them: since the last
 * byte; of a model that thinks, or whose sound is no text, all the time. */
static gint64
get_unseen (const OkapExchange *exchange, const OkapUnits *units)
{
  gboolean is_seen = exchange->last_byte_us != 0
                     && (!exchange->money.writes_unseen
                         || okap_meter_tells_output (&exchange->meter));
  gint64 elapsed_us = g_get_monotonic_time ()
                      - (is_seen ? exchange->last_byte_us : exchange->sent_us);
  gint64 written = okap_units_get_written (units);
  gint64 most = okap_worst_case_get_output (&exchange->money.worst) - written;
  gint64 unseen = elapsed_us / 1000 * UNSEEN_TOKENS_S / 1000 - (is_seen ? 0 : written);

  return CLAMP (unseen, 0, MAX (most, 0));
}

/* What is booked of an answer that broke off, or did not tell what it used. */
static void
estimate (const OkapExchange *exchange, OkapUnits *units)
{
  if (is_answered (exchange))
    okap_meter_get_running (&exchange->meter, units);
  else
    *units = exchange->money.request;
  if (!exchange->complete)
    units->count[OKAP_UNIT_OUTPUT] += get_unseen (exchange, units);
}

/* What broke off before the provider told its prompt is booked, where money is limited, with the
 * most that the prompt and what is no token may come to: an app that hangs up in time must not make
 * them cheaper. */
static gint64
get_least (const OkapExchange *exchange, const OkapUnits *units)
{
  const OkapExchangeMoney *money = &exchange->money;
  const OkapEndpoint *endpoint = exchange->route.endpoint;
  OkapWorstCase so_far = money->worst;

  if (!money->has_price || exchange->lease.nusd == G_MAXINT64
      || (is_answered (exchange) && exchange->meter.reported))
    return 0;
  so_far.copies = 1;
  return MAX (okap_worst_case_price (&so_far, endpoint->meter, endpoint->capability, &money->price,
                                     okap_units_get_written (units)), 0);
}

/* Whether the provider bills nothing: for its own refusals, and for what never reached it. */
static gboolean
is_unbilled (const OkapExchange *exchange)
{
  if (is_answered (exchange))
    return exchange->status >= 400 && !exchange->meter.reported;
  return exchange->sent_us == 0 || exchange->unsent;
}

/* How its units become money; lent, as long as the exchange is. */
static OkapCosting
get_costing (const OkapExchange *exchange)
{
  const OkapScope *scope = exchange->access->scope;

  return (OkapCosting) {
    .provider = scope->provider, .model = exchange->model, .variant = get_variant (exchange),
    .region = exchange->money.region, .ceiling = scope->ceiling,
    .meter = exchange->route.endpoint->meter,
    .is_batch = okap_costing_is_batch (exchange->route.endpoint->meter, exchange->route.path),
    .at_us = okap_clock_get_now (exchange->proxy->clock),
  };
}

static void
count (const OkapExchange *exchange, OkapUsage *usage)
{
  const OkapMeter *meter = &exchange->meter;
  gboolean is_whole = is_answered (exchange) && exchange->complete;
  gboolean is_exact = is_whole && okap_meter_is_exact (meter);
  /* What was told to the end is told for each model, also if something about it cannot be. */
  gboolean is_told = is_exact || (is_whole && meter->reported);
  OkapCosting costing = get_costing (exchange);
  gint64 reported_nusd = -1;
  OkapPriced priced;

  usage->cost_status = OKAP_COST_KNOWN;
  if (is_unbilled (exchange))
    return;
  if (is_told)
    okap_meter_get_units (meter, &usage->units);
  else
    estimate (exchange, &usage->units);
  if (is_whole && !okap_meter_get_cost (meter, &reported_nusd))
    reported_nusd = -1;
  if (reported_nusd >= 0
      && okap_provider_reports_cost (exchange->access->credential->provider))
    {
      usage->cost_nusd = reported_nusd;
      usage->cost_status = meter->doubtful ? OKAP_COST_ESTIMATED : OKAP_COST_REPORTED;
      return;
    }
  usage->cost_status = OKAP_COST_FREE;
  priced = is_told ? okap_costing_add_parts (&costing, meter, usage)
                   : okap_costing_add (&costing, meter, usage->model_served, &usage->units, usage);
  /* Of a provider that is not known to tell what it bills, its word counts if it is dearer, or if
   * there is no other. */
  if (reported_nusd > usage->cost_nusd
      || (priced == OKAP_PRICED_NOT && reported_nusd >= 0 && exchange->lease.nusd == G_MAXINT64))
    {
      usage->cost_nusd = reported_nusd;
      usage->cost_status = meter->doubtful ? OKAP_COST_ESTIMATED : OKAP_COST_REPORTED;
      return;
    }
  if (priced == OKAP_PRICED_NOT)
    {
      usage->cost_nusd = 0;
      usage->cost_status = OKAP_COST_UNKNOWN;
      return;
    }
  /* Nothing that was used has a price, but the model has: it comes to what was set aside. */
  if (priced == OKAP_PRICED_PARTLY && usage->cost_nusd == 0 && exchange->money.has_price)
    usage->cost_nusd = exchange->money.worst_nusd;
  if (priced == OKAP_PRICED_WHOLE && (is_exact || usage->cost_status == OKAP_COST_FREE))
    return;
  if (!is_whole)
    usage->cost_nusd = MAX (usage->cost_nusd, get_least (exchange, &usage->units));
  /* A guess of ours never takes more than was set aside for it. */
  usage->cost_status = OKAP_COST_ESTIMATED;
  usage->cost_nusd = MIN (usage->cost_nusd, exchange->lease.nusd);
}

/* All but units and costs. */
static OkapUsage *
new_usage (const OkapExchange *exchange, guint status, const GError *error)
{
  OkapUsage *usage = okap_usage_new ();
  const OkapAccess *access = exchange->access;
  gboolean answered = exchange->status != 0;
  gint64 now_us = g_get_monotonic_time ();

  usage->model_asked = g_strdup (exchange->model != NULL ? exchange->model : "");
  usage->model_served = answered && exchange->meter.model[0] != '\0'
                        ? okap_provider_canonical_model (access->scope->provider,
                                                         exchange->meter.model)
                        : g_strdup ("");
  usage->tier = answered ? g_strdup (okap_meter_get_tier (&exchange->meter)) : NULL;
  usage->edits = g_strdup (exchange->edits);
  usage->digest_in = exchange->digest_in;
  usage->digest_out = exchange->digest_out;
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
  usage->streamed = answered && (exchange->meter.framing == OKAP_FRAMING_SSE
                                 || exchange->meter.framing == OKAP_FRAMING_NDJSON);
  usage->key_version = exchange->key.other != NULL ? exchange->key.other->version
                                                   : access->credential->version;
  return usage;
}

/* Whether the work goes on at the provider after this. A stream that broke off ends it, unless the
 * provider said that it runs in the background. */
static gboolean
goes_on (const OkapExchange *exchange)
{
  return exchange->job != NULL && is_answered (exchange) && exchange->status < 400
         && okap_job_reader_is_open (exchange->job)
         && (exchange->complete || exchange->job->in_background);
}

/* Whether a batch has requests of several models: then one total says nothing. */
static gboolean
has_models (const OkapExchange *exchange)
{
  const GPtrArray *others = exchange->finding.others;

  for (guint i = 0; others != NULL && i < others->len; i++)
    {
      g_autofree char *other = okap_provider_canonical_model (exchange->access->scope->provider,
                                                              others->pdata[i]);

      if (g_strcmp0 (other, exchange->model) != 0)
        return exchange->finding.files != NULL;
    }
  return FALSE;
}

static void
leave_job (OkapExchange *exchange, OkapUsage *usage)
{
  OkapCosting costing = get_costing (exchange);
  OkapJobStart start = {
    .access = exchange->access, .endpoint = exchange->route.endpoint,
    .path = exchange->route.path, .id = exchange->job->id, .lease = &exchange->lease,
    .head = exchange->http != NULL ? okap_http_exchange_get_head (exchange->http) : NULL,
    .usage = usage, .costing = &costing, .request = exchange->money.request,
  };

  if (has_models (exchange))
    costing.model = NULL;
  okap_jobs_add (exchange->proxy->jobs, &start);
}

/**
 * okap_exchange_settle:
 * @status: what the app was told
 * @error: (nullable): why it did not get a whole answer
 *
 * Tells the gate what the exchange came to; the second time it does nothing.
 *
 * Returns: (transfer full) (nullable): the row, with what was booked; NULL if there is none, or
 *   not before the work at the provider is over
 */
OkapUsage *
okap_exchange_settle (OkapExchange *exchange, guint status, const GError *error)
{
  g_autoptr (OkapUsage) usage = NULL;

  if (exchange->settled || !exchange->counted)
    return NULL;
  exchange->settled = TRUE;
  usage = new_usage (exchange, status, error);
  if (goes_on (exchange))
    {
      leave_job (exchange, g_steal_pointer (&usage));
      return NULL;
    }
  count (exchange, usage);
  okap_gate_settle (exchange->proxy->gate, &exchange->lease, usage);
  return g_steal_pointer (&usage);
}

/* Whether the same reason was told less than a second ago: an app in a loop must not fill the
 * list. */
static gboolean
is_repeated (OkapExchange *exchange, const GError *error)
{
  GHashTable *refused = exchange->proxy->refused;
  gint64 now_s = okap_clock_get_monotonic (exchange->proxy->clock) / OKAP_SECOND_US;
  g_autofree char *reason = g_strconcat (exchange->access->grant->id, "/",
                                         okap_error_get_wire_name (error), NULL);
  gpointer last;

  if (g_hash_table_lookup_extended (refused, reason, NULL, &last)
      && GPOINTER_TO_INT (last) == (gint) now_s)
    return TRUE;
  if (g_hash_table_size (refused) >= REFUSED_MOST)
    g_hash_table_remove_all (refused);
  g_hash_table_insert (refused, g_steal_pointer (&reason), GINT_TO_POINTER ((gint) now_s));
  return FALSE;
}

/**
 * okap_exchange_note_refused:
 *
 * Makes a row of a request that the grant did not allow, so that the user sees it: at most one
 * each second for each grant and reason. What is malformed makes none.
 */
void
okap_exchange_note_refused (OkapExchange *exchange, const GError *error)
{
  guint status = okap_error_get_http_status (error);
  g_autoptr (OkapUsage) usage = NULL;

  if (exchange->settled || !exchange->counted
      || (status != 402 && status != 403 && status != 413 && status != 429)
      || is_repeated (exchange, error))
    return;
  usage = new_usage (exchange, status, error);
  okap_gate_tell_refused (exchange->proxy->gate, usage);
}
