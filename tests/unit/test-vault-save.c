/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Saves that go wrong, or are cut off at any moment: what lies on the disk opens, always. The
 * program starts itself again for what must not happen to a test runner: being killed, and being
 * without rights. */
#include "vault-fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "okap-sealed-save.h"

#define KILL_ROUNDS (g_test_slow () ? 500 : 50)
#define KEY "sk-0123456789abcdef"

static char *
file_contents (const char *path, gsize *out_length)
{
  g_autoptr (GError) error = NULL;
  char *contents;

  g_file_get_contents (path, &contents, out_length, &error);
  g_assert_no_error (error);
  return contents;
}

static char *
beside (Fixture *f, const char *suffix)
{
  return g_strconcat (f->path, suffix, NULL);
}

static void
create (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapSecret) code = vault_create (f->vault, PASSPHRASE, &error);

  g_assert_no_error (error);
}

/* Adds a key and expects it to fail with @code, the file unchanged and the vault as it was. */
static void
assert_add_fails (Fixture *f, OkapError code)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *new_path = beside (f, ".new");
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  gsize before_length, after_length;
  guint n_keys = vault_n_keys (f->vault);

  before = file_contents (f->path, &before_length);
  g_assert_null (vault_add (f->vault, "openai", NULL, NULL, KEY, &error));
  g_assert_error (error, OKAP_ERROR, (int) code);
  g_test_message ("%s", error->message);
  after = file_contents (f->path, &after_length);
  g_assert_cmpmem (before, before_length, after, after_length);
  g_assert_cmpint (vault_n_keys (f->vault), ==, n_keys);
  g_assert_cmpint (okap_vault_get_state (f->vault), ==, OKAP_VAULT_UNLOCKED);
  g_assert_false (g_file_test (new_path, G_FILE_TEST_IS_REGULAR));
}

static void
assert_add_works (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapKeyInfo) info = vault_add (f->vault, "openai", NULL, NULL, KEY, &error);

  g_assert_no_error (error);
  g_assert_nonnull (info);
}

static void
test_disk_full (Fixture *f, gconstpointer data)
{
  struct rlimit old, small;

  create (f);
  assert_add_works (f);
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &old), ==, 0);
  small = old;
  for (rlim_t size = 0; size < 4400; size += 1100)
    {
      small.rlim_cur = size;
      g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &small), ==, 0);
      assert_add_fails (f, OKAP_ERROR_STORAGE);
    }
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &old), ==, 0);
  assert_add_works (f);
}

static void
test_no_descriptors (Fixture *f, gconstpointer data)
{
  struct rlimit old, small;
  int next;

  create (f);
  next = open ("/dev/null", O_RDONLY | O_CLOEXEC);
  (void) close (next);
  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &old), ==, 0);
  small = old;
  for (rlim_t more = 0; more < 3; more++)
    {
      g_autoptr (GError) error = NULL;

      small.rlim_cur = (rlim_t) next + more;
      g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &small), ==, 0);
      g_assert_null (vault_add (f->vault, "openai", NULL, NULL, KEY, &error));
      g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &old), ==, 0);
      g_assert_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE);
      g_test_message ("%s", error->message);
    }
  assert_add_works (f);
}

static void
test_temporary_in_the_way (Fixture *f, gconstpointer data)
{
  g_autofree char *new_path = beside (f, ".new");

  create (f);
  g_assert_cmpint (g_mkdir (new_path, 0700), ==, 0);
  assert_add_fails (f, OKAP_ERROR_STORAGE);
  g_assert_cmpint (g_rmdir (new_path), ==, 0);

  /* What a killed save left is no obstacle, and a link there is not followed. */
  g_assert_true (g_file_set_contents (new_path, "left over", -1, NULL));
  assert_add_works (f);
  g_assert_cmpint (symlink ("/dev/null", new_path), ==, 0);
  assert_add_works (f);
}

static void
test_generation_in_the_way (Fixture *f, gconstpointer data)
{
  g_autofree char *third = beside (f, ".3");
  g_autofree char *inside = g_build_filename (third, "x", NULL);

  create (f);
  assert_add_works (f);
  assert_add_works (f);
  g_assert_cmpint (g_mkdir (third, 0700), ==, 0);
  g_assert_cmpint (g_mkdir (inside, 0700), ==, 0);
  assert_add_fails (f, OKAP_ERROR_STORAGE);
  g_assert_cmpint (g_rmdir (inside), ==, 0);
  g_assert_cmpint (g_rmdir (third), ==, 0);
  assert_add_works (f);
}

/* Starts this program again. @out_fd (nullable) reads what it says. */
static pid_t
start_self (const char *mode, const char *path, int *out_fd)
{
  const char *argv[] = { "/proc/self/exe", mode, path, NULL };
  g_autoptr (GError) error = NULL;
  GPid pid = 0;

  (void) g_spawn_async_with_pipes (NULL, (char **) argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL,
                                   NULL, &pid, NULL, out_fd, NULL, &error);
  g_assert_no_error (error);
  return pid;
}

static int
wait_for_self (pid_t pid)
{
  int status;

  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  return WIFEXITED (status) ? WEXITSTATUS (status) : -1;
}

static void
test_unwritable (Fixture *f, gconstpointer data)
{
  g_autoptr (GDir) dir = NULL;
  const char *name;

  create (f);
  if (geteuid () == 0)   /* rights do not bind root: the child gives its own away */
    {
      dir = g_dir_open (f->directory, 0, NULL);
      while ((name = g_dir_read_name (dir)) != NULL)
        {
          g_autofree char *path = g_build_filename (f->directory, name, NULL);

          g_assert_cmpint (chown (path, 65534, 65534), ==, 0);
        }
      g_assert_cmpint (chown (f->directory, 65534, 65534), ==, 0);
    }
  g_assert_cmpint (g_chmod (f->directory, 0500), ==, 0);
  g_assert_cmpint (wait_for_self (start_self ("--unwritable", f->path, NULL)), ==, 0);
  g_assert_cmpint (g_chmod (f->directory, 0700), ==, 0);
  okap_vault_lock (f->vault);
  g_assert_true (vault_unlock (f->vault, PASSPHRASE, NULL));
}

static void
test_generations (Fixture *f, gconstpointer data)
{
  g_autofree char *lock = beside (f, ".lock");
  g_autofree char *fourth = beside (f, ".4");
  struct stat st;
  guint64 generation;

  umask (0);
  create (f);
  umask (0600);
  for (guint i = 0; i < 6; i++)
    assert_add_works (f);
  umask (022);
  generation = okap_vault_get_generation (f->vault);
  g_assert_cmpint (generation, ==, 7);
  for (guint i = 0; i <= 3; i++)
    {
      g_autofree char *path = i > 0 ? g_strdup_printf ("%s.%u", f->path, i) : g_strdup (f->path);
      OkapVault *vault = okap_vault_new (path, f->clock);

      g_assert_cmpint (stat (path, &st), ==, 0);
      g_assert_cmpint (st.st_mode & 07777, ==, 0600);
      g_assert_cmpint (st.st_nlink, ==, 1);
      g_assert_true (vault_unlock (vault, PASSPHRASE, NULL));
      g_assert_cmpint (okap_vault_get_generation (vault), ==, generation - i);
      g_object_unref (vault);
    }
  g_assert_cmpint (stat (lock, &st), ==, 0);
  g_assert_cmpint (st.st_mode & 07777, ==, 0600);
  g_assert_false (g_file_test (fourth, G_FILE_TEST_EXISTS));
}

/* A save that was killed just before its rename has rotated already; the next one must not push
 * an earlier version out for it. */
static void
test_rotated_already (Fixture *f, gconstpointer data)
{
  g_autofree char *first = beside (f, ".1");
  g_autofree char *second = beside (f, ".2");
  g_autofree char *third = beside (f, ".3");
  OkapVault *kept;

  create (f);
  for (guint i = 0; i < 3; i++)
    assert_add_works (f);
  g_assert_cmpint (g_rename (second, third), ==, 0);
  g_assert_cmpint (g_rename (first, second), ==, 0);
  g_assert_cmpint (link (f->path, first), ==, 0);
  assert_add_works (f);
  g_assert_cmpint (okap_vault_get_generation (f->vault), ==, 5);
  kept = okap_vault_new (third, f->clock);
  g_assert_true (vault_unlock (kept, PASSPHRASE, NULL));
  g_assert_cmpint (okap_vault_get_generation (kept), ==, 2);
  g_object_unref (kept);
}

static void
test_symlink (Fixture *f, gconstpointer data)
{
  g_autofree char *real_directory = g_build_filename (f->directory, "real", NULL);
  g_autofree char *real = g_build_filename (real_directory, "mine.okap", NULL);
  g_autofree char *kept = g_strconcat (real, ".1", NULL);
  g_autofree char *lock = g_strconcat (real, ".lock", NULL);
  g_autofree char *here = beside (f, ".1");
  g_autoptr (GError) error = NULL;
  struct stat st;

  create (f);
  g_object_unref (f->vault);
  g_assert_cmpint (g_mkdir (real_directory, 0700), ==, 0);
  g_assert_cmpint (g_rename (f->path, real), ==, 0);
  g_assert_cmpint (symlink ("real/mine.okap", f->path), ==, 0);
  f->vault = okap_vault_new (f->path, f->clock);
  g_assert_true (vault_unlock (f->vault, PASSPHRASE, &error));
  assert_add_works (f);
  g_assert_cmpint (lstat (f->path, &st), ==, 0);
  g_assert_true (S_ISLNK (st.st_mode));
  g_assert_true (g_file_test (kept, G_FILE_TEST_IS_REGULAR));
  g_assert_false (g_file_test (here, G_FILE_TEST_EXISTS));

  /* A link to nowhere is not replaced by a vault. */
  g_assert_cmpint (g_remove (real), ==, 0);
  g_assert_null (vault_add (f->vault, "openai", NULL, NULL, KEY, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE);
  g_clear_error (&error);
  g_object_unref (f->vault);
  f->vault = okap_vault_new (f->path, f->clock);
  okap_vault_set_cost (f->vault, OKAP_SEALED_MEMORY_LEAST, 1);
  g_assert_null (vault_create (f->vault, PASSPHRASE, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE);
  (void) g_remove (kept);
  (void) g_remove (lock);
  (void) g_rmdir (real_directory);
}

/* Two programs with the same vault. */
static void
test_two_writers (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapKeyInfo) theirs = NULL;
  OkapVault *other = okap_vault_new (f->path, f->clock);

  create (f);
  g_assert_true (vault_unlock (other, PASSPHRASE, &error));
  theirs = vault_add (other, "groq", "theirs", NULL, KEY, &error);
  g_assert_no_error (error);
  assert_add_fails (f, OKAP_ERROR_CONFLICT);
  okap_vault_lock (f->vault);
  g_assert_true (vault_unlock (f->vault, PASSPHRASE, &error));
  g_assert_cmpint (vault_n_keys (f->vault), ==, 1);
  assert_add_works (f);
  g_object_unref (other);
}

/* A change that keeps size and time, or only replaces the file by an equal one, is noticed too. */
static void
test_changed_underneath (Fixture *f, gconstpointer data)
{
  g_autofree char *aside = beside (f, ".aside");
  g_autofree char *contents = NULL;
  struct stat st;
  gsize length;

  create (f);
  contents = file_contents (f->path, &length);
  g_assert_cmpint (stat (f->path, &st), ==, 0);
  contents[length - 1] ^= 1;
  {
    struct timespec times[2] = { st.st_atim, st.st_mtim };
    int fd = open (f->path, O_WRONLY | O_CLOEXEC);

    g_assert_cmpint (pwrite (fd, contents, length, 0), ==, (gssize) length);
    g_assert_cmpint (futimens (fd, times), ==, 0);
    (void) close (fd);
  }
  assert_add_fails (f, OKAP_ERROR_CONFLICT);

  contents[length - 1] ^= 1;
  g_assert_true (g_file_set_contents (aside, contents, (gssize) length, NULL));
  g_assert_cmpint (g_rename (aside, f->path), ==, 0);
  assert_add_fails (f, OKAP_ERROR_CONFLICT);

  okap_vault_lock (f->vault);
  g_assert_true (vault_unlock (f->vault, PASSPHRASE, NULL));
  assert_add_works (f);
  g_assert_cmpint (g_remove (f->path), ==, 0);
  {
    g_autoptr (GError) error = NULL;

    g_assert_null (vault_add (f->vault, "openai", NULL, NULL, KEY, &error));
    g_assert_error (error, OKAP_ERROR, OKAP_ERROR_CONFLICT);
    g_assert_false (g_file_test (f->path, G_FILE_TEST_EXISTS));
  }
}

static void
test_locked_by_other (Fixture *f, gconstpointer data)
{
  g_autofree char *lock = beside (f, ".lock");
  struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
  int fd;

  create (f);
  fd = open (lock, O_RDWR | O_CLOEXEC);
  g_assert_cmpint (fcntl (fd, F_OFD_SETLK, &whole), ==, 0);
  assert_add_fails (f, OKAP_ERROR_CONFLICT);
  (void) close (fd);
  assert_add_works (f);
}

static void
test_not_a_vault (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  int fd;

  g_assert_cmpint (mkfifo (f->path, 0600), ==, 0);
  g_assert_false (vault_unlock (f->vault, PASSPHRASE, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_VAULT_DAMAGED);
  g_clear_error (&error);
  g_assert_cmpint (g_remove (f->path), ==, 0);

  g_assert_true (g_file_set_contents (f->path, "", 0, NULL));
  g_assert_false (vault_unlock (f->vault, PASSPHRASE, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_VAULT_DAMAGED);
  g_clear_error (&error);

  fd = open (f->path, O_WRONLY | O_CLOEXEC);
  g_assert_cmpint (ftruncate (fd, OKAP_SEALED_FILE_MOST + 1), ==, 0);
  (void) close (fd);
  g_assert_false (vault_unlock (f->vault, PASSPHRASE, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_VAULT_DAMAGED);
}

/* A child saves without pause and says so; it is killed at a random moment of a later save. */
static void
test_killed (Fixture *f, gconstpointer data)
{
  guint64 last = 0;

  create (f);
  okap_vault_lock (f->vault);
  for (int i = 0; i < KILL_ROUNDS; i++)
    {
      g_autoptr (GError) error = NULL;
      char said;
      int fd;
      pid_t pid = start_self ("--saver", f->path, &fd);

      g_assert_cmpint (read (fd, &said, 1), ==, 1);
      g_usleep ((gulong) g_random_int_range (0, 8000));   /* the moment is the test's subject */
      g_assert_cmpint (kill (pid, SIGKILL), ==, 0);
      g_assert_cmpint (wait_for_self (pid), ==, -1);
      (void) close (fd);

      fixture_reopen (f);
      g_assert_true (vault_unlock (f->vault, PASSPHRASE, &error));
      g_assert_no_error (error);
      g_assert_cmpint (okap_vault_get_generation (f->vault), >, last);
      last = okap_vault_get_generation (f->vault);
    }
  g_test_message ("%" G_GUINT64_FORMAT " saves, %d kills", last, KILL_ROUNDS);
  assert_add_works (f);
  for (guint i = 1; i <= OKAP_SEALED_GENERATIONS; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s.%u", f->path, i);
      OkapVault *kept = okap_vault_new (path, f->clock);

      g_assert_true (vault_unlock (kept, PASSPHRASE, NULL));
      g_object_unref (kept);
    }
}

/* The child of test_killed(): adds and removes until it is killed. */
static int
run_saver (const char *path)
{
  g_autoptr (OkapVault) vault = okap_vault_new (path, okap_clock_get_real ());

  if (!vault_unlock (vault, PASSPHRASE, NULL))
    return 1;
  for (;;)
    {
      g_autoptr (OkapKeyInfo) info = vault_add (vault, "openai", NULL, NULL, KEY, NULL);

      if (info == NULL || !vault_remove (vault, okap_key_info_get_id (info), NULL))
        return 1;
      (void) !write (STDOUT_FILENO, "+", 1);
    }
}

/* The child of test_unwritable(). */
static int
run_unwritable (const char *path)
{
  OkapVault *vault;
  g_autoptr (GError) error = NULL;
  gboolean as_expected;

  if (geteuid () == 0 && (setgid (65534) != 0 || setuid (65534) != 0))
    return 2;
  vault = okap_vault_new (path, okap_clock_get_real ());
  if (!vault_unlock (vault, PASSPHRASE, NULL))
    return 3;
  as_expected = vault_add (vault, "openai", NULL, NULL, KEY, &error) == NULL
                && g_error_matches (error, OKAP_ERROR, OKAP_ERROR_STORAGE)
                && okap_vault_get_state (vault) == OKAP_VAULT_UNLOCKED;
  g_object_unref (vault);
  return as_expected ? 0 : 4;
}

int
main (int argc, char *argv[])
{
  if (argc == 3 && strcmp (argv[1], "--saver") == 0)
    return run_saver (argv[2]);
  if (argc == 3 && strcmp (argv[1], "--unwritable") == 0)
    return run_unwritable (argv[2]);

  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) \
  g_test_add ("/vault/save/" path, Fixture, NULL, fixture_set_up, func, fixture_tear_down)
  ADD ("disk-full", test_disk_full);
  ADD ("no-descriptors", test_no_descriptors);
  ADD ("temporary-in-the-way", test_temporary_in_the_way);
  ADD ("generation-in-the-way", test_generation_in_the_way);
  ADD ("unwritable", test_unwritable);
  ADD ("generations", test_generations);
  ADD ("rotated-already", test_rotated_already);
  ADD ("symlink", test_symlink);
  ADD ("two-writers", test_two_writers);
  ADD ("changed-underneath", test_changed_underneath);
  ADD ("locked-by-other", test_locked_by_other);
  ADD ("not-a-vault", test_not_a_vault);
  ADD ("killed", test_killed);
#undef ADD
  return g_test_run ();
}
