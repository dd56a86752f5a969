/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How interpreters with their scripts are graded, and files before they are started. */
#include "grade-fixture.h"

/* It changes all the time: what is said of it is one of the two programs, or a doubt. */
static void
test_exec_storm (void)
{
  Files files;
  Process process;
  g_autofree char *loop = NULL, *name = NULL;
  guint n_known = 0;

  make_files (&files);
  loop = g_build_filename (files.folder, "loop", NULL);
  write_file (loop, "#!/bin/sh\n[ \"$1\" = ready ] && echo ready\nn=$(($2 - 1))\n"
              "[ $n = 0 ] && exit\nexec /bin/sh \"$0\" again $n\n");
  process = start (loop, (char *) "ready", (char *) "20000");
  expect_ready (&process);
  for (guint i = 0; i < 100; i++)
    {
      g_autoptr (OkapIdentity) seen = identify (process.pid);

      if (seen->kind == OKAP_IDENTITY_UNKNOWN)
        {
          g_assert_cmpint (seen->doubt, ==, OKAP_DOUBT_CHANGED);
          continue;
        }
      n_known++;
      g_assert_cmpint (seen->kind, ==, OKAP_IDENTITY_SCRIPT);
      g_assert_cmpstr (seen->script, ==, loop);
    }
  g_test_message ("known %u times of 100", n_known);
  stop (&process);
  clear_files (&files);
}

typedef struct
{
  const char *arguments[4];
  const char *script;       /* in the folder, or "-m NAME"; NULL: the process itself */
} ScriptCase;

static void
test_script (void)
{
  static const char source[] = "import sys\nprint('ready', flush=True)\nsys.stdin.readline()\n";
  static const ScriptCase cases[] = {
    { { "agent.py" }, "agent.py" },
    { { "-u", "./sub/../agent.py" }, "agent.py" },
    { { "link.py" }, "agent.py" },
    { { "-m", "agent" }, "-m agent" },
    { { "-c", "import agent" }, NULL },
    { { "-i", "-c", "import agent" }, NULL },
  };
  const char *python = find_python ();
  g_autofree char *path = NULL, *sub = NULL, *link = NULL;
  Files files;

  if (python == NULL)
    return;
  make_files (&files);
  path = g_build_filename (files.folder, "agent.py", NULL);
  sub = g_build_filename (files.folder, "sub", NULL);
  link = g_build_filename (files.folder, "link.py", NULL);
  write_file (path, source);
  g_assert_cmpint (g_mkdir (sub, 0755), ==, 0);
  g_assert_cmpint (symlink ("agent.py", link), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const ScriptCase *c = &cases[i];
      char *argv[] = { (char *) python, (char *) c->arguments[0], (char *) c->arguments[1],
                       (char *) c->arguments[2], NULL };
      Process process = start_in (files.folder, argv);
      g_autoptr (OkapIdentity) seen = NULL;

      g_test_message ("case %" G_GSIZE_FORMAT, i);
      expect_ready (&process);
      seen = identify (process.pid);
      g_assert_cmpint (seen->kind, ==, OKAP_IDENTITY_SCRIPT);
      g_assert_true (g_str_has_prefix (seen->program, "/usr/bin/python3"));
      g_assert_cmpstr (seen->folder, ==, files.folder);
      if (c->script == NULL)
        g_assert_null (seen->script);
      else if (c->script[0] == '-')
        g_assert_cmpstr (seen->script, ==, c->script);
      else
        {
          g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, source, -1);

          g_assert_cmpstr (seen->script, ==, path);
          g_assert_cmpstr (seen->digest, ==, digest);
        }
      stop (&process);
    }
  clear_files (&files);
}

/* By its first line, and by a shell; as a file beforehand, and as a process then. */
static void
test_first_line (void)
{
  static const char *const lines[] = {
    "#!/bin/sh\necho ready; read x\n", "#! /bin/sh -e\necho ready; read x\n",
    "#!/usr/bin/env sh\necho ready; read x\n", "#!/usr/bin/env -S sh -eu\necho ready; read x\n",
  };
  Files files;
  g_autofree char *path = NULL;

  make_files (&files);
  path = g_build_filename (files.folder, "agent.sh", NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autoptr (OkapIdentity) seen = NULL, file = NULL;
      g_autoptr (GError) error = NULL;
      Process process;

      write_file (path, lines[i]);
      file = identify_file (path, &error);
      g_assert_no_error (error);
      process = start_in (files.folder, (char *[]) { (char *) "./agent.sh", NULL });
      expect_ready (&process);
      seen = identify (process.pid);
      g_assert_cmpint (seen->kind, ==, OKAP_IDENTITY_SCRIPT);
      g_assert_cmpstr (seen->script, ==, path);
      g_assert_true (okap_identity_covers (file, seen));
      stop (&process);
    }
  clear_files (&files);
}

/* One script is run, and another one put in its place before anybody asks. */
static void
test_swapped_script (void)
{
  Files files;
  Process process;
  g_autofree char *path = NULL, *good = NULL;
  g_autoptr (OkapIdentity) seen = NULL;

  make_files (&files);
  path = g_build_filename (files.folder, "agent.sh", NULL);
  good = g_build_filename (files.folder, "good.sh", NULL);
  write_file (path, "#!/bin/sh\necho ready; read x; mv good.sh agent.sh; echo ready; read x\n");
  write_file (good, "#!/bin/sh\necho good\n");
  process = start_in (files.folder, (char *[]) { path, NULL });
  expect_ready (&process);
  g_usleep (50000);  /* the start of a process is told in hundredths of a second */
  go_on (&process);
  expect_ready (&process);
  seen = identify (process.pid);
  g_assert_cmpint (seen->kind, ==, OKAP_IDENTITY_UNKNOWN);
  g_assert_cmpint (seen->doubt, ==, OKAP_DOUBT_REPLACED);
  stop (&process);
  clear_files (&files);
}

/* An interpreter of the user's own counts by its content as well, and so do its options. */
static void
test_own_interpreter (void)
{
  Files files;
  Process process;
  g_autofree char *shell = NULL, *path = NULL, *digest = NULL;
  static const char source[] = "echo ready\nread x\n";
  g_autoptr (OkapIdentity) seen = NULL;

  make_files (&files);
  shell = g_build_filename (files.folder, "bash", NULL);
  path = g_build_filename (files.folder, "agent.sh", NULL);
  copy_file ("/bin/bash", shell);
  write_file (path, source);
  digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, source, -1);
  process = start (shell, path);
  expect_ready (&process);
  seen = identify (process.pid);
  g_assert_cmpint (seen->kind, ==, OKAP_IDENTITY_SCRIPT);
  g_assert_cmpstr (seen->program, ==, shell);
  g_assert_cmpstr (seen->script, ==, path);
  g_assert_cmpstr (seen->digest, !=, digest);
  stop (&process);
  clear_files (&files);
}

static void
test_files (void)
{
  static const char *const bad[] = {
    "/bin/sh", "/usr/bin/env", "/etc/passwd", "/", "/nothing", "sleep", "", "/dev/null",
  };
  Files files;
  g_autofree char *path = NULL;
  static const char *const lines[] = {
    "#!/no/such/interpreter\n", "#!/usr/bin/env no-such-interpreter\n", "#!/usr/bin/env A=1 sh\n",
    "#!relative\n", "#!\n", "#!/bin/sh -c\n", "#!/bin/sleep\n", "#!/usr/bin/env sh -e\n",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", bad[i]);
      g_assert_null (identify_file (bad[i], &error));
      g_assert_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST);
    }
  make_files (&files);
  path = g_build_filename (files.folder, "script", NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", lines[i]);
      write_file (path, lines[i]);
      g_assert_null (identify_file (path, &error));
      g_assert_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST);
    }
  clear_files (&files);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/grade-script/exec-storm", test_exec_storm);
  g_test_add_func ("/grade-script/script", test_script);
  g_test_add_func ("/grade-script/first-line", test_first_line);
  g_test_add_func ("/grade-script/swapped-script", test_swapped_script);
  g_test_add_func ("/grade-script/own-interpreter", test_own_interpreter);
  g_test_add_func ("/grade-script/files", test_files);
  return g_test_run ();
}
