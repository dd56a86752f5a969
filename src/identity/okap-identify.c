/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The thread that identifies programs, and what is asked of it from outside.
 *
 * There is one for the whole process, because what it remembers of files is worth sharing, and
 * because looking through all processes twice at once helps nobody. It is made for who first needs
 * it and ends with the last reference; the jobs that wait then are still done. All that the jobs
 * use belongs to the thread. */
#include "config.h"

#include "okap-identify.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "okap-grade.h"
#include "okap-proc.h"
#include "okap-search.h"
#include "okap-worker.h"

struct _OkapIdentifier
{
  guint n_refs;          /* locked by identifier_lock */
  OkapWorker *worker;    /* (owned) (immutable) */
  OkapDigests *digests;  /* (owned) worker thread */
  OkapSocketDiag *diag;  /* (owned) worker thread */
  pthread_mutex_t lock;
  GPtrArray *waiting;    /* (owned) (element-type OkapSearch) (locked by lock) for the next pass */
};

typedef struct
{
  OkapIdentifier *identifier;  /* (owned) */
  pid_t pid;
  int pidfd;                   /* (owned) -1 if there is none */
  char *path;                  /* (owned) (nullable) of a file */
} Question;

static pthread_mutex_t identifier_lock = PTHREAD_MUTEX_INITIALIZER;
static OkapIdentifier *the_identifier;  /* (unowned) (nullable) locked by identifier_lock */

static GPtrArray *
new_searches (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) okap_search_unref);
}

/** okap_identifier_get: (transfer full): the one of this process */
OkapIdentifier *
okap_identifier_get (void)
{
  OkapIdentifier *identifier;

  pthread_mutex_lock (&identifier_lock);
  if (the_identifier == NULL)
    {
      the_identifier = g_new0 (OkapIdentifier, 1);
      the_identifier->digests = okap_digests_new ();
      the_identifier->diag = okap_socket_diag_new ();
      pthread_mutex_init (&the_identifier->lock, NULL);
      the_identifier->waiting = new_searches ();
      the_identifier->worker = okap_worker_new ("okap-identity");
    }
  identifier = the_identifier;
  identifier->n_refs++;
  pthread_mutex_unlock (&identifier_lock);
  return identifier;
}

OkapIdentifier *
okap_identifier_ref (OkapIdentifier *identifier)
{
  pthread_mutex_lock (&identifier_lock);
  identifier->n_refs++;
  pthread_mutex_unlock (&identifier_lock);
  return identifier;
}

/** okap_identifier_unref: the last one waits for the thread; never from within its jobs */
void
okap_identifier_unref (OkapIdentifier *identifier)
{
  gboolean last;

  pthread_mutex_lock (&identifier_lock);
  last = --identifier->n_refs == 0;
  if (last)
    the_identifier = NULL;
  pthread_mutex_unlock (&identifier_lock);
  if (!last)
    return;
  okap_worker_free (identifier->worker);
  okap_digests_free (identifier->digests);
  okap_socket_diag_free (identifier->diag);
  g_ptr_array_unref (identifier->waiting);
  pthread_mutex_destroy (&identifier->lock);
  g_free (identifier);
}

static void
question_free (gpointer data)
{
  Question *question = data;

  okap_identifier_unref (question->identifier);
  if (question->pidfd >= 0)
    close (question->pidfd);
  g_free (question->path);
  g_free (question);
}

static GTask *
new_task (OkapIdentifier *identifier, Question *question, GAsyncReadyCallback callback,
          gpointer user_data)
{
  GTask *task = g_task_new (NULL, NULL, callback, user_data);

  question->identifier = okap_identifier_ref (identifier);
  g_task_set_task_data (task, question, question_free);
  return task;
}

static gpointer
identify_process (GTask *task, GError **error)
{
  const Question *question = g_task_get_task_data (task);
  g_autoptr (OkapReading) reading = okap_reading_new (question->identifier->digests, question->pid,
                                                      question->pidfd);

  return okap_identity_ref (reading->identity);
}

/**
 * okap_identify_process_async:
 * @pid: in our own pid namespace
 * @pidfd: (transfer none): -1 if there is none
 */
void
okap_identify_process_async (OkapIdentifier *identifier, pid_t pid, int pidfd,
                             GAsyncReadyCallback callback, gpointer user_data)
{
  Question *question = g_new0 (Question, 1);
  GTask *task;

  question->pid = pid;
  /* Pinned now, not when its turn comes: what has the number then may be another process. */
  question->pidfd = pidfd >= 0 ? fcntl (pidfd, F_DUPFD_CLOEXEC, 0) : okap_proc_pin (pid);
  task = new_task (identifier, question, callback, user_data);
  g_task_set_source_tag (task, okap_identify_process_async);
  if (question->pidfd < 0)
    {
      g_task_return_pointer (task, okap_identity_new_unknown (OKAP_DOUBT_GONE),
                             (GDestroyNotify) okap_identity_unref);
      g_object_unref (task);
      return;
    }
  okap_worker_run (identifier->worker, task, identify_process,
                   (GDestroyNotify) okap_identity_unref);
}

/** okap_identify_process_finish: (transfer full): sealed */
OkapIdentity *
okap_identify_process_finish (GAsyncResult *result)
{
  OkapIdentity *identity = g_task_propagate_pointer (G_TASK (result), NULL);

  return identity != NULL ? identity : okap_identity_new_unknown (OKAP_DOUBT_NONE);
}

static gpointer
identify_file (GTask *task, GError **error)
{
  const Question *question = g_task_get_task_data (task);

  return okap_grade_file (question->identifier->digests, question->path, error);
}

/** okap_identify_file_async: @path: absolute */
void
okap_identify_file_async (OkapIdentifier *identifier, const char *path,
                          GAsyncReadyCallback callback, gpointer user_data)
{
  Question *question = g_new0 (Question, 1);
  GTask *task;

  question->pidfd = -1;
  question->path = g_strdup (path);
  task = new_task (identifier, question, callback, user_data);
  g_task_set_source_tag (task, okap_identify_file_async);
  okap_worker_run (identifier->worker, task, identify_file, (GDestroyNotify) okap_identity_unref);
}

/**
 * okap_identify_file_finish:
 * @error: %OKAP_ERROR_INVALID_REQUEST, %OKAP_ERROR_BUSY
 *
 * Returns: (transfer full) (nullable): sealed
 */
OkapIdentity *
okap_identify_file_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Worker: all that wait by now are looked for in one pass. */
static void
search_job (gpointer data)
{
  OkapIdentifier *identifier = data;
  g_autoptr (GPtrArray) all = NULL;

  pthread_mutex_lock (&identifier->lock);
  all = identifier->waiting;
  identifier->waiting = new_searches ();
  pthread_mutex_unlock (&identifier->lock);
  okap_search_run (all, identifier->digests, identifier->diag);
  for (guint i = 0; i < all->len; i++)
    okap_search_answer (g_ptr_array_index (all, i));
}

/**
 * okap_identifier_search:
 * @search: (transfer none): answered in its context
 *
 * Looks for who holds a connection, in one pass with all others that wait.
 */
void
okap_identifier_search (OkapIdentifier *identifier, OkapSearch *search)
{
  gboolean first;

  pthread_mutex_lock (&identifier->lock);
  first = identifier->waiting->len == 0;
  g_ptr_array_add (identifier->waiting, okap_search_ref (search));
  pthread_mutex_unlock (&identifier->lock);
  if (first)
    okap_worker_post (identifier->worker, search_job, identifier, NULL);
}
