/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers that tell no usage, or tell it in other units than the price is set on. */
#include "proxy-fixture.h"

#define FORM_START "--B\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n" \
                   "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n"
#define FORM_END "\r\n--B--\r\n"

/* Sixteen kilohertz, one channel, two bytes a sample. */
static const char wave[] = "RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\x01\0\x01\0\x80\x3e\0\0"
                           "\0\x7d\0\0\x02\0\x10\0data\xff\xff\xff";

static size_t
upload_cb (char *room, size_t size, size_t n, void *user)
{
  App *app = user;
  gsize length = MIN (size * n, app->upload->len - app->uploaded);

  memcpy (room, app->upload->str + app->uploaded, length);
  app->uploaded += length;
  return length;
}

static const OkapUsage *
transcribe (Fixture *fixture, const char *head, gsize head_length, guint n)
{
  g_autoptr (App) app = app_new (fixture, "POST", "/v1/openai/audio/transcriptions",
                                 "x-mock: plain\nTransfer-Encoding: chunked", NULL);
  g_autoptr (GString) form = g_string_new (FORM_START);

  g_string_append_len (form, head, (gssize) head_length);
  for (guint i = 0; i < 10 * 32000; i++)
    g_string_append_c (form, (char) (i % 251));
  g_string_append (form, FORM_END);
  app->upload = form;
  app->list->next->data[0] = '\0';  /* its Content-Type */
  curl_slist_append (app->list, "Content-Type: multipart/form-data; boundary=B");
  curl_easy_setopt (app->easy, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt (app->easy, CURLOPT_CUSTOMREQUEST, "POST");
  curl_easy_setopt (app->easy, CURLOPT_READFUNCTION, upload_cb);
  curl_easy_setopt (app->easy, CURLOPT_READDATA, app);
  app_perform (app);
  g_assert_cmpint (app->status, ==, 200);
  g_assert_cmpstr (app->body->str, ==, "Hello.");
  return wait_usage (fixture, n);
}

/* A transcript as plain text: as long as the sound, if that can be measured. */
static void
test_transcript (Fixture *fixture, gconstpointer data)
{
  const OkapUsage *usage = transcribe (fixture, wave, sizeof wave, 1);

  g_assert_cmpint (usage->units.count[OKAP_UNIT_MILLISECONDS], >=, 10000);
  g_assert_cmpint (usage->units.count[OKAP_UNIT_MILLISECONDS], <, 10050);
  g_assert_cmpint (usage->cost_status, ==, OKAP_COST_ESTIMATED);
  /* At 0.006 dollars a minute. */
  g_assert_cmpint (usage->cost_nusd, ==,
                   usage->units.count[OKAP_UNIT_MILLISECONDS] * 100);

  usage = transcribe (fixture, "ID3\x04", 4, 2);
  g_assert_cmpint (usage->units.count[OKAP_UNIT_MILLISECONDS], >, 100000);
  g_assert_cmpint (usage->cost_status, ==, OKAP_COST_ESTIMATED);
}

static const OkapUsage *
speak (Fixture *fixture, const char *model, guint n)
{
  g_autofree char *body = g_strdup_printf ("{\"model\":\"%s\",\"input\":\"Gr\303\274\303\237e\","
                                           "\"voice\":\"alloy\"}", model);
  g_autoptr (App) app = app_new (fixture, "POST", "/v1/openai/audio/speech", "x-mock: plain",
                                 body);

  app_perform (app);
  g_assert_cmpint (app->status, ==, 200);
  return wait_usage (fixture, n);
}

/* Characters are what is billed; where the price knows only tokens, what was set aside is booked,
 * not nothing. */
static void
test_speech (Fixture *fixture, gconstpointer data)
{
  const OkapUsage *usage = speak (fixture, "tts-1", 1);

  g_assert_cmpint (usage->units.count[OKAP_UNIT_CHARACTERS], ==, 5);
  g_assert_cmpint (usage->cost_status, ==, OKAP_COST_KNOWN);
  g_assert_cmpint (usage->cost_nusd, ==, 5 * 15000);

  usage = speak (fixture, "gpt-4o-mini-tts", 2);
  g_assert_cmpint (usage->cost_status, ==, OKAP_COST_ESTIMATED);
  g_assert_cmpint (usage->cost_nusd, >, 5 * 12000);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/proxy/media/transcript", Fixture, NULL, set_up, test_transcript, tear_down);
  g_test_add ("/proxy/media/speech", Fixture, NULL, set_up, test_speech, tear_down);
  return g_test_run ();
}
