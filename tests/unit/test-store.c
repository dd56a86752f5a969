/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The database itself: made, migrated, shared with nobody, whole after a crash. */
#include "config.h"

#include "test-store-fixture.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "okap-migrations.h"

static char *own_path;  /* of this program, to run it as a child */

#define CHILD_KEY "0123456789abcdef0123456789abcdef"

static void
assert_one_grant (OkapStore *store, const char *id, guint version, const char *policy)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = store_load_grants (store, &error);
  OkapGrantRow *row;

  g_assert_no_error (error);
  g_assert_cmpuint (rows->len, ==, 1);
  row = rows->pdata[0];
  g_assert_cmpstr (row->id, ==, id);
  g_assert_cmpuint (row->version, ==, version);
  g_assert_cmpstr (row->policy, ==, policy);
  g_assert_cmpint (row->token_hash[31], ==, 0x11);
  g_assert_cmpint (row->tag[0], ==, 0x22);
}

static void
test_from_nothing (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapDb) db = NULL;
  g_autoptr (GError) error = NULL;
  gint64 version;
  struct stat st;

  g_assert_cmpint (g_chmod (fixture->folder, 0755), ==, 0);
  fixture_open (fixture);
  g_assert_cmpint (stat (fixture->path, &st), ==, 0);
  g_assert_cmpint (st.st_mode & 0777, ==, 0600);
  g_assert_cmpint (stat (fixture->folder, &st), ==, 0);
  g_assert_cmpint (st.st_mode & 0777, ==, 0700);
  fixture_close (fixture);

  db = okap_db_open (fixture->path, &error);
  g_assert_no_error (error);
  g_assert_true (okap_db_get_int (db, "PRAGMA user_version", &version, &error));
  g_assert_cmpint (version, ==, okap_migrations_get_newest ());
  g_assert_true (okap_migrations_run (db, okap_migrations_get_newest (), &error));
}

static void
test_reopen (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapGrantRow) row = new_grant_row ("g_1", 1, "{\"a\":1}");
  g_autoptr (OkapGrantRow) next = new_grant_row ("g_1", 2, "{\"a\":2}");
  g_autoptr (OkapUsage) usage = new_usage ("g_1", "App", "m", OKAP_DAY_US);
  g_autoptr (GPtrArray) audit = NULL;
  g_autoptr (GPtrArray) used = NULL;
  g_autoptr (GError) error = NULL;

  fixture_open (fixture);
  g_assert_true (store_commit (fixture->store, row, "grant.created", "made", &error));
  assert_one_grant (fixture->store, "g_1", 1, "{\"a\":1}");
  g_assert_true (store_commit (fixture->store, next, "grant.paused", "paused", &error));
  okap_store_add_usage (fixture->store, usage);
  fixture_close (fixture);

  fixture_open (fixture);
  assert_one_grant (fixture->store, "g_1", 2, "{\"a\":2}");
  audit = store_list_audit (fixture->store, 0, 10);
  g_assert_cmpuint (audit->len, ==, 2);
  g_assert_cmpstr (((OkapAuditEntry *) audit->pdata[0])->event, ==, "grant.paused");
  used = store_list_usage (fixture->store, 0, 10);
  g_assert_cmpuint (used->len, ==, 1);
}

static void
test_newest_first (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (GError) error = NULL;

  fixture_open (fixture);
  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *id = g_strdup_printf ("g_%u", 9 - i);
      g_autoptr (OkapGrantRow) row = new_grant_row (id, 1, "{}");

      g_assert_true (store_commit (fixture->store, row, "grant.created", "", &error));
    }
  rows = store_load_grants (fixture->store, &error);
  g_assert_cmpuint (rows->len, ==, 5);
  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *id = g_strdup_printf ("g_%u", 5 + i);

      g_assert_cmpstr (((OkapGrantRow *) rows->pdata[i])->id, ==, id);
    }
}

/* An older version must not overwrite a newer one: it could bring a revoked grant to life. */
static void
test_old_version (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapGrantRow) revoked = new_grant_row ("g_1", 3, "{\"state\":\"revoked\"}");
  g_autoptr (GPtrArray) audit = NULL;
  g_autoptr (GError) error = NULL;

  fixture_open (fixture);
  g_assert_true (store_commit (fixture->store, revoked, "grant.revoked", "", &error));
  for (guint version = 1; version <= 3; version++)
    {
      g_autoptr (OkapGrantRow) row = new_grant_row ("g_1", version, "{\"state\":\"active\"}");

      g_assert_false (store_commit (fixture->store, row, "grant.resumed", "", &error));
      g_assert_error (error, OKAP_ERROR, OKAP_ERROR_CONFLICT);
      g_clear_error (&error);
    }
  assert_one_grant (fixture->store, "g_1", 3, "{\"state\":\"revoked\"}");
  audit = store_list_audit (fixture->store, 0, 10);
  g_assert_cmpuint (audit->len, ==, 1);
}

/* The audit line fails after the grant was written: neither stays. And the other way round. */
static void
test_atomic (Fixture *fixture, gconstpointer data)
{
  static const char *const faults[] = {
    "CREATE UNIQUE INDEX fault ON audit (event)",
    "DROP INDEX fault; CREATE UNIQUE INDEX fault ON grants (policy)",
  };
  g_autoptr (OkapGrantRow) first = new_grant_row ("g_1", 1, "{}");
  g_autoptr (OkapGrantRow) second = new_grant_row ("g_2", 1, "{}");
  g_autoptr (GError) error = NULL;

  fixture_open (fixture);
  g_assert_true (store_commit (fixture->store, first, "grant.created", "", &error));
  fixture_close (fixture);

  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autoptr (GPtrArray) audit = NULL;
      gint64 lines;

      fixture_edit (fixture, faults[i]);
      fixture_open (fixture);
      g_assert_false (store_commit (fixture->store, second, "grant.created", "", &error));
      g_assert_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE);
      g_clear_error (&error);
      assert_one_grant (fixture->store, "g_1", 1, "{}");
      audit = store_list_audit (fixture->store, 0, 10);
      g_assert_cmpuint (audit->len, ==, 1);
      g_assert_true (store_verify (fixture->store, &lines, &error));
      fixture_close (fixture);
    }
}

/* A trigger that somebody planted does not run. */
static void
test_foreign_trigger (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapGrantRow) row = new_grant_row ("g_1", 1, "{}");
  g_autoptr (OkapGrantRow) next = new_grant_row ("g_1", 2, "{}");
  g_autoptr (GError) error = NULL;

  fixture_open (fixture);
  g_assert_true (store_commit (fixture->store, row, "grant.created", "", &error));
  fixture_close (fixture);
  fixture_edit (fixture, "CREATE TRIGGER keep AFTER UPDATE ON grants BEGIN"
                         " UPDATE grants SET version = 1 WHERE id = new.id; END");
  fixture_open (fixture);
  g_assert_true (store_commit (fixture->store, next, "grant.revoked", "", &error));
  assert_one_grant (fixture->store, "g_1", 2, "{}");
}

static void
test_second_store (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapStore) second = okap_store_new (fixture->path);
  g_autoptr (GError) error = NULL;

  fixture_open (fixture);
  g_assert_false (store_open (second, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_CONFLICT);
  g_clear_error (&error);
  fixture_close (fixture);
  g_assert_true (store_open (second, &error));
  g_assert_no_error (error);
  okap_store_close (second);
}

/* Runs this program as another Okap, and returns the line that it prints. It then waits to be
 * killed. */
static char *
run_child (Fixture *fixture, const char *mode, GPid *out_child)
{
  const char *const argv[] = { own_path, mode, fixture->path, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GIOChannel) channel = NULL;
  char *line = NULL;
  int out_fd;

  g_spawn_async_with_pipes (NULL, (char **) argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
                            out_child, NULL, &out_fd, NULL, &error);
  g_assert_no_error (error);
  channel = g_io_channel_unix_new (out_fd);
  g_io_channel_set_close_on_unref (channel, TRUE);
  (void) g_io_channel_read_line (channel, &line, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (line);
  return g_strchomp (line);
}

static void
kill_child (GPid child)
{
  int status;

  g_assert_cmpint (kill (child, SIGKILL), ==, 0);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFSIGNALED (status));
}

static void
test_second_process (Fixture *fixture, gconstpointer data)
{
  g_autofree char *line = NULL;
  GPid child;

  fixture_open (fixture);
  line = run_child (fixture, "--open", &child);
  g_assert_cmpstr (line, ==, "conflict");
  kill_child (child);
}

/* Whatever a finished call has promised is there after the process was killed. */
static void
test_killed (Fixture *fixture, gconstpointer data)
{
  g_autofree char *line = NULL;
  g_autoptr (GPtrArray) used = NULL;
  g_autoptr (GPtrArray) audit = NULL;
  GPid child;

  okap_secret_unref (fixture->key);
  fixture->key = okap_secret_new (CHILD_KEY, 32);
  line = run_child (fixture, "--commit", &child);
  g_assert_cmpstr (line, ==, "committed");
  kill_child (child);

  fixture_open (fixture);
  assert_one_grant (fixture->store, "g_child", 1, "{}");
  audit = store_list_audit (fixture->store, 0, 10);
  g_assert_cmpuint (audit->len, ==, 1);
  used = store_list_usage (fixture->store, 0, 1000);
  g_assert_cmpuint (used->len, ==, 100);
}

/* The other Okap: says how far it came, and waits to be killed. */
static G_NORETURN void
child_main (const char *mode, const char *path)
{
  g_autoptr (OkapStore) store = okap_store_new (path);
  g_autoptr (OkapSecret) key = okap_secret_new (CHILD_KEY, 32);
  g_autoptr (OkapGrantRow) row = new_grant_row ("g_child", 1, "{}");
  g_autoptr (OkapUsage) usage = new_usage ("g_child", "App", "m", OKAP_DAY_US);
  g_autoptr (GError) error = NULL;
  const char *line = "opened";

  if (store_open (store, &error) && strcmp (mode, "--commit") == 0)
    {
      okap_store_set_audit_key (store, key);
      for (guint i = 0; i < 100; i++)
        okap_store_add_usage (store, usage);
      if (store_commit (store, row, "grant.created", "", &error))
        line = "committed";
    }
  if (error != NULL)
    line = g_error_matches (error, OKAP_ERROR, OKAP_ERROR_CONFLICT) ? "conflict" : error->message;
  g_print ("%s\n", line);
  for (;;)
    pause ();
}

static void
test_strange_files (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *edit;
    const char *says;
  } cases[] = {
    { "PRAGMA user_version = 99", "newer Okap" },
    { "PRAGMA user_version = -1", "newer Okap" },
    { "PRAGMA user_version = 1; PRAGMA application_id = 7", "another program" },
  };
  g_autoptr (GError) error = NULL;

  fixture_open (fixture);
  fixture_close (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OkapStore) store = okap_store_new (fixture->path);

      fixture_edit (fixture, cases[i].edit);
      g_assert_false (store_open (store, &error));
      g_assert_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE);
      g_assert_nonnull (strstr (error->message, cases[i].says));
      g_clear_error (&error);
      okap_store_close (store);
    }
}

static void
test_no_database (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapStore) store = okap_store_new (fixture->path);
  g_autoptr (GError) error = NULL;

  g_assert_null (store_load_grants (store, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE);
  g_clear_error (&error);

  g_assert_true (g_file_set_contents (fixture->path, "This is a letter, not a database. It is long "
                                      "enough for a header of SQLite, which has 100 bytes.......",
                                      -1, &error));
  g_assert_false (store_open (store, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE);
  g_clear_error (&error);
  g_assert_cmpint (g_unlink (fixture->path), ==, 0);

  g_assert_cmpint (symlink ("/dev/null", fixture->path), ==, 0);
  g_assert_false (store_open (store, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE);
  g_clear_error (&error);
  g_assert_cmpint (g_unlink (fixture->path), ==, 0);

  g_assert_true (store_open (store, &error));
  g_assert_no_error (error);
  okap_store_close (store);
  g_assert_null (store_load_grants (store, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE);
}

#define ADD(path, func) \
  g_test_add (path, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

int
main (int argc, char *argv[])
{
  if (argc == 3 && (strcmp (argv[1], "--commit") == 0 || strcmp (argv[1], "--open") == 0))
    child_main (argv[1], argv[2]);

  g_test_init (&argc, &argv, NULL);
  own_path = argv[0];
  ADD ("/store/from-nothing", test_from_nothing);
  ADD ("/store/reopen", test_reopen);
  ADD ("/store/newest-first", test_newest_first);
  ADD ("/store/old-version", test_old_version);
  ADD ("/store/atomic", test_atomic);
  ADD ("/store/foreign-trigger", test_foreign_trigger);
  ADD ("/store/second-store", test_second_store);
  ADD ("/store/second-process", test_second_process);
  ADD ("/store/killed", test_killed);
  ADD ("/store/strange-files", test_strange_files);
  ADD ("/store/no-database", test_no_database);
  return g_test_run ();
}
