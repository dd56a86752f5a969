/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bodies before and after an edit: only the bytes that must change do. */
#include "okap-body-edit.h"
#include "okap-model-finder.h"

#include <string.h>

#define CHAT OKAP_METER_OPENAI_CHAT
#define TOKENS 512

/* @after: NULL: it is not changed. */
static const struct
{
  OkapMeterKind meter;
  const char *before;
  const char *after;
} outputs[] = {
  { CHAT, "{\"model\":\"a\"}", "{\"model\":\"a\",\"max_completion_tokens\":512}" },
  { CHAT, "{}", "{\"max_completion_tokens\":512}" },
  { CHAT, " { } ", " {\"max_completion_tokens\":512 } " },
  { CHAT, "{\n  \"model\": \"a\"\n}\n",
    "{\n  \"model\": \"a\",\"max_completion_tokens\":512\n}\n" },
  { CHAT, "{\"max_tokens\":4096,\"model\":\"a\"}", "{\"max_tokens\":512,\"model\":\"a\"}" },
  { CHAT, "{\"model\":\"a\",\"max_tokens\" :\t4096 }", "{\"model\":\"a\",\"max_tokens\" :\t512 }" },
  { CHAT, "{\"max_completion_tokens\":4096,\"max_tokens\":8000}",
    "{\"max_completion_tokens\":512,\"max_tokens\":512}" },
  { CHAT, "{\"max_completion_tokens\":4096,\"max_tokens\":null}",
    "{\"max_completion_tokens\":512,\"max_tokens\":null}" },
  { CHAT, "{\"max_tokens\":null,\"max_completion_tokens\":null}",
    "{\"max_tokens\":512,\"max_completion_tokens\":null}" },
  { CHAT, "{\"max_tokens\":\"4096\"}", "{\"max_tokens\":512}" },
  { CHAT, "{\"max_tokens\":1e9}", "{\"max_tokens\":512}" },
  { CHAT, "{\"max_tokens\":-1}", "{\"max_tokens\":512}" },
  { CHAT, "{\"max_tokens\":100}", NULL },
  { CHAT, "{\"max\\u005ftokens\":4096}", "{\"max\\u005ftokens\":512}" },
  { CHAT, "{\"messages\":[{\"content\":\"\xC3\xA4\xF0\x9F\x98\x80 \\\"max_tokens\\\":9999\","
          "\"max_tokens\":9999}],\"metadata\":{\"max_tokens\":9999},\"max_tokens\":4096}",
    "{\"messages\":[{\"content\":\"\xC3\xA4\xF0\x9F\x98\x80 \\\"max_tokens\\\":9999\","
    "\"max_tokens\":9999}],\"metadata\":{\"max_tokens\":9999},\"max_tokens\":512}" },
  { CHAT, "{\"tools\":[{\"function\":{\"parameters\":{\"max_tokens\":{\"type\":\"x\"}}}}]}",
    "{\"tools\":[{\"function\":{\"parameters\":{\"max_tokens\":{\"type\":\"x\"}}}}],"
    "\"max_completion_tokens\":512}" },
  { OKAP_METER_OPENAI_RESPONSES, "{\"max_tokens\":7}",
    "{\"max_tokens\":7,\"max_output_tokens\":512}" },
  { OKAP_METER_OPENAI_RESPONSES, "{\"max_output_tokens\":4096}", "{\"max_output_tokens\":512}" },
  { OKAP_METER_ANTHROPIC_MESSAGES, "{\"max_tokens\":4096,\"max_completion_tokens\":9}",
    "{\"max_tokens\":512,\"max_completion_tokens\":9}" },
  { OKAP_METER_GOOGLE_GENERATE, "{\"contents\":[]}",
    "{\"contents\":[],\"generationConfig\":{\"maxOutputTokens\":512}}" },
  { OKAP_METER_GOOGLE_GENERATE, "{\"generationConfig\":{}}",
    "{\"generationConfig\":{\"maxOutputTokens\":512}}" },
  { OKAP_METER_GOOGLE_GENERATE, "{\"generationConfig\":null,\"a\":1}",
    "{\"generationConfig\":{\"maxOutputTokens\":512},\"a\":1}" },
  { OKAP_METER_GOOGLE_GENERATE, "{\"generation_config\":{\"temperature\":1 , \"x\":{}}}",
    "{\"generation_config\":{\"temperature\":1 , \"x\":{},\"maxOutputTokens\":512}}" },
  { OKAP_METER_GOOGLE_GENERATE, "{\"generationConfig\":{\"maxOutputTokens\":8192,\"b\":2}}",
    "{\"generationConfig\":{\"maxOutputTokens\":512,\"b\":2}}" },
  { OKAP_METER_GOOGLE_INTERACTIONS, "{\"generation_config\":{\"max_output_tokens\":8192}}",
    "{\"generation_config\":{\"max_output_tokens\":512}}" },
  { OKAP_METER_OLLAMA, "{\"options\":{\"num_predict\":-1}}",
    "{\"options\":{\"num_predict\":512}}" },
  { OKAP_METER_OLLAMA, "{\"options\":{\"seed\":1}}",
    "{\"options\":{\"seed\":1,\"num_predict\":512}}" },
  { OKAP_METER_OLLAMA, "{\"model\":\"m\"}", "{\"model\":\"m\",\"options\":{\"num_predict\":512}}" },
  { OKAP_METER_COHERE, "{\"model\":\"c\"}", "{\"model\":\"c\",\"max_tokens\":512}" },
};

static const struct
{
  const char *before;
  const char *after;
} usages[] = {
  { "{\"stream\":true}", "{\"stream\":true,\"stream_options\":{\"include_usage\":true}}" },
  { "{\"stream_options\":{ },\"stream\":true}",
    "{\"stream_options\":{\"include_usage\":true },\"stream\":true}" },
  { "{\"stream_options\":{\"x\":[1,{}]}}",
    "{\"stream_options\":{\"x\":[1,{}],\"include_usage\":true}}" },
  { "{\"stream_options\":null}", "{\"stream_options\":{\"include_usage\":true}}" },
  { "{\"stream_options\":{\"include_usage\":false}}",
    "{\"stream_options\":{\"include_usage\":true}}" },
  { "{\"stream_options\":{\"include_usage\": null , \"y\":1}}",
    "{\"stream_options\":{\"include_usage\": true , \"y\":1}}" },
  { "{\"stream_options\":{\"include_usage\":true}}", NULL },
  { "{\"messages\":[{\"stream_options\":{\"include_usage\":true}}]}",
    "{\"messages\":[{\"stream_options\":{\"include_usage\":true}}],"
    "\"stream_options\":{\"include_usage\":true}}" },
};

static char *
apply (const OkapBodyEdits *edits, const char *body)
{
  gsize length = okap_body_edits_get_length (edits, strlen (body));
  char *edited = g_malloc0 (length + 1);
  g_auto (OkapModelFinding) finding = { 0 };

  okap_body_edits_apply (edits, body, strlen (body), edited);
  g_assert_cmpuint (strlen (edited), ==, length);
  g_assert_true (okap_model_find (edited, length, &finding, NULL));
  return edited;
}

static void
read_facts (const char *body, OkapModelFinding *finding)
{
  g_autoptr (GError) error = NULL;

  g_test_message ("%s", body);
  g_assert_true (okap_model_find (body, strlen (body), finding, &error));
  g_assert_no_error (error);
  g_assert_true (finding->has_facts);
  g_assert_null (finding->facts.unsure);
}

static void
test_output (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (outputs); i++)
    {
      g_auto (OkapModelFinding) finding = { 0 };
      OkapBodyEdits edits = { .n = 0 };
      g_autofree char *edited = NULL;

      read_facts (outputs[i].before, &finding);
      g_assert_true (okap_body_edit_lower_output (&edits, &finding.facts, outputs[i].meter,
                                                  "max_completion_tokens", TOKENS));
      edited = apply (&edits, outputs[i].before);
      g_assert_cmpstr (edited, ==,
                       outputs[i].after != NULL ? outputs[i].after : outputs[i].before);
      g_assert_cmpint (edits.n == 0, ==, outputs[i].after == NULL);
    }
}

static void
test_usage (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (usages); i++)
    {
      g_auto (OkapModelFinding) finding = { 0 };
      OkapBodyEdits edits = { .n = 0 };
      g_autofree char *edited = NULL;

      read_facts (usages[i].before, &finding);
      g_assert_cmpint (okap_body_edit_ask_usage (&edits, &finding.facts), ==,
                       usages[i].after != NULL);
      edited = apply (&edits, usages[i].before);
      g_assert_cmpstr (edited, ==, usages[i].after != NULL ? usages[i].after : usages[i].before);
    }
}

/* Both at once, whichever comes first in the bytes. */
static void
test_both (void)
{
  static const struct
  {
    const char *before, *after;
  } both[] = {
    { "{}", "{\"max_tokens\":512,\"stream_options\":{\"include_usage\":true}}" },
    { "{\"a\":1}", "{\"a\":1,\"max_tokens\":512,\"stream_options\":{\"include_usage\":true}}" },
    { "{\"stream_options\":{},\"max_tokens\":4096}",
      "{\"stream_options\":{\"include_usage\":true},\"max_tokens\":512}" },
    { "{\"max_tokens\":4096,\"stream_options\":{}}",
      "{\"max_tokens\":512,\"stream_options\":{\"include_usage\":true}}" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (both); i++)
    {
      g_auto (OkapModelFinding) finding = { 0 };
      OkapBodyEdits edits = { .n = 0 };
      g_autofree char *edited = NULL;

      read_facts (both[i].before, &finding);
      g_assert_true (okap_body_edit_lower_output (&edits, &finding.facts, CHAT, "max_tokens",
                                                  TOKENS));
      g_assert_true (okap_body_edit_ask_usage (&edits, &finding.facts));
      edited = apply (&edits, both[i].before);
      g_assert_cmpstr (edited, ==, both[i].after);
    }
}

/* Where parsers differ on what counts, nothing may be read into it. */
static void
test_unsure (void)
{
  static const char *const bodies[] = {
    "{\"max_tokens\":1,\"max_tokens\":100000}",
    "{\"max_tokens\":1,\"max\\u005ftokens\":100000}",
    "{\"Max_Tokens\":100000,\"max_tokens\":1}",
    "{\"stream\":false,\"stream\":true}",
    "{\"stream_options\":{},\"stream_options\":{}}",
    "{\"generationConfig\":{\"maxOutputTokens\":1,\"max_output_tokens\":100000}}",
    "{\"generationConfig\":{},\"generation_config\":{\"maxOutputTokens\":100000}}",
    "{\"options\":{\"Num_Predict\":100000}}",
    "{\"max_tokens\":[100000]}",
    "{\"n\":{\"a\":1}}",
    "{\"n\":\"8\"}",
    "{\"best_of\":8.0}",
    "{\"generationConfig\":{\"candidateCount\":\"8\"}}",
    "{\"max_to\xE2\x84\xAA" "ens\":100000}",
    "{\"option\\u017f\":{\"num_predict\":100000}}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_auto (OkapModelFinding) finding = { 0 };

      g_test_message ("%s", bodies[i]);
      g_assert_true (okap_model_find (bodies[i], strlen (bodies[i]), &finding, NULL));
      g_assert_nonnull (finding.facts.unsure);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/body-edit/output", test_output);
  g_test_add_func ("/body-edit/usage", test_usage);
  g_test_add_func ("/body-edit/both", test_both);
  g_test_add_func ("/body-edit/unsure", test_unsure);
  return g_test_run ();
}
