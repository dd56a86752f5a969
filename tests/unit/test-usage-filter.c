/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the filter takes out of a stream, and that it takes out nothing else. */
#include "okap-usage-filter.h"

#include <string.h>

#define USAGE "{\"prompt_tokens\":3,\"completion_tokens\":2}"

/* LF stands for any line end. */
static const struct
{
  const char *name;
  const char *in;
  const char *out;
} cases[] = {
  { "a whole stream",
    "data: {\"id\":1,\"choices\":[{\"delta\":{\"content\":\"a\"}}],\"usage\":null}\n\n"
    "data: {\"id\":1,\"choices\":[{\"delta\":{\"content\":\"b\"}}],\"usage\":null}\n\n"
    "data: {\"id\":1,\"choices\":[],\"usage\":" USAGE "}\n\n"
    "data: [DONE]\n\n",
    "data: {\"id\":1,\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n"
    "data: {\"id\":1,\"choices\":[{\"delta\":{\"content\":\"b\"}}]}\n\n"
    "data: [DONE]\n\n" },
  { "comments and pings",
    ": OPENROUTER PROCESSING\n\n:\n\nevent: ping\ndata: {}\n\nid: 7\nretry: 3\n\n\n\n"
    "data: {\"choices\":[],\"usage\":" USAGE "}\n\n: bye\n\n",
    ": OPENROUTER PROCESSING\n\n:\n\nevent: ping\ndata: {}\n\nid: 7\nretry: 3\n\n\n\n: bye\n\n" },
  { "a comment within the event",
    ": keep\ndata: {\"choices\":[],\"usage\":" USAGE "}\nid: 9\n\n", ": keep\nid: 9\n\n" },
  { "first, last and only member",
    "data: {\"usage\":null,\"a\":1}\n\ndata: { \"usage\" : null , \"a\":1}\n\n"
    "data: {\"a\":1 , \"usage\": null }\n\ndata: {\"usage\":null}\n\n",
    "data: {\"a\":1}\n\ndata: { \"a\":1}\n\ndata: {\"a\":1 }\n\ndata: {}\n\n" },
  { "usage beside text stays",
    "data: {\"choices\":[{\"delta\":{}}],\"usage\":" USAGE "}\n\n",
    "data: {\"choices\":[{\"delta\":{}}],\"usage\":" USAGE "}\n\n" },
  { "empty choices without usage stay",
    "data: {\"choices\":[],\"prompt_filter_results\":[]}\n\n"
    "data: {\"choices\":[],\"prompt_filter_results\":[],\"usage\":null}\n\n",
    "data: {\"choices\":[],\"prompt_filter_results\":[]}\n\n"
    "data: {\"choices\":[],\"prompt_filter_results\":[]}\n\n" },
  { "deeper ones stay",
    "data: {\"x_groq\":{\"usage\":null},\"choices\":[{\"usage\":null}]}\n\n",
    "data: {\"x_groq\":{\"usage\":null},\"choices\":[{\"usage\":null}]}\n\n" },
  { "not JSON, not one line",
    "data: {\"usage\":null\n\ndata: {\"usage\":\ndata: null}\n\nusage: null\n\ndata:\n\n",
    "data: {\"usage\":null\n\ndata: {\"usage\":\ndata: null}\n\nusage: null\n\ndata:\n\n" },
  { "no space behind the colon, spaces in choices",
    "data:{\"choices\":[ ],\"usage\":" USAGE "}\n\n"
    "data:{\"a\":\"\xC3\xA4\\u00e4\",\"usage\":null}\n\n",
    "data:{\"a\":\"\xC3\xA4\\u00e4\"}\n\n" },
  { "ends within an event",
    "data: {\"a\":1}\n\ndata: {\"choices\":[],\"usage\":" USAGE "}",
    "data: {\"a\":1}\n\n" },
  { "a byte order mark",
    "\xEF\xBB\xBF" "data: {\"a\":1,\"usage\":null}\n\n", "\xEF\xBB\xBF" "data: {\"a\":1}\n\n" },
};

static char *
with_ends (const char *text, const char *line_end)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  return g_strjoinv (line_end, lines);
}

static void
assert_filtered (const char *in, const char *out, gsize first, gsize second)
{
  g_autoptr (OkapUsageFilter) filter = okap_usage_filter_new ();
  g_autoptr (GString) passed = g_string_new (NULL);
  gsize length = strlen (in);

  okap_usage_filter_feed (filter, in, first, passed);
  okap_usage_filter_feed (filter, in + first, second - first, passed);
  okap_usage_filter_feed (filter, in + second, length - second, passed);
  okap_usage_filter_finish (filter, passed);
  g_assert_cmpstr (passed->str, ==, out);
}

static void
test_cut_anywhere (void)
{
  static const char *const ends[] = { "\n", "\r\n", "\r" };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (guint j = 0; j < G_N_ELEMENTS (ends); j++)
      {
        g_autofree char *in = with_ends (cases[i].in, ends[j]);
        g_autofree char *out = with_ends (cases[i].out, ends[j]);
        gsize length = strlen (in);

        g_test_message ("%s, line end %u", cases[i].name, j);
        for (gsize at = 0; at <= length; at++)
          {
            assert_filtered (in, out, at, at);
            assert_filtered (in, out, at, MIN (at + 1, length));
          }
      }
}

static void
test_bytewise (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OkapUsageFilter) filter = okap_usage_filter_new ();
      g_autoptr (GString) passed = g_string_new (NULL);

      for (const char *p = cases[i].in; *p != '\0'; p++)
        okap_usage_filter_feed (filter, p, 1, passed);
      okap_usage_filter_finish (filter, passed);
      g_assert_cmpstr (passed->str, ==, cases[i].out);
    }
}

/* An event of any length takes no more than the bound, and what follows it is filtered again. */
static void
test_long (void)
{
  g_autoptr (OkapUsageFilter) filter = okap_usage_filter_new ();
  g_autoptr (GString) in = g_string_new ("data: {\"usage\":null,\"a\":\"");
  g_autoptr (GString) passed = g_string_new (NULL);
  gsize most = 0;

  for (guint i = 0; i < 100000; i++)
    g_string_append (in, "0123456789");
  g_string_append (in, "\"}\n\n");
  for (gsize at = 0; at < in->len; at += 1000)
    {
      okap_usage_filter_feed (filter, in->str + at, MIN (1000, in->len - at), passed);
      most = MAX (most, filter->held->len);
    }
  g_assert_cmpuint (most, <=, 256 * 1024);
  g_assert_cmpstr (passed->str, ==, in->str);
  g_string_truncate (passed, 0);
  okap_usage_filter_feed (filter, "data: {\"b\":1,\"usage\":null}\n\n", 29, passed);
  g_assert_cmpstr (passed->str, ==, "data: {\"b\":1}\n\n");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/usage-filter/cut-anywhere", test_cut_anywhere);
  g_test_add_func ("/usage-filter/bytewise", test_bytewise);
  g_test_add_func ("/usage-filter/long", test_long);
  return g_test_run ();
}
