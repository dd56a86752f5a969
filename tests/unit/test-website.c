/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which programs may speak for a page, and which origins the gate knows. */
#include "gate-fixture.h"
#include "okap-browser.h"

static void
test_browsers (void)
{
  static const struct
  {
    OkapIdentityKind kind;
    const char *program, *engine, *app_id;
    gboolean is;
  } cases[] = {
    { OKAP_IDENTITY_INSTALLED, "/usr/lib/firefox-esr/firefox-esr", NULL, NULL, TRUE },
    { OKAP_IDENTITY_INSTALLED, "/usr/lib/chromium/chromium", NULL, NULL, TRUE },
    { OKAP_IDENTITY_INSTALLED, "/opt/google/chrome/chrome", NULL, NULL, TRUE },
    { OKAP_IDENTITY_SANDBOXED, "/app/lib/firefox/firefox", "flatpak", "org.mozilla.firefox", TRUE },
    { OKAP_IDENTITY_SANDBOXED, NULL, "flatpak", "org.gnome.Epiphany", TRUE },
    { OKAP_IDENTITY_SANDBOXED, NULL, "snap", "firefox", TRUE },
    { OKAP_IDENTITY_INSTALLED, "/usr/bin/curl", NULL, NULL, FALSE },
    { OKAP_IDENTITY_INSTALLED, "/usr/bin/firefox/curl", NULL, NULL, FALSE },
    { OKAP_IDENTITY_INSTALLED, "/usr/bin/notfirefox", NULL, NULL, FALSE },
    { OKAP_IDENTITY_INSTALLED, "/usr/libexec/webkit2gtk-4.1/WebKitNetworkProcess", NULL, NULL,
      FALSE },
    { OKAP_IDENTITY_INSTALLED, NULL, NULL, NULL, FALSE },
    { OKAP_IDENTITY_USER_PROGRAM, "/home/u/firefox/firefox", NULL, NULL, FALSE },
    { OKAP_IDENTITY_SCRIPT, "/usr/bin/chromium", NULL, NULL, FALSE },
    { OKAP_IDENTITY_UNKNOWN, "/usr/lib/firefox/firefox", NULL, NULL, FALSE },
    { OKAP_IDENTITY_RUN, "/usr/lib/firefox/firefox", NULL, NULL, FALSE },
    { OKAP_IDENTITY_WEBSITE, "/usr/lib/firefox/firefox", NULL, NULL, FALSE },
    { OKAP_IDENTITY_SANDBOXED, "/app/bin/firefox", "flatpak", "org.example.App", FALSE },
    { OKAP_IDENTITY_SANDBOXED, NULL, "flatpak", "firefox", FALSE },
    { OKAP_IDENTITY_SANDBOXED, NULL, "snap", "org.mozilla.firefox", FALSE },
    { OKAP_IDENTITY_SANDBOXED, NULL, NULL, "firefox", FALSE },
    { OKAP_IDENTITY_SANDBOXED, NULL, "flatpak", NULL, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OkapIdentity) identity = okap_identity_new (cases[i].kind);

      identity->program = g_strdup (cases[i].program);
      identity->engine = g_strdup (cases[i].engine);
      identity->app_id = g_strdup (cases[i].app_id);
      okap_identity_seal (identity);
      g_test_message ("case %u", i);
      g_assert_true (okap_browser_is (identity) == cases[i].is);
    }
}

static OkapIdentity *
make_website (const char *origin)
{
  OkapIdentity *identity = okap_identity_new (OKAP_IDENTITY_WEBSITE);

  identity->origin = g_strdup (origin);
  return okap_identity_seal (identity);
}

static OkapGrant *
make_grant (OkapClock *clock, const char *id, const char *origin, gint64 lives_us)
{
  OkapGrant *grant = gate_fixture_make_grant (clock);

  g_free (grant->id);
  grant->id = g_strdup (id);
  okap_identity_unref (grant->identity);
  grant->identity = make_website (origin);
  grant->expires_us = okap_clock_get_now (clock) + lives_us;
  return grant;
}

static void
test_origins (void)
{
  GateFixture fixture;
  g_autoptr (OkapGrant) first = NULL;
  g_autoptr (OkapGrant) longer = NULL;
  g_autoptr (OkapGrant) revoked = NULL;
  g_autoptr (OkapGrant) widened = NULL;
  guint8 hash[OKAP_TOKEN_HASH_BYTES] = { 1 };
  guint8 other_hash[OKAP_TOKEN_HASH_BYTES] = { 2 };

  gate_fixture_init (&fixture);
  g_assert_false (okap_gate_has_origin (fixture.gate, "https://a.example"));
  first = make_grant (fixture.clock, "g_1", "https://a.example", OKAP_DAY_US);
  longer = make_grant (fixture.clock, "g_2", "https://a.example", 2 * OKAP_DAY_US);
  okap_gate_put_grant (fixture.gate, longer, other_hash);
  okap_gate_put_grant (fixture.gate, first, hash);
  g_assert_true (okap_gate_has_origin (fixture.gate, "https://a.example"));
  g_assert_false (okap_gate_has_origin (fixture.gate, "https://a.example:444"));
  g_assert_false (okap_gate_has_origin (fixture.gate, "null"));
  g_assert_false (okap_gate_has_origin (fixture.gate, ""));

  okap_clock_advance (fixture.clock, OKAP_DAY_US);
  g_assert_true (okap_gate_has_origin (fixture.gate, "https://a.example"));
  revoked = okap_grant_copy_next (longer);
  revoked->state = OKAP_GRANT_REVOKED;
  okap_gate_put_grant (fixture.gate, revoked, other_hash);
  g_assert_false (okap_gate_has_origin (fixture.gate, "https://a.example"));

  widened = okap_grant_copy_next (fixture.grant);
  g_ptr_array_add (widened->others, make_website ("https://b.example"));
  okap_gate_put_grant (fixture.gate, widened, fixture.hash);
  g_assert_true (okap_gate_has_origin (fixture.gate, "https://b.example"));
  okap_gate_lock (fixture.gate);
  g_assert_false (okap_gate_has_origin (fixture.gate, "https://b.example"));
  gate_fixture_clear (&fixture);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/website/browsers", test_browsers);
  g_test_add_func ("/website/origins", test_origins);
  return g_test_run ();
}
