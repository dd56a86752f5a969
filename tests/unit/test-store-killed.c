/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Killed while it writes usage: every row that was told to be kept is there, none is there twice
 * after the journal has handed back what was under way, and the sums are those of the rows. */
#include "config.h"

#include "test-store-plain.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_ROUNDS (g_test_slow () ? 40 : 8)
#define N_UNDER_WAY 50
#define NOW_US (G_GINT64_CONSTANT (1761440400) * OKAP_SECOND_US)

static char *own_path;  /* of this program, to run it as a child */

static OkapUsage *
numbered_usage (guint number)
{
  OkapUsage *usage = random_usage (NOW_US, 2);

  g_free (usage->request_id);
  usage->request_id = g_strdup_printf ("r_%08u", number);
  return usage;
}

static int n_told_by_child;  /* atomic; in the child */

/* In the child, on the store thread. The pipe holds less than a round tells, so this may wait for
 * the parent, as no real function of this kind may. */
static void
tell_cb (GPtrArray *rows, gpointer data)
{
  for (guint i = 0; i < rows->len; i++)
    {
      g_autofree char *line = g_strconcat (((OkapUsage *) rows->pdata[i])->request_id, "\n", NULL);

      g_assert_cmpint (write (STDOUT_FILENO, line, strlen (line)), ==, strlen (line));
      g_atomic_int_inc (&n_told_by_child);
    }
}

static G_NORETURN void
child_main (const char *path, const char *first)
{
  g_autoptr (OkapStore) store = okap_store_new (path);
  guint number = (guint) g_ascii_strtoull (first, NULL, 10);
  g_autoptr (GError) error = NULL;

  okap_store_set_durable_func (store, tell_cb, NULL);
  store_open (store, &error);
  g_assert_no_error (error);
  for (int n_added = 0;; n_added++)
    {
      g_autoptr (OkapUsage) usage = numbered_usage (number++);

      okap_store_add_usage (store, usage);
      while (n_added - g_atomic_int_get (&n_told_by_child) > N_UNDER_WAY)
        g_thread_yield ();
    }
}

/* Lets a child write from number @first on, kills it after @n_lines, and returns all that it told:
 * they are numbered without a gap. */
static guint
run_and_kill (Fixture *fixture, guint first, guint n_lines)
{
  g_autofree char *number = g_strdup_printf ("%u", first);
  const char *const argv[] = { own_path, "--write", fixture->path, number, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GIOChannel) channel = NULL;
  guint n_told = 0;
  int out_fd, status;
  GPid child;

  g_spawn_async_with_pipes (NULL, (char **) argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
                            &child, NULL, &out_fd, NULL, &error);
  g_assert_no_error (error);
  channel = g_io_channel_unix_new (out_fd);
  g_io_channel_set_close_on_unref (channel, TRUE);
  for (;;)
    {
      g_autofree char *expected = g_strdup_printf ("r_%08u\n", first + n_told);
      g_autofree char *line = NULL;

      if (g_io_channel_read_line (channel, &line, NULL, NULL, &error) != G_IO_STATUS_NORMAL)
        break;
      if (!g_str_has_suffix (line, "\n"))
        break;  /* killed within a line */
      if (g_str_has_prefix (line, "#"))
        continue;  /* said by the test framework */
      g_assert_cmpstr (line, ==, expected);
      if (++n_told == n_lines)
        g_assert_cmpint (kill (child, SIGKILL), ==, 0);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFSIGNALED (status));
  return n_told;
}

static void
recover (OkapStore *store, GPtrArray *rows)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  Waiting *waiting = waiting_begin ();

  okap_store_recover_usage_async (store, rows, waiting_cb, waiting);
  result = waiting_end (waiting);
  g_assert_cmpuint (okap_store_recover_usage_finish (store, result, &error), <=, rows->len);
  g_assert_no_error (error);
}

/* All rows, newest first. */
static GPtrArray *
list_all (OkapStore *store)
{
  GPtrArray *all = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_usage_unref);
  gint64 before = 0;

  for (;;)
    {
      g_autoptr (GPtrArray) page = store_list_usage (store, before, 10000);

      for (guint i = 0; i < page->len; i++)
        g_ptr_array_add (all, okap_usage_ref (page->pdata[i]));
      if (page->len < 10000)
        return all;
      before = ((OkapUsage *) page->pdata[page->len - 1])->id;
    }
}

static void
test_killed (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  guint next = 1;

  for (int round = 0; round < N_ROUNDS; round++)
    {
      guint n_told = run_and_kill (fixture, next, (guint) g_test_rand_int_range (1, 1500));
      g_autoptr (GPtrArray) left
          = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_usage_unref);
      g_autoptr (GPtrArray) all = NULL;
      guint n_kept;

      fixture_open (fixture);
      all = list_all (fixture->store);
      g_assert_cmpuint (all->len, >=, next - 1 + n_told);

      /* What a journal still held: some of it was committed but not told. */
      n_kept = all->len;
      for (guint i = 0; i < N_UNDER_WAY; i++)
        g_ptr_array_add (left, numbered_usage (next + n_told + i));
      recover (fixture->store, left);
      recover (fixture->store, left);
      g_clear_pointer (&all, g_ptr_array_unref);
      all = list_all (fixture->store);
      g_assert_cmpuint (all->len, ==, MAX (n_kept, next - 1 + n_told + N_UNDER_WAY));
      for (guint i = 0; i < all->len; i++)
        {
          g_autofree char *expected = g_strdup_printf ("r_%08u", all->len - i);

          g_assert_cmpstr (((OkapUsage *) all->pdata[i])->request_id, ==, expected);
        }
      for (guint by = 0; by <= OKAP_USAGE_BY_SCOPE; by++)
        compare_with_plain_count (fixture->store, all, (OkapUsageGrouping) by, 0, utc);
      next = all->len + 1;
      fixture_close (fixture);
    }
}

int
main (int argc, char *argv[])
{
  if (argc == 4 && strcmp (argv[1], "--write") == 0)
    {
      g_test_init (&argc, &argv, NULL);  /* for random numbers */
      child_main (argv[2], argv[3]);
    }
  g_test_init (&argc, &argv, NULL);
  own_path = argv[0];
  g_test_add ("/store-killed/usage", Fixture, NULL, fixture_set_up, test_killed,
              fixture_tear_down);
  return g_test_run ();
}
