/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "okap-job-reader.h"

#include <string.h>

static char *response_final[] = { (char *) "completed", (char *) "failed", NULL };
static char *operation_final[] = { (char *) "true", NULL };

static const OkapJobRule response = { .id = (char *) "id", .state = (char *) "status",
                                      .final = response_final };
static const OkapJobRule nested = { .id = (char *) "job.id", .state = (char *) "job.state",
                                    .final = response_final };
static const OkapJobRule operation = { .id = (char *) "name", .state = (char *) "done",
                                       .final = operation_final };

static const struct
{
  const OkapJobRule *rule;
  OkapFraming framing;
  const char *answer;
  const char *id;
  const char *state;
  gboolean is_open;
  gboolean in_background;
} cases[] = {
  { &response, OKAP_FRAMING_BODY, "{\"id\":\"resp_1\",\"status\":\"queued\",\"background\":true}",
    "resp_1", "queued", TRUE, TRUE },
  { &response, OKAP_FRAMING_BODY, "{\"status\":\"completed\",\"id\":\"resp_1\"}", "resp_1",
    "completed", FALSE, FALSE },
  { &response, OKAP_FRAMING_BODY, "{\"status\":\"queued\",\"background\":false}", "", "queued",
    FALSE, FALSE },
  /* Only the object's own members. */
  { &response, OKAP_FRAMING_BODY,
    "{\"output\":[{\"id\":\"msg_1\",\"status\":\"completed\"}],\"id\":\"r\",\"status\":\"queued\"}",
    "r", "queued", TRUE, FALSE },
  { &nested, OKAP_FRAMING_BODY, "{\"id\":\"x\",\"job\":{\"id\":\"j1\",\"state\":\"failed\"}}",
    "j1", "failed", FALSE, FALSE },
  { &operation, OKAP_FRAMING_BODY, "{\"name\":\"models/veo-3/operations/a-b_c\"}",
    "models/veo-3/operations/a-b_c", "", TRUE, FALSE },
  { &operation, OKAP_FRAMING_BODY, "{\"name\":\"operations/1\",\"done\":false}", "operations/1",
    "", TRUE, FALSE },
  { &operation, OKAP_FRAMING_BODY, "{\"name\":\"operations/1\",\"done\":true}", "operations/1",
    "true", FALSE, FALSE },
  /* A stream: one level deeper, and the last word counts. */
  { &response, OKAP_FRAMING_SSE,
    "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"id\":\"resp_2\","
    "\"status\":\"in_progress\",\"background\":true}}\n\n"
    "data: {\"type\":\"response.output_text.delta\",\"delta\":\"x\",\"item_id\":\"i\"}\n\n",
    "resp_2", "in_progress", TRUE, TRUE },
  { &response, OKAP_FRAMING_SSE,
    "data: {\"response\":{\"id\":\"resp_2\",\"status\":\"in_progress\"}}\n\n"
    "data: {\"response\":{\"id\":\"resp_2\",\"status\":\"completed\"}}\n\n",
    "resp_2", "completed", FALSE, FALSE },
  /* Names that would lead elsewhere are no names. */
  { &response, OKAP_FRAMING_BODY, "{\"id\":\"../models\",\"status\":\"queued\"}", "", "queued",
    FALSE, FALSE },
  { &response, OKAP_FRAMING_BODY, "{\"id\":\"a/../b\",\"status\":\"queued\"}", "", "queued", FALSE,
    FALSE },
  { &response, OKAP_FRAMING_BODY, "{\"id\":\"a?b=c\",\"status\":\"queued\"}", "", "queued", FALSE,
    FALSE },
  { &response, OKAP_FRAMING_BODY, "{\"id\":\"a%2fb\",\"status\":\"queued\"}", "", "queued", FALSE,
    FALSE },
  { &response, OKAP_FRAMING_BODY, "{\"id\":\"/a\",\"status\":\"queued\"}", "", "queued", FALSE,
    FALSE },
  { &response, OKAP_FRAMING_BODY, "{\"id\":\"\",\"status\":\"queued\"}", "", "queued", FALSE,
    FALSE },
  { &response, OKAP_FRAMING_BODY, "{\"id\":7,\"status\":\"queued\"}", "", "queued", FALSE, FALSE },
  /* No JSON, and sound. */
  { &response, OKAP_FRAMING_BODY, "id: resp_1", "", "", FALSE, FALSE },
  { &response, OKAP_FRAMING_OPAQUE, "{\"id\":\"resp_1\",\"status\":\"queued\"}", "", "", FALSE,
    FALSE },
};

/* Whole, and cut in two at every place. */
static void
test_answers (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gsize length = strlen (cases[i].answer);

      for (gsize cut = 0; cut <= length; cut++)
        {
          OkapJobReader reader;

          okap_job_reader_init (&reader, cases[i].rule, cases[i].framing);
          okap_job_reader_feed (&reader, cases[i].answer, cut);
          okap_job_reader_feed (&reader, cases[i].answer + cut, length - cut);
          g_assert_cmpstr (reader.id, ==, cases[i].id);
          g_assert_cmpstr (reader.state, ==, cases[i].state);
          g_assert_cmpint (okap_job_reader_is_open (&reader), ==, cases[i].is_open);
          g_assert_cmpint (reader.in_background, ==, cases[i].in_background);
        }
    }
}

/* What is too long is left out, not cut short. */
static void
test_long (void)
{
  g_autofree char *id = g_strnfill (OKAP_JOB_ID_BYTES + 1, 'a');
  g_autofree char *answer = g_strdup_printf ("{\"id\":\"%s\",\"status\":\"%s\"}", id, id);
  OkapJobReader reader;

  okap_job_reader_init (&reader, &response, OKAP_FRAMING_BODY);
  okap_job_reader_feed (&reader, answer, strlen (answer));
  g_assert_cmpstr (reader.id, ==, "");
  g_assert_cmpstr (reader.state, ==, "");
}

static void
test_patterns (void)
{
  static const struct
  {
    const char *pattern;
    const char *id;
    const char *path;
    const char *filled;
  } patterns[] = {
    { "/responses/{id}", "resp_1", "/responses", "/responses/resp_1" },
    { "/{version}/{id}", "models/veo/operations/1", "/v1beta/models/veo:predictLongRunning",
      "/v1beta/models/veo/operations/1" },
    { "/messages/batches/{id}/results", "b", "/messages/batches", "/messages/batches/b/results" },
    { "/{version}/x/{id}", "{version}", "/v1", "/v1/x/{version}" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (patterns); i++)
    {
      g_autofree char *filled = okap_job_fill_pattern (patterns[i].pattern, patterns[i].id,
                                                       patterns[i].path);

      g_assert_cmpstr (filled, ==, patterns[i].filled);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/job-reader/answers", test_answers);
  g_test_add_func ("/job-reader/long", test_long);
  g_test_add_func ("/job-reader/patterns", test_patterns);
  return g_test_run ();
}
