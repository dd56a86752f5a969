/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "okap-job-record.h"

static void
fill (OkapJobRecord *record)
{
  const OkapCosting costing = { .model = "gpt-4o", .variant = "1024x1024", .region = "eu",
                                .ceiling = { TRUE, 5, 7 }, .is_batch = TRUE, .at_us = 77 };
  const OkapHttpHeader header = { "Anthropic-Version", "2023-06-01" };
  const OkapHttpHead head = { .method = "POST", .headers = &header, .n_headers = 1 };
  OkapUsage *usage = okap_usage_new ();

  usage->request_id = g_strdup ("r_1");
  usage->grant_id = g_strdup ("g_1");
  usage->app = g_strdup (" Böhm\n& [Söhne]; ");
  usage->provider = g_strdup ("openai");
  usage->endpoint = g_strdup ("/batches");
  usage->model_asked = g_strdup ("gpt-4o");
  usage->model_served = g_strdup ("");
  usage->edits = g_strdup ("cancel-after");
  usage->digest_in = okap_body_digest_of ("in", 2);
  usage->started_us = 123;
  usage->duration_us = 4;
  usage->bytes_out = 5;
  usage->http_status = 201;
  usage->key_version = 3;
  *record = (OkapJobRecord) { .method = g_strdup ("POST"), .path = g_strdup ("/v1/batches"),
                              .id = g_strdup ("batch_1"), .usage = usage };
  record->request.count[OKAP_UNIT_CHARACTERS] = 9;
  okap_job_record_set_costing (record, &costing);
  okap_job_record_take_head (record, &head);
}

static void
test_round (void)
{
  OkapJobRecord before, after;
  g_autofree char *text = NULL;
  g_autofree char *again = NULL;
  OkapHttpHeader headers[OKAP_JOB_HEADERS];

  fill (&before);
  text = okap_job_record_format (&before);
  g_assert_true (okap_job_record_parse (text, &after));
  g_assert_cmpstr (after.id, ==, "batch_1");
  g_assert_cmpstr (after.usage->app, ==, before.usage->app);
  g_assert_cmpstr (after.usage->edits, ==, "cancel-after");
  g_assert_cmpmem (&after.usage->digest_in, sizeof (OkapBodyDigest), &before.usage->digest_in,
                   sizeof (OkapBodyDigest));
  g_assert_false (okap_body_digest_is_set (&after.usage->digest_out));
  g_assert_null (after.usage->error);
  g_assert_cmpint (after.usage->started_us, ==, 123);
  g_assert_cmpuint (after.usage->key_version, ==, 3);
  g_assert_cmpstr (after.costing.provider, ==, "openai");
  g_assert_cmpstr (after.costing.variant, ==, "1024x1024");
  g_assert_true (after.costing.is_batch && after.costing.ceiling.set);
  g_assert_cmpint (after.costing.ceiling.output_pusd, ==, 7);
  g_assert_cmpint (after.costing.at_us, ==, 77);
  g_assert_cmpint (after.request.count[OKAP_UNIT_CHARACTERS], ==, 9);
  g_assert_cmpuint (okap_job_record_list_headers (&after, headers), ==, 1);
  g_assert_cmpstr (headers[0].value, ==, "2023-06-01");
  again = okap_job_record_format (&after);
  g_assert_cmpstr (text, ==, again);
  okap_job_record_clear (&before);
  okap_job_record_clear (&after);
}

/* Any text that was cut off or changed is refused or read, and holds no way out of the path. */
static void
test_damaged (void)
{
  static const char *const ids[] = { "../x", "a?b", "", "/x", "a b", "x/../../y" };
  OkapJobRecord record, after;
  g_autofree char *text = NULL;

  fill (&record);
  text = okap_job_record_format (&record);
  for (gsize length = 0; length < strlen (text); length++)
    {
      g_autofree char *part = g_strndup (text, length);

      if (okap_job_record_parse (part, &after))
        g_assert_cmpstr (after.id, ==, "batch_1");
      okap_job_record_clear (&after);
    }
  g_free (record.headers[0]);
  record.headers[0] = g_strdup ("1\nAuthorization: Bearer x");
  g_free (text);
  text = okap_job_record_format (&record);
  g_assert_true (okap_job_record_parse (text, &after));
  g_assert_null (after.headers[0]);
  okap_job_record_clear (&after);
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      g_autofree char *changed = NULL;

      g_free (record.id);
      record.id = g_strdup (ids[i]);
      changed = okap_job_record_format (&record);
      g_assert_false (okap_job_record_parse (changed, &after));
      okap_job_record_clear (&after);
    }
  okap_job_record_clear (&record);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/job-record/round", test_round);
  g_test_add_func ("/job-record/damaged", test_damaged);
  return g_test_run ();
}
