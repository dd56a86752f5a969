/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening and reading the folder of a process in /proc. Any thread.
 *
 * A descriptor of such a folder belongs to the process, not to its number: once the process has
 * ended, nothing can be read through it, even if another process has the number by then. What has
 * to be shown is only that the folder that was opened is that of the process that was meant, and
 * the pidfd shows it: it was opened before, and it is alive afterwards. */
#include "config.h"

#include "okap-proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/** okap_proc_pin: a descriptor of the process that has number @pid now; -1 if there is none */
int
okap_proc_pin (pid_t pid)
{
  return pid > 0 ? (int) syscall (SYS_pidfd_open, pid, 0) : -1;
}

/** okap_proc_is_alive: whether the process of @pidfd has not ended, not even as a zombie */
gboolean
okap_proc_is_alive (int pidfd)
{
  struct pollfd poll_fd = { .fd = pidfd, .events = POLLIN };
  int n;

  do
    n = poll (&poll_fd, 1, 0);
  while (n < 0 && errno == EINTR);
  return n == 0;
}

/* Whether @pidfd is of number @pid, so that a descriptor and a number from two sources agree. */
static gboolean
is_of (int pidfd, pid_t pid)
{
  char path[40], text[1024];
  gssize n;

  g_snprintf (path, sizeof path, "/proc/self/fdinfo/%d", pidfd);
  n = okap_proc_read (AT_FDCWD, path, text, sizeof text);
  return n > 0 && okap_proc_parse_fdinfo (text, (gsize) n) == pid;
}

/**
 * okap_proc_open:
 * @pidfd: of process @pid, from okap_proc_pin() or the kernel
 *
 * Returns: a descriptor of the folder of that very process; -1 if it is gone, or another one
 */
int
okap_proc_open (pid_t pid, int pidfd)
{
  char path[32];
  int folder;

  g_snprintf (path, sizeof path, "/proc/%d", (int) pid);
  folder = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0)
    return -1;
  if (is_of (pidfd, pid) && okap_proc_is_alive (pidfd))
    return folder;
  close (folder);
  return -1;
}

/**
 * okap_proc_read:
 *
 * Reads @name in @folder, at most @size bytes of it.
 *
 * Returns: how many bytes there are in @room; -1 with errno
 */
gssize
okap_proc_read (int folder, const char *name, char *room, gsize size)
{
  gsize length = 0;
  int fd = openat (folder, name, O_RDONLY | O_CLOEXEC | O_NOCTTY);

  if (fd < 0)
    return -1;
  while (length < size)
    {
      gssize n = read (fd, room + length, size - length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          int why = errno;

          close (fd);
          errno = why;
          return -1;
        }
      if (n == 0)
        break;
      length += (gsize) n;
    }
  close (fd);
  return (gssize) length;
}

/** okap_proc_read_stat: FALSE if the process has ended or is about to */
gboolean
okap_proc_read_stat (int folder, OkapProcStat *out)
{
  char text[OKAP_PROC_STAT_BYTES];
  gssize n = okap_proc_read (folder, "stat", text, sizeof text);

  return n > 0 && okap_proc_parse_stat (text, (gsize) n, out)
         && strchr ("ZXx", out->state) == NULL;
}

/** okap_proc_read_link: (transfer full) (nullable): where link @name points; NULL with errno */
char *
okap_proc_read_link (int folder, const char *name)
{
  char target[4096 + 64];
  gssize n = readlinkat (folder, name, target, sizeof target);

  if (n < 0)
    return NULL;
  if ((gsize) n == sizeof target)
    {
      errno = ENAMETOOLONG;
      return NULL;
    }
  return g_strndup (target, (gsize) n);
}
