/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which rows fit a filter, against a plain look at each row. */
#include "config.h"

#include "test-store-fixture.h"

static OkapIdSet *
match (OkapStore *store, const OkapUsageFilter *filter, gint64 after)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  Waiting *waiting = waiting_begin ();
  OkapIdSet *set;

  okap_store_match_usage_async (store, filter, after, NULL, waiting_cb, waiting);
  result = waiting_end (waiting);
  set = okap_store_match_usage_finish (store, result, &error);
  g_assert_no_error (error);
  return set;
}

static OkapIdSet *
match_audit (OkapStore *store, const OkapAuditFilter *filter, gint64 after)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  Waiting *waiting = waiting_begin ();
  OkapIdSet *set;

  okap_store_match_audit_async (store, filter, after, NULL, waiting_cb, waiting);
  result = waiting_end (waiting);
  set = okap_store_match_audit_finish (store, result, &error);
  g_assert_no_error (error);
  return set;
}

static GPtrArray *
get_usage (OkapStore *store, const gint64 *ids, guint n_ids)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  Waiting *waiting = waiting_begin ();
  GPtrArray *rows;

  okap_store_get_usage_async (store, ids, n_ids, waiting_cb, waiting);
  result = waiting_end (waiting);
  rows = okap_store_get_usage_finish (store, result, &error);
  g_assert_no_error (error);
  return rows;
}

/* --- random rows --- */

#define N_ROWS 900

static const char *const apps[] = { "Notes", "Schöne Texte", "100%_sure", "Editor" };
static const char *const providers[] = { "openai", "anthropic" };
static const char *const models[] = { "gpt-4o-mini", "claude-haiku", "o3" };
static const char *const endpoints[] = { "v1/chat/completions", "v1/embeddings" };

static const char *
pick (const char *const *texts, guint n)
{
  return texts[g_test_rand_int_range (0, (gint32) n)];
}

#define PICK(texts) pick (texts, G_N_ELEMENTS (texts))

static OkapUsage *
new_random (guint number)
{
  OkapUsage *usage = okap_usage_new ();

  usage->request_id = g_strdup_printf ("r_%06x", number * 7919);
  usage->app = g_strdup (PICK (apps));
  usage->grant_id = g_strdup_printf ("g_%c", *usage->app);
  usage->provider = g_strdup (PICK (providers));
  usage->endpoint = g_strdup (PICK (endpoints));
  usage->model_asked = g_strdup (PICK (models));
  usage->model_served = g_strconcat (usage->model_asked, g_test_rand_bit () ? "" : "-2025", NULL);
  usage->started_us = g_test_rand_int_range (1, 1000);
  usage->http_status = g_test_rand_int_range (0, 5) == 0 ? 500 : 200;
  usage->error = g_test_rand_int_range (0, 9) == 0 ? g_strdup ("interrupted") : NULL;
  usage->cost_status = (OkapCostStatus) g_test_rand_int_range (0, OKAP_N_COST_STATUSES);
  return usage;
}

static gboolean
stands_in (const char *text, const char *word)
{
  g_autofree char *folded = g_utf8_casefold (text != NULL ? text : "", -1);
  g_autofree char *folded_word = g_utf8_casefold (word, -1);

  return strstr (folded, folded_word) != NULL;
}

static gboolean
has_word (const OkapUsage *usage, const char *word)
{
  return stands_in (usage->app, word) || stands_in (usage->provider, word)
         || stands_in (usage->model_asked, word) || stands_in (usage->model_served, word)
         || stands_in (usage->endpoint, word) || stands_in (usage->request_id, word)
         || stands_in (usage->error, word);
}

static gboolean
fits (const OkapUsage *usage, const OkapUsageFilter *filter)
{
  gboolean failed = usage->http_status >= 400 || usage->error != NULL;
  g_auto (GStrv) words = filter->text != NULL ? g_strsplit_set (filter->text, " \t", -1) : NULL;

  for (guint i = 0; words != NULL && words[i] != NULL; i++)
    if (*words[i] != '\0' && !has_word (usage, words[i]))
      return FALSE;
  return (filter->app == NULL || strcmp (filter->app, usage->app) == 0)
         && (filter->grant_id == NULL || strcmp (filter->grant_id, usage->grant_id) == 0)
         && (filter->provider == NULL || strcmp (filter->provider, usage->provider) == 0)
         && (filter->model == NULL || strcmp (filter->model, usage->model_asked) == 0)
         && usage->started_us >= filter->since_us
         && (filter->until_us == 0 || usage->started_us < filter->until_us)
         && (filter->outcome == OKAP_OUTCOME_ANY
             || failed == (filter->outcome == OKAP_OUTCOME_FAILED))
         && (filter->priced != OKAP_PRICED_ESTIMATED || usage->cost_status == OKAP_COST_ESTIMATED)
         && (filter->priced != OKAP_PRICED_UNKNOWN || usage->cost_status == OKAP_COST_UNKNOWN);
}

static void
compare (OkapStore *store, GPtrArray *rows, const OkapUsageFilter *filter, gint64 after)
{
  g_autoptr (OkapIdSet) set = match (store, filter, after);
  g_autoptr (GPtrArray) newest = after == 0 ? store_find_usage (store, filter, 500, 20) : NULL;
  guint found = 0;

  g_assert_cmpint (okap_id_set_get_last (set), ==, rows->len);
  for (guint i = 0; i < rows->len; i++)
    if (rows->pdata[i] != NULL)
      {
        gint64 id = i + 1;

        g_assert_cmpint (okap_id_set_contains (set, id), ==,
                         id > after && fits (rows->pdata[i], filter));
      }
  for (gint64 id = 499; newest != NULL && id > 0 && found < 20; id--)
    if (okap_id_set_contains (set, id))
      {
        g_assert_cmpuint (found, <, newest->len);
        g_assert_cmpint (((OkapUsage *) newest->pdata[found++])->id, ==, id);
      }
  g_assert_true (newest == NULL || newest->len == found);
}

#define NAME(text) (char *) text

static const OkapUsageFilter filters[] = {
  { .app = NULL },
  { .app = NAME ("Notes") },
  { .app = NAME ("Schöne Texte"), .model = NAME ("o3") },
  { .grant_id = NAME ("g_E") },
  { .provider = NAME ("anthropic"), .outcome = OKAP_OUTCOME_FAILED },
  { .outcome = OKAP_OUTCOME_SUCCEEDED },
  { .outcome = OKAP_OUTCOME_FAILED, .since_us = 500 },
  { .priced = OKAP_PRICED_UNKNOWN },
  { .priced = OKAP_PRICED_ESTIMATED, .until_us = 300, .app = NAME ("Editor") },
  { .since_us = 200, .until_us = 201 },
  { .since_us = 300, .until_us = 200 },
  { .app = NAME ("nobody") },
  { .text = NAME ("") },
  { .text = NAME (" \t ") },
  { .text = NAME ("notes") },
  { .text = NAME ("SCHÖNE") },
  { .text = NAME ("%") },
  { .text = NAME ("_") },
  { .text = NAME ("100%_s") },
  { .text = NAME ("gpt embed") },
  { .text = NAME ("-2025 openai notes") },
  { .text = NAME ("r_00") },
  { .text = NAME ("interrupted"), .outcome = OKAP_OUTCOME_FAILED, .since_us = 100 },
  { .text = NAME ("haiku"), .priced = OKAP_PRICED_UNKNOWN, .provider = NAME ("openai") },
  { .text = NAME ("nothing like it") },
};

static void
test_filters (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new ();

  fixture_open (fixture);
  for (guint i = 0; i < N_ROWS; i++)
    {
      OkapUsage *usage = new_random (i);

      g_ptr_array_add (rows, usage);
      okap_store_add_usage (fixture->store, usage);
    }
  for (guint i = 0; i < G_N_ELEMENTS (filters); i++)
    for (gint64 after = 0; after <= N_ROWS; after += 300)
      compare (fixture->store, rows, &filters[i], after);

  fixture_close (fixture);  /* some go, so that the ids have holes */
  fixture_edit (fixture, "DELETE FROM usage WHERE id % 7 = 3 OR id < 20");
  fixture_open (fixture);
  for (guint i = 0; i < rows->len; i++)
    if ((i + 1) % 7 == 3 || i + 1 < 20)
      g_clear_pointer (&rows->pdata[i], okap_usage_unref);
  for (guint i = 0; i < G_N_ELEMENTS (filters); i++)
    compare (fixture->store, rows, &filters[i], 0);
  for (guint i = 0; i < rows->len; i++)
    g_clear_pointer (&rows->pdata[i], okap_usage_unref);
}

static void
test_nothing (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapIdSet) set = NULL;
  g_autoptr (OkapIdSet) later = NULL;
  g_autoptr (OkapIdSet) all = NULL;
  g_autoptr (OkapUsage) usage = new_usage ("g_1", "App", "m", 1);

  fixture_open (fixture);
  set = match (fixture->store, NULL, 0);
  g_assert_cmpuint (okap_id_set_count (set), ==, 0);
  g_assert_cmpint (okap_id_set_get_last (set), ==, 0);
  okap_store_add_usage (fixture->store, usage);
  later = match (fixture->store, NULL, okap_id_set_get_last (set));
  okap_id_set_append (set, later);
  g_assert_cmpint (okap_id_set_get_nth (set, 0), ==, 1);
  all = match (fixture->store, NULL, 0);
  g_assert_cmpuint (okap_id_set_count (all), ==, 1);
}

static void
test_get (Fixture *fixture, gconstpointer data)
{
  static const gint64 ids[] = { 3, 1, 99, -5, 2 };
  g_autoptr (GPtrArray) rows = NULL;
  const OkapBodyDigest digest = okap_body_digest_of ("body", 4);

  fixture_open (fixture);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (OkapUsage) usage = new_usage ("g_1", "App", "m", i);

      usage->digest_in = digest;
      if (i == 2)
        usage->digest_out = okap_body_digest_of ("other", 5);
      okap_store_add_usage (fixture->store, usage);
    }
  g_ptr_array_unref (store_list_usage (fixture->store, 0, 1));
  rows = get_usage (fixture->store, ids, G_N_ELEMENTS (ids));
  g_assert_cmpuint (rows->len, ==, G_N_ELEMENTS (ids));
  for (guint i = 0; i < rows->len; i++)
    {
      const OkapUsage *usage = rows->pdata[i];

      g_assert_cmpint (usage != NULL, ==, ids[i] >= 1 && ids[i] <= 3);
      if (usage == NULL)
        continue;
      g_assert_cmpint (usage->id, ==, ids[i]);
      g_assert_cmpmem (&usage->digest_in, sizeof digest, &digest, sizeof digest);
      g_assert_cmpint (okap_body_digest_is_set (&usage->digest_out), ==, ids[i] == 3);
    }
}

static void
cancelled_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError **error = user_data;

  g_assert_null (okap_store_match_usage_finish (OKAP_STORE (source), result, error));
}

static void
test_cancelled (Fixture *fixture, gconstpointer data)
{
  const OkapUsageFilter filter = { .text = NAME ("x") };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  fixture_open (fixture);
  okap_store_match_usage_async (fixture->store, &filter, 0, cancellable, cancelled_cb, &error);
  g_cancellable_cancel (cancellable);
  while (error == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_copies (void)
{
  OkapUsageFilter *copy = okap_store_filter_copy (&filters[6]);
  OkapUsageFilter *other = okap_store_filter_copy (&filters[14]);

  g_assert_true (okap_store_filter_equal (copy, &filters[6]));
  g_assert_false (okap_store_filter_equal (copy, other));
  okap_store_filter_clear (copy);
  okap_store_filter_clear (other);
  g_assert_true (okap_store_filter_equal (copy, other));
  okap_store_filter_free (copy);
  okap_store_filter_free (other);
}

/* --- audit --- */

static const struct
{
  OkapAuditFilter filter;
  gint64 after;
  const char *found;          /* numbers, newest first */
} audit_cases[] = {
  { { .event = NULL }, 0, "4 3 2 1" },
  { { .event = NULL }, 2, "4 3" },
  { { .event = NULL }, 9, "" },
  { { .event = NAME ("grant.") }, 0, "3 2 1" },
  { { .event = NAME ("grant.paused") }, 0, "2" },
  { { .grant_id = NAME ("g_2") }, 0, "3" },
  { { .text = NAME ("PAUSED notes") }, 0, "2" },
  { { .text = NAME ("50%") }, 0, "3" },
  { { .text = NAME ("g_1"), .event = NAME ("grant.created") }, 0, "1" },
  { { .since_us = 1001 }, 0, "" },
  { { .until_us = 1001, .text = NAME ("key") }, 0, "4" },
};

static void
test_audit (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapGrantRow) one = new_grant_row ("g_1", 1, "{}");
  g_autoptr (OkapGrantRow) one_later = new_grant_row ("g_1", 2, "{}");
  g_autoptr (OkapGrantRow) two = new_grant_row ("g_2", 1, "{}");
  g_autoptr (GError) error = NULL;

  fixture_open (fixture);
  store_commit (fixture->store, one, "grant.created", "Notes may use openai", &error);
  store_commit (fixture->store, one_later, "grant.paused", "Notes was paused", &error);
  store_commit (fixture->store, two, "grant.created", "Editor at 50% of it", &error);
  store_commit (fixture->store, NULL, "key.added", "A key for openai", &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (audit_cases); i++)
    {
      g_autoptr (OkapIdSet) set = match_audit (fixture->store, &audit_cases[i].filter,
                                               audit_cases[i].after);
      g_autoptr (GString) found = g_string_new (NULL);

      for (guint at = 0; at < okap_id_set_count (set); at++)
        g_string_append_printf (found, "%s%" G_GINT64_FORMAT, at > 0 ? " " : "",
                                okap_id_set_get_nth (set, at));
      g_assert_cmpstr (found->str, ==, audit_cases[i].found);
      g_assert_cmpint (okap_id_set_get_last (set), ==, MAX (4, audit_cases[i].after));
    }
}

static void
test_get_audit (Fixture *fixture, gconstpointer data)
{
  static const gint64 ids[] = { 2, 7, 1 };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (GError) error = NULL;
  Waiting *waiting;

  fixture_open (fixture);
  store_commit (fixture->store, NULL, "vault.locked", "first", &error);
  store_commit (fixture->store, NULL, "vault.locked", "second", &error);
  waiting = waiting_begin ();
  okap_store_get_audit_async (fixture->store, ids, G_N_ELEMENTS (ids), waiting_cb, waiting);
  result = waiting_end (waiting);
  entries = okap_store_get_audit_finish (fixture->store, result, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (((OkapAuditEntry *) entries->pdata[0])->detail, ==, "second");
  g_assert_null (entries->pdata[1]);
  g_assert_cmpstr (((OkapAuditEntry *) entries->pdata[2])->detail, ==, "first");
}

#define ADD(path, func) \
  g_test_add (path, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/store-match/filters", test_filters);
  ADD ("/store-match/nothing", test_nothing);
  ADD ("/store-match/get", test_get);
  ADD ("/store-match/cancelled", test_cancelled);
  g_test_add_func ("/store-match/copies", test_copies);
  ADD ("/store-match/audit", test_audit);
  ADD ("/store-match/get-audit", test_get_audit);
  return g_test_run ();
}
