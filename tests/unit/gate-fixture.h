/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A gate with one grant for the demo provider, and a clock that is set by hand. */
#pragma once

#include "okap-error.h"
#include "okap-gate.h"
#include "okap-money.h"

#define CENT (OKAP_NUSD_PER_USD / 100)

typedef struct
{
  OkapClock *clock;
  OkapGate *gate;
  OkapSecret *key;
  OkapSecret *token;
  OkapGrant *grant;          /* (owned) its newest version */
  OkapAccess *access;        /* (owned) */
  guint8 hash[OKAP_TOKEN_HASH_BYTES];
} GateFixture;

static inline OkapGrant *
gate_fixture_make_grant (OkapClock *clock)
{
  OkapGrant *grant = okap_grant_new ();
  OkapScope *scope = okap_scope_new ("demo");

  grant->id = g_strdup ("g_test");
  grant->app_name = g_strdup ("Test");
  grant->app_url = g_strdup ("");
  grant->reason = g_strdup ("");
  grant->evidence = g_strdup ("A program");
  grant->zone = g_strdup ("UTC");
  grant->expires_us = okap_clock_get_now (clock) + 1000 * OKAP_DAY_US;
  scope->capabilities = OKAP_CAPABILITY_CHAT;
  scope->key_id = g_strdup ("k_demo");
  g_ptr_array_add (grant->scopes, scope);
  return grant;
}

static inline void
gate_fixture_open (GateFixture *fixture)
{
  g_autoptr (OkapProvider) provider = okap_provider_lookup ("demo");
  g_autoptr (OkapCredential) credential = okap_credential_new ("k_demo", provider, "demo:", NULL);
  g_autoptr (GError) error = NULL;

  okap_gate_unlock (fixture->gate, fixture->key);
  okap_gate_put_credential (fixture->gate, credential);
  okap_gate_put_grant (fixture->gate, fixture->grant, fixture->hash);
  g_clear_pointer (&fixture->access, okap_access_unref);
  fixture->access = okap_gate_identify (fixture->gate, okap_secret_get_text (fixture->token),
                                        okap_secret_get_length (fixture->token), "demo", NULL,
                                        &error);
  g_assert_no_error (error);
}

/* Noon of 23 November 2026; no limit is set. */
static inline void
gate_fixture_init (GateFixture *fixture)
{
  gint64 noon_us;

  g_assert_true (okap_time_parse ("2026-11-23T12:00:00Z", &noon_us));
  *fixture = (GateFixture) { 0 };
  fixture->clock = okap_clock_new_fake (noon_us);
  fixture->gate = okap_gate_new (fixture->clock);
  fixture->key = okap_secret_new_random (32);
  fixture->token = okap_token_mint ();
  fixture->grant = gate_fixture_make_grant (fixture->clock);
  okap_token_hash (okap_secret_get_text (fixture->token), fixture->key, fixture->hash);
  gate_fixture_open (fixture);
}

static inline void
gate_fixture_clear (GateFixture *fixture)
{
  g_clear_pointer (&fixture->access, okap_access_unref);
  okap_gate_free (fixture->gate);
  okap_secret_unref (fixture->key);
  okap_secret_unref (fixture->token);
  okap_grant_unref (fixture->grant);
  okap_clock_free_fake (fixture->clock);
}

/* The next version of the grant, with one limit changed; below zero takes it away. */
static inline void
gate_fixture_set_limit (GateFixture *fixture, OkapLimit limit, gint64 value)
{
  OkapGrant *next = okap_grant_copy_next (fixture->grant);
  g_autoptr (OkapScope) scope = okap_scope_copy (g_ptr_array_index (fixture->grant->scopes, 0));

  if (value < 0)
    scope->limits.set &= ~(1u << limit);
  else
    okap_limits_set (&scope->limits, limit, value);
  g_ptr_array_unref (next->scopes);
  next->scopes = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_scope_unref);
  g_ptr_array_add (next->scopes, g_steal_pointer (&scope));
  okap_gate_put_grant (fixture->gate, next, fixture->hash);
  okap_grant_unref (fixture->grant);
  fixture->grant = next;
}

static inline gboolean
gate_fixture_admit (GateFixture *fixture, const char *request_id, gint64 worst_nusd,
                    gint64 least_nusd, OkapLease *out_lease, GError **error)
{
  OkapAdmission admission = { .capability = OKAP_CAPABILITY_CHAT, .model = "demo-fast",
                              .counted = TRUE, .request_id = request_id,
                              .worst_nusd = worst_nusd, .least_nusd = least_nusd };
  guint retry_after_s;

  return okap_gate_admit (fixture->gate, fixture->access, &admission, out_lease, &retry_after_s,
                          error);
}

static inline OkapUsage *
gate_fixture_make_usage (const char *request_id, gint64 cost_nusd)
{
  OkapUsage *usage = okap_usage_new ();

  usage->request_id = g_strdup (request_id);
  usage->grant_id = g_strdup ("g_test");
  usage->app = g_strdup ("Test");
  usage->provider = g_strdup ("demo");
  usage->cost_nusd = cost_nusd;
  usage->http_status = 200;
  return usage;
}

static inline gint64
gate_fixture_settle (GateFixture *fixture, OkapLease *lease, gint64 cost_nusd)
{
  g_autoptr (OkapUsage) usage = gate_fixture_make_usage ("r", cost_nusd);

  okap_gate_settle (fixture->gate, lease, usage);
  return usage->cost_nusd;
}

/* FALSE, and all zero, if the limit is not set. */
static inline gboolean
gate_fixture_find_standing (GateFixture *fixture, OkapLimit limit, OkapStanding *out_standing)
{
  OkapStanding standings[OKAP_N_LIMITS];
  guint n = okap_gate_get_standings (fixture->gate, "g_test", "demo", standings);

  *out_standing = (OkapStanding) { 0 };
  for (guint i = 0; i < n; i++)
    if (standings[i].limit == limit)
      {
        *out_standing = standings[i];
        return TRUE;
      }
  return FALSE;
}
