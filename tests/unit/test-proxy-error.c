/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "okap-error.h"
#include "okap-proxy-error.h"

#include <string.h>

#define GONE "\"message\":\"gone\""
#define COMMON "{\"type\":\"error\",\"error\":{\"code\":\"token_revoked\"," \
               "\"type\":\"token_revoked\"," GONE ",\"param\":null}"
#define NUMBERED "{\"code\":401,\"type\":\"token_revoked\"," GONE "," \
                 "\"status\":\"UNAUTHENTICATED\"}"

static char *
format (OkapMeterKind kind, OkapFraming framing, const char *seen, OkapErrorForm form)
{
  g_autoptr (GError) error = g_error_new (OKAP_ERROR, OKAP_ERROR_TOKEN_REVOKED, "gone");
  OkapMeter meter;

  okap_meter_init (&meter, kind, framing);
  okap_meter_feed (&meter, seen, strlen (seen));
  return okap_proxy_error_format_stream (error, &meter, kind, form, "a/b");
}

/* What a stream that is cut ends with. */
static void
test_last_words (void)
{
  static const struct
  {
    OkapMeterKind kind;
    OkapFraming framing;
    const char *seen;
    const char *last;
  } ends[] = {
    { OKAP_METER_OPENAI_CHAT, OKAP_FRAMING_SSE, "data: {}\n\n",
      "data: " COMMON ",\"status_code\":401}\n\n" },
    { OKAP_METER_OPENAI_CHAT, OKAP_FRAMING_SSE, "data: {\"a",
      "\n\ndata: " COMMON ",\"status_code\":401}\n\n" },
    { OKAP_METER_ANTHROPIC_MESSAGES, OKAP_FRAMING_SSE, "", "event: error\ndata: " COMMON "}\n\n" },
    { OKAP_METER_OPENAI_RESPONSES, OKAP_FRAMING_SSE, "",
      "event: error\ndata: " COMMON ",\"code\":\"token_revoked\"," GONE ",\"param\":null,"
      "\"sequence_number\":0}\n\n" },
    { OKAP_METER_GOOGLE_INTERACTIONS, OKAP_FRAMING_SSE, "",
      "event: error\ndata: {\"event_type\":\"error\",\"error\":{\"code\":\"token_revoked\"," GONE
      "}}\n\n" },
    { OKAP_METER_GOOGLE_GENERATE, OKAP_FRAMING_SSE, "", "data: {\"error\":" NUMBERED "}\n\n" },
    { OKAP_METER_GOOGLE_GENERATE, OKAP_FRAMING_BODY, "[{\"a\":1}", ",{\"error\":" NUMBERED "}]" },
    { OKAP_METER_GOOGLE_GENERATE, OKAP_FRAMING_BODY, "[{\"a\":", NULL },
    { OKAP_METER_OPENAI_CHAT, OKAP_FRAMING_BODY, "{\"a\":1", NULL },
    { OKAP_METER_OLLAMA, OKAP_FRAMING_NDJSON, "{\"a\":1}\n", "{\"error\":\"gone\"}\n" },
    { OKAP_METER_OLLAMA, OKAP_FRAMING_NDJSON, "{\"a\":", "\n{\"error\":\"gone\"}\n" },
    { OKAP_METER_COHERE, OKAP_FRAMING_SSE, "",
      "data: {\"type\":\"message-end\",\"delta\":{\"finish_reason\":\"ERROR\","
      "\"error\":\"gone\"}}\n\n" },
    { OKAP_METER_COHERE, OKAP_FRAMING_NDJSON, "",
      "{\"event_type\":\"stream-end\",\"is_finished\":true,\"finish_reason\":\"ERROR\","
      "\"response\":{\"finish_reason\":\"ERROR\",\"text\":\"gone\"}}\n" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_autofree char *last = format (ends[i].kind, ends[i].framing, ends[i].seen,
                                      OKAP_ERROR_FORM_COMMON);

      g_assert_cmpstr (last, ==, ends[i].last);
    }
}

/* OpenRouter's package takes only whole chunks. */
static void
test_chunk (void)
{
  g_autofree char *last = format (OKAP_METER_OPENAI_CHAT, OKAP_FRAMING_SSE, "",
                                  OKAP_ERROR_FORM_NUMBERED);

  g_assert_true (g_str_has_prefix (last, "data: {\"id\":\"okap\",\"object\":"
                                         "\"chat.completion.chunk\",\"created\":"));
  g_assert_nonnull (strstr (last, "\"model\":\"a/b\",\"choices\":[{\"index\":0,\"delta\":{"
                                  "\"role\":\"assistant\",\"content\":\"\"},"
                                  "\"finish_reason\":\"error\"}],\"error\":" NUMBERED "}\n\n"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/proxy-error/last-words", test_last_words);
  g_test_add_func ("/proxy-error/chunk", test_chunk);
  return g_test_run ();
}
