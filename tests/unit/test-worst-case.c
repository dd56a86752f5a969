/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The worst that requests can cost, by hand. */
#include "okap-gate.h"
#include "okap-model-finder.h"
#include "okap-worst-case.h"

#include <string.h>

#define CHAT OKAP_METER_OPENAI_CHAT
#define RESPONSES OKAP_METER_OPENAI_RESPONSES
#define MESSAGES OKAP_METER_ANTHROPIC_MESSAGES
#define GENERATE OKAP_METER_GOOGLE_GENERATE
#define ALLOWANCE 512
#define TOOLS 1024
#define CONTEXT 200000
#define LONG_MODEL 8192

/* $1 and $4 a million tokens, twice that from 100,000 on; a cent for a search. */
static const OkapPriceTier tiers[] = {
  { .from_input_tokens = 0,
    .known = 1u << OKAP_UNIT_INPUT | 1u << OKAP_UNIT_OUTPUT | 1u << OKAP_UNIT_SEARCHES,
    .pusd = { [OKAP_UNIT_INPUT] = 1000000, [OKAP_UNIT_OUTPUT] = 4000000,
              [OKAP_UNIT_SEARCHES] = G_GINT64_CONSTANT (10000000000) } },
  { .from_input_tokens = 100000,
    .known = 1u << OKAP_UNIT_INPUT | 1u << OKAP_UNIT_OUTPUT | 1u << OKAP_UNIT_SEARCHES,
    .pusd = { [OKAP_UNIT_INPUT] = 2000000, [OKAP_UNIT_OUTPUT] = 8000000,
              [OKAP_UNIT_SEARCHES] = G_GINT64_CONSTANT (10000000000) } },
};

static OkapPrice
price_of (guint permille)
{
  return (OkapPrice) { .tiers = tiers, .n_tiers = 2, .max_output_tokens = LONG_MODEL,
                       .context_tokens = CONTEXT, .dearest_permille = permille };
}

/* @prompt: tokens beside the body's bytes and the allowance; -1: the context. */
static const struct
{
  OkapMeterKind meter;
  const char *body;
  gint64 prompt;
  gint64 output;
  gint64 copies;
  gint64 searches;
} cases[] = {
  { CHAT, "{\"model\":\"m\"}", 0, LONG_MODEL, 1, 0 },
  { CHAT, "{\"max_tokens\":100}", 0, 100, 1, 0 },
  { CHAT, "{\"max_tokens\":100,\"max_completion_tokens\":300}", 0, 300, 1, 0 },
  { CHAT, "{\"max_tokens\":100,\"n\":3}", 0, 100, 3, 0 },
  { CHAT, "{\"max_tokens\":100,\"n\":2,\"best_of\":5}", 0, 100, 5, 0 },
  { CHAT, "{\"max_tokens\":-5}", 0, LONG_MODEL, 1, 0 },
  { CHAT, "{\"max_tokens\":0}", 0, LONG_MODEL, 1, 0 },
  { CHAT, "{\"max_tokens\":1e1}", 0, LONG_MODEL, 1, 0 },
  { CHAT, "{\"max\\u005ftokens\":100}", 0, 100, 1, 0 },
  { CHAT, "{\"extra_body\":{\"max_tokens\":5}}", 0, LONG_MODEL, 1, 0 },
  { CHAT, "{\"prompt\":\"a\",\"max_tokens\":9}", 0, 9, 1, 0 },
  { CHAT, "{\"prompt\":[1,2,3],\"max_tokens\":9}", 0, 9, 1, 0 },
  { CHAT, "{\"prompt\":[\"a\",\"b\",\"c\"],\"max_tokens\":9}", 0, 9, 3, 0 },
  { CHAT, "{\"prompt\":[[1,2],[3]],\"n\":2,\"best_of\":4,\"max_tokens\":9}", 0, 9, 8, 0 },
  { CHAT, "{\"Prompt\":[\"a\",\"b\"],\"max_tokens\":9}", 0, 9, 2, 0 },
  { OKAP_METER_OLLAMA, "{\"options\":{\"num_predict\":0}}", 0, LONG_MODEL, 1, 0 },
  { GENERATE, "{\"generationConfig\":{\"maxOutputTokens\":0}}", 0, LONG_MODEL, 1, 0 },
  { CHAT, "{\"max_tokens\":\"5\"}", 0, LONG_MODEL, 1, 0 },
  { CHAT, "{\"max_tokens\":1000000000}", 0, 1000000000, 1, 0 },
  { CHAT, "{\"max_output_tokens\":5}", 0, LONG_MODEL, 1, 0 },
  { OKAP_METER_AI_SDK, "{\"max_tokens\":5}", 0, LONG_MODEL, 1, 0 },
  { CHAT, "{\"messages\":[{\"max_tokens\":5,\"n\":9}]}", 0, LONG_MODEL, 1, 0 },
  { CHAT, "{\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]}", TOOLS, LONG_MODEL,
    1, 0 },
  { CHAT, "{\"web_search_options\":{}}", -1, LONG_MODEL, 1, 10 },
  { CHAT, "{\"search_parameters\":{\"max_search_results\":30}}", -1, LONG_MODEL, 1, 50 },
  { MESSAGES, "{\"max_tokens\":70,\"tools\":[{\"type\":\"web_search_20250305\","
              "\"max_uses\":9e1}]}", -1, 70, 1, 100 },
  { CHAT, "{\"messages\":[{\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":"
          "\"https://a.example/b.png\"}}]}]}", 50000, LONG_MODEL, 1, 0 },
  { CHAT, "{\"messages\":[{\"content\":[{\"type\":\"file\",\"file\":{\"file_id\":\"f\"}}]}]}", -1,
    LONG_MODEL, 1, 0 },
  { RESPONSES, "{\"max_output_tokens\":50}", 0, 50, 1, 0 },
  { RESPONSES, "{\"previous_response_id\":\"r\",\"max_output_tokens\":50}", -1, 50, 1, 0 },
  { RESPONSES, "{\"previous_response_id\":null,\"max_output_tokens\":50}", 0, 50, 1, 0 },
  { RESPONSES, "{\"conversation\":{\"id\":\"c\"},\"max_output_tokens\":50}", -1, 50, 1, 0 },
  { RESPONSES, "{\"prompt\":{\"id\":\"p\"},\"max_output_tokens\":50}", -1, 50, 1, 0 },
  { RESPONSES, "{\"max_output_tokens\":50,\"tools\":[{\"type\":\"web_search\"}]}", -1, 50, 1, 10 },
  { RESPONSES, "{\"max_output_tokens\":50,\"tools\":[{\"type\":\"code_interpreter\"}]}", -1, 50, 1,
    0 },
  { MESSAGES, "{\"max_tokens\":70}", 0, 70, 1, 0 },
  { MESSAGES, "{\"max_tokens\":70,\"tools\":[{\"name\":\"a\",\"input_schema\":{\"type\":\"x\"}}]}",
    TOOLS, 70, 1, 0 },
  { MESSAGES, "{\"max_tokens\":70,\"tools\":[{\"type\":\"bash_20250124\",\"name\":\"bash\"}]}",
    2 * TOOLS, 70, 1, 0 },
  { MESSAGES, "{\"max_tokens\":70,\"tools\":[{\"max_uses\":3,\"type\":\"web_search_20250305\"},"
              "{\"type\":\"web_search_20260209\",\"max_uses\":4}]}", -1, 70, 1, 7 },
  { MESSAGES, "{\"max_tokens\":70,\"messages\":[{\"content\":[{\"type\":\"tool_use\",\"input\":"
              "{\"file_id\":\"x\",\"source\":{\"url\":\"y\"}}}]}]}", 0, 70, 1, 0 },
  { MESSAGES, "{\"max_tokens\":70,\"messages\":[{\"content\":[{\"source\":{\"type\":\"url\","
              "\"url\":\"y\"}}]}]}", -1, 70, 1, 0 },
  { GENERATE, "{\"generationConfig\":{\"maxOutputTokens\":90,\"candidateCount\":2}}", 0, 90, 2, 0 },
  { GENERATE, "{\"generation_config\":{\"max_output_tokens\":90}}", 0, 90, 1, 0 },
  { GENERATE, "{\"max_tokens\":90,\"n\":4}", 0, LONG_MODEL, 1, 0 },
  { GENERATE, "{\"cachedContent\":\"c\"}", -1, LONG_MODEL, 1, 0 },
  { GENERATE, "{\"tools\":[{\"googleSearch\":{}}]}", -1, LONG_MODEL, 1, 10 },
  { GENERATE, "{\"contents\":[{\"parts\":[{\"fileData\":{\"fileUri\":\"u\"}}]}]}", -1, LONG_MODEL,
    1, 0 },
  { OKAP_METER_OLLAMA, "{\"options\":{\"num_predict\":33}}", 0, 33, 1, 0 },
  { OKAP_METER_OLLAMA, "{\"options\":{\"num_predict\":-1}}", 0, LONG_MODEL, 1, 0 },
  { OKAP_METER_COHERE, "{\"max_tokens\":44,\"documents\":[\"a\"]}", 0, 44, 1, 0 },
};

static void
count (OkapMeterKind meter, OkapCapability capability, const char *body, const OkapPrice *price,
       OkapModelFinding *finding, OkapWorstCase *out)
{
  OkapWorstRequest request = { .meter = meter, .capability = capability,
                               .body_bytes = (gint64) strlen (body) };

  g_assert_true (okap_model_find (body, strlen (body), finding, NULL));
  request.facts = &finding->facts;
  okap_worst_case_count (&request, price, out);
}

static void
test_table (void)
{
  OkapPrice price = price_of (1000);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (OkapModelFinding) finding = { 0 };
      OkapWorstCase worst;
      gint64 prompt = cases[i].prompt < 0
                      ? CONTEXT : (gint64) strlen (cases[i].body) + ALLOWANCE + cases[i].prompt;
      gint64 rate = prompt > 100000 ? 2 : 1;

      g_test_message ("%s", cases[i].body);
      count (cases[i].meter, OKAP_CAPABILITY_CHAT, cases[i].body, &price, &finding, &worst);
      g_assert_cmpint (worst.prompt_tokens, ==, prompt);
      g_assert_cmpint (worst.output_tokens, ==, cases[i].output);
      g_assert_cmpint (worst.copies, ==, cases[i].copies);
      g_assert_cmpint (worst.others.count[OKAP_UNIT_SEARCHES], ==, cases[i].searches);
      /* One more for each kind of unit, for rounding. */
      g_assert_cmpint (okap_worst_case_price (&worst, cases[i].meter, OKAP_CAPABILITY_CHAT, &price,
                                              worst.output_tokens), ==,
                       rate * (prompt * 1000 + cases[i].output * cases[i].copies * 4000)
                       + cases[i].searches * 10000000 + (cases[i].searches > 0 ? 1 : 0));
    }
}

static void
test_media (void)
{
  static const guchar png[] = "\x89PNG\r\n\x1a\n0123456789";
  g_autofree char *head = g_base64_encode (png, 18);
  g_autofree char *filling = g_strnfill (90000, 'A');
  g_autofree char *wave = g_base64_encode ((const guchar *) "RIFF0000WAVEfmt 12", 18);
  g_autofree char *pdf = g_base64_encode ((const guchar *) "%PDF-1.7 0123456789", 18);
  OkapPrice price = price_of (1000);
  const struct
  {
    OkapMeterKind meter;
    const char *before, *media, *after;
    gint64 media_tokens;   /* -1: the context; -2: counted as text */
  } media[] = {
    { CHAT, "{\"messages\":[{\"content\":[{\"image_url\":{\"url\":\"data:image/png;base64,", head,
      "\"}}]}]}", 50000 },
    { MESSAGES, "{\"messages\":[{\"content\":[{\"source\":{\"media_type\":\"image/png\","
                "\"data\":\"", head, "\"}}]}]}", 5000 },
    { MESSAGES, "{\"messages\":[{\"content\":[{\"source\":{\"type\":\"text\",\"data\":\"", head,
      "\"}}]}]}", -2 },
    { MESSAGES, "{\"messages\":[{\"content\":[{\"source\":{\"data\":\"", pdf, "\"}}]}]}", -1 },
    { GENERATE, "{\"contents\":[{\"parts\":[{\"inlineData\":{\"data\":\"", wave, "\"}}]}]}",
      90024 / 25 },
    { GENERATE, "{\"contents\":[{\"parts\":[{\"functionResponse\":{\"inlineData\":{\"data\":\"",
      head, "\"}}}]}]}", -2 },
    { CHAT, "{\"messages\":[{\"content\":\"", head, "\"}]}", -2 },
    { OKAP_METER_OLLAMA, "{\"messages\":[{\"images\":[\"", head, "\"]}]}", 10000 },
    { CHAT, "{\"messages\":[{\"content\":[{\"file\":{\"file_data\":\"data:application/pdf;base64,",
      pdf, "\"}}]}]}", -1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (media); i++)
    {
      g_auto (OkapModelFinding) finding = { 0 };
      g_autofree char *body = g_strconcat (media[i].before, media[i].media, filling,
                                           media[i].after, NULL);
      const char *comma = strstr (media[i].before, "data:");
      gint64 around = (gint64) (strlen (media[i].before) + strlen (media[i].after))
                      - (comma != NULL ? (gint64) strlen (comma) : 0);
      OkapWorstCase worst;

      count (media[i].meter, OKAP_CAPABILITY_CHAT, body, &price, &finding, &worst);
      if (media[i].media_tokens == -2)
        g_assert_cmpint (worst.prompt_tokens, >=, (gint64) strlen (body) + ALLOWANCE);
      else
        g_assert_cmpint (worst.prompt_tokens, ==,
                         media[i].media_tokens == -1
                         ? CONTEXT : around + ALLOWANCE + media[i].media_tokens);
    }
}

static void
test_others (void)
{
  static const OkapPriceTier tier = {
    .known = 1u << OKAP_UNIT_IMAGES | 1u << OKAP_UNIT_CHARACTERS | 1u << OKAP_UNIT_MILLISECONDS
             | 1u << OKAP_UNIT_INPUT,
    .pusd = { [OKAP_UNIT_IMAGES] = G_GINT64_CONSTANT (40000000000),
              [OKAP_UNIT_CHARACTERS] = 15000000, [OKAP_UNIT_MILLISECONDS] = 100000 },
  };
  OkapPrice price = { .tiers = &tier, .n_tiers = 1, .dearest_permille = 1000 };
  g_auto (OkapModelFinding) pictures = { 0 };
  g_auto (OkapModelFinding) speech = { 0 };
  g_auto (OkapModelFinding) vectors = { 0 };
  OkapWorstRequest form = { .meter = OKAP_METER_OPENAI_TRANSCRIPTION,
                            .capability = OKAP_CAPABILITY_AUDIO, .body_bytes = 75000,
                            .is_form = TRUE };
  OkapWorstCase worst;

  count (OKAP_METER_OPENAI_IMAGES, OKAP_CAPABILITY_IMAGES, "{\"n\":3}", &price, &pictures, &worst);
  g_assert_cmpint (worst.output_tokens, ==, 0);
  g_assert_cmpint (worst.others.count[OKAP_UNIT_IMAGES], ==, 3);
  g_assert_cmpint (okap_worst_case_price (&worst, OKAP_METER_OPENAI_IMAGES, OKAP_CAPABILITY_IMAGES,
                                          &price, 0), >=, 120000000);

  count (OKAP_METER_OPENAI_SPEECH, OKAP_CAPABILITY_AUDIO, "{\"input\":\"\xC3\xA4\\u00e4\\nb\"}",
         &price, &speech, &worst);
  g_assert_cmpint (worst.others.count[OKAP_UNIT_CHARACTERS], ==, 4);

  count (CHAT, OKAP_CAPABILITY_EMBEDDINGS, "{\"input\":[\"a\",\"b\"]}", &price, &vectors, &worst);
  g_assert_cmpint (worst.output_tokens, ==, 0);
  g_assert_cmpint (okap_worst_case_price (&worst, CHAT, OKAP_CAPABILITY_EMBEDDINGS, &price, 0), ==,
                   0);

  okap_worst_case_count (&form, &price, &worst);
  g_assert_cmpint (worst.others.count[OKAP_UNIT_MILLISECONDS], ==, 101000);
}

/* What is not known is the most that there is; without a price nothing is. */
static void
test_unknown (void)
{
  OkapPrice nothing = { .dearest_permille = 1000 };
  OkapWorstRequest request = { .meter = CHAT, .capability = OKAP_CAPABILITY_CHAT };
  OkapWorstCase worst;

  okap_worst_case_count (&request, &nothing, &worst);
  g_assert_cmpint (worst.prompt_tokens, ==, 1000000);
  g_assert_cmpint (worst.output_tokens, ==, 65536);
  g_assert_true (worst.output_is_assumed);
  g_assert_cmpint (okap_worst_case_price (&worst, CHAT, OKAP_CAPABILITY_CHAT, &nothing, 1), ==,
                   OKAP_PRICE_IS_UNKNOWN);
}

/* The dearest that a request can bring about counts, by what it says itself. */
static void
test_modifiers (void)
{
  static const struct
  {
    const char *body;
    guint permille;
  } tiers_asked[] = {
    { "{}", 2000 }, { "{\"service_tier\":\"auto\"}", 2000 },
    { "{\"service_tier\":\"priority\"}", 2000 }, { "{\"service_tier\":\"default\"}", 1000 },
    { "{\"service_tier\":\"flex\"}", 1000 }, { "{\"service_tier\":\"ultrafast\"}", 6000 },
    { "{\"service_tier\":\"default,tier=flex\"}", 6000 },
    { "{\"service_tier\":\"something that is longer than any\"}", 6000 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (tiers_asked); i++)
    {
      g_auto (OkapModelFinding) finding = { 0 };
      OkapPrice price = price_of (9000);

      g_test_message ("%s", tiers_asked[i].body);
      g_assert_true (okap_model_find (tiers_asked[i].body, strlen (tiers_asked[i].body), &finding,
                                      NULL));
      okap_worst_case_narrow (&price, "openai", "some-model", &finding.facts, CHAT, "");
      g_assert_cmpuint (price.dearest_permille, ==, tiers_asked[i].permille);
    }
}

#define BIT(unit) (1u << OKAP_UNIT_##unit)
#define MEDIA (BIT (AUDIO_INPUT) | BIT (AUDIO_CACHED) | BIT (IMAGE_INPUT) | BIT (IMAGE_CACHED) \
               | BIT (VIDEO_INPUT))
#define KEPT (BIT (CACHE_WRITTEN) | BIT (CACHE_WRITTEN_1H))

static void
test_excluded (void)
{
  static const struct
  {
    OkapMeterKind meter;
    const char *body;
    guint32 excluded;
  } kinds[] = {
    { CHAT, "{}", MEDIA | BIT (AUDIO_OUTPUT) },
    { CHAT, "{\"modalities\":[\"audio\"]}", MEDIA },
    { CHAT, "{\"previous_response_id\":\"r\"}", BIT (AUDIO_OUTPUT) },
    { CHAT, "{\"messages\":[{\"content\":[{\"input_audio\":{\"data\":\"AAAA\"}}]}]}",
      BIT (AUDIO_OUTPUT) },
    { GENERATE, "{\"contents\":[{\"parts\":[{\"functionResponse\":{\"parts\":[{\"inlineData\":"
                "{}}]}}]}]}", BIT (AUDIO_OUTPUT) },
    { GENERATE, "{\"generationConfig\":{\"responseModalities\":[\"AUDIO\"]}}", MEDIA },
    { MESSAGES, "{}", MEDIA | BIT (AUDIO_OUTPUT) | KEPT },
    { MESSAGES, "{\"system\":[{\"cache_control\":{\"type\":\"ephemeral\"}}]}",
      MEDIA | BIT (AUDIO_OUTPUT) | BIT (CACHE_WRITTEN_1H) },
    { MESSAGES, "{\"system\":[{\"cache_control\":{\"ttl\":\"1h\"}}]}",
      MEDIA | BIT (AUDIO_OUTPUT) },
  };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_auto (OkapModelFinding) finding = { 0 };
      OkapPrice price = price_of (1000);

      g_test_message ("%s", kinds[i].body);
      g_assert_true (okap_model_find (kinds[i].body, strlen (kinds[i].body), &finding, NULL));
      okap_worst_case_narrow (&price, "none", "m", &finding.facts, kinds[i].meter, NULL);
      g_assert_cmphex (price.excluded, ==, kinds[i].excluded);
    }
}

static void
test_fit (void)
{
  OkapPrice price = price_of (1000);
  OkapWorstCase worst = { .prompt_tokens = 1000, .likely_prompt_tokens = 250,
                          .output_tokens = 8000, .copies = 2, .least_output_tokens = 16 };
  gint64 prompt_nusd = 1000 * 1000;

  /* 2 answers at 4000 nano-dollars a token */
  g_assert_cmpint (okap_worst_case_fit (&worst, CHAT, OKAP_CAPABILITY_CHAT, &price,
                                        prompt_nusd + 100 * 8000, G_MAXINT64), ==, 100);
  g_assert_cmpint (okap_worst_case_fit (&worst, CHAT, OKAP_CAPABILITY_CHAT, &price,
                                        prompt_nusd + 100 * 8000 - 1, G_MAXINT64), ==, 99);
  g_assert_cmpint (okap_worst_case_fit (&worst, CHAT, OKAP_CAPABILITY_CHAT, &price, prompt_nusd - 1,
                                        G_MAXINT64), ==, 0);
  g_assert_cmpint (okap_worst_case_fit (&worst, CHAT, OKAP_CAPABILITY_CHAT, &price, G_MAXINT64,
                                        G_MAXINT64), ==, 8000);
  g_assert_cmpint (okap_worst_case_fit (&worst, CHAT, OKAP_CAPABILITY_CHAT, &price, G_MAXINT64,
                                        450), ==, 100);
  for (gint64 nusd = prompt_nusd; nusd < prompt_nusd + 100000; nusd += 997)
    {
      gint64 fits = okap_worst_case_fit (&worst, CHAT, OKAP_CAPABILITY_CHAT, &price, nusd,
                                         G_MAXINT64);

      g_assert_cmpint (okap_worst_case_price (&worst, CHAT, OKAP_CAPABILITY_CHAT, &price, fits),
                       <=, nusd);
      g_assert_cmpint (okap_worst_case_price (&worst, CHAT, OKAP_CAPABILITY_CHAT, &price, fits + 1),
                       >, nusd);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/worst-case/table", test_table);
  g_test_add_func ("/worst-case/media", test_media);
  g_test_add_func ("/worst-case/others", test_others);
  g_test_add_func ("/worst-case/unknown", test_unknown);
  g_test_add_func ("/worst-case/modifiers", test_modifiers);
  g_test_add_func ("/worst-case/excluded", test_excluded);
  g_test_add_func ("/worst-case/fit", test_fit);
  return g_test_run ();
}
