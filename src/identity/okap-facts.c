/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading one process: pin, read, read again. Any thread; blocks for as long as /proc does.
 *
 * The folder in /proc belongs to the process that the pidfd pinned (okap-proc.c), so number and
 * start cannot be those of two processes. What can still change while it is read is what it runs:
 * a process may call exec at any time. Therefore what tells that (addresses of its memory, the link
 * to its file, its command line) is read before the rest and compared afterwards, once more after
 * the file was judged and hashed. exec moves the addresses, except where nothing is randomised.
 *
 * What belongs to another user, or does not let itself be read (PR_SET_DUMPABLE), is HIDDEN: its
 * name, unit and parents are readable still, and kept for descent only.
 *
 * What cannot be seen from here: what a program loaded into itself (LD_PRELOAD, PYTHONPATH), and
 * what a debugger made of it. Whoever can do that to a program of the user's is that program. A
 * command line stands in the memory of the process, which may rewrite it. */
#include "config.h"

#include "okap-facts.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "okap-caps.h"
#include "okap-trust.h"

#define COMMAND_SHOWN_BYTES 256

static const char *const namespaces[] = { "ns/mnt", "ns/user", "ns/pid" };

void
okap_facts_free (OkapFacts *facts)
{
  if (facts->folder >= 0)
    close (facts->folder);
  g_free (facts->exe);
  g_free (facts->bytes);
  g_strfreev (facts->command);
  g_free (facts->cwd);
  g_free (facts->unit);
  g_array_unref (facts->ancestors);
  g_strfreev (facts->parents);
  g_free (facts);
}

static gboolean
is_ours (int folder)
{
  char text[4096];
  uid_t uids[4];
  gssize n = okap_proc_read (folder, "status", text, sizeof text);

  if (n <= 0 || !okap_proc_parse_ids (text, (gsize) n, uids))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (uids); i++)
    if (uids[i] != geteuid ())
      return FALSE;
  return TRUE;
}

/* (transfer full): how an ancestor is called: by its file, else as it calls itself. */
static char *
dup_program_name (int folder, const OkapProcStat *stat, gboolean *out_hidden)
{
  g_autofree char *exe = okap_proc_read_link (folder, "exe");

  *out_hidden = exe == NULL && errno == EACCES && is_ours (folder);
  return exe != NULL && *exe != '\0' ? g_path_get_basename (exe) : g_strdup (stat->name);
}

/* The parent of a process that was read as @child. A child whose parent ends gets another one, so
 * if it still has the same one after that was opened and read, then what was opened is its parent.
 * A descriptor; -1 if there is none, or it changed meanwhile. */
static int
open_parent (int folder, const OkapProcStat *child, OkapProcStat *out)
{
  OkapProcStat again;
  char path[32];
  int above;

  g_snprintf (path, sizeof path, "/proc/%d", (int) child->parent);
  above = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (above < 0)
    return -1;
  if (okap_proc_read_stat (above, out) && okap_proc_read_stat (folder, &again)
      && again.parent == child->parent)
    return above;
  close (above);
  return -1;
}

/* An ancestor of ours that cannot be read might hold what its child holds. Not meant is the first
 * process of all, nor one that a process of another user started: so are log-ins (sshd). */
static void
read_ancestors (OkapFacts *facts)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  OkapProcStat child = facts->stat;
  gboolean below = FALSE;  /* the one before is hidden */
  int folder = dup (facts->folder);

  while (folder >= 0 && child.parent > 0 && facts->ancestors->len < OKAP_CAP_IDENTITY_ANCESTORS)
    {
      OkapProcessId id = { .pid = child.parent };
      OkapProcStat parent;
      gboolean hidden;
      int above = open_parent (folder, &child, &parent);

      if (above < 0)
        break;
      id.started = parent.started;
      g_array_append_val (facts->ancestors, id);
      g_ptr_array_add (names, dup_program_name (above, &parent, &hidden));
      facts->below_hidden |= below && (id.pid == 1 || is_ours (above));
      below = hidden && id.pid != getpid () && id.pid != 1;
      close (folder);
      folder = above;
      child = parent;
    }
  facts->below_hidden |= below;
  if (folder >= 0)
    close (folder);
  g_ptr_array_add (names, NULL);
  facts->parents = (char **) g_ptr_array_free (g_steal_pointer (&names), FALSE);
}

static void
read_unit (OkapFacts *facts)
{
  g_autofree char *text = g_malloc (OKAP_PROC_CGROUP_BYTES);
  gssize n = okap_proc_read (facts->folder, "cgroup", text, OKAP_PROC_CGROUP_BYTES);

  if (n > 0)
    facts->unit = okap_proc_parse_unit (text, (gsize) n);
}

/* (transfer full) (nullable): the command line as it stands there now */
static char *
read_command (int folder, gsize *out_length)
{
  g_autofree char *room = g_malloc (OKAP_PROC_COMMAND_BYTES);
  gssize n = okap_proc_read (folder, "cmdline", room, OKAP_PROC_COMMAND_BYTES);

  *out_length = n > 0 ? (gsize) n : 0;
  return n >= 0 ? g_memdup2 (room, *out_length) : NULL;
}

/* FALSE if it cannot be told. */
static gboolean
read_namespaces (OkapFacts *facts)
{
  struct stat theirs, ours;

  for (gsize i = 0; i < G_N_ELEMENTS (namespaces); i++)
    {
      char path[32];

      g_snprintf (path, sizeof path, "/proc/self/%s", namespaces[i]);
      if (fstatat (facts->folder, namespaces[i], &theirs, 0) != 0 || stat (path, &ours) != 0)
        return FALSE;
      facts->foreign |= !okap_trust_is_same_file (&theirs, &ours);
    }
  if (fstatat (facts->folder, "root", &theirs, 0) != 0 || stat ("/", &ours) != 0)
    return FALSE;
  facts->foreign |= !okap_trust_is_same_file (&theirs, &ours);
  return TRUE;
}

static OkapDoubt
read_program (OkapFacts *facts)
{
  struct stat there;

  facts->exe = okap_proc_read_link (facts->folder, "exe");
  if (facts->exe == NULL)
    return errno == EACCES || errno == EPERM ? OKAP_DOUBT_HIDDEN : OKAP_DOUBT_GONE;
  if (fstatat (facts->folder, "exe", &facts->file, 0) != 0 || !read_namespaces (facts))
    return errno == EACCES || errno == EPERM ? OKAP_DOUBT_HIDDEN : OKAP_DOUBT_GONE;
  facts->replaced = facts->exe[0] != '/' || lstat (facts->exe, &there) != 0
                    || !okap_trust_is_same_file (&there, &facts->file);
  facts->cwd = okap_proc_read_link (facts->folder, "cwd");
  return OKAP_DOUBT_NONE;
}

/**
 * okap_facts_read:
 * @pidfd: of @pid; borrowed
 *
 * Returns: (transfer full): with what could be read
 */
OkapFacts *
okap_facts_read (pid_t pid, int pidfd)
{
  OkapFacts *facts = g_new0 (OkapFacts, 1);

  facts->ancestors = g_array_new (FALSE, FALSE, sizeof (OkapProcessId));
  facts->folder = okap_proc_open (pid, pidfd);
  facts->doubt = OKAP_DOUBT_GONE;
  if (facts->folder < 0 || !okap_proc_read_stat (facts->folder, &facts->stat))
    return facts;
  facts->process = (OkapProcessId) { .pid = pid, .started = facts->stat.started };
  facts->bytes = read_command (facts->folder, &facts->n_bytes);
  if (facts->bytes == NULL)
    return facts;
  facts->command = okap_proc_parse_command (facts->bytes, facts->n_bytes);
  read_unit (facts);
  read_ancestors (facts);
  facts->doubt = is_ours (facts->folder) ? read_program (facts) : OKAP_DOUBT_HIDDEN;
  return facts;
}

/** okap_facts_still_hold: whether the process still runs what it ran when it was read */
gboolean
okap_facts_still_hold (const OkapFacts *facts)
{
  OkapProcStat stat;
  struct stat file;
  g_autofree char *exe = NULL, *bytes = NULL;
  gsize n_bytes;

  if (facts->folder < 0 || !okap_proc_read_stat (facts->folder, &stat)
      || stat.started != facts->stat.started
      || memcmp (stat.image, facts->stat.image, sizeof stat.image) != 0)
    return FALSE;
  bytes = read_command (facts->folder, &n_bytes);
  if (bytes == NULL || n_bytes != facts->n_bytes || memcmp (bytes, facts->bytes, n_bytes) != 0)
    return FALSE;
  if (facts->exe == NULL)
    return TRUE;
  exe = okap_proc_read_link (facts->folder, "exe");
  return exe != NULL && strcmp (exe, facts->exe) == 0
         && fstatat (facts->folder, "exe", &file, 0) == 0
         && okap_trust_is_unchanged (&file, &facts->file);
}

/* (transfer full): arguments behind each other, shortened; bytes that are no text stay so */
static char *
dup_command_shown (char **command)
{
  char *line = g_strjoinv (" ", command);

  if (strlen (line) > COMMAND_SHOWN_BYTES)
    line[COMMAND_SHOWN_BYTES] = '\0';
  return line;
}

/** okap_facts_copy_shown: what every identity carries, however well it is known */
void
okap_facts_copy_shown (const OkapFacts *facts, OkapIdentity *identity)
{
  identity->process = facts->process;
  identity->unit = g_strdup (facts->unit);
  identity->command = facts->command != NULL ? dup_command_shown (facts->command) : NULL;
  if (facts->ancestors->len > 0)
    g_array_append_vals (identity->ancestors, facts->ancestors->data, facts->ancestors->len);
  identity->parents = g_strdupv (facts->parents);
}
