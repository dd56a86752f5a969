/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Real processes to be identified: the program of identity-helper.c, started from a copy in a
 * folder that stands for the user's files, and what else there is. */
#pragma once

#include "okap-identify.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct
{
  pid_t pid;
  int in, out;  /* its standard input and output, from our side; -1 once closed */
} Process;

typedef struct
{
  char *folder;   /* the user's files */
  char *helper;   /* a copy of the helper there */
} Files;

static inline void
copy_file (const char *from, const char *to)
{
  g_autofree char *data = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  g_file_get_contents (from, &data, &length, &error);
  g_assert_no_error (error);
  g_unlink (to);  /* one that runs cannot be written */
  g_file_set_contents_full (to, data, (gssize) length, G_FILE_SET_CONTENTS_NONE, 0755, &error);
  g_assert_no_error (error);
  g_assert_cmpint (chmod (to, 0755), ==, 0);
}

static inline void
write_file (const char *path, const char *text)
{
  g_autoptr (GError) error = NULL;

  g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_NONE, 0755, &error);
  g_assert_no_error (error);
  g_assert_cmpint (chmod (path, 0755), ==, 0);
}

static inline void
make_files (Files *files)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *built = g_test_build_filename (G_TEST_BUILT, "identity-helper", NULL);

  files->folder = g_dir_make_tmp ("okap-identity-XXXXXX", &error);
  g_assert_no_error (error);
  g_assert_cmpint (chmod (files->folder, 0755), ==, 0);
  files->helper = g_build_filename (files->folder, "agent", NULL);
  copy_file (built, files->helper);
}

static inline void
remove_tree (const char *path)
{
  GDir *folder = g_dir_open (path, 0, NULL);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (g_file_test (child, G_FILE_TEST_IS_DIR) && !g_file_test (child, G_FILE_TEST_IS_SYMLINK))
        remove_tree (child);
      else
        g_unlink (child);
    }
  g_clear_pointer (&folder, g_dir_close);
  g_rmdir (path);
}

static inline void
clear_files (Files *files)
{
  remove_tree (files->folder);
  g_free (files->folder);
  g_free (files->helper);
}

/* Starts @argv in @folder. */
static inline Process
start_in (const char *folder, char **argv)
{
  Process process = { .pid = -1, .in = -1, .out = -1 };
  g_autoptr (GError) error = NULL;

  g_spawn_async_with_pipes (folder, argv, NULL,
                            G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_CLOEXEC_PIPES,
                            NULL, NULL, &process.pid, &process.in, &process.out, NULL, &error);
  g_assert_no_error (error);
  return process;
}

#define start(...) start_in (NULL, (char *[]) { __VA_ARGS__, NULL })

/* The line that a process writes. (transfer full) */
static inline char *
read_line (Process *process)
{
  GString *line = g_string_new (NULL);
  char c;

  while (read (process->out, &c, 1) == 1 && c != '\n')
    g_string_append_c (line, c);
  return g_string_free (line, FALSE);
}

static inline void
expect_ready (Process *process)
{
  g_autofree char *line = read_line (process);

  g_assert_cmpstr (line, ==, "ready");
}

static inline void
go_on (Process *process)
{
  g_assert_cmpint (write (process->in, "\n", 1), ==, 1);
}

static inline void
stop (Process *process)
{
  close (process->in);
  close (process->out);
  kill (process->pid, SIGKILL);
  g_assert_cmpint (waitpid (process->pid, NULL, 0), ==, process->pid);
}

/* The python that the system has; NULL skips. */
static inline const char *
find_python (void)
{
  if (g_access ("/usr/bin/python3", X_OK) == 0)
    return "/usr/bin/python3";
  g_test_skip ("no /usr/bin/python3 here");
  return NULL;
}
