/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text of a grant that the store keeps: whom it is bound to comes back as it was. */
#include "okap-error.h"
#include "okap-grant.h"

#include <string.h>

static OkapGrant *
make_grant (void)
{
  OkapGrant *grant = okap_grant_new ();

  grant->id = g_strdup ("g_1");
  grant->app_name = g_strdup ("App");
  grant->app_url = g_strdup ("");
  grant->reason = g_strdup ("");
  grant->evidence = g_strdup ("A program");
  grant->zone = g_strdup ("UTC");
  return grant;
}

static OkapIdentity *
make_identity (OkapIdentityKind kind, const char *odd)
{
  OkapIdentity *identity = okap_identity_new (kind);

  identity->program = g_strdup (odd);
  identity->script = g_strconcat (odd, ".py", NULL);
  identity->digest = g_strdup ("00ff");
  identity->folder = g_strconcat ("/home/", odd, NULL);
  identity->engine = g_strdup ("flatpak");
  identity->app_id = g_strdup (odd);
  identity->origin = g_strdup (odd);
  identity->unit = g_strconcat (odd, ".scope", NULL);
  identity->command = g_strdup (odd);
  identity->process = (OkapProcessId) { 4711, G_GUINT64_CONSTANT (123456789012) };
  identity->changed_us = G_GINT64_CONSTANT (1795435200000000);
  return okap_identity_seal (identity);
}

static OkapGrant *
read_text (const char *text, GError **error)
{
  g_autoptr (JsonNode) node = json_from_string (text, error);

  g_assert_nonnull (node);
  return okap_grant_from_json (node, error);
}

/* As the store does: to text and back. */
static OkapGrant *
round_trip (const OkapGrant *grant, GError **error)
{
  g_autoptr (JsonNode) node = okap_grant_to_json (grant);
  g_autofree char *text = json_to_string (node, FALSE);

  g_assert_true (g_utf8_validate (text, -1, NULL));
  return read_text (text, error);
}

static void
assert_same (const OkapIdentity *a, const OkapIdentity *b)
{
  g_assert_cmpint (a->kind, ==, b->kind);
  g_assert_cmpint (a->doubt, ==, b->doubt);
  g_assert_cmpstr (a->program, ==, b->program);
  g_assert_cmpstr (a->script, ==, b->script);
  g_assert_cmpstr (a->digest, ==, b->digest);
  g_assert_cmpstr (a->folder, ==, b->folder);
  g_assert_cmpstr (a->engine, ==, b->engine);
  g_assert_cmpstr (a->app_id, ==, b->app_id);
  g_assert_cmpstr (a->origin, ==, b->origin);
  g_assert_cmpstr (a->unit, ==, b->unit);
  g_assert_null (b->command);
  g_assert_cmpint (a->process.pid, ==, b->process.pid);
  g_assert_cmpuint (a->process.started, ==, b->process.started);
  g_assert_cmpint (a->changed_us, ==, b->changed_us);
  g_assert_cmpstr (okap_identity_get_key (a), ==, okap_identity_get_key (b));
}

/* A path may have any byte but NUL. */
static void
test_odd_bytes (void)
{
  static const char *const names[] = {
    "/usr/bin/plain", "/home/u/ä ö", "/tmp/\xff\xfe", "/tmp/a\nb\tc\\d\"e", "/tmp/\x01\x7f\x80",
    "/tmp/\\303\\244", "\xe2\x80\xae" "exe.txt", "", "/tmp/%s%n", "/tmp/\xc3",
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    for (OkapIdentityKind kind = OKAP_IDENTITY_SCRIPT; kind <= OKAP_IDENTITY_RUN; kind++)
      {
        g_autoptr (OkapGrant) grant = make_grant ();
        g_autoptr (OkapGrant) back = NULL;
        g_autoptr (GError) error = NULL;

        okap_identity_unref (grant->identity);
        grant->identity = make_identity (kind, names[i]);
        g_ptr_array_add (grant->others, make_identity (OKAP_IDENTITY_INSTALLED, names[i]));
        grant->portable = i % 2 == 0;
        grant->term = (OkapGrantTerm) (i % 3);
        back = round_trip (grant, &error);
        g_assert_no_error (error);
        assert_same (grant->identity, back->identity);
        g_assert_cmpuint (back->others->len, ==, 1);
        assert_same (g_ptr_array_index (grant->others, 0), g_ptr_array_index (back->others, 0));
        g_assert_cmpint (back->portable, ==, grant->portable);
        g_assert_cmpint (back->term, ==, grant->term);
      }
}

static void
test_doubts (void)
{
  for (guint doubt = 0; doubt < OKAP_N_DOUBTS; doubt++)
    {
      g_autoptr (OkapGrant) grant = make_grant ();
      g_autoptr (OkapGrant) back = NULL;

      okap_identity_unref (grant->identity);
      grant->identity = okap_identity_new_unknown ((OkapDoubt) doubt);
      back = round_trip (grant, NULL);
      assert_same (grant->identity, back->identity);
    }
}

#define FORMER "{\"id\":\"g_1\",\"version\":1,\"state\":\"active\",\"scopes\":[]"

/* What other versions of Okap wrote: who may use the token then, or that the grant is refused. */
static void
test_other_versions (void)
{
  static const struct
  {
    const char *text;
    gboolean readable;
    gboolean admits_installed;   /* /usr/bin/a */
    gboolean admits_stranger;    /* /usr/bin/z */
    const char *binding;
  } cases[] = {
    /* Before programs were told apart: bound to nothing. */
    { FORMER "}", TRUE, TRUE, TRUE, "none" },
    { FORMER ",\"ends_with_process\":true}", TRUE, TRUE, TRUE, "none" },
    { FORMER ",\"identity\":{\"kind\":\"installed\",\"program\":\"/usr/bin/a\"}}", TRUE, TRUE,
      FALSE, "program" },
    /* Portable, then and now. */
    { FORMER ",\"identity\":{\"kind\":\"installed\",\"program\":\"/usr/bin/b\"},"
             "\"portable\":true}", TRUE, TRUE, TRUE, "portable" },
    /* A kind that is not known here must not mean everybody. */
    { FORMER ",\"identity\":{\"kind\":\"enclave\",\"program\":\"/usr/bin/a\"}}", FALSE, FALSE,
      FALSE },
    { FORMER ",\"identity\":{}}", FALSE, FALSE, FALSE },
    { FORMER ",\"identity\":null}", FALSE, FALSE, FALSE },
    { FORMER ",\"identity\":{\"kind\":\"installed\",\"program\":\"/usr/bin/b\"},"
             "\"others\":[{\"kind\":\"enclave\"},null,{\"kind\":\"unknown\"}]}",
      TRUE, FALSE, FALSE, "program" },
    { FORMER ",\"identity\":{\"kind\":\"installed\",\"program\":\"/usr/bin/b\"},"
             "\"others\":[{\"kind\":\"installed\",\"program\":\"/usr/bin/a\"}]}",
      TRUE, TRUE, FALSE, "program" },
  };
  g_autoptr (OkapIdentity) a = okap_identity_new (OKAP_IDENTITY_INSTALLED);
  g_autoptr (OkapIdentity) z = okap_identity_new (OKAP_IDENTITY_INSTALLED);

  a->program = g_strdup ("/usr/bin/a");
  z->program = g_strdup ("/usr/bin/z");
  okap_identity_seal (a);
  okap_identity_seal (z);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (OkapGrant) grant = read_text (cases[i].text, &error);

      g_test_message ("%s", cases[i].text);
      if (!cases[i].readable)
        {
          g_assert_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE);
          continue;
        }
      g_assert_no_error (error);
      g_assert_cmpint (okap_grant_admits (grant, a), ==, cases[i].admits_installed);
      g_assert_cmpint (okap_grant_admits (grant, z), ==, cases[i].admits_stranger);
      g_assert_cmpstr (okap_grant_get_binding (grant), ==, cases[i].binding);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/grant-json/odd-bytes", test_odd_bytes);
  g_test_add_func ("/grant-json/doubts", test_doubts);
  g_test_add_func ("/grant-json/other-versions", test_other_versions);
  return g_test_run ();
}
