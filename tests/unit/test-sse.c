/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "okap-sse.h"

#include <string.h>

static const struct
{
  const char *stream;
  const char *events;  /* their data, each in angle brackets */
  gboolean between;
} cases[] = {
  { "", "", TRUE },
  { "data: a\n\n", "<a>", TRUE },
  { "data:a\n\ndata:  b\n\n", "<a>< b>", TRUE },
  { "data: a\r\n\r\ndata: b\r\n\r\n", "<a><b>", TRUE },
  { "data: a\r\rdata: b\r\r", "<a><b>", TRUE },
  { "data: a\ndata: b\n\n", "<a\nb>", TRUE },
  { "data\n\n", "", TRUE },
  { "data:\n\n", "<>", TRUE },
  { ": comment\n\ndata: a\n\n", "<a>", TRUE },
  { "event: x\nid: 1\nretry: 5\n\n", "", TRUE },
  { "event: x\ndata: {\"a\":1}\n\n", "<{\"a\":1}>", TRUE },
  { "database: a\ndat: b\nDATA: c\n\n", "", TRUE },
  { "\xEF\xBB\xBF" "data: a\n\n", "<a>", TRUE },
  { "data: a\n", "<a", FALSE },
  { "data: a", "<a", FALSE },
  { "da", "", FALSE },
  { "\n\n\ndata: a\n\n\n\n", "<a>", TRUE },
  { "data: a: b: c\n\n", "<a: b: c>", TRUE },
};

typedef struct
{
  GString *events;
  gboolean open;
} Record;

static void
data_cb (const char *data, gsize length, gpointer user_data)
{
  Record *record = user_data;

  if (!record->open)
    g_string_append_c (record->events, '<');
  record->open = TRUE;
  g_string_append_len (record->events, data, (gssize) length);
}

static void
end_cb (gpointer user_data)
{
  Record *record = user_data;

  g_string_append (record->events, record->open ? ">" : "<>");
  record->open = FALSE;
}

static void
test_pieces (void)
{
  static const OkapSseHandler handler = { data_cb, end_cb };
  static const gsize pieces[] = { 1, 2, 3, 7, 1000 };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (guint j = 0; j < G_N_ELEMENTS (pieces); j++)
      {
        Record record = { g_string_new (NULL), FALSE };
        gsize length = strlen (cases[i].stream);
        OkapSse sse;

        okap_sse_init (&sse);
        for (gsize at = 0; at < length; at += pieces[j])
          okap_sse_feed (&sse, cases[i].stream + at, MIN (pieces[j], length - at), &handler,
                         &record);
        g_test_message ("case %u in pieces of %zu", i, pieces[j]);
        g_assert_cmpstr (record.events->str, ==, cases[i].events);
        g_assert_cmpint (okap_sse_is_between_events (&sse), ==, cases[i].between);
        g_string_free (record.events, TRUE);
      }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sse/pieces", test_pieces);
  return g_test_run ();
}
