/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "okap-callback.h"
#include "okap-caps.h"
#include "okap-error.h"

#include <string.h>

static const struct
{
  const char *text;
  OkapCallbackKind kind;
  const char *where;  /* the host of loopback, the origin of a website */
  guint16 port;
} accepted[] = {
  { "http://127.0.0.1:49152/callback", OKAP_CALLBACK_LOOPBACK, "127.0.0.1", 49152 },
  { "http://127.0.0.1:1024", OKAP_CALLBACK_LOOPBACK, "127.0.0.1", 1024 },
  { "http://[::1]:65535/", OKAP_CALLBACK_LOOPBACK, "::1", 65535 },
  { "http://localhost:8080/a?b=c", OKAP_CALLBACK_LOOPBACK, "localhost", 8080 },
  { "https://app.example.com/callback", OKAP_CALLBACK_WEBSITE, "https://app.example.com", 0 },
  { "https://APP.example.com:443/", OKAP_CALLBACK_WEBSITE, "https://app.example.com", 0 },
  { "https://app.example.com:8443", OKAP_CALLBACK_WEBSITE, "https://app.example.com:8443", 0 },
  { "https://xn--bcher-kva.example/", OKAP_CALLBACK_WEBSITE, "https://xn--bcher-kva.example", 0 },
  { "https://[2001:db8::1]:444/", OKAP_CALLBACK_WEBSITE, "https://[2001:db8::1]:444", 0 },
  { "com.example.app:/callback", OKAP_CALLBACK_PRIVATE, NULL, 0 },
  { "com.example.app://callback/x?y=1", OKAP_CALLBACK_PRIVATE, NULL, 0 },
  { "com.example.app:", OKAP_CALLBACK_PRIVATE, NULL, 0 },
  { "https.example.app:/callback", OKAP_CALLBACK_PRIVATE, NULL, 0 },
};

static const char *const refused[] = {
  "", " ", "callback", "/callback", "//app.example.com/", "?x", ":", "https:",

  /* http elsewhere, or without a port */
  "http://app.example.com/callback", "http://127.0.0.1/callback", "http://127.0.0.1:0/",
  "http://127.0.0.1:1023/", "http://localhost:80/", "http://[::1]:631/",
  "http://127.0.0.1:65536/", "http://127.0.0.1:x/", "http://127.0.0.1:-1/", "http://0.0.0.0:8080/",
  "http://127.0.0.2:8080/", "http://127.1:8080/", "http://2130706433:8080/", "http://0x7f.1:8080/",
  "http://localhost.:8080/", "http://LOCALHOST:8080/", "http://localhost.evil.example:8080/",
  "http://[::ffff:127.0.0.1]:8080/", "http://[0:0:0:0:0:0:0:1]:8080/", "http://[::1%25lo]:8080/",
  "http://[::1]/", "http://::1:8080/", "http://:8080/", "http:///x", "http://%6cocalhost:8080/",
  "http:127.0.0.1:8080", "HTTP://127.0.0.1:8080/",

  /* schemes that run, read or loop */
  "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "okap://authorize?request=x",
  "vbscript:x", "about:blank", "blob:x", "mailto:a@b.example", "myapp:/callback", "ftp://a.b/",
  "myapp://callback", "com.example.:/x", "com..example:/x", "Com.example.app:/x", ".com:/x",
  "1com.example:/x",

  /* user names, fragments, what parsers read differently */
  "https://bank.example@evil.example/", "https://a:b@evil.example/", "http://x@127.0.0.1:8080/",
  "https://evil.example/#x", "com.example.app:/x#y", "http://127.0.0.1:8080/#",
  "https://evil.example\\@bank.example/", "https://a.example/ b", "https://a.example/\n",
  "https://a.example/\t", "https://a.example/\"", "https://a.example/<", "https://a.example/{",
  "https://b\xc3\xbc" "cher.example/", "https://a.example/%", "https://a.example/%0",
  "https://a.example/%zz", "https://", "https:///x", "https://:443/", "https://a..b/",
  "https://.a/", "https://a.example:0/", "https://a.example:99999/", "https://a%2eexample/",
  "https://a_b!.example/",

  /* parameters that the answer adds */
  "https://a.example/?code=x", "https://a.example/?a=b&code=x", "https://a.example/?CODE=x",
  "https://a.example/?state", "https://a.example/?error=", "https://a.example/?c%6fde=x",
  "https://a.example/?a;code=x", "http://127.0.0.1:8080/?state=1", "com.example.app:/?error=x",
  "https://a.example/?iss=x",
};

static void
test_accepted (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (accepted); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (OkapCallback) callback = okap_callback_parse (accepted[i].text, &error);

      g_test_message ("%s", accepted[i].text);
      g_assert_no_error (error);
      g_assert_cmpint (callback->kind, ==, accepted[i].kind);
      g_assert_cmpstr (callback->uri, ==, accepted[i].text);
      g_assert_cmpstr (callback->kind == OKAP_CALLBACK_WEBSITE ? callback->origin : callback->host,
                       ==, accepted[i].where);
      g_assert_cmpuint (callback->port, ==, accepted[i].port);
    }
}

static void
test_refused (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (OkapCallback) callback = okap_callback_parse (refused[i], &error);

      if (callback != NULL)
        g_error ("accepted: %s", refused[i]);
      g_assert_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST);
      g_assert_true (g_str_has_prefix (error->message, "The callback of this link cannot be used"));
    }
}

static void
test_bound (void)
{
  g_autofree char *tail = g_strnfill (OKAP_CAP_URL_BYTES - strlen ("https://a.example/"), 'x');
  g_autofree char *most = g_strconcat ("https://a.example/", tail, NULL);
  g_autofree char *more = g_strconcat (most, "x", NULL);
  g_autoptr (OkapCallback) fits = okap_callback_parse (most, NULL);
  g_autoptr (OkapCallback) none = okap_callback_parse (more, NULL);

  g_assert_nonnull (fits);
  g_assert_null (none);
}

static void
test_answer (void)
{
  static const struct
  {
    const char *uri;
    const char *state;
    const char *answer;
  } cases[] = {
    { "http://127.0.0.1:8888/cb", "s", "http://127.0.0.1:8888/cb?code=c%26d&state=s" },
    { "http://127.0.0.1:8888", NULL, "http://127.0.0.1:8888?code=c%26d" },
    { "http://127.0.0.1:8888/?a=b", "", "http://127.0.0.1:8888/?a=b&code=c%26d&state=" },
    { "http://127.0.0.1:8888/?", "s", "http://127.0.0.1:8888/?code=c%26d&state=s" },
    { "http://127.0.0.1:8888/?a&", "s", "http://127.0.0.1:8888/?a&code=c%26d&state=s" },
    { "com.example.app:/cb", "a b&code=x#\xc3\xa4\n",
      "com.example.app:/cb?code=c%26d&state=a%20b%26code%3Dx%23%C3%A4%0A" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OkapCallback) callback = okap_callback_parse (cases[i].uri, NULL);
      g_autofree char *answer = okap_callback_dup_answer (callback, "code", "c&d", cases[i].state);

      g_assert_cmpstr (answer, ==, cases[i].answer);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/callback/accepted", test_accepted);
  g_test_add_func ("/callback/refused", test_refused);
  g_test_add_func ("/callback/bound", test_bound);
  g_test_add_func ("/callback/answer", test_answer);
  return g_test_run ();
}
