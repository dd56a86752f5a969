/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All apps paused at once, and what can and cannot resume them. */
#include "broker-fixture.h"

static char *
dup_mark (Fixture *fixture)
{
  return g_build_filename (fixture->folder, "paused", NULL);
}

static void
keep (Fixture *fixture)
{
  g_autofree char *path = dup_mark (fixture);

  okap_broker_keep_pause (fixture->broker, path);
}

static gboolean
has_mark (Fixture *fixture)
{
  g_autofree char *path = dup_mark (fixture);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static void
pause_all (Fixture *fixture)
{
  GError *error = NULL;

  g_assert_true (okap_broker_set_paused (fixture->broker, TRUE, "test", &error));
  g_assert_no_error (error);
}

static void
assert_paused (Fixture *fixture, OkapSecret *token)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (okap_broker_get_paused (fixture->broker));
  g_assert_false (token_opens (fixture, token, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_TOKEN_PAUSED);
}

/* What the audit trail says of it, oldest first. */
static char *
dup_events (Fixture *fixture)
{
  g_autoptr (GAsyncResult) listed = NULL;
  g_autoptr (GPtrArray) entries = NULL;
  GString *events = g_string_new (NULL);

  okap_store_list_audit_async (fixture->store, 0, 100, done_cb, &listed);
  entries = okap_store_list_audit_finish (fixture->store, wait_for (&listed), NULL);
  g_assert_nonnull (entries);
  for (guint i = entries->len; i > 0; i--)
    {
      const OkapAuditEntry *entry = g_ptr_array_index (entries, i - 1);

      if (g_str_has_prefix (entry->event, "apps."))
        g_string_append_printf (events, "%s ", entry->event + strlen ("apps."));
    }
  return g_string_free (events, FALSE);
}

static void
assert_events (Fixture *fixture, const char *expected)
{
  g_autofree char *events = dup_events (fixture);

  g_assert_cmpstr (events, ==, expected);
}

/* Until the grants are read again, and so the audit trail was asked. */
static void
reopen (Fixture *fixture)
{
  close_all (fixture);
  open_all (fixture);
  keep (fixture);
}

static void
unlock_and_read (Fixture *fixture)
{
  unlock (fixture);
  WAIT (g_list_model_get_n_items (okap_broker_get_grants (fixture->broker)) > 0);
}

static void
count_cb (guint *n)
{
  ++*n;
}

static void
test_pause (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapSecret) token = get_granted (fixture, OKAP_DOOR_TCP);
  g_autoptr (GError) error = NULL;
  guint told = 0;

  keep (fixture);
  g_signal_connect_swapped (fixture->broker, "notify::paused", G_CALLBACK (count_cb), &told);
  pause_all (fixture);
  assert_paused (fixture, token);
  pause_all (fixture);
  g_assert_cmpuint (told, ==, 1);
  g_assert_true (has_mark (fixture));

  g_assert_true (okap_broker_set_paused (fixture->broker, FALSE, "test", &error));
  g_assert_cmpuint (told, ==, 2);
  g_assert_true (token_opens (fixture, token, NULL));
  g_assert_false (has_mark (fixture));
  assert_events (fixture, "paused resumed ");
}

/* Nobody is asked: what was shown goes, what comes is refused, even what is granted already. */
static void
test_questions (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint told = 0;

  g_signal_connect_swapped (fixture->broker, "notify::pending", G_CALLBACK (count_cb), &told);
  ask (fixture, REQUEST ("demo", "{}"), OKAP_DOOR_TCP, 300, NULL);
  WAIT (scripted_prompter_is_shown (fixture->prompter));
  g_assert_cmpuint (told, ==, 1);
  g_assert_cmpuint (okap_broker_get_pending (fixture->broker), ==, 1);
  pause_all (fixture);
  WAIT (fixture->answered);
  g_assert_cmpuint (told, ==, 2);
  g_assert_cmpuint (okap_broker_get_pending (fixture->broker), ==, 0);
  g_assert_error (fixture->error, OKAP_ERROR, OKAP_ERROR_POLICY_DENIED);
  g_assert_false (scripted_prompter_is_shown (fixture->prompter));

  ask (fixture, REQUEST ("demo", "{}"), OKAP_DOOR_TCP, 300, NULL);
  WAIT (fixture->answered);
  g_assert_error (fixture->error, OKAP_ERROR, OKAP_ERROR_POLICY_DENIED);
  g_assert_cmpuint (scripted_prompter_get_asked (fixture->prompter), ==, 1);

  g_assert_true (okap_broker_set_paused (fixture->broker, FALSE, "test", &error));
  okap_secret_unref (get_granted (fixture, OKAP_DOOR_TCP));
}

static void
test_locked (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapSecret) token = get_granted (fixture, OKAP_DOOR_TCP);
  g_autoptr (GError) error = NULL;

  keep (fixture);
  okap_vault_lock (fixture->vault);
  pause_all (fixture);
  g_assert_false (okap_broker_set_paused (fixture->broker, FALSE, "test", &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED);
  reopen (fixture);
  g_assert_true (okap_broker_get_paused (fixture->broker));
  unlock_and_read (fixture);
  assert_paused (fixture, token);
  assert_events (fixture, "paused ");
}

/* Either witness is enough: the mark before the vault is open, the audit trail without the mark. */
static void
test_survives (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapSecret) token = get_granted (fixture, OKAP_DOOR_TCP);
  g_autofree char *path = dup_mark (fixture);

  keep (fixture);
  pause_all (fixture);
  reopen (fixture);
  g_assert_true (okap_broker_get_paused (fixture->broker));
  unlock_and_read (fixture);
  assert_paused (fixture, token);
  assert_events (fixture, "paused ");

  g_assert_cmpint (g_unlink (path), ==, 0);
  reopen (fixture);
  g_assert_false (okap_broker_get_paused (fixture->broker));
  unlock_and_read (fixture);
  assert_paused (fixture, token);
  g_assert_true (has_mark (fixture));
  assert_events (fixture, "paused paused ");

  g_assert_true (okap_broker_set_paused (fixture->broker, FALSE, "test", NULL));
  reopen (fixture);
  unlock_and_read (fixture);
  g_assert_false (okap_broker_get_paused (fixture->broker));
  g_assert_true (token_opens (fixture, token, NULL));
}

/* A mark that cannot be removed would pause again at the next start, so nothing is resumed. */
static void
test_stays (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapSecret) token = get_granted (fixture, OKAP_DOOR_TCP);
  g_autofree char *path = dup_mark (fixture);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
  keep (fixture);
  g_assert_false (okap_broker_set_paused (fixture->broker, FALSE, "test", &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE);
  assert_paused (fixture, token);
  g_assert_cmpint (g_rmdir (path), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)
  ADD ("/broker-pause/pause", test_pause);
  ADD ("/broker-pause/questions", test_questions);
  ADD ("/broker-pause/locked", test_locked);
  ADD ("/broker-pause/survives", test_survives);
  ADD ("/broker-pause/stays", test_stays);
#undef ADD
  return g_test_run ();
}
