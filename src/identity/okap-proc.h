/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <sys/types.h>

G_BEGIN_DECLS

/* What /proc/PID/stat says, as far as it is of use here. */
typedef struct
{
  char state;
  pid_t parent;
  guint64 started;       /* clock ticks after boot */
  guint64 image[5];      /* where code, stack, heap, arguments, environment are: exec moves them */
  char name[64];         /* of the thread; the process itself chooses it */
} OkapProcStat;

#define OKAP_PROC_STAT_BYTES    2048
#define OKAP_PROC_COMMAND_BYTES (32 * 1024)
#define OKAP_PROC_CGROUP_BYTES  (16 * 1024)
#define OKAP_PROC_ARGUMENTS     256

/* texts */
gboolean okap_proc_parse_stat     (const char *text, gsize length, OkapProcStat *out);
char   **okap_proc_parse_command  (const char *bytes, gsize length);
char    *okap_proc_parse_unit     (const char *text, gsize length);
gboolean okap_proc_parse_ids      (const char *text, gsize length, uid_t out_uids[4]);
pid_t    okap_proc_parse_fdinfo   (const char *text, gsize length);

/* folders of processes */
int      okap_proc_open           (pid_t pid, int pidfd);
gboolean okap_proc_is_alive       (int pidfd);
int      okap_proc_pin            (pid_t pid);
gssize   okap_proc_read           (int folder, const char *name, char *room, gsize size);
gboolean okap_proc_read_stat      (int folder, OkapProcStat *out);
char    *okap_proc_read_link      (int folder, const char *name);

G_END_DECLS
