/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "okap-journal-private.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "okap-error.h"

typedef struct
{
  char *folder;
  char *path;
  OkapJournal *journal;
} Fixture;

static void
open_journal (Fixture *fixture)
{
  GError *error = NULL;

  fixture->journal = okap_journal_open (fixture->path, &error);
  g_assert_no_error (error);
}

static void
reopen (Fixture *fixture)
{
  okap_journal_close (fixture->journal);
  open_journal (fixture);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("okap-journal-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "leases", NULL);
  open_journal (fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autofree char *aside = g_strconcat (fixture->path, ".damaged", NULL);

  g_clear_pointer (&fixture->journal, okap_journal_close);
  (void) g_unlink (fixture->path);
  (void) g_unlink (aside);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->folder);
  g_free (fixture->path);
}

static guint
reserve (Fixture *fixture, const char *request_id, gint64 nusd)
{
  const OkapJournalLease lease = {
    .request_id = request_id, .grant_id = "g_one", .app = "Böhm & Söhne", .provider = "openai",
    .endpoint = "/chat/completions", .model = "gpt-4o", .started_us = 1234567,
    .reserved_nusd = nusd, .is_priced = TRUE, .is_limited = TRUE,
  };
  guint slot = okap_journal_take (fixture->journal);

  g_assert_cmpuint (slot, >, 0);
  okap_journal_reserve (fixture->journal, slot, &lease);
  return slot;
}

/* The only row that is left. */
static OkapUsage *
take_left (Fixture *fixture)
{
  g_autoptr (GPtrArray) left = okap_journal_list_left (fixture->journal);

  g_assert_cmpuint (left->len, ==, 1);
  return okap_usage_ref (left->pdata[0]);
}

static guint
count_left (Fixture *fixture)
{
  g_autoptr (GPtrArray) left = okap_journal_list_left (fixture->journal);

  return left->len;
}

static void
test_reserved (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapUsage) usage = NULL;
  guint slot = reserve (fixture, "r_1", 500);

  g_assert_cmpuint (count_left (fixture), ==, 0);  /* it is of this process */
  reopen (fixture);
  usage = take_left (fixture);
  g_assert_cmpstr (usage->request_id, ==, "r_1");
  g_assert_cmpstr (usage->grant_id, ==, "g_one");
  g_assert_cmpstr (usage->app, ==, "Böhm & Söhne");
  g_assert_cmpstr (usage->provider, ==, "openai");
  g_assert_cmpstr (usage->endpoint, ==, "/chat/completions");
  g_assert_cmpstr (usage->model_asked, ==, "gpt-4o");
  g_assert_cmpstr (usage->model_served, ==, "");
  g_assert_cmpstr (usage->error, ==, "interrupted");
  g_assert_cmpint (usage->started_us, ==, 1234567);
  g_assert_cmpint (usage->cost_nusd, ==, 500);
  g_assert_cmpint (usage->cost_status, ==, OKAP_COST_ESTIMATED);
  g_assert_cmpuint (usage->journal_slot, ==, slot);

  okap_journal_put_back (fixture->journal, slot);
  okap_journal_put_back (fixture->journal, slot);
  g_assert_cmpuint (count_left (fixture), ==, 0);
  g_assert_cmpuint (okap_journal_get_free (fixture->journal), ==, OKAP_JOURNAL_SLOTS);
  reopen (fixture);
  g_assert_cmpuint (count_left (fixture), ==, 0);
}

static void
test_noted (Fixture *fixture, gconstpointer data)
{
  static const gint64 cases[][2] = { { 0, 0 }, { 70, 70 }, { 500, 500 }, { 501, 500 }, { -9, 0 },
                                     { G_MAXINT64, 500 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint slot = reserve (fixture, "r_1", 500);
      g_autoptr (OkapUsage) usage = NULL;

      okap_journal_note (fixture->journal, slot, cases[i][0]);
      reopen (fixture);
      usage = take_left (fixture);
      g_assert_cmpint (usage->cost_nusd, ==, cases[i][1]);
      okap_journal_put_back (fixture->journal, slot);
    }
}

static void
test_unpriced (Fixture *fixture, gconstpointer data)
{
  const OkapJournalLease lease = { .request_id = "r_1", .grant_id = "g_one", .provider = "local" };
  g_autoptr (OkapUsage) usage = NULL;

  okap_journal_reserve (fixture->journal, okap_journal_take (fixture->journal), &lease);
  reopen (fixture);
  usage = take_left (fixture);
  g_assert_cmpint (usage->cost_status, ==, OKAP_COST_UNKNOWN);
  g_assert_cmpint (usage->cost_nusd, ==, 0);
  g_assert_cmpstr (usage->model_asked, ==, "");
}

static OkapUsage *
make_usage (void)
{
  OkapUsage *usage = okap_usage_new ();

  usage->cost_nusd = 321;
  usage->over_nusd = 4;
  usage->cost_status = OKAP_COST_REPORTED;
  usage->http_status = 200;
  usage->duration_us = 5;
  usage->bytes_out = 6;
  usage->streamed = TRUE;
  usage->key_version = 3;
  usage->units.count[OKAP_UNIT_INPUT] = 11;
  usage->units.count[OKAP_UNIT_PAGES] = G_MAXINT64;
  return usage;
}

static void
test_settled (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapUsage) settled = make_usage ();
  g_autoptr (OkapUsage) usage = NULL;

  okap_journal_settle (fixture->journal, reserve (fixture, "r_1", 500), settled);
  reopen (fixture);
  usage = take_left (fixture);
  g_assert_cmpstr (usage->request_id, ==, "r_1");
  g_assert_cmpstr (usage->model_asked, ==, "gpt-4o");
  g_assert_cmpint (usage->started_us, ==, 1234567);
  g_assert_cmpint (usage->cost_nusd, ==, 321);
  g_assert_cmpint (usage->over_nusd, ==, 4);
  g_assert_cmpint (usage->cost_status, ==, OKAP_COST_REPORTED);
  g_assert_cmpuint (usage->http_status, ==, 200);
  g_assert_cmpuint (usage->key_version, ==, 3);
  g_assert_true (usage->streamed);
  g_assert_null (usage->error);
  g_assert_cmpint (usage->units.count[OKAP_UNIT_INPUT], ==, 11);
  g_assert_cmpint (usage->units.count[OKAP_UNIT_PAGES], ==, G_MAXUINT32);
}

/* Long texts are cut at the end, between characters or replaced, and the slot stays whole. */
static void
test_long_texts (Fixture *fixture, gconstpointer data)
{
  g_autofree char *model = g_strnfill (128, 'm');
  g_autoptr (GString) app = g_string_new (NULL);
  OkapJournalLease lease = { .request_id = "r_1", .grant_id = "g_one", .provider = "openai",
                             .endpoint = "/chat/completions", .model = model, .is_priced = TRUE };
  g_autoptr (OkapUsage) usage = NULL;

  for (guint i = 0; i < 64; i++)
    g_string_append (app, "ö");
  lease.app = app->str;
  okap_journal_reserve (fixture->journal, okap_journal_take (fixture->journal), &lease);
  reopen (fixture);
  usage = take_left (fixture);
  g_assert_cmpstr (usage->model_asked, ==, model);
  g_assert_true (g_str_has_prefix (usage->app, "öööö"));
  g_assert_true (g_utf8_validate (usage->app, -1, NULL));
}

/* Writes over one byte of the first slot. */
static void
spoil (Fixture *fixture, gsize offset)
{
  guint8 *bytes = (guint8 *) &fixture->journal->slots[0];

  bytes[offset] ^= 0x40;
}

static void
test_torn (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    gsize offset;
    gboolean kept;
    const char *error;
  } cases[] = {
    { G_STRUCT_OFFSET (OkapSlot, state), FALSE, NULL },
    { G_STRUCT_OFFSET (OkapSlot, lease_sum), FALSE, NULL },
    { G_STRUCT_OFFSET (OkapSlot, lease.started_us), FALSE, NULL },
    { G_STRUCT_OFFSET (OkapSlot, lease.text_bytes), FALSE, NULL },
    { G_STRUCT_OFFSET (OkapSlot, lease.text_bytes) + 1, FALSE, NULL },
    { G_STRUCT_OFFSET (OkapSlot, lease.text) + 2, FALSE, NULL },
    { G_STRUCT_OFFSET (OkapSlot, end.cost_nusd), TRUE, "interrupted" },
    { G_STRUCT_OFFSET (OkapSlot, end_sum), TRUE, "interrupted" },
    { G_STRUCT_OFFSET (OkapSlot, unused), TRUE, NULL },
  };
  g_autoptr (OkapUsage) settled = make_usage ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint slot = reserve (fixture, "r_1", 500);

      g_test_message ("byte %" G_GSIZE_FORMAT, cases[i].offset);
      g_assert_cmpuint (slot, ==, 1);
      okap_journal_settle (fixture->journal, slot, settled);
      spoil (fixture, cases[i].offset);
      reopen (fixture);
      if (cases[i].kept)
        {
          g_autoptr (OkapUsage) usage = take_left (fixture);

          g_assert_cmpstr (usage->error, ==, cases[i].error);
          g_assert_cmpint (usage->cost_nusd, ==, cases[i].error != NULL ? 500 : 321);
          okap_journal_put_back (fixture->journal, slot);
        }
      g_assert_cmpuint (count_left (fixture), ==, 0);
      g_assert_cmpuint (okap_journal_get_free (fixture->journal), ==, OKAP_JOURNAL_SLOTS);
    }
}

static void
test_full (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < OKAP_JOURNAL_SLOTS; i++)
    (void) reserve (fixture, "r_1", 1);
  g_assert_cmpuint (okap_journal_take (fixture->journal), ==, 0);
  reopen (fixture);
  g_assert_cmpuint (count_left (fixture), ==, OKAP_JOURNAL_SLOTS);
  g_assert_cmpuint (okap_journal_take (fixture->journal), ==, 0);
  okap_journal_put_back (fixture->journal, 4711);
  g_assert_cmpuint (okap_journal_take (fixture->journal), ==, 4711);
  for (guint i = 0; i < OKAP_JOURNAL_SLOTS; i++)
    okap_journal_put_back (fixture->journal, i + 1);
  g_assert_cmpuint (okap_journal_get_free (fixture->journal), ==, OKAP_JOURNAL_SLOTS);
  okap_journal_put_back (fixture->journal, 0);
  okap_journal_put_back (fixture->journal, OKAP_JOURNAL_SLOTS + 1);
  g_assert_cmpuint (okap_journal_get_free (fixture->journal), ==, OKAP_JOURNAL_SLOTS);
}

static void
assert_refused (Fixture *fixture, OkapError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (okap_journal_open (fixture->path, &error));
  g_assert_error (error, OKAP_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, fixture->path));
}

static void
test_one_process (Fixture *fixture, gconstpointer data)
{
  assert_refused (fixture, OKAP_ERROR_CONFLICT);
}

static void
test_mode (Fixture *fixture, gconstpointer data)
{
  struct stat st;

  g_assert_cmpint (chmod (fixture->path, 0644), ==, 0);
  reopen (fixture);
  g_assert_cmpint (stat (fixture->path, &st), ==, 0);
  g_assert_cmpuint (st.st_mode & 0777, ==, 0600);
}

static void
test_link (Fixture *fixture, gconstpointer data)
{
  g_autofree char *other = g_build_filename (fixture->folder, "other", NULL);

  g_clear_pointer (&fixture->journal, okap_journal_close);
  g_assert_cmpint (g_rename (fixture->path, other), ==, 0);
  g_assert_cmpint (symlink (other, fixture->path), ==, 0);
  assert_refused (fixture, OKAP_ERROR_STORAGE);
  g_assert_cmpint (g_unlink (fixture->path), ==, 0);
  g_assert_cmpint (link (other, fixture->path), ==, 0);
  assert_refused (fixture, OKAP_ERROR_STORAGE);
  g_assert_cmpint (g_unlink (other), ==, 0);
  open_journal (fixture);
}

static void
test_foreign (Fixture *fixture, gconstpointer data)
{
  static const char *const contents[] = { "x", "OKAPLEAS but not quite so, and far too short" };
  g_autofree char *aside = g_strconcat (fixture->path, ".damaged", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (contents); i++)
    {
      g_autofree char *kept = NULL;

      g_clear_pointer (&fixture->journal, okap_journal_close);
      g_assert_true (g_file_set_contents (fixture->path, contents[i], -1, NULL));
      if (i == 1)  /* read as a version it would be one from far in the future */
        {
          assert_refused (fixture, OKAP_ERROR_STORAGE);
          g_assert_cmpint (g_unlink (fixture->path), ==, 0);
          open_journal (fixture);
          break;
        }
      open_journal (fixture);
      g_assert_true (g_file_get_contents (aside, &kept, NULL, NULL));
      g_assert_cmpstr (kept, ==, contents[i]);
      (void) reserve (fixture, "r_1", 1);
    }
}

/* What was left by a process that ended while it made the file. */
static void
test_half_made (Fixture *fixture, gconstpointer data)
{
  memset (fixture->journal->map, 0, OKAP_JOURNAL_HEAD_BYTES);
  reopen (fixture);
  g_assert_cmpuint (okap_journal_get_free (fixture->journal), ==, OKAP_JOURNAL_SLOTS);
  (void) reserve (fixture, "r_1", 1);
  ((char *) fixture->journal->map)[20] ^= 1;
  reopen (fixture);
  g_assert_cmpuint (count_left (fixture), ==, 0);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/journal/reserved", test_reserved);
  ADD ("/journal/noted", test_noted);
  ADD ("/journal/unpriced", test_unpriced);
  ADD ("/journal/settled", test_settled);
  ADD ("/journal/long-texts", test_long_texts);
  ADD ("/journal/torn", test_torn);
  ADD ("/journal/full", test_full);
  ADD ("/journal/one-process", test_one_process);
  ADD ("/journal/mode", test_mode);
  ADD ("/journal/link", test_link);
  ADD ("/journal/foreign", test_foreign);
  ADD ("/journal/half-made", test_half_made);
  return g_test_run ();
}
