/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What others do to the broker: edit its database, fill its queue, take its disk away. */
#include "broker-fixture.h"

#include <sqlite3.h>

/* What another program does to the database while Okap is closed. */
static void
edit_database (Fixture *fixture, const char *sql)
{
  g_autofree char *path = g_build_filename (fixture->folder, "okap.db", NULL);
  sqlite3 *handle;
  char *message = NULL;

  close_all (fixture);
  g_assert_cmpint (sqlite3_open (path, &handle), ==, SQLITE_OK);
  (void) sqlite3_exec (handle, sql, NULL, NULL, &message);
  g_assert_cmpstr (message, ==, NULL);
  g_assert_cmpint (sqlite3_close (handle), ==, SQLITE_OK);
}

static void
open_again (Fixture *fixture)
{
  open_all (fixture);
  unlock (fixture);
}

static gboolean
has_line (Fixture *fixture, const char *event)
{
  g_autoptr (GAsyncResult) listed = NULL;
  g_autoptr (GPtrArray) lines = NULL;

  okap_store_list_audit_async (fixture->store, 0, 100, done_cb, &listed);
  lines = okap_store_list_audit_finish (fixture->store, wait_for (&listed), NULL);
  for (guint i = 0; i < lines->len; i++)
    if (g_str_equal (((OkapAuditEntry *) g_ptr_array_index (lines, i))->event, event))
      return TRUE;
  return FALSE;
}

static void
assert_opens_nothing (Fixture *fixture, OkapSecret *token)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (token_opens (fixture, token, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_TOKEN);
}

/* The row of a revoked grant from when it was active has a valid tag. */
static void
test_old_row_put_back (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapSecret) token = get_granted (fixture, OKAP_DOOR_TCP);
  g_autoptr (OkapSecret) other = NULL;
  g_autofree char *id = g_strdup (fixture->grant->id);
  g_autofree char *keep = g_strdup_printf ("CREATE TABLE kept AS SELECT * FROM grants"
                                           " WHERE id = '%s'", id);
  GError *error = NULL;

  other = get_granted (fixture, OKAP_DOOR_TCP);
  edit_database (fixture, keep);
  open_again (fixture);
  WAIT (okap_broker_find_grant (fixture->broker, id) != NULL);
  set_state (fixture, id, OKAP_GRANT_REVOKED, &error);
  g_assert_no_error (error);

  edit_database (fixture, "INSERT OR REPLACE INTO grants SELECT * FROM kept; DROP TABLE kept");
  open_again (fixture);
  WAIT (has_line (fixture, "grant.tampered"));
  assert_opens_nothing (fixture, token);
  g_assert_null (okap_broker_find_grant (fixture->broker, id));
  g_assert_true (token_opens (fixture, other, NULL));
}

/* Nor does it help to take the line of the revocation out of the trail, at its end or inside. */
static void
test_old_row_and_cut_trail (Fixture *fixture, gconstpointer data)
{
  const char *cut = data;
  g_autoptr (OkapSecret) token = get_granted (fixture, OKAP_DOOR_TCP);
  g_autofree char *id = g_strdup (fixture->grant->id);
  g_autofree char *sql = g_strconcat ("INSERT OR REPLACE INTO grants SELECT * FROM kept; ", cut,
                                      NULL);
  GError *error = NULL;

  edit_database (fixture, "CREATE TABLE kept AS SELECT * FROM grants;"
                          "CREATE TABLE kept_head AS SELECT * FROM audit_head");
  open_again (fixture);
  WAIT (okap_broker_find_grant (fixture->broker, id) != NULL);
  set_state (fixture, id, OKAP_GRANT_REVOKED, &error);
  g_assert_no_error (error);

  edit_database (fixture, sql);
  open_again (fixture);
  WAIT (has_line (fixture, "grant.tampered"));
  assert_opens_nothing (fixture, token);

  /* What is allowed after the damage holds. */
  g_clear_pointer (&token, okap_secret_unref);
  token = get_granted (fixture, OKAP_DOOR_TCP);
  g_free (id);
  id = g_strdup (fixture->grant->id);
  close_all (fixture);
  open_again (fixture);
  WAIT (okap_broker_find_grant (fixture->broker, id) != NULL);
  g_assert_true (token_opens (fixture, token, NULL));
}

static guint
count_moved (Fixture *fixture)
{
  g_autoptr (GDir) dir = g_dir_open (fixture->folder, 0, NULL);
  const char *name;
  guint n_moved = 0;

  while ((name = g_dir_read_name (dir)) != NULL)
    n_moved += g_str_has_prefix (name, "okap.db.old-") ? 1 : 0;
  return n_moved;
}

/* A vault that is made anew finds no grants and no trail of the one before. */
static void
test_new_vault (Fixture *fixture, gconstpointer data)
{
  g_autofree char *file = g_build_filename (fixture->folder, "vault.okap", NULL);
  g_autofree char *older = g_strconcat (file, ".1", NULL);
  g_autoptr (OkapSecret) token = get_granted (fixture, OKAP_DOOR_TCP);
  g_autoptr (GAsyncResult) created = NULL, verified = NULL;
  g_autoptr (OkapSecret) code = NULL;
  GError *error = NULL;

  close_all (fixture);
  g_assert_cmpint (g_unlink (file), ==, 0);
  (void) g_unlink (older);
  open_all (fixture);
  okap_vault_create_async (fixture->vault, fixture->passphrase, done_cb, &created);
  okap_vault_create_finish (fixture->vault, wait_for (&created), &code, &error);
  g_assert_no_error (error);
  WAIT (has_line (fixture, "vault.unlocked"));
  g_assert_cmpuint (count_moved (fixture), ==, 1);
  g_assert_false (has_line (fixture, "grant.created"));
  g_assert_false (has_line (fixture, "audit.damaged"));
  g_assert_false (has_line (fixture, "grant.tampered"));
  assert_opens_nothing (fixture, token);
  okap_store_verify_audit_async (fixture->store, done_cb, &verified);
  okap_store_verify_audit_finish (fixture->store, wait_for (&verified), NULL, &error);
  g_assert_no_error (error);

  close_all (fixture);
  open_again (fixture);
  WAIT (has_line (fixture, "vault.locked"));
  g_assert_cmpuint (count_moved (fixture), ==, 1);
}

/* A revocation that the disk did not take is not called done, however often it is asked for. */
static void
test_revoke_not_kept (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapSecret) token = get_granted (fixture, OKAP_DOOR_TCP);
  g_autofree char *id = g_strdup (fixture->grant->id);

  okap_store_close (fixture->store);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;

      set_state (fixture, id, OKAP_GRANT_REVOKED, &error);
      g_assert_nonnull (error);
      g_assert_false (token_opens (fixture, token, NULL));
    }
}

/* One program cannot keep the others from asking, nor fill the disk by asking. */
static void
test_one_floods (Fixture *fixture, gconstpointer data)
{
  static const char body[] = REQUEST ("demo", "{}");
  g_autoptr (GCancellable) gone = g_cancellable_new ();
  g_autoptr (OkapCaller) other = make_program ("/usr/bin/other", 77);
  g_autoptr (OkapAsk) ask_other = make_ask (body, other);

  scripted_prompter_set_attended (fixture->prompter, TRUE);
  ask (fixture, body, OKAP_DOOR_SOCKET, 300, gone);
  for (guint i = 0; i < 100; i++)
    {
      ask (fixture, body, OKAP_DOOR_SOCKET, 300, NULL);
      WAIT (fixture->answered);
      g_assert_error (fixture->error, OKAP_ERROR, OKAP_ERROR_THROTTLED);
    }
  g_assert_cmpuint (okap_broker_get_pending (fixture->broker), ==, 1);
  g_assert_false (has_line (fixture, "grant.refused"));

  forget_answer (fixture);
  okap_broker_authorize_async (fixture->broker, ask_other, gone, answered_cb, fixture);
  g_assert_cmpuint (okap_broker_get_pending (fixture->broker), ==, 2);
  g_cancellable_cancel (gone);
  WAIT (okap_broker_get_pending (fixture->broker) == 0);
  while (g_main_context_iteration (NULL, FALSE))
    forget_answer (fixture);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)
#define ADD_WITH(path, func, data) g_test_add (path, Fixture, data, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/broker-hostile/old-row-put-back", test_old_row_put_back);
  ADD_WITH ("/broker-hostile/old-row-and-cut-trail", test_old_row_and_cut_trail,
            "DELETE FROM audit WHERE event = 'grant.revoked'");
  ADD_WITH ("/broker-hostile/old-row-and-old-end", test_old_row_and_cut_trail,
            "DELETE FROM audit_head; INSERT INTO audit_head SELECT * FROM kept_head");
  ADD_WITH ("/broker-hostile/old-row-and-cut-off-trail", test_old_row_and_cut_trail,
            "DELETE FROM audit WHERE id >= (SELECT id FROM audit WHERE event = 'grant.revoked')");
  ADD_WITH ("/broker-hostile/old-row-and-no-trail", test_old_row_and_cut_trail,
            "DELETE FROM audit; DELETE FROM audit_head");
  ADD ("/broker-hostile/new-vault", test_new_vault);
  ADD ("/broker-hostile/revoke-not-kept", test_revoke_not_kept);
  ADD ("/broker-hostile/one-floods", test_one_floods);
  return g_test_run ();
}
