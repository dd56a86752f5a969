/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a file would be if it were started, for a grant that is bound to a program before that
 * program has asked for anything. Worker thread. It has to come out as okap-grade.c will have it
 * of the process, or the grant would be of use to nobody; so what cannot be known beforehand is
 * refused. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "okap-error.h"
#include "okap-grade-private.h"
#include "okap-programs.h"
#include "okap-script.h"
#include "okap-trust.h"

#define LINE_BYTES 256  /* of a first line that the kernel reads */

static OkapIdentity *
refuse (GError **error, const char *why)
{
  g_set_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST, "Expected a program to bind to; %s",
               why);
  return NULL;
}

/* (transfer full) (nullable): the arguments with which the kernel starts the interpreter of a file
 * that begins with #!, the file itself excepted. */
static char **
parse_first_line (const char *line)
{
  g_autofree char *copy = g_strndup (line + 2, strcspn (line + 2, "\n"));
  char *program = g_strstrip (copy);
  char *rest = program + strcspn (program, " \t");
  g_auto (GStrv) words = NULL;
  gboolean split;

  if (*rest != '\0')
    {
      *rest++ = '\0';
      rest = g_strstrip (rest);
    }
  if (!g_str_has_suffix (program, "/env"))
    return *program != '/' ? NULL
           : g_strdupv ((char *[]) { program, *rest != '\0' ? rest : NULL, NULL });

  split = g_str_has_prefix (rest, "-S");
  words = g_strsplit_set (g_strstrip (rest + (split ? 2 : 0)), " \t", -1);
  if (words[0] == NULL || *words[0] == '\0' || *words[0] == '-' || strchr (words[0], '=') != NULL
      || (!split && words[1] != NULL))
    return NULL;
  program = g_find_program_in_path (words[0]);
  if (program == NULL)
    return NULL;
  g_free (words[0]);
  words[0] = program;
  return g_steal_pointer (&words);
}

/* (transfer full) (nullable): the program at @path, links resolved; @out_path is the real one */
static OkapIdentity *
grade_at (OkapDigests *digests, const char *path, char **out_path)
{
  g_autoptr (OkapIdentity) identity = NULL;
  char *resolved = realpath (path, NULL);
  struct stat file;

  *out_path = g_strdup (resolved);
  free (resolved);
  if (*out_path == NULL || stat (*out_path, &file) != 0 || !S_ISREG (file.st_mode)
      || (file.st_mode & 0111) == 0)
    return NULL;
  identity = okap_grade_program (digests, *out_path, &file, AT_FDCWD, *out_path);
  return identity->kind != OKAP_IDENTITY_UNKNOWN ? g_steal_pointer (&identity) : NULL;
}

static OkapIdentity *
grade_script_file (OkapDigests *digests, const char *path, const char *line, GError **error)
{
  g_auto (GStrv) command = parse_first_line (line);
  g_autoptr (OkapIdentity) interpreter = NULL;
  g_autofree char *program = NULL, *name = NULL, *digest = NULL, *real = NULL;
  g_autoptr (GPtrArray) whole = g_ptr_array_new ();
  g_auto (OkapScript) script = { 0 };
  const OkapInterpreter *table;
  OkapIdentity *identity;
  struct stat file;

  if (command == NULL || (interpreter = grade_at (digests, command[0], &program)) == NULL)
    return refuse (error, "the interpreter in the first line of this script was not found");
  name = g_path_get_basename (program);
  table = okap_programs_find_interpreter (name);
  if (table == NULL || okap_programs_is_relay (name))
    return refuse (error, "Okap does not know the interpreter of this script");
  for (guint i = 0; command[i] != NULL; i++)
    g_ptr_array_add (whole, command[i]);
  g_ptr_array_add (whole, (gpointer) path);
  g_ptr_array_add (whole, NULL);
  if (okap_script_find (table, (char **) whole->pdata, &script) != OKAP_SCRIPT_FILE
      || script.name != path || script.loads->len > 0)
    return refuse (error, "the first line of this script has options that Okap does not know");
  digest = okap_grade_read_script (digests, -1, path, &real, &file);
  if (digest == NULL)
    return refuse (error, "this script cannot be read");

  identity = okap_identity_new (OKAP_IDENTITY_SCRIPT);
  identity->program = g_steal_pointer (&program);
  identity->script = g_steal_pointer (&real);
  identity->digest = okap_grade_combine (interpreter, digest, "", "");
  identity->changed_us = (gint64) file.st_mtim.tv_sec * G_USEC_PER_SEC
                         + file.st_mtim.tv_nsec / 1000;
  return okap_identity_seal (identity);
}

static gboolean
read_first_line (const char *path, char line[LINE_BYTES + 1])
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  gssize n = fd >= 0 ? read (fd, line, LINE_BYTES) : -1;

  if (fd >= 0)
    close (fd);
  line[MAX (n, 0)] = '\0';
  return n >= 0;
}

/**
 * okap_grade_file:
 * @error: %OKAP_ERROR_INVALID_REQUEST
 *
 * Returns: (transfer full) (nullable): see okap_identify_file_async()
 */
OkapIdentity *
okap_grade_file (OkapDigests *digests, const char *path, GError **error)
{
  g_autoptr (OkapIdentity) identity = NULL;
  g_autofree char *program = NULL, *name = NULL;
  char line[LINE_BYTES + 1];

  if (path[0] != '/')
    return refuse (error, "its path has to be absolute");
  identity = grade_at (digests, path, &program);
  if (identity == NULL)
    return refuse (error, "there is none at this path that can be started");
  if (read_first_line (program, line) && g_str_has_prefix (line, "#!"))
    return grade_script_file (digests, program, line, error);
  name = g_path_get_basename (program);
  if (okap_programs_is_relay (name))
    return refuse (error, "this one passes on what others send");
  if (okap_programs_find_interpreter (name) != NULL || okap_programs_is_multicall (name))
    return refuse (error, "this one is an interpreter: name the script that it runs");
  return okap_identity_seal (g_steal_pointer (&identity));
}
