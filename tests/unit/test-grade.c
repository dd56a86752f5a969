/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How real processes are graded. What each test is about is that nothing is ever said to be more
 * than it is. Children of this process are made before it has threads. */
#include "grade-fixture.h"

#include <sys/syscall.h>

static void
test_installed (void)
{
  Process process = start ((char *) "/bin/sleep", (char *) "60");
  g_autoptr (OkapIdentity) seen = NULL, file = NULL;
  g_autofree char *exe = g_strdup_printf ("/proc/%d/exe", (int) process.pid);
  g_autofree char *path = NULL;

  /* The child becomes the program a moment after it was made. */
  do
    {
      g_free (path);
      path = g_file_read_link (exe, NULL);
    }
  while (path != NULL && !g_str_has_suffix (path, "/sleep"));
  seen = identify (process.pid);
  file = identify_file ("/bin/sleep", NULL);
  g_assert_cmpint (seen->kind, ==, OKAP_IDENTITY_INSTALLED);
  g_assert_cmpstr (seen->program, ==, path);
  g_assert_null (seen->digest);
  g_assert_cmpint (seen->process.pid, ==, process.pid);
  g_assert_cmpint (g_array_index (seen->ancestors, OkapProcessId, 0).pid, ==, getpid ());
  g_assert_cmpstr (seen->parents[0], ==, "test-grade");
  g_assert_true (okap_identity_covers (file, seen));
  stop (&process);
}

static void
test_user_program (void)
{
  Files files;
  Process process, link;
  g_autoptr (OkapIdentity) seen = NULL, file = NULL, other = NULL;
  g_autofree char *linked = NULL;

  make_files (&files);
  linked = g_build_filename (files.folder, "another name", NULL);
  g_assert_cmpint (symlink (files.helper, linked), ==, 0);
  process = start (files.helper, (char *) "ready", (char *) "wait");
  expect_ready (&process);
  link = start (linked, (char *) "ready", (char *) "wait");
  expect_ready (&link);

  seen = identify (process.pid);
  other = identify (link.pid);
  file = identify_file (linked, NULL);
  g_assert_cmpint (seen->kind, ==, OKAP_IDENTITY_USER_PROGRAM);
  g_assert_cmpstr (seen->program, ==, files.helper);
  g_assert_cmpuint (strlen (seen->digest), ==, 64);
  g_assert_cmpint (seen->changed_us, >, 0);
  g_assert_cmpstr (okap_identity_get_key (seen), ==, okap_identity_get_key (other));
  g_assert_true (okap_identity_covers (file, seen));
  stop (&process);
  stop (&link);
  clear_files (&files);
}

/* One byte more makes another program of it. */
static void
test_changed_program (void)
{
  Files files;
  Process process;
  g_autoptr (OkapIdentity) before = NULL, after = NULL;
  FILE *file;

  make_files (&files);
  before = identify_file (files.helper, NULL);
  file = fopen (files.helper, "a");
  g_assert_cmpint (fputc ('x', file), ==, 'x');
  fclose (file);
  process = start (files.helper, (char *) "ready", (char *) "wait");
  expect_ready (&process);
  after = identify (process.pid);
  g_assert_false (okap_identity_covers (before, after));
  g_assert_true (okap_identity_is_changed (before, after));
  stop (&process);
  clear_files (&files);
}

static void
test_odd_name (void)
{
  Files files;
  Process process;
  g_autoptr (OkapIdentity) seen = NULL;
  g_autofree char *path = NULL, *words = NULL;

  make_files (&files);
  path = g_build_filename (files.folder, "a\nb\xff) (deleted)\xe2\x80\xae", NULL);
  g_assert_cmpint (rename (files.helper, path), ==, 0);
  process = start (path, (char *) "ready", (char *) "wait");
  expect_ready (&process);
  seen = identify (process.pid);
  g_assert_cmpint (seen->kind, ==, OKAP_IDENTITY_USER_PROGRAM);
  g_assert_cmpstr (seen->program, ==, path);
  words = okap_identity_dup_words (seen);
  g_assert_true (g_utf8_validate (words, -1, NULL));
  g_assert_null (strchr (words, '\n'));
  stop (&process);
  clear_files (&files);
}

static void
test_replaced (void)
{
  Files files;
  Process process;
  g_autoptr (OkapReading) before = NULL;
  g_autofree char *aside = NULL;

  make_files (&files);
  aside = g_build_filename (files.folder, "aside", NULL);
  process = start (files.helper, (char *) "ready", (char *) "wait", (char *) "rename",
                   files.helper, aside, (char *) "ready", (char *) "wait", (char *) "touch",
                   files.helper, (char *) "ready", (char *) "wait", (char *) "unlink", aside,
                   (char *) "ready", (char *) "wait");
  expect_ready (&process);
  before = read_process (process.pid);
  g_assert_true (okap_reading_still_holds (before));

  /* Renamed, it is what it is, at another path. */
  go_on (&process);
  expect_ready (&process);
  {
    g_autoptr (OkapIdentity) renamed = identify (process.pid);

    g_assert_cmpint (renamed->kind, ==, OKAP_IDENTITY_USER_PROGRAM);
    g_assert_cmpstr (renamed->program, ==, aside);
    g_assert_false (okap_identity_covers (before->identity, renamed));
  }
  g_assert_false (okap_reading_still_holds (before));

  /* Something else at its old path is no matter; its own file gone is. */
  go_on (&process);
  expect_ready (&process);
  go_on (&process);
  expect_ready (&process);
  expect_unknown (process.pid, OKAP_DOUBT_REPLACED);
  stop (&process);

  /* Another file at the path of one that runs. */
  copy_file (g_test_get_filename (G_TEST_BUILT, "identity-helper", NULL), files.helper);
  process = start (files.helper, (char *) "ready", (char *) "wait", (char *) "unlink",
                   files.helper, (char *) "touch", files.helper, (char *) "ready",
                   (char *) "wait");
  expect_ready (&process);
  go_on (&process);
  expect_ready (&process);
  expect_unknown (process.pid, OKAP_DOUBT_REPLACED);
  stop (&process);
  clear_files (&files);
}

static void
test_gone (void)
{
  Files files;
  Process process;
  int pin;
  g_autoptr (OkapReading) reading = NULL, before = NULL;
  OkapDigests *digests = okap_digests_new ();

  make_files (&files);
  process = start (files.helper, (char *) "ready", (char *) "wait");
  expect_ready (&process);
  pin = okap_proc_pin (process.pid);
  before = read_process (process.pid);
  kill (process.pid, SIGKILL);
  while (okap_proc_is_alive (pin))
    ;
  /* Not waited for yet, so the number is still taken: by what is left of it. */
  reading = okap_reading_new (digests, process.pid, pin);
  g_assert_cmpint (reading->identity->doubt, ==, OKAP_DOUBT_GONE);
  expect_unknown (process.pid, OKAP_DOUBT_GONE);
  g_assert_false (okap_reading_still_holds (before));
  stop (&process);
  expect_unknown (process.pid, OKAP_DOUBT_GONE);
  close (pin);
  okap_digests_free (digests);
  clear_files (&files);
}

/* A descriptor of one process and the number of another. */
static void
test_wrong_pin (void)
{
  Files files;
  Process process;
  OkapDigests *digests = okap_digests_new ();
  int pin = okap_proc_pin (getpid ());
  g_autoptr (OkapReading) reading = NULL;

  make_files (&files);
  process = start (files.helper, (char *) "ready", (char *) "wait");
  expect_ready (&process);
  reading = okap_reading_new (digests, process.pid, pin);
  g_assert_cmpint (reading->identity->doubt, ==, OKAP_DOUBT_GONE);
  close (pin);
  stop (&process);
  okap_digests_free (digests);
  clear_files (&files);
}

/* exec keeps number and start. */
static void
test_exec (void)
{
  Files files;
  Process process;
  g_autoptr (OkapReading) before = NULL;
  g_autoptr (OkapIdentity) after = NULL;

  make_files (&files);
  process = start (files.helper, (char *) "ready", (char *) "wait", (char *) "exec", files.helper,
                   (char *) "ready", (char *) "wait");
  expect_ready (&process);
  before = read_process (process.pid);
  g_assert_true (okap_reading_still_holds (before));
  go_on (&process);
  expect_ready (&process);
  g_assert_false (okap_reading_still_holds (before));
  after = identify (process.pid);
  g_assert_cmpuint (after->process.started, ==, before->identity->process.started);
  stop (&process);
  clear_files (&files);
}

static void
test_relay (void)
{
  Files files;
  Process process;
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;

  make_files (&files);
  path = g_build_filename (files.folder, "docker-proxy", NULL);
  g_assert_cmpint (rename (files.helper, path), ==, 0);
  process = start (path, (char *) "ready", (char *) "wait");
  expect_ready (&process);
  expect_unknown (process.pid, OKAP_DOUBT_RELAY);
  g_assert_null (identify_file (path, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST);
  stop (&process);
  clear_files (&files);
}

/* A root with a file that flatpak would have put there, in namespaces that anybody can make. */
static void
test_faked_flatpak (void)
{
  Files files;
  Process process;
  g_autofree char *root = NULL, *info = NULL, *inside = NULL, *line = NULL;
  g_autoptr (OkapIdentity) seen = NULL;

  make_files (&files);
  root = g_build_filename (files.folder, "root", NULL);
  info = g_build_filename (root, ".flatpak-info", NULL);
  inside = g_build_filename (root, "agent", NULL);
  g_assert_cmpint (g_mkdir (root, 0755), ==, 0);
  write_file (info, "[Application]\nname=org.mozilla.firefox\n[Instance]\ninstance-id=4711\n");
  copy_file (files.helper, inside);
  process = start (files.helper, (char *) "alone", (char *) "root", root, (char *) "exec",
                   (char *) "/agent", (char *) "ready", (char *) "wait");
  line = read_line (&process);
  if (strcmp (line, "ready") != 0)
    g_test_skip ("no user namespaces here");
  else
    {
      seen = identify (process.pid);
      g_assert_cmpint (seen->kind, ==, OKAP_IDENTITY_UNKNOWN);
      g_assert_cmpint (seen->doubt, ==, OKAP_DOUBT_CONTAINER);
      g_assert_null (seen->app_id);
    }
  stop (&process);
  clear_files (&files);
}

static void
test_namespaces (void)
{
  Files files;
  Process process;
  g_autofree char *line = NULL;

  make_files (&files);
  process = start (files.helper, (char *) "alone", (char *) "ready", (char *) "wait");
  line = read_line (&process);
  if (strcmp (line, "ready") != 0)
    g_test_skip ("no user namespaces here");
  else
    expect_unknown (process.pid, OKAP_DOUBT_CONTAINER);
  stop (&process);
  clear_files (&files);
}

/* In a child of another user, who may not look at everything as root may. Its status says what it
 * saw: the doubt, or 100 and the kind. */
static int
identify_as_user (pid_t pid)
{
  int status;
  pid_t child = fork ();

  if (child == 0)
    {
      g_autoptr (OkapIdentity) seen = NULL;

      if (syscall (SYS_setresgid, 65534, 65534, 65534) != 0
          || syscall (SYS_setresuid, 65534, 65534, 65534) != 0)
        _exit (99);
      seen = identify (pid);
      _exit (seen->kind == OKAP_IDENTITY_UNKNOWN ? (int) seen->doubt : 100 + (int) seen->kind);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  return WEXITSTATUS (status);
}

static void
test_hidden (void)
{
  Files files;
  Process seen, hidden, of_root;

  if (geteuid () != 0)
    {
      g_test_skip ("only root can become another user");
      return;
    }
  make_files (&files);
  of_root = start (files.helper, (char *) "ready", (char *) "wait");
  seen = start (files.helper, (char *) "user", (char *) "65534", (char *) "exec", files.helper,
                (char *) "ready", (char *) "wait");
  hidden = start (files.helper, (char *) "user", (char *) "65534", (char *) "exec", files.helper,
                  (char *) "hide", (char *) "ready", (char *) "wait");
  expect_ready (&of_root);
  expect_ready (&seen);
  expect_ready (&hidden);
  g_assert_cmpint (identify_as_user (seen.pid), ==, 100 + OKAP_IDENTITY_USER_PROGRAM);
  g_assert_cmpint (identify_as_user (hidden.pid), ==, OKAP_DOUBT_HIDDEN);
  g_assert_cmpint (identify_as_user (of_root.pid), ==, OKAP_DOUBT_HIDDEN);
  /* Nor is another user's program ours, however well it can be read. */
  expect_unknown (seen.pid, OKAP_DOUBT_HIDDEN);
  stop (&of_root);
  stop (&seen);
  stop (&hidden);
  clear_files (&files);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/grade/hidden", test_hidden);
  g_test_add_func ("/grade/installed", test_installed);
  g_test_add_func ("/grade/user-program", test_user_program);
  g_test_add_func ("/grade/changed-program", test_changed_program);
  g_test_add_func ("/grade/odd-name", test_odd_name);
  g_test_add_func ("/grade/replaced", test_replaced);
  g_test_add_func ("/grade/gone", test_gone);
  g_test_add_func ("/grade/wrong-pin", test_wrong_pin);
  g_test_add_func ("/grade/exec", test_exec);
  g_test_add_func ("/grade/relay", test_relay);
  g_test_add_func ("/grade/faked-flatpak", test_faked_flatpak);
  g_test_add_func ("/grade/namespaces", test_namespaces);
  return g_test_run ();
}
