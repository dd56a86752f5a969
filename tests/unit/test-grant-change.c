/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which changes of a grant are wider. Each case changes one thing of the same grant, and is then
 * looked at from the other side: what narrows there and back again must widen. */
#include "okap-clock.h"
#include "okap-error.h"
#include "okap-grant-change.h"
#include "okap-money.h"

#include <string.h>

#define NOW_US (G_GINT64_CONSTANT (1795435200) * OKAP_SECOND_US)  /* 2026-11-23T12:00:00Z */
#define END_US (NOW_US + 30 * OKAP_DAY_US)

static OkapIdentity *
make_identity (const char *program)
{
  OkapIdentity *identity = okap_identity_new (OKAP_IDENTITY_INSTALLED);

  identity->program = g_strdup (program);
  return okap_identity_seal (identity);
}

static OkapScope *
make_scope (void)
{
  static const char *const models[] = { "gpt-4o", "o3-*", NULL };
  OkapScope *scope = okap_scope_new ("openai");

  g_strfreev (scope->models);
  scope->models = g_strdupv ((char **) models);
  scope->capabilities = OKAP_CAPABILITY_CHAT | OKAP_CAPABILITY_IMAGES;
  okap_limits_set (&scope->limits, OKAP_LIMIT_DAILY_SPEND, 2 * OKAP_NUSD_PER_USD);
  okap_limits_set (&scope->limits, OKAP_LIMIT_REQUESTS_PER_MINUTE, 60);
  scope->ceiling = (OkapPriceCeiling) { .set = TRUE, .input_pusd = 5, .output_pusd = 9 };
  scope->key_id = g_strdup ("k_1");
  return scope;
}

static OkapGrant *
make_grant (void)
{
  OkapGrant *grant = okap_grant_new ();

  grant->id = g_strdup ("g_1");
  grant->app_name = g_strdup ("Notes");
  grant->app_url = g_strdup ("");
  grant->reason = g_strdup ("");
  grant->evidence = g_strdup ("A program");
  grant->zone = g_strdup ("UTC");
  grant->created_us = NOW_US - OKAP_DAY_US;
  grant->expires_us = END_US;
  okap_identity_unref (grant->identity);
  grant->identity = make_identity ("/usr/bin/notes");
  g_ptr_array_add (grant->others, make_identity ("/usr/bin/helper"));
  g_ptr_array_add (grant->scopes, make_scope ());
  return grant;
}

static void
set_models (OkapScope *scope, const char *first, const char *second)
{
  const char *const models[] = { first, second, NULL };

  g_strfreev (scope->models);
  scope->models = g_strdupv ((char **) models);
}

#define CHANGE(name) static void name (OkapGrant *grant, OkapScope *scope)

CHANGE (fewer_models)
{
  set_models (scope, "gpt-4o", NULL);
}

CHANGE (more_models)
{
  const char *const models[] = { "gpt-4o", "o3-*", "gpt-5", NULL };

  g_strfreev (scope->models);
  scope->models = g_strdupv ((char **) models);
}

CHANGE (within_prefix)
{
  set_models (scope, "o3-mini", NULL);
}

CHANGE (longer_prefix)
{
  set_models (scope, "gpt-4o", "o3*");
}

CHANGE (all_models)
{
  set_models (scope, NULL, NULL);
}

CHANGE (other_model)
{
  set_models (scope, "gpt-4", "o3-*");
}

CHANGE (less_use)
{
  scope->capabilities = OKAP_CAPABILITY_CHAT;
}

CHANGE (more_use)
{
  scope->capabilities |= OKAP_CAPABILITY_AUDIO;
}

CHANGE (other_use)
{
  scope->capabilities = OKAP_CAPABILITY_CHAT | OKAP_CAPABILITY_AUDIO;
}

CHANGE (lower_cap)
{
  okap_limits_set (&scope->limits, OKAP_LIMIT_DAILY_SPEND, 1);
}

CHANGE (higher_cap)
{
  okap_limits_set (&scope->limits, OKAP_LIMIT_DAILY_SPEND, 2 * OKAP_NUSD_PER_USD + 1);
}

CHANGE (no_cap)
{
  scope->limits.set &= ~(1u << OKAP_LIMIT_DAILY_SPEND);
}

CHANGE (new_cap)
{
  okap_limits_set (&scope->limits, OKAP_LIMIT_MONTHLY_SPEND, OKAP_NUSD_PER_USD);
}

CHANGE (more_requests)
{
  okap_limits_set (&scope->limits, OKAP_LIMIT_REQUESTS_PER_MINUTE, 61);
}
/* More of one, and less of all else. */
CHANGE (mixed)
{
  fewer_models (grant, scope);
  less_use (grant, scope);
  lower_cap (grant, scope);
  more_requests (grant, scope);
}

CHANGE (other_key)
{
  g_free (scope->key_id);
  scope->key_id = g_strdup ("k_2");
}

CHANGE (no_ceiling)
{
  scope->ceiling.set = FALSE;
}

CHANGE (lower_ceiling)
{
  scope->ceiling.input_pusd = 1;
}

CHANGE (extra)
{
  scope->extra = (OkapExtra) { .nusd = 1, .until_us = NOW_US + OKAP_DAY_US };
}

CHANGE (options)
{
  scope->options = OKAP_SCOPE_KEEP_OUTPUT;
}

CHANGE (earlier)
{
  grant->expires_us = END_US - 1;
}

CHANGE (later)
{
  grant->expires_us = END_US + 1;
}

CHANGE (renewing)
{
  grant->term = OKAP_TERM_RENEWING;
}

CHANGE (portable)
{
  grant->portable = TRUE;
}

CHANGE (no_others)
{
  g_ptr_array_set_size (grant->others, 0);
}

CHANGE (one_more)
{
  g_ptr_array_add (grant->others, make_identity ("/usr/bin/more"));
}

CHANGE (other_program)
{
  okap_identity_unref (grant->identity);
  grant->identity = make_identity ("/usr/bin/other");
}

CHANGE (zone)
{
  g_free (grant->zone);
  grant->zone = g_strdup ("Asia/Tokyo");
}

CHANGE (paused)
{
  grant->state = OKAP_GRANT_PAUSED;
}

CHANGE (provider)
{
  g_ptr_array_add (grant->scopes, okap_scope_new ("groq"));
}

CHANGE (nothing)
{
}

typedef enum
{
  SAME = 0,
  NARROWER = 1 << 0,
  WIDER = 1 << 1,
} Kind;

/* @back: of the way back. */
static const struct
{
  const char *name;
  void (*change) (OkapGrant *grant, OkapScope *scope);
  Kind kind;
  Kind back;
  const char *words;  /* (nullable) in those of the widening, there or back */
} cases[] = {
  { "nothing", nothing, SAME, SAME, NULL },
  { "fewer models", fewer_models, NARROWER, WIDER, "also the model o3-*" },
  { "more models", more_models, WIDER, NARROWER, "also the model gpt-5" },
  { "within a prefix", within_prefix, NARROWER, WIDER, NULL },
  { "longer prefix", longer_prefix, WIDER, NARROWER, "also the model o3*" },
  { "all models", all_models, WIDER, NARROWER, "all models" },
  { "other model", other_model, NARROWER | WIDER, NARROWER | WIDER, "also the model gpt-4" },
  { "less use", less_use, NARROWER, WIDER, "also for images" },
  { "more use", more_use, WIDER, NARROWER, "also for audio" },
  { "other use", other_use, NARROWER | WIDER, NARROWER | WIDER, "also for audio" },
  { "lower cap", lower_cap, NARROWER, WIDER, "$2.00 a day instead of $0.00 a day" },
  { "higher cap", higher_cap, WIDER, NARROWER, "a day instead of" },
  { "no cap", no_cap, WIDER, NARROWER, "without the limit of $2.00 a day" },
  { "new cap", new_cap, NARROWER, WIDER, "without the limit of $1.00 a month" },
  { "more requests", more_requests, WIDER, NARROWER, "61 requests a minute instead of 60" },
  { "mixed", mixed, NARROWER | WIDER, NARROWER | WIDER, "61 requests a minute" },
  { "other key", other_key, WIDER, WIDER, "another key" },
  { "no ceiling", no_ceiling, NARROWER, WIDER, "ceiling" },
  { "lower ceiling", lower_ceiling, WIDER, WIDER, "ceiling" },
  { "extra", extra, WIDER, SAME, "more until the day is over" },
  { "options", options, NARROWER, NARROWER, NULL },
  { "earlier", earlier, NARROWER, WIDER, NULL },
  { "later", later, WIDER, NARROWER, "until" },
  { "renewing", renewing, WIDER, NARROWER, NULL },
  { "portable", portable, WIDER, NARROWER, "any program may use it" },
  { "no others", no_others, NARROWER, WIDER, "one more program" },
  { "one more", one_more, WIDER, NARROWER, "one more program" },
  { "other program", other_program, WIDER, WIDER, "another program" },
  { "zone", zone, WIDER, WIDER, "time zone" },
  { "paused", paused, SAME, WIDER, "may be used again" },
  { "provider", provider, WIDER, NARROWER, "also the provider groq" },
};

/* What is told of the change from @old to @next is of these kinds. */
static char *
assert_kind (const OkapGrant *old, const OkapGrant *next, Kind kind)
{
  g_autofree char *wider = okap_grant_dup_widening (old, next);
  g_autofree char *all = okap_grant_dup_changes (old, next);

  g_assert_cmpint (wider != NULL, ==, (kind & WIDER) != 0);
  g_assert_cmpint (all != NULL, ==, kind != SAME);
  g_assert_cmpint (all != NULL && g_strcmp0 (all, wider) != 0, ==, (kind & NARROWER) != 0);
  return g_steal_pointer (&wider);
}

static void
test_kinds (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OkapGrant) old = make_grant ();
      g_autoptr (OkapGrant) next = make_grant ();
      g_autofree char *there = NULL;
      g_autofree char *back = NULL;

      g_test_message ("%s", cases[i].name);
      cases[i].change (next, g_ptr_array_index (next->scopes, 0));
      there = assert_kind (old, next, cases[i].kind);
      back = assert_kind (next, old, cases[i].back);
      if (cases[i].words != NULL)
        g_assert_true ((there != NULL && strstr (there, cases[i].words) != NULL)
                       || (back != NULL && strstr (back, cases[i].words) != NULL));
    }
}

/* --- edits --- */

static void
add_provider (OkapGrantEdit *edit)
{
  g_ptr_array_add (edit->scopes, okap_scope_new ("groq"));
}

static void
double_provider (OkapGrantEdit *edit)
{
  g_ptr_array_add (edit->scopes, make_scope ());
}

static void
no_provider (OkapGrantEdit *edit)
{
  g_ptr_array_set_size (edit->scopes, 0);
}

static void
no_use (OkapGrantEdit *edit)
{
  ((OkapScope *) edit->scopes->pdata[0])->capabilities = OKAP_CAPABILITY_NONE;
}

static void
negative (OkapGrantEdit *edit)
{
  okap_limits_set (&((OkapScope *) edit->scopes->pdata[0])->limits, OKAP_LIMIT_DAILY_SPEND, -1);
}

static void
huge (OkapGrantEdit *edit)
{
  okap_limits_set (&((OkapScope *) edit->scopes->pdata[0])->limits, OKAP_LIMIT_DAILY_SPEND,
                   OKAP_MONEY_MOST_NUSD + 1);
}

static const struct
{
  const char *name;
  void (*change) (OkapGrantEdit *edit);
} refused[] = {
  { "another provider", add_provider }, { "a provider twice", double_provider },
  { "no provider", no_provider }, { "nothing to do", no_use }, { "below zero", negative },
  { "above all", huge },
};

static OkapGrantEdit *
make_edit (void)
{
  OkapGrantEdit *edit = okap_grant_edit_new ();

  edit->scopes = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_scope_unref);
  g_ptr_array_add (edit->scopes, make_scope ());
  return edit;
}

static void
test_refused (void)
{
  g_autoptr (OkapGrant) grant = make_grant ();

  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (OkapGrantEdit) edit = make_edit ();
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", refused[i].name);
      refused[i].change (edit);
      g_assert_null (okap_grant_edit_apply (grant, edit, NOW_US, &error));
      g_assert_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST);
    }
}

static void
test_ended (void)
{
  g_autoptr (OkapGrant) grant = make_grant ();
  g_autoptr (OkapGrantEdit) edit = make_edit ();
  g_autoptr (GError) error = NULL;

  g_assert_null (okap_grant_edit_apply (grant, edit, END_US, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_CONFLICT);
  g_clear_error (&error);
  grant->state = OKAP_GRANT_REVOKED;
  g_assert_null (okap_grant_edit_apply (grant, edit, NOW_US, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_CONFLICT);
  g_clear_error (&error);
  g_assert_null (okap_grant_add_extra (grant, "openai", 1, NOW_US, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_CONFLICT);
}

/* An edit keeps what it says nothing of, and cannot bring its own extra or further programs. */
static void
test_applied (void)
{
  g_autoptr (OkapGrant) grant = make_grant ();
  g_autoptr (OkapGrantEdit) edit = make_edit ();
  g_autoptr (OkapGrant) next = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *wider = NULL;
  OkapScope *wanted = g_ptr_array_index (edit->scopes, 0);

  g_clear_pointer (&wanted->key_id, g_free);
  extra (grant, wanted);
  edit->others = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_identity_unref);
  g_ptr_array_add (edit->others, make_identity ("/usr/bin/sneaked-in"));
  next = okap_grant_edit_apply (grant, edit, NOW_US, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (next->version, ==, grant->version + 1);
  g_assert_cmpuint (next->others->len, ==, 0);
  g_assert_cmpint (okap_grant_get_scope (next, "openai")->extra.nusd, ==, 0);
  g_assert_cmpstr (okap_grant_get_scope (next, "openai")->key_id, ==, "k_1");
  wider = okap_grant_dup_widening (grant, next);
  g_assert_null (wider);
}

/* Who could not be identified has a day, whoever wants more. */
static void
test_unknown (void)
{
  g_autoptr (OkapGrant) grant = make_grant ();
  g_autoptr (OkapGrantEdit) edit = okap_grant_edit_new ();
  g_autoptr (OkapGrant) next = NULL;

  okap_identity_unref (grant->identity);
  grant->identity = okap_identity_new_unknown (OKAP_DOUBT_NONE);
  grant->created_us = NOW_US;
  grant->expires_us = NOW_US + OKAP_DAY_US;
  edit->expires_us = END_US;
  next = okap_grant_edit_apply (grant, edit, NOW_US, NULL);
  g_assert_cmpint (next->expires_us, ==, NOW_US + OKAP_DAY_US);
}

static void
test_extras (void)
{
  g_autoptr (OkapGrant) grant = make_grant ();
  g_autoptr (OkapGrant) once = NULL;
  g_autoptr (OkapGrant) twice = NULL;
  g_autoptr (OkapGrant) tomorrow = NULL;
  g_autoptr (GError) error = NULL;
  OkapExtra found;

  once = okap_grant_add_extra (grant, "openai", 5, NOW_US, &error);
  g_assert_no_error (error);
  twice = okap_grant_add_extra (once, "openai", 2, NOW_US + 1, &error);
  found = okap_grant_get_scope (twice, "openai")->extra;
  g_assert_cmpint (found.nusd, ==, 7);
  g_assert_cmpint (found.until_us, ==, NOW_US + OKAP_DAY_US / 2);
  tomorrow = okap_grant_add_extra (twice, "openai", 2, NOW_US + OKAP_DAY_US, &error);
  g_assert_cmpint (okap_grant_get_scope (tomorrow, "openai")->extra.nusd, ==, 2);

  g_assert_null (okap_grant_add_extra (grant, "groq", 5, NOW_US, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST);
  g_clear_error (&error);
  g_assert_null (okap_grant_add_extra (grant, "openai", 0, NOW_US, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST);
  g_clear_error (&error);
  g_assert_null (okap_grant_add_extra (once, "openai", OKAP_MONEY_MOST_NUSD, NOW_US, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/grant-change/kinds", test_kinds);
  g_test_add_func ("/grant-change/refused", test_refused);
  g_test_add_func ("/grant-change/ended", test_ended);
  g_test_add_func ("/grant-change/applied", test_applied);
  g_test_add_func ("/grant-change/unknown", test_unknown);
  g_test_add_func ("/grant-change/extras", test_extras);
  return g_test_run ();
}
