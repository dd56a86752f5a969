/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "okap-error.h"
#include "okap-gate.h"

#include <string.h>

typedef struct
{
  OkapClock *clock;
  OkapGate *gate;
  OkapSecret *key;
  OkapSecret *token;
  OkapGrant *grant;
  guint8 hash[OKAP_TOKEN_HASH_BYTES];
  guint cuts;
  OkapError last_cut;
} Fixture;

static void
cut_cb (const char *grant_id, OkapError why, gpointer user_data)
{
  Fixture *fixture = user_data;

  /* A lock is for all at once, and so is a pause of all. */
  if (why == OKAP_ERROR_VAULT_LOCKED
      || (why == OKAP_ERROR_TOKEN_PAUSED && okap_gate_is_paused (fixture->gate)))
    g_assert_null (grant_id);
  else
    g_assert_cmpstr (grant_id, ==, fixture->grant->id);
  fixture->cuts++;
  fixture->last_cut = why;
}

static OkapGrant *
make_grant (OkapClock *clock)
{
  OkapGrant *grant = okap_grant_new ();
  OkapScope *scope = okap_scope_new ("demo");

  grant->id = g_strdup ("g_test");
  grant->app_name = g_strdup ("Test");
  grant->app_url = g_strdup ("");
  grant->reason = g_strdup ("");
  grant->evidence = g_strdup ("A program");
  grant->zone = g_strdup ("UTC");
  grant->expires_us = okap_clock_get_now (clock) + OKAP_DAY_US;
  scope->capabilities = OKAP_CAPABILITY_CHAT;
  g_strfreev (scope->models);
  scope->models = g_strsplit ("demo-fast,gpt-4*", ",", -1);
  scope->key_id = g_strdup ("k_demo");
  okap_limits_set (&scope->limits, OKAP_LIMIT_REQUESTS_PER_MINUTE, 3);
  okap_limits_set (&scope->limits, OKAP_LIMIT_REQUESTS_PER_DAY, 5);
  g_ptr_array_add (grant->scopes, scope);
  return grant;
}

/* Unlocked, with one key and no grant. */
static OkapGate *
open_gate (Fixture *fixture)
{
  g_autoptr (OkapProvider) provider = okap_provider_lookup ("demo");
  g_autoptr (OkapCredential) credential = okap_credential_new ("k_demo", provider, "demo:", NULL);
  OkapGate *gate = okap_gate_new (fixture->clock);

  okap_gate_set_cut_func (gate, cut_cb, fixture);
  okap_gate_unlock (gate, fixture->key);
  okap_gate_put_credential (gate, credential);
  return gate;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  gint64 noon_us;

  g_assert_true (okap_time_parse ("2026-11-23T12:00:00Z", &noon_us));
  fixture->clock = okap_clock_new_fake (noon_us);
  fixture->key = okap_secret_new_random (32);
  fixture->token = okap_token_mint ();
  fixture->grant = make_grant (fixture->clock);
  okap_token_hash (okap_secret_get_text (fixture->token), fixture->key, fixture->hash);
  fixture->gate = open_gate (fixture);
  okap_gate_put_grant (fixture->gate, fixture->grant, fixture->hash);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  okap_gate_free (fixture->gate);
  okap_secret_unref (fixture->key);
  okap_secret_unref (fixture->token);
  okap_grant_unref (fixture->grant);
  okap_clock_free_fake (fixture->clock);
}

static OkapAccess *
identify (Fixture *fixture, const char *provider, GError **error)
{
  return okap_gate_identify (fixture->gate, okap_secret_get_text (fixture->token),
                             okap_secret_get_length (fixture->token), provider, NULL, error);
}

static void
assert_refused (Fixture *fixture, OkapError code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapAccess) access = identify (fixture, "demo", &error);

  g_assert_null (access);
  g_assert_error (error, OKAP_ERROR, (int) code);
}

static void
test_identify (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapAccess) access = identify (fixture, "demo", &error);
  g_autoptr (OkapAccess) elsewhere = NULL;
  g_autoptr (OkapAccess) stranger = NULL;
  g_autoptr (OkapSecret) other = okap_token_mint ();

  g_assert_no_error (error);
  g_assert_cmpstr (access->credential->key_id, ==, "k_demo");
  elsewhere = identify (fixture, "openai", &error);
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_PROVIDER_NOT_ALLOWED);
  g_clear_error (&error);
  stranger = okap_gate_identify (fixture->gate, okap_secret_get_text (other),
                                 okap_secret_get_length (other), "demo", NULL, &error);
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_TOKEN);
  g_assert_null (strstr (error->message, okap_secret_get_text (other)));
}

static void
test_states (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapGrant) paused = okap_grant_copy_next (fixture->grant);
  g_autoptr (OkapGrant) active = okap_grant_copy_next (paused);
  g_autoptr (OkapGrant) revoked = okap_grant_copy_next (active);
  g_autoptr (OkapAccess) access = NULL;

  paused->state = OKAP_GRANT_PAUSED;
  revoked->state = OKAP_GRANT_REVOKED;
  okap_gate_put_grant (fixture->gate, paused, fixture->hash);
  g_assert_cmpint (fixture->last_cut, ==, OKAP_ERROR_TOKEN_PAUSED);
  assert_refused (fixture, OKAP_ERROR_TOKEN_PAUSED);

  okap_gate_put_grant (fixture->gate, active, fixture->hash);
  access = identify (fixture, "demo", NULL);
  g_assert_nonnull (access);

  okap_gate_put_grant (fixture->gate, revoked, fixture->hash);
  g_assert_cmpint (fixture->last_cut, ==, OKAP_ERROR_TOKEN_REVOKED);
  g_assert_cmpuint (fixture->cuts, ==, 2);
  assert_refused (fixture, OKAP_ERROR_TOKEN_REVOKED);
}

/* What was identified before is not admitted after; what ended is said to have ended. */
static void
test_paused (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapGrant) revoked = okap_grant_copy_next (fixture->grant);
  g_autoptr (OkapAccess) access = identify (fixture, "demo", NULL);
  g_autoptr (GError) error = NULL;
  OkapAdmission admission = { OKAP_CAPABILITY_CHAT, "demo-fast", TRUE };
  OkapLease lease;
  guint retry;

  okap_gate_set_paused (fixture->gate, TRUE);
  g_assert_true (okap_gate_is_paused (fixture->gate));
  g_assert_cmpuint (fixture->cuts, ==, 1);
  g_assert_cmpint (fixture->last_cut, ==, OKAP_ERROR_TOKEN_PAUSED);
  assert_refused (fixture, OKAP_ERROR_TOKEN_PAUSED);
  g_assert_false (okap_gate_admit (fixture->gate, access, &admission, &lease, &retry, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_TOKEN_PAUSED);

  okap_gate_set_paused (fixture->gate, FALSE);
  g_assert_cmpuint (fixture->cuts, ==, 1);
  okap_access_unref (identify (fixture, "demo", NULL));

  okap_gate_set_paused (fixture->gate, TRUE);
  g_assert_cmpuint (fixture->cuts, ==, 2);
  revoked->state = OKAP_GRANT_REVOKED;
  okap_gate_put_grant (fixture->gate, revoked, fixture->hash);
  assert_refused (fixture, OKAP_ERROR_TOKEN_REVOKED);

  okap_gate_lock (fixture->gate);  /* what outlived it is in no table */
  okap_gate_set_paused (fixture->gate, TRUE);
  g_assert_cmpint (fixture->last_cut, ==, OKAP_ERROR_TOKEN_PAUSED);
}

static void
test_expiry (Fixture *fixture, gconstpointer data)
{
  okap_clock_advance (fixture->clock, OKAP_DAY_US - 1);
  okap_access_unref (identify (fixture, "demo", NULL));
  okap_clock_advance (fixture->clock, 1);
  assert_refused (fixture, OKAP_ERROR_TOKEN_EXPIRED);
  okap_gate_put_grant (fixture->gate, fixture->grant, fixture->hash);
  g_assert_cmpint (fixture->last_cut, ==, OKAP_ERROR_TOKEN_EXPIRED);
}

static void
test_lock (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapAccess) access = identify (fixture, "demo", NULL);
  g_autoptr (GError) error = NULL;
  OkapAdmission admission = { OKAP_CAPABILITY_CHAT, "demo-fast", TRUE };
  OkapLease lease;
  guint retry;

  okap_gate_lock (fixture->gate);
  g_assert_cmpuint (fixture->cuts, ==, 1);  /* what runs holds the key */
  g_assert_cmpint (fixture->last_cut, ==, OKAP_ERROR_VAULT_LOCKED);
  assert_refused (fixture, OKAP_ERROR_VAULT_LOCKED);
  g_assert_false (okap_gate_admit (fixture->gate, access, &admission, &lease, &retry, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED);
  okap_gate_unlock (fixture->gate, fixture->key);
  assert_refused (fixture, OKAP_ERROR_INVALID_TOKEN);
}

/* The user lets answers finish: the lock itself cuts nothing, and sleep does. */
static void
test_lock_lets_finish (Fixture *fixture, gconstpointer data)
{
  okap_gate_set_finish (fixture->gate, TRUE);
  okap_gate_lock (fixture->gate);
  g_assert_cmpuint (fixture->cuts, ==, 0);
  assert_refused (fixture, OKAP_ERROR_VAULT_LOCKED);
  okap_gate_cut_all (fixture->gate);
  g_assert_cmpuint (fixture->cuts, ==, 1);
}

static void
test_key_removed (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapAccess) access = identify (fixture, "demo", NULL);

  g_assert_nonnull (access);
  okap_gate_remove_credential (fixture->gate, "k_demo");
  assert_refused (fixture, OKAP_ERROR_PROVIDER_NOT_ALLOWED);
}

static const struct
{
  OkapAdmission admission;
  gboolean admitted;
  OkapError code;
} scope_cases[] = {
  { { OKAP_CAPABILITY_CHAT, "demo-fast", FALSE }, TRUE },
  { { OKAP_CAPABILITY_CHAT, "gpt-4o-mini", FALSE }, TRUE },
  { { OKAP_CAPABILITY_NONE, NULL, FALSE }, TRUE },
  { { OKAP_CAPABILITY_CHAT, "demo-large", FALSE }, FALSE, OKAP_ERROR_MODEL_NOT_ALLOWED },
  { { OKAP_CAPABILITY_CHAT, "demo-fast-2", FALSE }, FALSE, OKAP_ERROR_MODEL_NOT_ALLOWED },
  { { OKAP_CAPABILITY_IMAGES, "demo-fast", FALSE }, FALSE, OKAP_ERROR_CAPABILITY_NOT_ALLOWED },
};

static void
test_scope (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapAccess) access = identify (fixture, "demo", NULL);
  guint retry;

  for (guint i = 0; i < G_N_ELEMENTS (scope_cases); i++)
    {
      g_autoptr (GError) error = NULL;
      OkapLease lease;
      gboolean admitted = okap_gate_admit (fixture->gate, access, &scope_cases[i].admission, &lease,
                                           &retry, &error);

      g_test_message ("case %u", i);
      g_assert_cmpint (admitted, ==, scope_cases[i].admitted);
      if (!admitted)
        g_assert_error (error, OKAP_ERROR, (int) scope_cases[i].code);
    }
}

static void
test_rates (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapAccess) access = identify (fixture, "demo", NULL);
  g_autoptr (GError) error = NULL;
  OkapAdmission admission = { OKAP_CAPABILITY_CHAT, "demo-fast", TRUE };
  OkapLease lease;
  guint retry;

  for (guint i = 0; i < 3; i++)
    g_assert_true (okap_gate_admit (fixture->gate, access, &admission, &lease, &retry, NULL));
  g_assert_false (okap_gate_admit (fixture->gate, access, &admission, &lease, &retry, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_RATE_LIMITED);
  g_assert_cmpuint (retry, ==, 60);
  g_clear_error (&error);

  okap_clock_advance (fixture->clock, OKAP_MINUTE_US);
  for (guint i = 0; i < 2; i++)
    g_assert_true (okap_gate_admit (fixture->gate, access, &admission, &lease, &retry, NULL));
  g_assert_false (okap_gate_admit (fixture->gate, access, &admission, &lease, &retry, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_RATE_LIMITED);
  g_assert_nonnull (strstr (error->message, "requests_per_day"));
  g_assert_cmpuint (retry, ==, 12 * 3600 - 60 + 1);
  g_clear_error (&error);

  /* A next version of the grant does not give the day back. */
  okap_gate_put_grant (fixture->gate, fixture->grant, fixture->hash);
  g_assert_false (okap_gate_admit (fixture->gate, access, &admission, &lease, &retry, NULL));
}

/* What was used before this process knew the grant comes with it, and only once. */
static void
test_restored (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapAccess) access = NULL;
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  OkapAdmission admission = { OKAP_CAPABILITY_CHAT, "demo-fast", TRUE };
  OkapPast past = { "demo", 0, 0, .requests_day = 4 };
  OkapLease lease;
  guint retry;

  okap_gate_free (fixture->gate);
  fixture->gate = open_gate (fixture);
  past.day_start_us = okap_time_day_start (okap_clock_get_now (fixture->clock), utc);
  okap_gate_restore_grant (fixture->gate, fixture->grant, fixture->hash, &past, 1);
  access = identify (fixture, "demo", NULL);
  g_assert_true (okap_gate_admit (fixture->gate, access, &admission, &lease, &retry, NULL));
  g_assert_false (okap_gate_admit (fixture->gate, access, &admission, &lease, &retry, NULL));

  /* Locked and unlocked, the ledger knows more than the store. */
  okap_gate_lock (fixture->gate);
  okap_gate_unlock (fixture->gate, fixture->key);
  okap_gate_restore_grant (fixture->gate, fixture->grant, fixture->hash, &past, 1);
  g_assert_false (okap_gate_admit (fixture->gate, access, &admission, &lease, &retry, NULL));
}

typedef struct
{
  Fixture *fixture;
  OkapAccess *access;
  int admitted;  /* (atomic) */
} Race;

static gpointer
race_thread (gpointer user_data)
{
  Race *race = user_data;
  OkapAdmission admission = { OKAP_CAPABILITY_CHAT, "demo-fast", TRUE };
  OkapLease lease;
  guint retry;

  for (guint i = 0; i < 200; i++)
    {
      OkapAccess *access = identify (race->fixture, "demo", NULL);

      if (okap_gate_admit (race->fixture->gate, access, &admission, &lease, &retry, NULL))
        g_atomic_int_inc (&race->admitted);
      okap_access_unref (access);
    }
  return NULL;
}

/* However many ask at once, exactly the limit passes. */
static void
test_race (Fixture *fixture, gconstpointer data)
{
  Race race = { fixture, NULL, 0 };
  GThread *threads[8];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("race", race_thread, &race);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_assert_cmpint (race.admitted, ==, 3);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

/* A replaced key serves what comes now; what runs keeps the one that it began with. */
static void
test_replaced_key (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapProvider) provider = okap_provider_lookup ("demo");
  g_autoptr (OkapSecret) old_key = okap_secret_new_from_string ("old");
  g_autoptr (OkapSecret) new_key = okap_secret_new_from_string ("new");
  g_autoptr (OkapCredential) old = okap_credential_new ("k_demo", provider, "demo:", old_key);
  g_autoptr (OkapCredential) new = okap_credential_new ("k_demo", provider, "demo:", new_key);
  g_autoptr (OkapAccess) running = NULL;
  g_autoptr (OkapAccess) later = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (old->version, ==, 1);
  okap_gate_put_credential (fixture->gate, old);
  running = identify (fixture, "demo", &error);
  g_assert_no_error (error);
  new->version = 2;
  new->previous = okap_credential_ref (old);
  okap_gate_put_credential (fixture->gate, new);
  later = identify (fixture, "demo", &error);
  g_assert_no_error (error);
  g_assert_true (running->credential == old);
  g_assert_true (later->credential == new);
  g_assert_cmpint (fixture->cuts, ==, 0);
  okap_gate_remove_credential (fixture->gate, "k_demo");
  g_assert_cmpstr (okap_secret_get_text (running->credential->key), ==, "old");
  g_assert_cmpstr (okap_secret_get_text (later->credential->previous->key), ==, "old");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/gate/identify", test_identify);
  ADD ("/gate/states", test_states);
  ADD ("/gate/paused", test_paused);
  ADD ("/gate/expiry", test_expiry);
  ADD ("/gate/lock", test_lock);
  ADD ("/gate/lock-lets-finish", test_lock_lets_finish);
  ADD ("/gate/key-removed", test_key_removed);
  ADD ("/gate/replaced-key", test_replaced_key);
  ADD ("/gate/scope", test_scope);
  ADD ("/gate/rates", test_rates);
  ADD ("/gate/restored", test_restored);
  ADD ("/gate/race", test_race);
  return g_test_run ();
}
