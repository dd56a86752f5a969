/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One thread, one queue. What is not safe to share, such as a database connection, is owned by a
 * worker and touched by its jobs only; they run one at a time, in the order of the calls.
 *
 *   running ──stop──▸ draining ──queue empty──▸ stopped
 *
 * While draining, jobs that were queued before still run, and those that come later are refused,
 * so that nothing that was accepted is lost.
 *
 * A task is worked on here, but returned and dropped in the context that it answers to, never here:
 * its source object may be one that only its own thread may finalize.
 *
 * The lock is a pthread one rather than a GMutex, because ThreadSanitizer sees through the former
 * and would report every hand-over through the latter. */
#include "config.h"

#include "okap-worker.h"

#include <pthread.h>

#include "okap-caps.h"
#include "okap-error.h"
#include "okap-invoke.h"

typedef struct
{
  GTask *task;                    /* (owned) (nullable) */
  OkapWorkerTaskFunc task_func;
  GDestroyNotify free_result;     /* (nullable) */
  gpointer result;                /* (owned) (nullable) until the task is returned */
  GError *error;                  /* (owned) (nullable) likewise */

  OkapWorkerFunc func;            /* if there is no task */
  gpointer data;
  GDestroyNotify destroy;         /* (nullable) */
} Job;

struct _OkapWorker
{
  char *name;               /* (owned) (immutable) */
  GThread *thread;          /* (owned) (nullable) joined by stop; touched by the owner only */
  pthread_mutex_t lock;
  pthread_cond_t cond;      /* a job came, or draining began */
  GQueue jobs;              /* locked by lock; (element-type Job) */
  gboolean draining;        /* locked by lock */
};

/* The worker whose thread this is. */
static _Thread_local OkapWorker *current_worker;

/* In the context of the task. */
static gboolean
return_task_cb (gpointer data)
{
  Job *job = data;

  if (job->error != NULL)
    g_task_return_error (job->task, g_steal_pointer (&job->error));
  else
    g_task_return_pointer (job->task, g_steal_pointer (&job->result), job->free_result);
  return G_SOURCE_REMOVE;
}

static void
job_free (gpointer data)
{
  Job *job = data;

  if (job->result != NULL && job->free_result != NULL)
    job->free_result (job->result);
  g_clear_error (&job->error);
  g_clear_object (&job->task);
  g_free (job);
}

static void
job_run (Job *job)
{
  if (job->task != NULL)
    {
      job->result = job->task_func (job->task, &job->error);
      okap_invoke (g_task_get_context (job->task), return_task_cb, job, job_free);
      return;
    }
  job->func (job->data);
  if (job->destroy != NULL)
    job->destroy (job->data);
  job_free (job);
}

static Job *
wait_for_job (OkapWorker *self)
{
  Job *job;

  pthread_mutex_lock (&self->lock);
  while (g_queue_is_empty (&self->jobs) && !self->draining)
    pthread_cond_wait (&self->cond, &self->lock);
  job = g_queue_pop_head (&self->jobs);
  pthread_mutex_unlock (&self->lock);
  return job;
}

static gpointer
thread_main (gpointer data)
{
  OkapWorker *self = data;
  Job *job;

  current_worker = self;
  while ((job = wait_for_job (self)) != NULL)
    job_run (job);
  return NULL;
}

/* Takes the job unless the worker is draining or, if @bounded, too busy. */
static gboolean
queue_job (OkapWorker *self, Job *job, gboolean bounded, gboolean *out_draining)
{
  gboolean taken;

  pthread_mutex_lock (&self->lock);
  *out_draining = self->draining;
  taken = !self->draining && (!bounded || self->jobs.length < OKAP_CAP_WORKER_JOBS);
  if (taken)
    {
      g_queue_push_tail (&self->jobs, job);
      pthread_cond_signal (&self->cond);
    }
  pthread_mutex_unlock (&self->lock);
  return taken;
}

/**
 * okap_worker_new:
 * @name: of the thread, at most 15 characters
 *
 * Returns: (transfer full): a worker whose thread runs
 */
OkapWorker *
okap_worker_new (const char *name)
{
  OkapWorker *self = g_new0 (OkapWorker, 1);

  self->name = g_strdup (name);
  g_queue_init (&self->jobs);
  pthread_mutex_init (&self->lock, NULL);
  pthread_cond_init (&self->cond, NULL);
  self->thread = g_thread_new (self->name, thread_main, self);
  return self;
}

/**
 * okap_worker_run:
 * @task: (transfer full): its data must not be touched until it has returned
 * @func: runs in the worker's thread; what it returns is returned by @task as a pointer
 * @free_result: (nullable): frees such a pointer that nobody took
 *
 * Queues @func. @task fails with %OKAP_ERROR_BUSY if too many jobs wait already, and with
 * %OKAP_ERROR_STORAGE if the worker has been stopped.
 */
void
okap_worker_run (OkapWorker *self, GTask *task, OkapWorkerTaskFunc func,
                 GDestroyNotify free_result)
{
  Job *job = g_new0 (Job, 1);
  gboolean draining;

  job->task = task;
  job->task_func = func;
  job->free_result = free_result;
  if (queue_job (self, job, TRUE, &draining))
    return;

  if (draining)
    g_task_return_new_error (task, OKAP_ERROR, OKAP_ERROR_STORAGE,
                             "%s is closed; nothing more can be done with it", self->name);
  else
    g_task_return_new_error (task, OKAP_ERROR, OKAP_ERROR_BUSY,
                             "%s has %d jobs waiting; try again later", self->name,
                             OKAP_CAP_WORKER_JOBS);
  job_free (job);
}

/**
 * okap_worker_post:
 * @func: runs in the worker's thread
 * @data: given to @func
 * @destroy: (nullable): frees @data, in the worker's thread after @func ran, or here if refused
 *
 * Queues a job without an answer. Not bounded: for the few that the program itself makes.
 *
 * Returns: FALSE if the worker has been stopped
 */
gboolean
okap_worker_post (OkapWorker *self, OkapWorkerFunc func, gpointer data, GDestroyNotify destroy)
{
  Job *job = g_new0 (Job, 1);
  gboolean draining;

  job->func = func;
  job->data = data;
  job->destroy = destroy;
  if (queue_job (self, job, FALSE, &draining))
    return TRUE;

  if (destroy != NULL)
    destroy (data);
  job_free (job);
  return FALSE;
}

/** okap_worker_is_current: whether the calling thread is the worker's */
gboolean
okap_worker_is_current (OkapWorker *self)
{
  return current_worker == self;
}

/**
 * okap_worker_stop:
 *
 * Refuses new jobs, waits until those that were queued have run, and ends the thread. May be
 * called twice, by the owner only.
 */
void
okap_worker_stop (OkapWorker *self)
{
  g_return_if_fail (!okap_worker_is_current (self));

  pthread_mutex_lock (&self->lock);
  self->draining = TRUE;
  pthread_cond_signal (&self->cond);
  pthread_mutex_unlock (&self->lock);
  g_clear_pointer (&self->thread, g_thread_join);
}

/** okap_worker_free: stops the worker first if that was not done */
void
okap_worker_free (OkapWorker *self)
{
  okap_worker_stop (self);
  pthread_cond_destroy (&self->cond);
  pthread_mutex_destroy (&self->lock);
  g_free (self->name);
  g_free (self);
}
