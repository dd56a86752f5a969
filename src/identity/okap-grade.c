/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From what was read of a process to how well it is known. Worker thread. In doubt the answer is
 * the lower one:
 *
 *   it cannot be read, or changed while it was read ──▸ UNKNOWN, with the doubt
 *   a relay ──▸ UNKNOWN/RELAY; but flatpak's proxy of an app is that app on the session bus
 *   namespaces of its own ──▸ SANDBOXED if its engine vouches for it, else UNKNOWN/CONTAINER
 *   its file is not at its path any more ──▸ UNKNOWN/REPLACED
 *   an interpreter ──▸ SCRIPT: a file by path and content, a module by name and folder, else the
 *                      process itself
 *   only root can change it ──▸ INSTALLED, else USER_PROGRAM by path and content
 *
 * A file is judged and hashed through the link in /proc, so it is the one that runs. That of a
 * script is the one that stands at its path now, so it counts only if it was not touched since the
 * process started; or a script could be replaced by another one for the moment of the question.
 *
 * The digest of a script is that of its file, unless more decides what is run: an interpreter that
 * the user could have changed, options that load something else. Then it is one over all that. */
#include "config.h"

#include "okap-grade-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "okap-flatpak.h"
#include "okap-programs.h"
#include "okap-sandbox.h"
#include "okap-script.h"
#include "okap-trust.h"

#define TICK_US 20000  /* what the start of a process and a time of change may differ by */

static gint64
get_time_us (const struct timespec *time)
{
  return (gint64) time->tv_sec * G_USEC_PER_SEC + time->tv_nsec / 1000;
}

/* When the process started, by the wall clock that times of files go by. */
static gint64
get_start_us (const OkapFacts *facts)
{
  struct timespec since_boot;

  if (clock_gettime (CLOCK_BOOTTIME, &since_boot) != 0)
    return 0;
  return g_get_real_time () - get_time_us (&since_boot)
         + (gint64) (facts->stat.started * G_USEC_PER_SEC / (guint64) sysconf (_SC_CLK_TCK));
}

/**
 * okap_grade_program:
 * @path: where it stands
 * @file: what it is
 * @name: in @folder, by which it is opened
 *
 * Returns: (transfer full): a program by its own file, not sealed
 */
OkapIdentity *
okap_grade_program (OkapDigests *digests, const char *path, const struct stat *file, int folder,
                    const char *name)
{
  OkapIdentity *identity = NULL;
  struct stat read;
  int fd;

  if (okap_trust_is_installed (path, file))
    identity = okap_identity_new (OKAP_IDENTITY_INSTALLED);
  else
    {
      g_autofree char *digest = NULL;

      fd = openat (folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
      if (fd >= 0)
        {
          digest = okap_digests_dup (digests, fd, &read);
          close (fd);
        }
      if (digest == NULL || !okap_trust_is_unchanged (&read, file))
        return okap_identity_new (OKAP_IDENTITY_UNKNOWN);
      identity = okap_identity_new (OKAP_IDENTITY_USER_PROGRAM);
      identity->digest = g_steal_pointer (&digest);
    }
  identity->program = g_strdup (path);
  identity->changed_us = get_time_us (&file->st_mtim);
  return identity;
}

/**
 * okap_grade_read_script:
 * @folder: of a process in /proc, whose working folder counts if @name is not absolute
 * @out_path: (out) (transfer full): its real path
 *
 * Opens a file without being led astray by a pipe, a device, or a link that is swapped.
 *
 * Returns: (transfer full) (nullable): its digest
 */
char *
okap_grade_read_script (OkapDigests *digests, int folder, const char *name, char **out_path,
                        struct stat *out_file)
{
  int at = name[0] == '/' ? AT_FDCWD
                          : openat (folder, "cwd", O_PATH | O_DIRECTORY | O_CLOEXEC);
  int handle = name[0] == '/' || at >= 0 ? openat (at, name, O_PATH | O_CLOEXEC) : -1;
  g_autofree char *link = g_strdup_printf ("/proc/self/fd/%d", handle);
  g_autofree char *path = NULL, *digest = NULL;
  struct stat there;
  int fd = -1;

  if (at >= 0)
    close (at);
  if (handle < 0)
    return NULL;
  if (fstat (handle, out_file) == 0 && S_ISREG (out_file->st_mode))
    fd = open (link, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  path = okap_proc_read_link (AT_FDCWD, link);
  close (handle);
  if (fd < 0)
    return NULL;
  digest = okap_digests_dup (digests, fd, out_file);
  close (fd);
  if (digest == NULL || path == NULL || path[0] != '/' || lstat (path, &there) != 0
      || !okap_trust_is_unchanged (&there, out_file))
    return NULL;
  *out_path = g_steal_pointer (&path);
  return g_steal_pointer (&digest);
}

/**
 * okap_grade_combine:
 * @digest: (nullable): of a script
 *
 * Returns: (transfer full) (nullable): @digest alone, or one of all that decides what runs; NULL
 *   if nothing but a name does
 */
char *
okap_grade_combine (const OkapIdentity *interpreter, const char *digest, const char *loads,
                    const char *folder)
{
  g_autofree char *all = NULL;

  if (interpreter->digest == NULL && *loads == '\0')
    return g_strdup (digest);
  all = g_strdup_printf ("%s\n%s\n%s\n%s",
                         interpreter->digest != NULL ? interpreter->digest : "",
                         digest != NULL ? digest : "", loads,
                         *loads != '\0' || digest == NULL ? folder : "");
  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, all, -1);
}

static void
set_script (OkapDigests *digests, OkapReading *reading, OkapIdentity *identity,
            const OkapIdentity *interpreter, const OkapScript *script)
{
  const OkapFacts *facts = reading->facts;
  const char *folder = facts->cwd != NULL ? facts->cwd : "";
  g_autofree char *digest = NULL;

  if (script->kind == OKAP_SCRIPT_MODULE)
    {
      identity->script = g_strdup_printf ("-m %s", script->name);
      identity->digest = okap_grade_combine (interpreter, NULL, script->loads->str, folder);
      return;
    }
  digest = okap_grade_read_script (digests, facts->folder, script->name, &reading->script,
                                   &reading->script_file);
  if (digest == NULL)
    return;
  identity->script = g_strdup (reading->script);
  identity->digest = okap_grade_combine (interpreter, digest, script->loads->str, folder);
  identity->changed_us = get_time_us (&reading->script_file.st_mtim);
  if (get_time_us (&reading->script_file.st_ctim) > get_start_us (facts) + TICK_US)
    {
      identity->kind = OKAP_IDENTITY_UNKNOWN;
      identity->doubt = OKAP_DOUBT_REPLACED;
    }
}

/* (transfer full): not sealed */
static OkapIdentity *
grade_script (OkapDigests *digests, OkapReading *reading, const OkapIdentity *interpreter,
              const OkapInterpreter *table, char **command)
{
  OkapIdentity *identity = okap_identity_new (OKAP_IDENTITY_SCRIPT);
  g_auto (OkapScript) script = { 0 };

  identity->program = g_strdup (interpreter->program);
  identity->folder = g_strdup (reading->facts->cwd);
  if (okap_script_find (table, command, &script) != OKAP_SCRIPT_COMMANDS)
    set_script (digests, reading, identity, interpreter, &script);
  return identity;
}

/* The table for @name, or for the applet that a program of many is started as; then @command moves
 * on to it. */
static const OkapInterpreter *
find_interpreter (const char *name, char ***command)
{
  static const OkapInterpreter other = { .opaque = TRUE };
  g_autofree char *applet = NULL;
  const OkapInterpreter *table;

  if (!okap_programs_is_multicall (name))
    return okap_programs_find_interpreter (name);
  if ((*command)[0] == NULL)
    return &other;
  applet = g_path_get_basename ((*command)[0]);
  if (okap_programs_is_multicall (applet) && (*command)[1] != NULL)
    {
      g_free (applet);
      applet = g_path_get_basename (*++*command);
    }
  table = okap_programs_find_interpreter (applet);
  return table != NULL ? table : &other;
}

static OkapIdentity *
unknown (OkapDoubt doubt, const char *program)
{
  OkapIdentity *identity = okap_identity_new (OKAP_IDENTITY_UNKNOWN);

  identity->doubt = doubt;
  identity->program = g_strdup (program);
  return identity;
}

/* (transfer full): not sealed */
static OkapIdentity *
grade (OkapDigests *digests, OkapReading *reading)
{
  const OkapFacts *facts = reading->facts;
  g_autoptr (OkapIdentity) program = NULL;
  g_autofree char *name = NULL;
  char **command = facts->command;
  const OkapInterpreter *table;
  OkapIdentity *sandboxed = NULL;
  gboolean relay;

  if (facts->doubt != OKAP_DOUBT_NONE)
    return unknown (facts->doubt, NULL);
  name = g_path_get_basename (facts->exe);
  relay = okap_programs_is_relay (name);
  if (!relay || okap_flatpak_is_proxy (name))
    sandboxed = okap_sandbox_identify (facts, g_get_user_runtime_dir ());
  if (sandboxed != NULL)
    return sandboxed;
  if (relay)
    return unknown (OKAP_DOUBT_RELAY, facts->exe);
  if (facts->foreign)
    return unknown (OKAP_DOUBT_CONTAINER, facts->exe);
  if (facts->replaced)
    return unknown (OKAP_DOUBT_REPLACED, facts->exe);
  program = okap_grade_program (digests, facts->exe, &facts->file, facts->folder, "exe");
  table = find_interpreter (name, &command);
  if (table == NULL || program->kind == OKAP_IDENTITY_UNKNOWN)
    return g_steal_pointer (&program);
  return grade_script (digests, reading, program, table, command);
}

/**
 * okap_reading_new:
 * @pidfd: of process @pid; borrowed
 *
 * Returns: (transfer full): what it is; its identity is sealed
 */
OkapReading *
okap_reading_new (OkapDigests *digests, pid_t pid, int pidfd)
{
  OkapReading *reading = g_new0 (OkapReading, 1);
  OkapIdentity *identity;

  g_atomic_ref_count_init (&reading->ref_count);
  reading->facts = okap_facts_read (pid, pidfd);
  identity = grade (digests, reading);
  if (reading->facts->folder >= 0
      && (identity->doubt == OKAP_DOUBT_GONE || !okap_facts_still_hold (reading->facts)))
    {
      okap_identity_unref (identity);
      identity = unknown (okap_proc_is_alive (pidfd) ? OKAP_DOUBT_CHANGED : OKAP_DOUBT_GONE, NULL);
    }
  okap_facts_copy_shown (reading->facts, identity);
  reading->identity = okap_identity_seal (identity);
  return reading;
}

OkapReading *
okap_reading_ref (OkapReading *reading)
{
  g_atomic_ref_count_inc (&reading->ref_count);
  return reading;
}

void
okap_reading_unref (OkapReading *reading)
{
  if (!g_atomic_ref_count_dec (&reading->ref_count))
    return;
  okap_identity_unref (reading->identity);
  okap_facts_free (reading->facts);
  g_free (reading->script);
  g_free (reading);
}

/** okap_reading_still_holds: whether the process still is what it was read to be. Any thread; reads
 *   a few small files in /proc */
gboolean
okap_reading_still_holds (const OkapReading *reading)
{
  struct stat script;

  return okap_facts_still_hold (reading->facts)
         && (reading->script == NULL
             || (lstat (reading->script, &script) == 0
                 && okap_trust_is_unchanged (&script, &reading->script_file)));
}
