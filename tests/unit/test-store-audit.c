/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The audit trail: what somebody does to the file while Okap is closed is found out. */
#include "config.h"

#include "test-store-fixture.h"

#include "okap-caps.h"

#define N_LINES 6

static void
write_lines (Fixture *fixture, guint n_lines)
{
  g_autoptr (GError) error = NULL;

  for (guint i = 1; i <= n_lines; i++)
    {
      g_autofree char *detail = g_strdup_printf ("line %u", i);

      g_assert_true (store_commit (fixture->store, NULL, "test.line", detail, &error));
      g_assert_no_error (error);
    }
}

static void
assert_sound (Fixture *fixture, gint64 expected_lines)
{
  g_autoptr (GError) error = NULL;
  gint64 lines = -1;

  store_verify (fixture->store, &lines, &error);
  g_assert_no_error (error);
  g_assert_cmpint (lines, ==, expected_lines);
}

static void
test_sound (Fixture *fixture, gconstpointer data)
{
  fixture_open (fixture);
  assert_sound (fixture, 0);
  write_lines (fixture, N_LINES);
  assert_sound (fixture, N_LINES);
  fixture_close (fixture);
  fixture_open (fixture);
  assert_sound (fixture, N_LINES);
  write_lines (fixture, 1);
  assert_sound (fixture, N_LINES + 1);
}

static void
test_list (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) all = NULL;
  g_autoptr (GPtrArray) page = NULL;
  OkapAuditEntry *entry;

  fixture_open (fixture);
  write_lines (fixture, N_LINES);
  all = store_list_audit (fixture->store, 0, 100);
  g_assert_cmpuint (all->len, ==, N_LINES);
  entry = all->pdata[0];
  g_assert_cmpint (entry->id, ==, N_LINES);
  g_assert_cmpint (entry->time_us, ==, 1000);
  g_assert_cmpstr (entry->event, ==, "test.line");
  g_assert_cmpstr (entry->grant_id, ==, NULL);
  g_assert_cmpstr (entry->detail, ==, "line 6");

  page = store_list_audit (fixture->store, 4, 2);
  g_assert_cmpuint (page->len, ==, 2);
  g_assert_cmpint (((OkapAuditEntry *) page->pdata[0])->id, ==, 3);
  g_assert_cmpint (((OkapAuditEntry *) page->pdata[1])->id, ==, 2);
}

typedef struct
{
  const char *path;
  const char *edit;
  const char *says;
} Edit;

static const Edit edits[] = {
  { "/store-audit/detail-edited", "UPDATE audit SET detail = 'nothing' WHERE id = 3", "line 3 " },
  { "/store-audit/time-edited", "UPDATE audit SET time_us = 2000 WHERE id = 3", "line 3 " },
  { "/store-audit/event-edited", "UPDATE audit SET event = 'test.lines' WHERE id = 1", "line 1 " },
  { "/store-audit/grant-edited", "UPDATE audit SET grant_id = '' WHERE id = 3", "line 3 " },
  { "/store-audit/nul-hidden",
    "UPDATE audit SET detail = detail || char(0) || 'more' WHERE id = 2", "line 2 " },
  { "/store-audit/border-moved",
    "UPDATE audit SET event = 'test.linel', detail = 'ine 4' WHERE id = 4", "line 4 " },
  { "/store-audit/hash-edited", "UPDATE audit SET hash = zeroblob (32) WHERE id = 5", "line 5 " },
  { "/store-audit/hash-shortened", "UPDATE audit SET hash = x'00' WHERE id = 5", "line 5 " },
  { "/store-audit/removed", "DELETE FROM audit WHERE id = 4", "line 4 is missing" },
  { "/store-audit/first-removed", "DELETE FROM audit WHERE id = 1", "line 1 is missing" },
  { "/store-audit/removed-and-closed-up",
    "DELETE FROM audit WHERE id = 4; UPDATE audit SET id = 4 WHERE id = 5;"
    " UPDATE audit SET id = 5 WHERE id = 6", "line 4 " },
  { "/store-audit/swapped",
    "UPDATE audit SET id = 99 WHERE id = 2; UPDATE audit SET id = 2 WHERE id = 3;"
    " UPDATE audit SET id = 3 WHERE id = 99", "line 2 " },
  { "/store-audit/inserted",
    "INSERT INTO audit SELECT 7, time_us, event, grant_id, detail, hash, grant_tag FROM audit"
    " WHERE id = 6",
    "line 7 " },
  { "/store-audit/tail-cut", "DELETE FROM audit WHERE id > 4", "line 5 is missing" },
  { "/store-audit/all-cut", "DELETE FROM audit", "line 1 is missing" },
  { "/store-audit/tail-and-end-cut",
    "DELETE FROM audit WHERE id > 4; UPDATE audit_head SET last_id = 4,"
    " hash = (SELECT hash FROM audit WHERE id = 4)", "end does not fit line 4" },
  { "/store-audit/end-removed", "DELETE FROM audit_head", "end does not fit line 6" },
};

/* Found out at once, and still found out after Okap has written on. */
static void
test_edited (Fixture *fixture, gconstpointer data)
{
  const Edit *edit = data;
  g_autoptr (GError) error = NULL;
  gint64 lines;

  fixture_open (fixture);
  write_lines (fixture, N_LINES);
  fixture_close (fixture);
  fixture_edit (fixture, edit->edit);

  fixture_open (fixture);
  g_assert_false (store_verify (fixture->store, &lines, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE);
  if (strstr (error->message, edit->says) == NULL)
    g_error ("expected \"%s\" in \"%s\"", edit->says, error->message);
  g_clear_error (&error);

  write_lines (fixture, 2);
  g_assert_false (store_verify (fixture->store, &lines, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE);
  g_assert_cmpint (lines, <, N_LINES + 1);
}

/* A cut is said in the trail itself, once, with the next line. */
static void
test_cut_is_noted (Fixture *fixture, gconstpointer data)
{
  static const char *const events[] = { "test.line", "test.line", "audit.damaged", "test.line" };
  static const gint64 ids[] = { 9, 8, 7, 4 };
  g_autoptr (GPtrArray) list = NULL;

  fixture_open (fixture);
  write_lines (fixture, 5);
  fixture_close (fixture);
  fixture_edit (fixture, "DELETE FROM audit WHERE id > 4");
  fixture_open (fixture);
  write_lines (fixture, 2);
  list = store_list_audit (fixture->store, 0, 4);
  g_assert_cmpuint (list->len, ==, G_N_ELEMENTS (ids));
  for (guint i = 0; i < list->len; i++)
    {
      g_assert_cmpstr (((OkapAuditEntry *) list->pdata[i])->event, ==, events[i]);
      g_assert_cmpint (((OkapAuditEntry *) list->pdata[i])->id, ==, ids[i]);
    }
}

/* The trail of another vault is kept, but not written on. */
static void
test_other_key (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapSecret) other = okap_secret_new_random (32);
  g_autoptr (GPtrArray) list = NULL;

  fixture_open (fixture);
  write_lines (fixture, 2);
  okap_store_set_audit_key (fixture->store, other);
  assert_sound (fixture, 0);
  write_lines (fixture, 1);
  assert_sound (fixture, 1);
  fixture_close (fixture);

  fixture_open (fixture);  /* with the first key again */
  list = store_list_audit (fixture->store, 0, 10);
  g_assert_cmpuint (list->len, ==, 0);
}

static void
test_locked (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapGrantRow) row = new_grant_row ("g_1", 1, "{}");
  g_autoptr (GPtrArray) before = NULL;
  g_autoptr (GPtrArray) after = NULL;
  g_autoptr (GPtrArray) grants = NULL;
  g_autoptr (GError) error = NULL;
  gint64 lines;

  fixture_open (fixture);
  write_lines (fixture, 1);
  okap_store_set_audit_key (fixture->store, NULL);
  write_lines (fixture, 2);
  before = store_list_audit (fixture->store, 0, 10);
  g_assert_cmpuint (before->len, ==, 1);

  g_assert_false (store_commit (fixture->store, row, "grant.created", "", &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED);
  g_clear_error (&error);
  grants = store_load_grants (fixture->store, &error);
  g_assert_cmpuint (grants->len, ==, 0);
  g_assert_false (store_verify (fixture->store, &lines, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED);

  okap_store_set_audit_key (fixture->store, fixture->key);
  after = store_list_audit (fixture->store, 0, 10);
  g_assert_cmpuint (after->len, ==, 3);
  g_assert_cmpstr (((OkapAuditEntry *) after->pdata[0])->detail, ==, "line 2");
  assert_sound (fixture, 3);
}

static void
test_too_many_while_locked (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) list = NULL;
  OkapAuditEntry *newest;

  fixture_open (fixture);
  okap_store_set_audit_key (fixture->store, NULL);
  write_lines (fixture, OKAP_CAP_AUDIT_WAITING + 5);
  okap_store_set_audit_key (fixture->store, fixture->key);
  list = store_list_audit (fixture->store, 0, 1000);
  g_assert_cmpuint (list->len, ==, OKAP_CAP_AUDIT_WAITING + 1);
  newest = list->pdata[0];
  g_assert_cmpstr (newest->event, ==, "audit.dropped");
  g_assert_true (g_str_has_prefix (newest->detail, "5 lines"));
  assert_sound (fixture, OKAP_CAP_AUDIT_WAITING + 1);
}

/* Lines that come before the database is open are written when it is. */
static void
test_before_open (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (GError) error = NULL;

  fixture->store = okap_store_new (fixture->path);
  write_lines (fixture, 2);
  g_assert_true (store_open (fixture->store, &error));
  okap_store_set_audit_key (fixture->store, fixture->key);
  list = store_list_audit (fixture->store, 0, 10);
  g_assert_cmpuint (list->len, ==, 2);
  assert_sound (fixture, 2);
}

#define ADD(path, func) \
  g_test_add (path, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/store-audit/sound", test_sound);
  ADD ("/store-audit/list", test_list);
  for (guint i = 0; i < G_N_ELEMENTS (edits); i++)
    g_test_add (edits[i].path, Fixture, &edits[i], fixture_set_up, test_edited, fixture_tear_down);
  ADD ("/store-audit/cut-is-noted", test_cut_is_noted);
  ADD ("/store-audit/other-key", test_other_key);
  ADD ("/store-audit/locked", test_locked);
  ADD ("/store-audit/too-many-while-locked", test_too_many_while_locked);
  ADD ("/store-audit/before-open", test_before_open);
  return g_test_run ();
}
