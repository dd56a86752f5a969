/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who holds the other ends of connections, all that wait in one pass over /proc. Worker thread.
 *
 *   ask the kernel for the inode ──▸ look through all descriptors ──▸ pin, read and grade each
 *   process that has it ──▸ through its pinned folder: does it still? ──▸ ask for the inode again
 *
 * A process is only believed to hold a connection after it was pinned, so a number that was given
 * to another process meanwhile does no harm. One program may hold a connection several times, as
 * servers with workers do; several programs make it nobody's. Commands without a file are known by
 * their process: there, a parent and what it forked are one.
 *
 * On a Unix socket the kernel noted who connected. That process counts as a holder, even if it has
 * closed the socket since, so that handing it to another program makes it nobody's. Where the
 * kernel has no descriptor of it, only its number, it has to hold the socket still; and where it
 * has neither that descriptor nor diagnostics, who connected is not known.
 *
 * Holders are seen at one moment. Who has nobody look just then (a descriptor that is being handed
 * over, a child that hides itself) could make a connection look like another program's that it
 * started itself; that takes a program which was made for it, against which nothing is promised. */
#include "config.h"

#include "okap-search.h"

#include <string.h>
#include <unistd.h>

#include "okap-caps.h"
#include "okap-holders.h"
#include "okap-invoke.h"

#define LINKS_MOST 65536  /* of one process that is looked at again */

typedef struct
{
  OkapDigests *digests;
  GHashTable *readings;  /* (owned) of pid_t to OkapReading: each process is read once in a pass */
} Pass;

/** okap_search_new: (transfer full): @func: called once in @context, unless cancelled */
OkapSearch *
okap_search_new (GMainContext *context, OkapSearchFunc func, gpointer user_data)
{
  OkapSearch *search = g_new0 (OkapSearch, 1);

  g_atomic_ref_count_init (&search->ref_count);
  search->context = g_main_context_ref (context);
  search->func = func;
  search->user_data = user_data;
  search->pidfd = search->fd = -1;
  return search;
}

OkapSearch *
okap_search_ref (OkapSearch *search)
{
  g_atomic_ref_count_inc (&search->ref_count);
  return search;
}

void
okap_search_unref (OkapSearch *search)
{
  if (!g_atomic_ref_count_dec (&search->ref_count))
    return;
  g_main_context_unref (search->context);
  if (search->pidfd >= 0)
    close (search->pidfd);
  g_clear_pointer (&search->identity, okap_identity_unref);
  g_clear_pointer (&search->reading, okap_reading_unref);
  g_free (search);
}

/** okap_search_cancel: asker's thread: the answer is not wanted any more */
void
okap_search_cancel (OkapSearch *search)
{
  search->func = NULL;
}

static gboolean
answer_cb (gpointer data)
{
  OkapSearch *search = data;

  if (search->func != NULL)
    search->func (search, search->user_data);
  return G_SOURCE_REMOVE;
}

/** okap_search_answer: worker thread, once */
void
okap_search_answer (OkapSearch *search)
{
  okap_invoke (search->context, answer_cb, okap_search_ref (search),
               (GDestroyNotify) okap_search_unref);
}

static void
say_unknown (OkapSearch *search, OkapDoubt doubt)
{
  search->identity = okap_identity_new_unknown (doubt);
}

/* (transfer none) (nullable): process @pid, read in this pass; NULL if it is gone. */
static OkapReading *
read_process (Pass *pass, pid_t pid, int pidfd)
{
  OkapReading *reading = g_hash_table_lookup (pass->readings, GINT_TO_POINTER (pid));
  int pin = -1;

  if (reading != NULL && okap_reading_still_holds (reading))
    return reading;
  if (pidfd < 0)
    pidfd = pin = okap_proc_pin (pid);
  if (pidfd < 0)
    return NULL;
  reading = okap_reading_new (pass->digests, pid, pidfd);
  if (pin >= 0)
    close (pin);
  g_hash_table_replace (pass->readings, GINT_TO_POINTER (pid), reading);
  return reading;
}

static gboolean
descends_from (const OkapIdentity *child, const OkapIdentity *parent)
{
  for (guint i = 0; i < child->ancestors->len; i++)
    {
      const OkapProcessId *id = &g_array_index (child->ancestors, OkapProcessId, i);

      if (id->pid == parent->process.pid && id->started == parent->process.started)
        return TRUE;
    }
  return FALSE;
}

/* The one of two that stands for both; NULL if they are not one program. Of two that are unknown
 * for the same reason one will do, if they run the same file: it stays unknown. */
static OkapReading *
merge (OkapReading *a, OkapReading *b)
{
  const OkapIdentity *one = a->identity, *other = b->identity;

  if (one->kind != other->kind)
    return NULL;
  if (one->kind == OKAP_IDENTITY_UNKNOWN)
    return one->doubt == other->doubt && one->program != NULL
           && g_strcmp0 (one->program, other->program) == 0 ? a : NULL;
  if (strcmp (okap_identity_get_key (one), okap_identity_get_key (other)) == 0)
    return a;
  if (one->kind != OKAP_IDENTITY_SCRIPT || one->script != NULL || other->script != NULL
      || g_strcmp0 (one->program, other->program) != 0
      || a->facts->n_bytes != b->facts->n_bytes
      || memcmp (a->facts->bytes, b->facts->bytes, a->facts->n_bytes) != 0)
    return NULL;
  if (descends_from (other, one))
    return a;
  return descends_from (one, other) ? b : NULL;
}

/* Several programs: nobody's. What all of them descend from is kept, for what okap run started. */
static OkapIdentity *
make_shared (GPtrArray *found)
{
  const OkapIdentity *first = ((OkapReading *) g_ptr_array_index (found, 0))->identity;
  OkapIdentity *identity = okap_identity_new (OKAP_IDENTITY_UNKNOWN);
  gboolean same_unit = first->unit != NULL;

  identity->doubt = OKAP_DOUBT_SHARED;
  for (guint i = 0; i < first->ancestors->len; i++)
    {
      OkapProcessId id = g_array_index (first->ancestors, OkapProcessId, i);
      OkapIdentity ancestor = { .process = id };
      gboolean of_all = TRUE;

      for (guint j = 1; j < found->len && of_all; j++)
        of_all = descends_from (((OkapReading *) g_ptr_array_index (found, j))->identity,
                                &ancestor);
      if (of_all)
        g_array_append_val (identity->ancestors, id);
    }
  for (guint j = 1; j < found->len; j++)
    same_unit = same_unit
                && g_strcmp0 (((OkapReading *) g_ptr_array_index (found, j))->identity->unit,
                              first->unit) == 0;
  if (same_unit)
    identity->unit = g_strdup (first->unit);
  return okap_identity_seal (identity);
}

/* Somebody above it could have the connection, too. What it descends from is kept. */
static OkapIdentity *
make_hidden (const OkapReading *reading)
{
  OkapIdentity *identity = okap_identity_new (OKAP_IDENTITY_UNKNOWN);

  identity->doubt = OKAP_DOUBT_HIDDEN;
  okap_facts_copy_shown (reading->facts, identity);
  return okap_identity_seal (identity);
}

static void
conclude (OkapSearch *search, GPtrArray *found)
{
  OkapReading *one = found->len > 0 ? g_ptr_array_index (found, 0) : NULL;
  gboolean below_hidden = FALSE;

  if (one == NULL)
    {
      say_unknown (search, OKAP_DOUBT_HIDDEN);  /* somebody has it whom we cannot look at */
      return;
    }
  for (guint i = 0; i < found->len; i++)
    {
      OkapReading *reading = g_ptr_array_index (found, i);

      below_hidden |= reading->facts->below_hidden;
      if (i > 0 && one != NULL)
        one = merge (one, reading);
    }
  if (one == NULL)
    search->identity = make_shared (found);
  else if (below_hidden)
    search->identity = make_hidden (one);
  else
    {
      search->identity = okap_identity_ref (one->identity);
      search->reading = okap_reading_ref (one);
    }
}

/* Who connected, if that is known for sure: the kernel gave a descriptor of it with the connection,
 * or it holds the socket. A number alone may be another process's since, and nothing tells. */
static OkapReading *
read_connector (Pass *pass, OkapSearch *search, const OkapHolders *holders)
{
  OkapReading *reading = NULL;
  gboolean sure = search->vouched;

  if (search->pidfd < 0)
    return NULL;
  for (guint i = 0; holders != NULL && !sure && i < holders->pids->len; i++)
    sure = g_array_index (holders->pids, pid_t, i) == search->connector;
  reading = sure ? read_process (pass, search->connector, search->pidfd) : NULL;
  return reading != NULL && okap_proc_is_alive (search->pidfd) ? reading : NULL;
}

/* Why it is not known who connected. */
static OkapDoubt
get_doubt (const OkapSearch *search, const OkapHolders *holders)
{
  if (search->vouched || search->pidfd < 0 || !okap_proc_is_alive (search->pidfd))
    return OKAP_DOUBT_GONE;
  if (holders == NULL)
    return OKAP_DOUBT_NONE;
  return holders->pids->len == 0 ? OKAP_DOUBT_HIDDEN : OKAP_DOUBT_GONE;
}

static gboolean
is_in (GPtrArray *found, const OkapReading *reading)
{
  return g_ptr_array_find (found, reading, NULL);
}

/* @holders: NULL where the kernel does not say */
static void
judge (Pass *pass, OkapSearch *search, const OkapHolders *holders, OkapSocketDiag *diag)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (
    (GDestroyNotify) okap_reading_unref);
  guint64 inode = 0;
  uid_t uid;

  if (search->is_unix)
    {
      OkapReading *connector = read_connector (pass, search, holders);

      if (connector == NULL || connector->facts->doubt == OKAP_DOUBT_GONE)
        {
          say_unknown (search, get_doubt (search, holders));
          return;
        }
      g_ptr_array_add (found, okap_reading_ref (connector));
    }
  for (guint i = 0; holders != NULL && i < holders->pids->len; i++)
    {
      OkapReading *reading = read_process (pass, g_array_index (holders->pids, pid_t, i), -1);
      int fd = g_array_index (holders->fds, int, i);
      guint budget = LINKS_MOST;

      if (reading != NULL && reading->facts->folder >= 0 && !is_in (found, reading)
          && okap_holders_has (reading->facts->folder, holders->inode, &fd, &budget))
        {
          g_ptr_array_add (found, okap_reading_ref (reading));
          search->fd = fd;
        }
    }
  if (holders != NULL
      && (okap_socket_diag_ask (diag, &search->socket, &uid, &inode) != OKAP_SOCKET_FOUND
          || inode != holders->inode))
    say_unknown (search, OKAP_DOUBT_GONE);
  else if (holders != NULL && holders->too_many)
    say_unknown (search, OKAP_DOUBT_SHARED);
  else
    conclude (search, found);
}

static void
holders_free (gpointer data)
{
  OkapHolders *holders = data;

  g_array_unref (holders->pids);
  g_array_unref (holders->fds);
  g_free (holders);
}

/* (transfer none): the entry of @inode in @all, perhaps a new one */
static OkapHolders *
want (GPtrArray *all, GHashTable *by_inode, guint64 inode)
{
  OkapHolders *holders = g_hash_table_lookup (by_inode, &inode);

  if (holders != NULL)
    return holders;
  holders = g_new0 (OkapHolders, 1);
  holders->inode = inode;
  holders->pids = g_array_new (FALSE, FALSE, sizeof (pid_t));
  holders->fds = g_array_new (FALSE, FALSE, sizeof (int));
  g_ptr_array_add (all, holders);
  g_hash_table_insert (by_inode, &holders->inode, holders);
  return holders;
}

/**
 * okap_search_run:
 * @searches: (element-type OkapSearch): each gets its identity
 *
 * Blocks for as long as it takes to read all of /proc, and what was found there.
 *
 * Returns: how many processes were looked at
 */
guint
okap_search_run (GPtrArray *searches, OkapDigests *digests, OkapSocketDiag *diag)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (holders_free);
  g_autoptr (GHashTable) by_inode = g_hash_table_new (g_int64_hash, g_int64_equal);
  g_autoptr (GHashTable) readings = g_hash_table_new_full (NULL, NULL, NULL,
                                                           (GDestroyNotify) okap_reading_unref);
  g_autofree OkapHolders **of = g_new0 (OkapHolders *, searches->len);
  Pass pass = { .digests = digests, .readings = readings };
  guint n = 0;

  for (guint i = 0; i < searches->len; i++)
    {
      OkapSearch *search = g_ptr_array_index (searches, i);
      OkapSocketAnswer answer = OKAP_SOCKET_UNAVAILABLE;
      guint64 inode = 0;
      uid_t uid;

      if (!search->is_unix || !search->plain)
        answer = okap_socket_diag_ask (diag, &search->socket, &uid, &inode);
      if (answer == OKAP_SOCKET_FOUND)
        of[i] = want (all, by_inode, inode);
      else if (answer != OKAP_SOCKET_UNAVAILABLE || !search->is_unix)
        say_unknown (search, OKAP_DOUBT_GONE);
    }
  if (all->len > 0)
    n = okap_holders_find (all);
  for (guint i = 0; i < searches->len; i++)
    {
      OkapSearch *search = g_ptr_array_index (searches, i);

      if (search->identity == NULL)
        judge (&pass, search, of[i], diag);
    }
  return n;
}
