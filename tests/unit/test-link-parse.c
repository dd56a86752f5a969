/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "okap-caps.h"
#include "okap-error.h"
#include "okap-link-parse.h"

#include <string.h>

#define CHALLENGE "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"  /* RFC 7636, appendix B */
#define NOW_US G_GINT64_CONSTANT (1795428000000000)  /* 2026-11-23 10:00 UTC */

/* Bodies are written with ' for ". */
#define HEAD "{'okap':'1.0','provider':'demo'"
#define FULL HEAD ",'redirect_uri':'http://127.0.0.1:8888/cb','code_challenge':'" CHALLENGE "'"

static char *
encode (const char *quoted, gboolean padded)
{
  g_autofree char *body = g_strdelimit (g_strdup (quoted), "'", '"');
  char *text = g_base64_encode ((const guint8 *) body, strlen (body));

  g_strdelimit (g_strdelimit (text, "+", '-'), "/", '_');
  if (!padded)
    text[strcspn (text, "=")] = '\0';
  return text;
}

static char *
make_link (const char *prefix, const char *quoted)
{
  g_autofree char *text = encode (quoted, FALSE);

  return g_strconcat (prefix, text, NULL);
}

static OkapLink *
parse (const char *uri, GError **error)
{
  return okap_link_parse (uri, NOW_US, error);
}

static void
assert_state (const char *uri, const char *state)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapLink) link = parse (uri, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (link->request->state, ==, state);
  g_assert_cmpstr (link->request->code_challenge, ==, CHALLENGE);
  g_assert_cmpstr (link->callback->uri, ==, "http://127.0.0.1:8888/cb");
}

static void
test_forms (void)
{
  static const char *const prefixes[] = {
    "okap://authorize?request=", "okap://authorize/?request=", "OKAP://authorize?request=",
    "okap://request?data=", "okap://request/?data=",
  };
  const char *body = FULL ",'state':'a+b &=#\\u00e4'}";
  g_autofree char *json = g_strdelimit (g_strdup (body), "'", '"');
  g_autofree char *escaped = g_uri_escape_string (json, NULL, FALSE);
  g_autofree char *draft = g_strconcat ("okap://request?data=", escaped, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (prefixes); i++)
    {
      g_autofree char *uri = make_link (prefixes[i], body);

      assert_state (uri, "a+b &=#\303\244");
    }
  assert_state (draft, "a+b &=#\303\244");
}

/* With padding, without, and with padding that a form has escaped. */
static void
test_padding (void)
{
  static const char *const states[] = { "", "x", "xy", "xyz" };

  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    {
      g_autofree char *body = g_strdup_printf (FULL ",'state':'%s'}", states[i]);
      g_autofree char *padded = encode (body, TRUE);
      g_autofree char *bare = encode (body, FALSE);
      g_auto (GStrv) parts = g_strsplit (padded, "=", -1);
      g_autofree char *escaped = g_strjoinv ("%3D", parts);
      const char *texts[] = { padded, bare, escaped };

      for (guint j = 0; j < G_N_ELEMENTS (texts); j++)
        {
          g_autofree char *uri = g_strconcat ("okap://authorize?request=", texts[j], NULL);

          assert_state (uri, states[i]);
        }
    }
}

static void
assert_refused (const char *uri, const char *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapLink) link = parse (uri, &error);

  if (link != NULL || strstr (error->message, words) == NULL)
    g_error ("%.80s: %s", uri, link != NULL ? "accepted" : error->message);
  g_assert_true (error->domain == OKAP_ERROR);
  g_assert_cmpstr (okap_error_get_wire_name (error), ==, "invalid_request");
}

static void
test_refused (void)
{
  static const struct
  {
    const char *uri;
    const char *words;
  } cases[] = {
    { "", "begins with okap://" },
    { "okap:", "begins with okap://" },
    { "okap://", "begins with okap://" },
    { "okap://authorize", "begins with okap://" },
    { "okap:authorize?request=e30", "begins with okap://" },
    { "okap://other?request=e30", "begins with okap://" },
    { "okap://x@authorize?request=e30", "begins with okap://" },
    { "okap://authorize:80?request=e30", "begins with okap://" },
    { "okap://authorize/x?request=e30", "begins with okap://" },
    { "https://authorize?request=e30", "begins with okap://" },
    { "file:///etc/passwd", "begins with okap://" },
    { "okap://authorize?", "“request” once" },
    { "okap://authorize?data=e30", "“request” once" },
    { "okap://request?request=e30", "“data” once" },
    { "okap://authorize?Request=e30", "“request” once" },
    { "okap://authorize?request=e30&request=e30", "once" },
    { "okap://authorize?request=e30&x=y", "once" },
    { "okap://authorize?request=e30;x=y", "once" },
    { "okap://authorize?request=e30&", "once" },
    { "okap://authorize?request=e30#x", "fragment" },
    { "okap://authorize?request=e30#", "fragment" },
    { "okap://authorize?request=e 30", "character" },
    { "okap://authorize?request=e30\n", "character" },
    { "okap://authorize?request=\xc3\xa4", "character" },
    { "okap://authorize?request=", "base64url" },
    { "okap://authorize?request=e", "base64url" },
    { "okap://authorize?request=e31", "base64url" },  /* bits that are left over */
    { "okap://authorize?request=e30==", "base64url" },
    { "okap://authorize?request==", "base64url" },
    { "okap://authorize?request=e3+0", "base64url" },
    { "okap://authorize?request=e3/0", "base64url" },
    { "okap://authorize?request=e30%", "begin an escape" },
    { "okap://authorize?request=e30%3", "begin an escape" },
    { "okap://authorize?request=e30%zz", "begin an escape" },
    { "okap://authorize?request=%7B%7D", "base64url" },  /* JSON only in the first draft's form */
    { "okap://request?data=%7B%22okap%22", "JSON" },
    { "okap://request?data=%00", "base64url" },
    { "okap://request?data={%00}", "JSON" },
    { "okap://authorize?request=e30", "okap: expected “1.0”" },
  };
  g_autofree char *no_challenge = make_link ("okap://authorize?request=", HEAD
                                             ",'redirect_uri':'http://127.0.0.1:8888/cb'}");
  g_autofree char *no_callback = make_link ("okap://authorize?request=", HEAD
                                            ",'code_challenge':'" CHALLENGE "'}");
  g_autofree char *elsewhere = make_link ("okap://authorize?request=", HEAD
                                          ",'redirect_uri':'http://app.example.com/cb',"
                                          "'code_challenge':'" CHALLENGE "'}");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_refused (cases[i].uri, cases[i].words);
  assert_refused (no_challenge, "no “code_challenge”");
  assert_refused (no_callback, "callback of this link cannot be used");
  assert_refused (elsewhere, "callback of this link cannot be used");
}

static void
test_size (void)
{
  g_autofree char *most = g_strnfill (OKAP_CAP_LINK_BYTES - 25, 'A');
  g_autofree char *fits = g_strconcat ("okap://authorize?request=", most, NULL);
  g_autofree char *more = g_strconcat (fits, "A", NULL);
  g_autoptr (GError) error = NULL;

  assert_refused (fits, "at most 65536 bytes");
  g_assert_null (parse (more, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_TOO_LARGE);
  g_assert_nonnull (strstr (error->message, "link is too long"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/link-parse/forms", test_forms);
  g_test_add_func ("/link-parse/padding", test_padding);
  g_test_add_func ("/link-parse/refused", test_refused);
  g_test_add_func ("/link-parse/size", test_size);
  return g_test_run ();
}
