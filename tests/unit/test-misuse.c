/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tokens that another program tries: what is counted, kept and told, with a clock set by hand. */
#include "gate-fixture.h"

#include "okap-caps.h"
#include "okap-misuse-watch.h"

#include <glib/gstdio.h>
#include <string.h>

#define THREADS 4
#define TRIES 500

typedef struct
{
  GateFixture gate;
  char *folder;
  OkapStore *store;
  OkapMisuseWatch *watch;
  guint told;
  OkapMisuse *last;       /* (owned) (nullable) that was told of last */
} Fixture;

static void
misuse_cb (OkapMisuseWatch *watch, OkapMisuse *misuse, gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->told++;
  g_set_object (&fixture->last, misuse);
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(gboolean *) user_data = okap_store_open_finish (OKAP_STORE (source), result, NULL);
}

static OkapIdentity *
make_identity (const char *program, const char *digest)
{
  OkapIdentity *identity = okap_identity_new (OKAP_IDENTITY_USER_PROGRAM);

  identity->program = g_strdup (program);
  identity->digest = g_strdup (digest);
  return okap_identity_seal (identity);
}

/* The fixture's grant, given to @program. @program: (nullable): NULL: to an unknown one. */
static void
bind_to (Fixture *fixture, const char *program, gboolean portable)
{
  OkapGrant *next = okap_grant_copy_next (fixture->gate.grant);

  okap_identity_unref (next->identity);
  next->identity = program != NULL ? make_identity (program, "1")
                                   : okap_identity_new_unknown (OKAP_DOUBT_GONE);
  next->portable = portable;
  okap_gate_put_grant (fixture->gate.gate, next, fixture->gate.hash);
  okap_grant_unref (fixture->gate.grant);
  fixture->gate.grant = next;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *database = NULL;
  gboolean opened = FALSE;

  fixture->folder = g_dir_make_tmp ("okap-misuse-XXXXXX", NULL);
  database = g_build_filename (fixture->folder, "okap.db", NULL);
  fixture->store = okap_store_new (database);
  okap_store_open_async (fixture->store, opened_cb, &opened);
  while (!opened)
    g_main_context_iteration (NULL, TRUE);
  gate_fixture_init (&fixture->gate);
  fixture->watch = okap_misuse_watch_new (fixture->gate.gate, fixture->store,
                                          fixture->gate.clock);
  g_signal_connect (fixture->watch, "misuse", G_CALLBACK (misuse_cb), fixture);
  bind_to (fixture, "/home/u/a", FALSE);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GDir) dir = g_dir_open (fixture->folder, 0, NULL);
  const char *name;

  g_clear_object (&fixture->last);
  g_object_unref (fixture->watch);
  gate_fixture_clear (&fixture->gate);
  okap_store_close (fixture->store);
  g_object_unref (fixture->store);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (fixture->folder, name, NULL);

      g_unlink (path);
    }
  g_rmdir (fixture->folder);
  g_free (fixture->folder);
}

static void
settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

/* Whether the gate lets @program use the token. */
static gboolean
try_token (Fixture *fixture, OkapSecret *token, const char *program, const char *digest)
{
  g_autoptr (OkapIdentity) identity = make_identity (program, digest);
  g_autoptr (OkapCaller) caller = okap_caller_new (OKAP_DOOR_TCP, 1000, 42, identity);
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapAccess) access = okap_gate_identify (fixture->gate.gate,
                                                      okap_secret_get_text (token),
                                                      okap_secret_get_length (token), "demo",
                                                      caller, &error);

  if (access == NULL)
    g_assert_error (error, OKAP_ERROR, OKAP_ERROR_WRONG_PROGRAM);
  return access != NULL;
}

static gboolean
try (Fixture *fixture, const char *program, const char *digest)
{
  return try_token (fixture, fixture->gate.token, program, digest);
}

static guint
count_rows (Fixture *fixture)
{
  return g_list_model_get_n_items (okap_misuse_watch_get_list (fixture->watch));
}

static void
test_told (Fixture *fixture, gconstpointer data)
{
  gint64 first_us = okap_clock_get_now (fixture->gate.clock);
  g_autofree char *words = NULL;

  g_assert_true (try (fixture, "/home/u/a", "1"));
  settle ();
  g_assert_cmpuint (count_rows (fixture), ==, 0);

  g_assert_false (try (fixture, "/home/u/b", "2"));
  settle ();
  g_assert_cmpuint (fixture->told, ==, 1);
  g_assert_cmpuint (count_rows (fixture), ==, 1);
  words = okap_misuse_dup_words (fixture->last);
  g_assert_cmpstr (words, ==, "Token of “Test” used by another program and refused: Program in "
                              "your files: /home/u/b (tried 1 times)");
  g_assert_false (okap_misuse_is_changed (fixture->last));
  g_assert_true (okap_misuse_is_allowable (fixture->last));

  okap_clock_advance (fixture->gate.clock, OKAP_MINUTE_US);
  g_assert_false (try (fixture, "/home/u/b", "2"));
  settle ();
  g_assert_cmpuint (fixture->told, ==, 1);
  g_assert_cmpuint (okap_misuse_get_count (fixture->last), ==, 2);
  g_assert_cmpint (okap_misuse_get_first (fixture->last), ==, first_us);
  g_assert_cmpint (okap_misuse_get_last (fixture->last), ==, first_us + OKAP_MINUTE_US);

  okap_clock_advance (fixture->gate.clock, OKAP_CAP_MISUSE_AGAIN_S * G_USEC_PER_SEC);
  g_assert_false (try (fixture, "/home/u/b", "2"));
  settle ();
  g_assert_cmpuint (fixture->told, ==, 2);
  g_assert_cmpuint (count_rows (fixture), ==, 1);
}

/* Whom a grant is given to, who comes, and what becomes of that. */
static void
test_who (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *given_to;
    gboolean portable;
    const char *program;
    const char *digest;
    gboolean admitted;
    gboolean changed;
  } cases[] = {
    { "/home/u/a", FALSE, "/home/u/a", "1", TRUE, FALSE },
    { "/home/u/a", FALSE, "/home/u/a", "2", FALSE, TRUE },
    { "/home/u/a", FALSE, "/home/u/c", "1", FALSE, FALSE },
    { "/home/u/a", TRUE, "/home/u/c", "1", TRUE, FALSE },
    { NULL, FALSE, "/home/u/c", "1", TRUE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      fixture->told = 0;
      okap_misuse_watch_forget (fixture->watch, "g_test", NULL);
      bind_to (fixture, cases[i].given_to, cases[i].portable);
      g_assert_cmpint (try (fixture, cases[i].program, cases[i].digest), ==, cases[i].admitted);
      settle ();
      g_assert_cmpuint (fixture->told, ==, cases[i].admitted ? 0 : 1);
      if (!cases[i].admitted)
        g_assert_cmpint (okap_misuse_is_changed (fixture->last), ==, cases[i].changed);
    }
}

static gpointer
try_often (gpointer data)
{
  for (guint i = 0; i < TRIES; i++)
    g_assert_false (try (data, "/home/u/b", "2"));
  return NULL;
}

/* A loop on several connections: each try counts, one is told. */
static void
test_flood (Fixture *fixture, gconstpointer data)
{
  GThread *threads[THREADS];

  for (guint i = 0; i < THREADS; i++)
    threads[i] = g_thread_new ("try", try_often, fixture);
  for (guint i = 0; i < THREADS; i++)
    g_thread_join (threads[i]);
  settle ();
  g_assert_cmpuint (fixture->told, ==, 1);
  g_assert_cmpuint (count_rows (fixture), ==, 1);
  g_assert_cmpuint (okap_misuse_get_count (fixture->last), ==, THREADS * TRIES);
}

/* Whoever has a token can come as many programs: neither rows nor words grow with them, and those
 * of another grant stay. */
static void
test_many_programs (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapSecret) token = okap_token_mint ();
  g_autoptr (OkapGrant) other = okap_grant_copy_next (fixture->gate.grant);
  guint8 hash[OKAP_TOKEN_HASH_BYTES];
  guint of_other = 0;

  g_free (other->id);
  other->id = g_strdup ("g_other");
  okap_token_hash (okap_secret_get_text (token), fixture->gate.key, hash);
  okap_gate_put_grant (fixture->gate.gate, other, hash);
  g_assert_false (try_token (fixture, token, "/home/u/x", "1"));
  settle ();
  g_assert_cmpuint (fixture->told, ==, 1);

  for (guint i = 0; i < 300; i++)
    {
      g_autofree char *program = g_strdup_printf ("/home/u/b%u", i);

      okap_clock_advance (fixture->gate.clock, OKAP_SECOND_US);
      g_assert_false (try (fixture, program, "2"));
      if (i % 7 == 0)
        settle ();
    }
  settle ();
  g_assert_cmpuint (count_rows (fixture), ==, OKAP_CAP_MISUSES_OF_GRANT + 1);
  g_assert_cmpuint (fixture->told, ==, 1 + OKAP_CAP_MISUSE_TOLD);
  for (guint i = 0; i < count_rows (fixture); i++)
    {
      g_autoptr (OkapMisuse) row = g_list_model_get_item (
        okap_misuse_watch_get_list (fixture->watch), i);

      of_other += okap_misuse_is_of (row, "g_other", NULL);
    }
  g_assert_cmpuint (of_other, ==, 1);

  /* What happens to the other grant is told all the same; and an hour later of this one, too. */
  g_assert_false (try_token (fixture, token, "/home/u/y", "1"));
  settle ();
  g_assert_cmpuint (fixture->told, ==, 2 + OKAP_CAP_MISUSE_TOLD);
  okap_clock_advance (fixture->gate.clock, 60 * OKAP_MINUTE_US);
  g_assert_false (try (fixture, "/home/u/late", "2"));
  settle ();
  g_assert_cmpuint (fixture->told, ==, 3 + OKAP_CAP_MISUSE_TOLD);
}

/* Many grants: as many rows as there is room for, the latest ones. */
static void
test_many_grants (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < OKAP_CAP_MISUSES + 6; i++)
    {
      g_autoptr (OkapSecret) token = okap_token_mint ();
      g_autoptr (OkapGrant) grant = okap_grant_copy_next (fixture->gate.grant);
      guint8 hash[OKAP_TOKEN_HASH_BYTES];

      g_free (grant->id);
      grant->id = g_strdup_printf ("g_%u", i);
      okap_token_hash (okap_secret_get_text (token), fixture->gate.key, hash);
      okap_gate_put_grant (fixture->gate.gate, grant, hash);
      g_assert_false (try_token (fixture, token, "/home/u/b", "2"));
      settle ();
    }
  g_assert_cmpuint (count_rows (fixture), ==, OKAP_CAP_MISUSES);
  g_assert_cmpuint (fixture->told, ==, OKAP_CAP_MISUSES + 6);
  g_assert_true (okap_misuse_is_of (fixture->last, "g_69", NULL));
}

static void
test_forgotten (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapIdentity) b = make_identity ("/home/u/b", "2");

  g_assert_false (try (fixture, "/home/u/b", "2"));
  g_assert_false (try (fixture, "/home/u/c", "3"));
  settle ();
  g_assert_cmpuint (count_rows (fixture), ==, 2);
  okap_misuse_watch_forget (fixture->watch, "g_none", NULL);
  g_assert_cmpuint (count_rows (fixture), ==, 2);
  okap_misuse_watch_forget (fixture->watch, "g_test", b);
  g_assert_cmpuint (count_rows (fixture), ==, 1);
  okap_misuse_watch_forget (fixture->watch, "g_test", NULL);
  g_assert_cmpuint (count_rows (fixture), ==, 0);
}

int
main (int argc, char *argv[])
{
  static const struct
  {
    const char *path;
    void (*test) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "/misuse/told", test_told },
    { "/misuse/who", test_who },
    { "/misuse/flood", test_flood },
    { "/misuse/many-programs", test_many_programs },
    { "/misuse/many-grants", test_many_grants },
    { "/misuse/forgotten", test_forgotten },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}
