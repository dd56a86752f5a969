/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From what was read of a process or a file to how well it is known. Worker thread. */
#include "config.h"

#include "okap-grade.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "okap-error.h"
#include "okap-proc.h"
#include "okap-trust.h"

/* Installed or a program of the user's, by the file @fd that stands at @path. */
static OkapIdentity *
grade_program (OkapDigests *digests, const char *path, int fd, const struct stat *file)
{
  OkapIdentity *identity;
  g_autofree char *digest = NULL;
  struct stat read;

  if (okap_trust_is_installed (path, file))
    identity = okap_identity_new (OKAP_IDENTITY_INSTALLED);
  else
    {
      digest = okap_digests_dup (digests, fd, &read);
      if (digest == NULL || !okap_trust_is_unchanged (&read, file))
        return okap_identity_new (OKAP_IDENTITY_UNKNOWN);
      identity = okap_identity_new (OKAP_IDENTITY_USER_PROGRAM);
      identity->digest = g_steal_pointer (&digest);
    }
  identity->program = g_strdup (path);
  identity->changed_us = (gint64) file->st_mtim.tv_sec * G_USEC_PER_SEC
                         + file->st_mtim.tv_nsec / 1000;
  return identity;
}

static OkapIdentity *
grade_folder (OkapDigests *digests, pid_t pid, int folder)
{
  g_autofree char *path = okap_proc_read_link (folder, "exe");
  OkapIdentity *identity;
  struct stat running, there;
  OkapProcStat before, after;
  int fd;

  if (path == NULL)
    return okap_identity_new_unknown (errno == EACCES ? OKAP_DOUBT_HIDDEN : OKAP_DOUBT_GONE);
  if (!okap_proc_read_stat (folder, &before))
    return okap_identity_new_unknown (OKAP_DOUBT_GONE);
  fd = openat (folder, "exe", O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return okap_identity_new_unknown (OKAP_DOUBT_HIDDEN);
  if (fstat (fd, &running) != 0 || stat (path, &there) != 0
      || !okap_trust_is_same_file (&running, &there))
    {
      close (fd);
      return okap_identity_new_unknown (OKAP_DOUBT_REPLACED);
    }
  identity = grade_program (digests, path, fd, &running);
  close (fd);
  identity->process = (OkapProcessId) { .pid = pid, .started = before.started };
  okap_identity_seal (identity);
  if (!okap_proc_read_stat (folder, &after)
      || memcmp (before.image, after.image, sizeof before.image) != 0)
    {
      okap_identity_unref (identity);
      return okap_identity_new_unknown (OKAP_DOUBT_CHANGED);
    }
  return identity;
}

/** okap_grade_process: (transfer full): @pidfd: -1: the process that has number @pid now */
OkapIdentity *
okap_grade_process (OkapDigests *digests, pid_t pid, int pidfd)
{
  int pin = pidfd < 0 ? okap_proc_pin (pid) : -1;
  int folder = okap_proc_open (pid, pidfd < 0 ? pin : pidfd);
  OkapIdentity *identity = folder < 0 ? okap_identity_new_unknown (OKAP_DOUBT_GONE)
                                      : grade_folder (digests, pid, folder);

  if (folder >= 0)
    close (folder);
  if (pin >= 0)
    close (pin);
  return identity;
}

/** okap_grade_file: (transfer full) (nullable): see okap_identify_file_async() */
OkapIdentity *
okap_grade_file (OkapDigests *digests, const char *path, GError **error)
{
  char *resolved = path[0] == '/' ? realpath (path, NULL) : NULL;
  OkapIdentity *identity;
  struct stat file;
  int fd = resolved != NULL ? open (resolved, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;

  if (fd < 0 || fstat (fd, &file) != 0 || !S_ISREG (file.st_mode) || (file.st_mode & 0111) == 0)
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                   "Expected the absolute path of a program that can be started");
      if (fd >= 0)
        close (fd);
      free (resolved);
      return NULL;
    }
  identity = okap_identity_seal (grade_program (digests, resolved, fd, &file));
  close (fd);
  free (resolved);
  return identity;
}
