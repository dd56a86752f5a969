/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Before a request is sent: what it can come to at most, whether that has a price, and, if the
 * gate grants less, how it is made to fit.
 *
 *   worst case fits                     sent as it came
 *   streams, and is metered as it runs  sent as it came, cut when its lease is used up
 *   otherwise                           sent with a lower maximum of output, unless the user wants
 *                                       requests to be kept as they are; then the gate refuses it
 *
 * A model that thinks writes tokens that are not seen while it runs: its streams are treated like
 * whole answers. Whatever is not known counts as the dearest. The proxy's thread. */
#include "config.h"

#include <string.h>

#include "okap-body-edit.h"
#include "okap-error.h"
#include "okap-exchange.h"
#include "okap-jobs.h"
#include "okap-money.h"

#define OTHERS_SOUND_BYTES (100 * 1024 * 1024)  /* the most that Groq fetches */

static gboolean
wants_stream (const OkapExchange *exchange)
{
  const OkapBodyFacts *facts = &exchange->finding.facts;

  if (!exchange->finding.has_facts)
    return FALSE;
  switch ((int) exchange->route.endpoint->meter)
    {
    case OKAP_METER_GOOGLE_GENERATE:
      return strstr (exchange->route.path, ":streamGenerateContent") != NULL;
    case OKAP_METER_OLLAMA:
      return facts->streams != 0 && exchange->route.endpoint->capability
                                    != OKAP_CAPABILITY_EMBEDDINGS;
    case OKAP_METER_OPENAI_CHAT:
    case OKAP_METER_OPENAI_RESPONSES:
    case OKAP_METER_ANTHROPIC_MESSAGES:
    case OKAP_METER_GOOGLE_INTERACTIONS:
    case OKAP_METER_COHERE:
      return facts->streams == 1;
    default:
      return FALSE;
    }
}

static OkapWorstRequest
describe (const OkapExchange *exchange)
{
  const OkapEndpoint *endpoint = exchange->route.endpoint;
  const OkapMultipart *form = exchange->form;
  gint64 announced = okap_http_exchange_get_head (exchange->http)->content_length;
  gint64 ms = form != NULL ? okap_multipart_measure_sound (form, announced) : 0;

  /* The provider is to fetch it from somewhere. */
  if (form != NULL && form->names_url)
    announced = MAX (announced, OTHERS_SOUND_BYTES);
  return (OkapWorstRequest) {
    .meter = endpoint->meter, .capability = endpoint->capability,
    .facts = exchange->finding.has_facts ? &exchange->finding.facts : NULL,
    .body_bytes = exchange->streams_up ? announced : (gint64) exchange->body_end,
    .is_form = form != NULL,
    .sound_ms = MAX (ms, 0),
    .most_ms = endpoint->meter == OKAP_METER_REPLICATE ? okap_exchange_get_most_ms (exchange) : 0,
  };
}

static gint64
price_worst (const OkapExchange *exchange, gint64 output_tokens)
{
  const OkapEndpoint *endpoint = exchange->route.endpoint;

  return okap_worst_case_price (&exchange->money.worst, endpoint->meter, endpoint->capability,
                                &exchange->money.price, output_tokens);
}

/* OpenAI's regional servers are dearer. */
static void
find_region (OkapExchange *exchange)
{
  static const char host[] = ".api.openai.com";
  const char *from = strstr (exchange->access->credential->base_url, "://");
  const char *end = from != NULL ? strstr (from, host) : NULL;
  char *region = exchange->money.region;

  if (end == NULL || (gsize) (end - from - 3) >= sizeof exchange->money.region)
    return;
  memcpy (region, from + 3, (gsize) (end - from - 3));
  region[end - from - 3] = '\0';
}

static void
find_variant (OkapExchange *exchange)
{
  const OkapBodyFacts *facts = &exchange->finding.facts;
  gboolean has_size = *facts->size != '\0' && strcmp (facts->size, "auto") != 0;
  gboolean has_quality = *facts->quality != '\0' && strcmp (facts->quality, "auto") != 0;

  if (exchange->route.endpoint->meter == OKAP_METER_OPENAI_IMAGES && exchange->finding.has_facts)
    g_snprintf (exchange->money.variant, sizeof exchange->money.variant, "%s%s%s",
                has_quality ? facts->quality : "", has_quality && has_size ? " " : "",
                has_size ? facts->size : "");
  /* The dearer one; only the answer tells. */
  else if (exchange->route.endpoint->meter == OKAP_METER_MISTRAL_OCR)
    g_strlcpy (exchange->money.variant, "annotated", sizeof exchange->money.variant);
}

/* What the meter takes where the answer tells nothing. */
static void
set_request_units (OkapExchange *exchange, const OkapWorstRequest *request)
{
  gint64 *count = exchange->money.request.count;

  /* Of what is not in the body nobody can say how long it is. */
  count[OKAP_UNIT_INPUT] = request->facts != NULL && request->facts->hidden != NULL
                           ? exchange->money.worst.prompt_tokens
                           : okap_meter_estimate_tokens (exchange->finding.prompt_bytes);
  count[OKAP_UNIT_CHARACTERS] = exchange->money.worst.others.count[OKAP_UNIT_CHARACTERS];
  count[OKAP_UNIT_IMAGES] = exchange->money.worst.others.count[OKAP_UNIT_IMAGES];
  count[OKAP_UNIT_MILLISECONDS] = exchange->money.worst.others.count[OKAP_UNIT_MILLISECONDS];
}

/**
 * okap_exchange_measure_sound:
 *
 * Once the body was sent: how long the sound is that it holds, where that can be told.
 */
void
okap_exchange_measure_sound (OkapExchange *exchange)
{
  gint64 *told = &exchange->money.request.count[OKAP_UNIT_MILLISECONDS];
  gint64 ms;

  if (exchange->form == NULL
      || exchange->route.endpoint->meter != OKAP_METER_OPENAI_TRANSCRIPTION)
    return;
  ms = okap_multipart_measure_sound (exchange->form, exchange->bytes_in);
  if (ms >= 0)
    *told = MIN (*told, ms);
}

/* The requests of a batch are of all its models, and which is of which is not known here: the
 * prompts of all of them at the dearest, and all that is written at what may be another one. */
static gint64
take_parts (OkapExchangeMoney *money, const OkapWorstRequest *request, const OkapWorstCase *worst,
            const OkapPrice *price, gint64 nusd)
{
  gint64 prompt_nusd;

  if (request->facts == NULL || request->facts->batch_items == 0)
    return nusd;
  prompt_nusd = okap_worst_case_price (worst, request->meter, request->capability, price, 0);
  money->batch_prompt_nusd = MAX (money->batch_prompt_nusd, prompt_nusd);
  money->batch_output_nusd = MAX (money->batch_output_nusd, nusd - prompt_nusd);
  return okap_money_add (money->batch_prompt_nusd, money->batch_output_nusd);
}

/* Takes @model into account: of several, the dearest one counts, and one without a price makes
 * all of it unknown, but for what the user set for such. */
static gboolean
take_model (OkapExchange *exchange, const OkapWorstRequest *request, const char *model)
{
  const OkapScope *scope = exchange->access->scope;
  OkapExchangeMoney *money = &exchange->money;
  gboolean is_ceiling = FALSE;
  OkapPriceTier tier;
  OkapPrice price;
  OkapWorstCase worst;
  gint64 nusd = OKAP_PRICE_IS_UNKNOWN;

  if (okap_exchange_lookup_price (exchange, model, &price))
    {
      okap_worst_case_narrow (&price, scope->provider, model, request->facts, request->meter,
                              money->region);
      okap_worst_case_count (request, &price, &worst);
      nusd = okap_worst_case_price (&worst, request->meter, request->capability, &price,
                                    worst.output_tokens);
    }
  if (nusd == OKAP_PRICE_IS_UNKNOWN && scope->ceiling.set)
    {
      okap_price_from_ceiling (&scope->ceiling, &tier, &price);
      price.thinks = TRUE;
      is_ceiling = TRUE;
      okap_worst_case_count (request, &price, &worst);
      nusd = okap_worst_case_price (&worst, request->meter, request->capability, &price,
                                    worst.output_tokens);
    }
  if (nusd == OKAP_PRICE_IS_UNKNOWN)
    return FALSE;
  nusd = take_parts (money, request, &worst, &price, nusd);
  if (money->has_price && nusd <= money->worst_nusd)
    {
      money->price.thinks |= price.thinks;
      return TRUE;
    }
  price.thinks |= money->has_price && money->price.thinks;
  money->has_price = TRUE;
  money->price = price;
  money->worst = worst;
  money->worst_nusd = nusd;
  money->is_ceiling = is_ceiling;
  if (is_ceiling)
    {
      money->ceiling = tier;
      money->price.tiers = &money->ceiling;
    }
  return TRUE;
}

static void
take_models (OkapExchange *exchange, const OkapWorstRequest *request)
{
  const OkapModelFinding *finding = &exchange->finding;
  OkapExchangeMoney *money = &exchange->money;
  gboolean known = take_model (exchange, request, exchange->model);

  for (guint i = 0; known && finding->others != NULL && i < finding->others->len; i++)
    {
      g_autofree char *other
        = okap_provider_canonical_model (exchange->access->scope->provider,
                                         g_ptr_array_index (finding->others, i));

      known = take_model (exchange, request, other);
    }
  /* A provider that chooses may choose anything. */
  if (known && (finding->unclear == NULL || money->is_ceiling))
    return;
  money->has_price = FALSE;
  money->worst_nusd = OKAP_PRICE_IS_UNKNOWN;
  money->price = (OkapPrice) { .dearest_permille = 1000, .thinks = TRUE };
  okap_worst_case_count (request, &money->price, &money->worst);
}

static gboolean
check_metered (const OkapExchange *exchange, GError **error)
{
  const OkapExchangeMoney *money = &exchange->money;
  OkapMoneyRule rule = okap_endpoint_get_money_rule (exchange->route.endpoint);
  OkapMeterKind meter = exchange->route.endpoint->meter;

  if (exchange->route.endpoint->job != NULL && !okap_jobs_has_room (exchange->proxy->jobs))
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_BUSY,
                           "Too many batches, films and predictions are open at once. Try again "
                           "when some of them are over");
      return FALSE;
    }
  if (rule == OKAP_MONEY_FREE || rule == OKAP_MONEY_LEASED
      || !okap_scope_has_money (exchange->access->scope)
      || (money->has_price && (rule == OKAP_MONEY_JOB || okap_price_is_free (&money->price)))
      || meter == OKAP_METER_REPLICATE || meter == OKAP_METER_OPENAI_VIDEO)
    return TRUE;
  if (meter == OKAP_METER_OPENAI_BATCH && !exchange->finding.files_known)
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_ENDPOINT_NOT_ALLOWED,
                           "What the batch costs cannot be counted before it is spent: its file is "
                           "not one that was uploaded through Okap lately with this access, which "
                           "has a spend limit. Upload the file here, then begin the batch");
      return FALSE;
    }
  g_set_error (error, OKAP_ERROR, OKAP_ERROR_ENDPOINT_NOT_ALLOWED,
               "What %s at %s costs cannot be counted before it is spent, and this app's access "
               "has a spend limit. Use another endpoint, or allow the app without limits of money",
               exchange->route.path, exchange->access->scope->provider);
  return FALSE;
}

static gboolean
is_compressed (const OkapExchange *exchange)
{
  const char *encoding = okap_http_head_get (okap_http_exchange_get_head (exchange->http),
                                             "content-encoding");

  return encoding != NULL && *encoding != '\0' && g_ascii_strcasecmp (encoding, "identity") != 0;
}

static gboolean
check_sure (const OkapExchange *exchange, GError **error)
{
  const OkapBodyFacts *facts = &exchange->finding.facts;

  if (!okap_scope_has_money (exchange->access->scope)
      || okap_endpoint_get_money_rule (exchange->route.endpoint) == OKAP_MONEY_FREE)
    return TRUE;
  if (is_compressed (exchange))
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                           "This app's access has a spend limit, but its request is compressed, so "
                           "that what it may cost cannot be read. Send it uncompressed");
      return FALSE;
    }
  if (!exchange->finding.has_facts || facts->unsure == NULL)
    return TRUE;
  g_set_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
               "The body has the member “%s” twice, in other letter case, or where a number is "
               "expected, so that it is not certain how much the model may write. Write it once",
               facts->unsure);
  return FALSE;
}

/**
 * okap_exchange_plan:
 * @admission: its amounts are set
 * @error: %OKAP_ERROR_ENDPOINT_NOT_ALLOWED, %OKAP_ERROR_INVALID_REQUEST
 *
 * Computes what a counted request can come to.
 */
gboolean
okap_exchange_plan (OkapExchange *exchange, OkapAdmission *admission, GError **error)
{
  OkapExchangeMoney *money = &exchange->money;
  const OkapWorstCase *worst = &money->worst;
  const OkapEndpoint *endpoint = exchange->route.endpoint;
  OkapWorstRequest request = describe (exchange);
  gint64 least;

  find_region (exchange);
  find_variant (exchange);
  take_models (exchange, &request);
  set_request_units (exchange, &request);
  if (!check_metered (exchange, error) || !check_sure (exchange, error))
    return FALSE;
  money->can_lower = worst->output_tokens > 0 && exchange->finding.has_facts
                     && exchange->finding.facts.unsure == NULL && !exchange->streams_up
                     && okap_provider_get_max_output (exchange->access->credential->provider,
                                                      endpoint) != NULL
                     && (exchange->access->scope->options & OKAP_SCOPE_KEEP_OUTPUT) == 0;
  money->writes_unseen = money->price.thinks
                         || (request.facts != NULL
                             && (request.facts->wants_sound || request.facts->predicts));
  money->can_cut = worst->output_tokens > 0 && wants_stream (exchange) && !money->writes_unseen;

  admission->worst_nusd = money->worst_nusd;
  admission->worst_tokens = okap_money_add (worst->prompt_tokens,
                                            okap_worst_case_get_output (worst));
  admission->least_nusd = admission->worst_nusd;
  admission->least_tokens = admission->worst_tokens;
  if (!money->can_lower && !money->can_cut)
    return TRUE;
  least = MIN (worst->least_output_tokens, worst->output_tokens);
  admission->least_tokens = MIN (admission->worst_tokens,
                                 worst->likely_prompt_tokens + least * worst->copies);
  if (money->has_price)
    admission->least_nusd = price_worst (exchange, least);
  return TRUE;
}

static void
note_edit (OkapExchange *exchange, const char *words)
{
  g_autofree char *before = exchange->edits;

  exchange->edits = before != NULL ? g_strconcat (before, ", ", words, NULL) : g_strdup (words);
}

static gboolean
lower (OkapExchange *exchange, OkapBodyEdits *edits, GError **error)
{
  const OkapEndpoint *endpoint = exchange->route.endpoint;
  const OkapProvider *provider = exchange->access->credential->provider;
  OkapExchangeMoney *money = &exchange->money;
  gint64 nusd = money->has_price ? exchange->lease.nusd : G_MAXINT64;
  gint64 fits = okap_worst_case_fit (&money->worst, endpoint->meter, endpoint->capability,
                                     &money->price, nusd, exchange->lease.tokens);
  const char *field = okap_provider_get_max_output (provider, endpoint);
  char words[48];

  if (fits < MIN (money->worst.least_output_tokens, money->worst.output_tokens)
      || !okap_body_edit_lower_output (edits, &exchange->finding.facts, endpoint->meter, field,
                                       fits))
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_SPEND_LIMIT_REACHED,
                   "What is left of this app's limits at %s is not enough for this request",
                   exchange->access->scope->provider);
      return FALSE;
    }
  money->lowered_tokens = money->worst.output_tokens = fits;
  g_snprintf (words, sizeof words, "max_tokens=%" G_GINT64_FORMAT, fits);
  note_edit (exchange, words);
  return TRUE;
}

/* Whether a stream would not tell what it used unless it is asked. */
static gboolean
must_ask_usage (const OkapExchange *exchange)
{
  const OkapEndpoint *endpoint = exchange->route.endpoint;

  return endpoint->meter == OKAP_METER_OPENAI_CHAT && exchange->finding.has_facts
         && exchange->finding.facts.streams == 1 && exchange->finding.facts.unsure == NULL
         && okap_provider_asks_stream_usage (exchange->access->credential->provider, endpoint);
}

/* Where the watch begins: with all of the prompt. */
static void
begin_watch (OkapExchangeMoney *money)
{
  const gint64 many = 1000;
  const OkapWorstCase *worst = &money->worst;

  money->running_tokens = worst->likely_prompt_tokens;
  if (!money->has_price)
    return;
  money->running_nusd = okap_price_get_worst_prompt (&money->price, worst->prompt_tokens);
  money->token_nusd = (okap_price_get_worst (&money->price, worst->prompt_tokens, many)
                       - money->running_nusd) / many + 1;
}

/**
 * okap_exchange_fit:
 * @error: %OKAP_ERROR_SPEND_LIMIT_REACHED
 *
 * Makes an admitted request fit into its lease, and its stream tell what it used. It is still to
 * be settled, also if this fails.
 */
gboolean
okap_exchange_fit (OkapExchange *exchange, const OkapAdmission *admission, GError **error)
{
  OkapExchangeMoney *money = &exchange->money;
  const OkapLease *lease = &exchange->lease;
  OkapBodyEdits edits = { .n = 0 };

  money->watched = (money->has_price && lease->nusd != G_MAXINT64) || lease->tokens != G_MAXINT64;
  if (money->watched)
    begin_watch (money);
  if (!money->can_cut && money->watched
      && (lease->nusd < admission->worst_nusd || lease->tokens < admission->worst_tokens)
      && !lower (exchange, &edits, error))
    return FALSE;
  if (okap_exchange_must_end (exchange))
    note_edit (exchange, "cancel-after");
  if (must_ask_usage (exchange)
      && okap_body_edit_ask_usage (&edits, &exchange->finding.facts))
    {
      exchange->filter = okap_usage_filter_new ();
      note_edit (exchange, "include_usage=true");
    }
  if (edits.n > 0)
    okap_exchange_edit_body (exchange, &edits);
  return TRUE;
}
