/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The worst that a request can cost, from its bytes, before it is sent. A cap holds only if this
 * is never too low; where it is too high, room is reserved that comes back a moment later.
 *
 *   prompt   its bytes (no token is shorter than one), without the base64 of media, and for the
 *            template around it PROMPT_ALLOWANCE tokens, TOOLS_ALLOWANCE more if it has tools and
 *            again for each tool of the vendor's making; each picture, second of sound: a row's
 *            bound. What is not in the body (a conversation that is kept, files, searches) can be
 *            as long as the model reads: its context
 *   output   its own maximum, else the model's, else OUTPUT_ASSUMED; times the answers wanted
 *   others   pictures made, characters spoken, searches, pages
 *
 * Work that goes on after the answer is bounded likewise: a batch by what each of its requests may
 * write, a film by FILM_MS, a prediction by the time after which the provider ends it.
 *
 * Pure functions. */
#include "config.h"

#include "okap-worst-case.h"

#include "okap-gate.h"
#include "okap-money.h"

#define PROMPT_ALLOWANCE 512      /* roles, separators, a vendor's hidden preamble */
#define TOOLS_ALLOWANCE 1024      /* Anthropic's, the longest that is documented, takes 530 */
#define CONTEXT_ASSUMED G_GINT64_CONSTANT (1000000)
#define OUTPUT_ASSUMED 65536
#define LIKELY_TOKEN_BYTES 4
#define FORM_PICTURES 10          /* that a form may ask for: the most that any provider makes */
#define PICTURE_OUTPUT_TOKENS 10000  /* of a picture made, where they are counted in tokens */
#define FILM_MS 20000             /* that a film may last: the most that any provider makes */
#define FILMS 4                   /* at once; Google makes so many */
#define PAGES_MOST 1000           /* of a document that is read page by page */
#define SPEECH_BYTES_S 750        /* one second of speech at 6 kbit/s, the least that is usual */
#define LEAST_SOUND_MS 10000      /* that Groq bills, however short the sound is */
#define SPEECH_TOKENS_CHAR 4      /* of a character that is spoken slowly */

/* What of a request is written, and what media in it come to at most. */
typedef struct
{
  gboolean writes;           /* the model writes tokens */
  gint64 image_tokens;       /* of a picture that it reads */
  gint64 audio_token_bytes;  /* base64 of one token of sound */
} Row;

/* Pictures: OpenAI charges a small model's picture 2,833 tokens and 5,667 for each of at most 8
 * tiles; Anthropic at most 4,784; Google 258 for each of at most 16 tiles. Sound: Google takes 32
 * tokens a second, which is 1,000 base64 bytes at 6 kbit/s; the others 10. */
static const Row rows[OKAP_N_METERS] = {
  [OKAP_METER_OPENAI_CHAT] = { TRUE, 50000, 25 },
  [OKAP_METER_OPENAI_RESPONSES] = { TRUE, 50000, 25 },
  [OKAP_METER_ANTHROPIC_MESSAGES] = { TRUE, 5000, 25 },
  [OKAP_METER_GOOGLE_GENERATE] = { TRUE, 5000, 25 },
  [OKAP_METER_GOOGLE_INTERACTIONS] = { TRUE, 5000, 25 },
  [OKAP_METER_OLLAMA] = { TRUE, 10000, 25 },
  [OKAP_METER_COHERE] = { TRUE, 10000, 25 },
  [OKAP_METER_AI_SDK] = { TRUE, 50000, 25 },
  [OKAP_METER_OPENAI_IMAGES] = { FALSE, 50000, 25 },
  [OKAP_METER_OPENAI_SPEECH] = { FALSE, 0, 25 },
  [OKAP_METER_OPENAI_TRANSCRIPTION] = { TRUE, 0, 25 },
  [OKAP_METER_MODERATION] = { FALSE, 50000, 25 },
  [OKAP_METER_RERANK] = { FALSE, 10000, 25 },
  [OKAP_METER_MISTRAL_OCR] = { FALSE, 10000, 25 },
  [OKAP_METER_ANTHROPIC_BATCH] = { TRUE, 5000, 25 },
  [OKAP_METER_OPENAI_BATCH] = { TRUE, 50000, 25 },
  [OKAP_METER_REPLICATE] = { TRUE, 10000, 25 },
};

static gint64
mul (gint64 a, gint64 b)
{
  gint64 product;

  return __builtin_mul_overflow (a, b, &product) ? G_MAXINT64 : product;
}

static gint64
value_of (const OkapBodyFacts *facts, OkapBodyNumberName name)
{
  return facts->numbers[name].value;
}

static void
count_prompt (const OkapWorstRequest *request, const Row *row, gint64 context,
              OkapWorstCase *worst)
{
  const OkapBodyFacts *facts = request->facts;
  gint64 allowance = PROMPT_ALLOWANCE;
  gint64 media;

  if (facts == NULL)
    {
      worst->prompt_tokens = request->is_form && request->body_bytes >= 0
                             ? MIN (request->body_bytes, context) : context;
      worst->likely_prompt_tokens = worst->prompt_tokens;
      return;
    }
  if (facts->has_tools)
    allowance += TOOLS_ALLOWANCE;
  allowance += mul (facts->vendor_tools, TOOLS_ALLOWANCE);
  media = okap_money_add (mul (facts->images, row->image_tokens),
                          facts->audio_bytes / MAX (row->audio_token_bytes, 1));
  worst->prompt_tokens = okap_money_add (facts->text_bytes, okap_money_add (media, allowance));
  worst->likely_prompt_tokens = facts->text_bytes / LIKELY_TOKEN_BYTES
                                + (gint64) facts->images * 1000
                                + facts->audio_bytes / MAX (row->audio_token_bytes * 4, 1);
  if (facts->hidden != NULL)
    worst->prompt_tokens = MAX (worst->prompt_tokens, mul (context, MAX (facts->batch_items, 1)));
  worst->prompt_tokens = okap_money_add (worst->prompt_tokens,
                                         mul (facts->batch_items, PROMPT_ALLOWANCE));
}

/* The request's own maximum, or -1. */
static gint64
find_own_maximum (const OkapBodyFacts *facts, OkapMeterKind meter)
{
  switch ((int) meter)
    {
    case OKAP_METER_OPENAI_RESPONSES:
      return value_of (facts, OKAP_BODY_MAX_OUTPUT_TOKENS);
    case OKAP_METER_GOOGLE_GENERATE:
    case OKAP_METER_GOOGLE_INTERACTIONS:
      return value_of (facts, OKAP_BODY_GENERATION_MAX);
    case OKAP_METER_OLLAMA:
      return value_of (facts, OKAP_BODY_NUM_PREDICT);
    case OKAP_METER_OPENAI_CHAT:
      return MAX (value_of (facts, OKAP_BODY_MAX_TOKENS),
                  value_of (facts, OKAP_BODY_MAX_COMPLETION_TOKENS));
    case OKAP_METER_AI_SDK:
      return -1;
    default:
      return value_of (facts, OKAP_BODY_MAX_TOKENS);
    }
}

static gint64
find_copies (const OkapBodyFacts *facts, OkapMeterKind meter)
{
  if (meter == OKAP_METER_GOOGLE_GENERATE)
    return MAX (value_of (facts, OKAP_BODY_CANDIDATES), 1);
  return mul (MAX (1, MAX (value_of (facts, OKAP_BODY_N), value_of (facts, OKAP_BODY_BEST_OF))),
              MAX (facts->prompts, 1));
}

static void
count_output (const OkapWorstRequest *request, const OkapPrice *price, OkapWorstCase *worst)
{
  const OkapBodyFacts *facts = request->facts;
  gint64 own = facts != NULL ? find_own_maximum (facts, request->meter) : -1;

  if (facts != NULL && (request->meter == OKAP_METER_ANTHROPIC_BATCH
                        || request->meter == OKAP_METER_OPENAI_BATCH))
    {
      gint64 ceiling = price->max_output_tokens > 0 ? price->max_output_tokens : OUTPUT_ASSUMED;
      guint unbounded = facts->batch_items - MIN (facts->batch_bounded, facts->batch_items);

      worst->output_tokens = okap_money_add (facts->batch_output_tokens,
                                             mul (unbounded, ceiling));
      return;
    }
  worst->output_tokens = own >= 0 ? own
                         : price->max_output_tokens > 0 ? price->max_output_tokens
                         : OUTPUT_ASSUMED;
  worst->output_is_assumed = own < 0 && price->max_output_tokens <= 0;
  worst->copies = facts != NULL ? find_copies (facts, request->meter) : 1;
  worst->least_output_tokens = OKAP_LEAST_OUTPUT_TOKENS;
  if (facts != NULL && request->meter == OKAP_METER_ANTHROPIC_MESSAGES)
    worst->least_output_tokens += MAX (value_of (facts, OKAP_BODY_THINKING_BUDGET), 0);
}

static void
count_others (const OkapWorstRequest *request, const OkapPrice *price, OkapWorstCase *worst)
{
  const OkapBodyFacts *facts = request->facts;
  gint64 *count = worst->others.count;
  gint64 bytes = request->body_bytes >= 0 ? request->body_bytes : OKAP_CAP_PROXY_BODY_BYTES;

  count[OKAP_UNIT_SEARCHES] = facts != NULL ? facts->searches : 0;
  switch ((int) request->meter)
    {
    case OKAP_METER_OPENAI_IMAGES:
      count[OKAP_UNIT_IMAGES] = facts == NULL ? FORM_PICTURES : find_copies (facts, request->meter);
      count[OKAP_UNIT_IMAGE_OUTPUT] = mul (count[OKAP_UNIT_IMAGES], PICTURE_OUTPUT_TOKENS);
      break;
    case OKAP_METER_OPENAI_SPEECH:
      count[OKAP_UNIT_CHARACTERS] = facts != NULL && facts->input_chars > 0
                                    ? facts->input_chars : bytes;
      count[OKAP_UNIT_AUDIO_OUTPUT] = price->max_output_tokens > 0
                                      ? price->max_output_tokens
                                      : mul (count[OKAP_UNIT_CHARACTERS], SPEECH_TOKENS_CHAR) + 512;
      break;
    case OKAP_METER_OPENAI_TRANSCRIPTION:
      count[OKAP_UNIT_MILLISECONDS] = MAX (LEAST_SOUND_MS, request->sound_ms > 0
                                           ? request->sound_ms + 1000
                                           : bytes / SPEECH_BYTES_S * 1000 + 1000);
      break;
    case OKAP_METER_RERANK:
      /* One search for each hundred documents, which are at least three bytes each. */
      count[OKAP_UNIT_SEARCHES] += bytes / 300 + 1;
      break;
    case OKAP_METER_MISTRAL_OCR:
      count[OKAP_UNIT_PAGES] = facts != NULL && facts->hidden == NULL && facts->images > 0
                               ? (gint64) facts->images : PAGES_MOST;
      break;
    case OKAP_METER_OPENAI_VIDEO:
      count[OKAP_UNIT_MILLISECONDS] = FILM_MS;
      break;
    case OKAP_METER_GOOGLE_OPERATION:
      count[OKAP_UNIT_MILLISECONDS] = FILM_MS * FILMS;
      break;
    case OKAP_METER_REPLICATE:
      count[OKAP_UNIT_REQUESTS] = 1;
      count[OKAP_UNIT_IMAGES] = FORM_PICTURES;
      count[OKAP_UNIT_MILLISECONDS] = request->most_ms;
      break;
    case OKAP_METER_SEARCH:
      count[OKAP_UNIT_SEARCHES] = MAX (count[OKAP_UNIT_SEARCHES], 1);
      break;
    default:
      break;
    }
}

/**
 * okap_worst_case_count:
 * @price: of the model, for its context and the most that it writes; may be all zero
 */
void
okap_worst_case_count (const OkapWorstRequest *request, const OkapPrice *price,
                       OkapWorstCase *out_worst)
{
  const Row *row = &rows[request->meter];
  gint64 context = price->context_tokens > 0 ? price->context_tokens : CONTEXT_ASSUMED;

  *out_worst = (OkapWorstCase) {
    .copies = 1, .is_known_batch = request->facts != NULL && request->facts->batch_is_known,
  };
  count_prompt (request, row, context, out_worst);
  if (row->writes && request->capability != OKAP_CAPABILITY_EMBEDDINGS
      && request->capability != OKAP_CAPABILITY_MODERATION)
    count_output (request, price, out_worst);
  count_others (request, price, out_worst);
}

/** okap_worst_case_get_output: tokens of all answers together; saturated */
gint64
okap_worst_case_get_output (const OkapWorstCase *worst)
{
  return mul (worst->output_tokens, worst->copies);
}

/* The dearest that one of @unit is at any size of prompt. */
static gint64
dearest (const OkapPrice *price, guint unit)
{
  gint64 pusd = 0;

  for (guint i = 0; i < price->n_tiers; i++)
    pusd = MAX (pusd, price->tiers[i].pusd[unit]);
  return pusd;
}

static gboolean
knows (const OkapPrice *price, guint unit)
{
  return price->n_tiers > 0 && (price->tiers[0].known & (1u << unit)) != 0;
}

/* Whether the price says what this kind of use costs; each row in either of two ways. */
static gboolean
is_priced (const OkapWorstCase *worst, OkapMeterKind meter, OkapCapability capability,
           const OkapPrice *price)
{
  switch ((int) meter)
    {
    case OKAP_METER_OPENAI_IMAGES:
      return knows (price, OKAP_UNIT_IMAGES) || knows (price, OKAP_UNIT_IMAGE_OUTPUT)
             || knows (price, OKAP_UNIT_OUTPUT);
    case OKAP_METER_OPENAI_SPEECH:
      return knows (price, OKAP_UNIT_CHARACTERS) || knows (price, OKAP_UNIT_AUDIO_OUTPUT)
             || knows (price, OKAP_UNIT_OUTPUT);
    case OKAP_METER_OPENAI_TRANSCRIPTION:
      return knows (price, OKAP_UNIT_MILLISECONDS) || knows (price, OKAP_UNIT_AUDIO_INPUT)
             || knows (price, OKAP_UNIT_INPUT);
    case OKAP_METER_RERANK:
    case OKAP_METER_SEARCH:
      return knows (price, OKAP_UNIT_SEARCHES) || knows (price, OKAP_UNIT_REQUESTS)
             || knows (price, OKAP_UNIT_INPUT);
    case OKAP_METER_MISTRAL_OCR:
      return knows (price, OKAP_UNIT_PAGES);
    case OKAP_METER_OPENAI_VIDEO:
    case OKAP_METER_GOOGLE_OPERATION:
      return capability == OKAP_CAPABILITY_IMAGES && knows (price, OKAP_UNIT_MILLISECONDS);
    case OKAP_METER_REPLICATE:
      return knows (price, OKAP_UNIT_MILLISECONDS) || knows (price, OKAP_UNIT_REQUESTS)
             || knows (price, OKAP_UNIT_IMAGES) || knows (price, OKAP_UNIT_INPUT);
    case OKAP_METER_OPENAI_BATCH:
      /* What is in the file is not here, unless it came through us. */
      return worst->is_known_batch && knows (price, OKAP_UNIT_INPUT)
             && (worst->output_tokens == 0 || knows (price, OKAP_UNIT_OUTPUT));
    default:
      return knows (price, OKAP_UNIT_INPUT)
             && (capability == OKAP_CAPABILITY_EMBEDDINGS
                 || capability == OKAP_CAPABILITY_MODERATION || knows (price, OKAP_UNIT_OUTPUT));
    }
}

/**
 * okap_worst_case_price:
 * @output_tokens: of each answer; at most what @worst says
 *
 * Returns: nano-dollars that a request costs at most, in the dearest tier that it permits;
 *   saturated; %OKAP_PRICE_IS_UNKNOWN if the price does not say
 */
gint64
okap_worst_case_price (const OkapWorstCase *worst, OkapMeterKind meter, OkapCapability capability,
                       const OkapPrice *price, gint64 output_tokens)
{
  gint64 nusd;

  if (!is_priced (worst, meter, capability, price))
    return OKAP_PRICE_IS_UNKNOWN;
  nusd = okap_price_get_worst (price, worst->prompt_tokens, mul (output_tokens, worst->copies));
  for (guint unit = 0; unit < OKAP_N_UNITS; unit++)
    if (worst->others.count[unit] != 0)
      {
        /* What has no price of its own is a token like those that have one. */
        gint64 pusd = unit == OKAP_UNIT_IMAGE_OUTPUT || unit == OKAP_UNIT_AUDIO_OUTPUT
                      ? MAX (dearest (price, unit), dearest (price, OKAP_UNIT_OUTPUT))
                      : dearest (price, unit);
        gint64 part = okap_money_for_units (worst->others.count[unit], pusd);

        nusd = okap_money_add (nusd, okap_money_add (mul (part / 1000, price->dearest_permille),
                                                     part % 1000 * price->dearest_permille / 1000
                                                     + 1));
      }
  return nusd;
}

/**
 * okap_worst_case_fit:
 * @nusd: that it may cost
 * @tokens: that it may read and write
 *
 * Returns: how many tokens each answer may have so that both hold; at most what @worst says
 */
gint64
okap_worst_case_fit (const OkapWorstCase *worst, OkapMeterKind meter, OkapCapability capability,
                     const OkapPrice *price, gint64 nusd, gint64 tokens)
{
  gint64 fits = 0;
  gint64 most = worst->output_tokens;

  if (tokens != G_MAXINT64)
    most = MIN (most, MAX (tokens - worst->likely_prompt_tokens, 0) / worst->copies);
  while (nusd != G_MAXINT64 && fits < most)
    {
      gint64 middle = fits + (most - fits + 1) / 2;
      gint64 cost = okap_worst_case_price (worst, meter, capability, price, middle);

      if (cost >= 0 && cost <= nusd)
        fits = middle;
      else
        most = middle - 1;
    }
  return most;
}

/* Of which a request is charged only if it has, wants or keeps something of the kind. */
#define BIT(unit) (1u << OKAP_UNIT_##unit)
#define MEDIA (BIT (AUDIO_INPUT) | BIT (AUDIO_CACHED) | BIT (IMAGE_INPUT) | BIT (IMAGE_CACHED) \
               | BIT (VIDEO_INPUT))
#define KEPT (BIT (CACHE_WRITTEN) | BIT (CACHE_WRITTEN_1H))

static void
append_signal (GString *signals, const char *kind, const char *value)
{
  if (*value != '\0')
    g_string_append_printf (signals, "%s%s=%s", signals->len > 0 ? "," : "", kind, value);
}

/**
 * okap_worst_case_narrow:
 * @facts: (nullable): of the request
 * @meter: Anthropic keeps only the prompts that are marked; others keep what they like
 * @region: (nullable): where the provider's server stands, if that has a price
 *
 * Takes from the dearest that a model can be what this request cannot bring about: modifiers that
 * it does not ask for, and kinds of tokens that it has not.
 */
void
okap_worst_case_narrow (OkapPrice *price, const char *provider, const char *model,
                        const OkapBodyFacts *facts, OkapMeterKind meter, const char *region)
{
  g_autoptr (GString) signals = g_string_new (NULL);

  if (facts != NULL)
    {
      append_signal (signals, "tier", facts->tier);
      append_signal (signals, "speed", facts->speed);
      append_signal (signals, "geo", facts->geo);
    }
  append_signal (signals, "region", region != NULL ? region : "");
  okap_price_limit_modifiers (price, provider, model, signals->str);
  if (facts == NULL)
    return;
  if (!facts->has_media && facts->hidden == NULL)
    price->excluded |= MEDIA;
  if (!facts->wants_sound)
    price->excluded |= BIT (AUDIO_OUTPUT);
  if (meter == OKAP_METER_ANTHROPIC_MESSAGES)
    price->excluded |= !facts->keeps_cache ? KEPT
                       : !facts->keeps_longer ? BIT (CACHE_WRITTEN_1H) : 0;
}
