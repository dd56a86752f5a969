/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <pthread.h>

#include "okap-caps.h"
#include "okap-error.h"
#include "okap-worker.h"

typedef struct
{
  OkapWorker *worker;
  GArray *order;        /* touched by the worker's thread until it stopped */
  GThread *main_thread;
  GThread *ran_in;
  GThread *source_finalized_in;
} Fixture;

typedef struct
{
  Fixture *fixture;
  guint number;
} Numbered;

static void
note_job (gpointer data)
{
  Numbered *numbered = data;

  g_assert_true (okap_worker_is_current (numbered->fixture->worker));
  g_array_append_val (numbered->fixture->order, numbered->number);
}

static void
test_order_and_drain (void)
{
  Fixture fixture = { .order = g_array_new (FALSE, FALSE, sizeof (guint)) };
  const guint n_jobs = 3 * OKAP_CAP_WORKER_JOBS;

  fixture.worker = okap_worker_new ("test-worker");
  g_assert_false (okap_worker_is_current (fixture.worker));
  for (guint i = 0; i < n_jobs; i++)
    {
      Numbered *numbered = g_new (Numbered, 1);

      *numbered = (Numbered) { &fixture, i };
      g_assert_true (okap_worker_post (fixture.worker, note_job, numbered, g_free));
    }
  okap_worker_stop (fixture.worker);
  okap_worker_stop (fixture.worker);

  g_assert_cmpuint (fixture.order->len, ==, n_jobs);
  for (guint i = 0; i < n_jobs; i++)
    g_assert_cmpuint (g_array_index (fixture.order, guint, i), ==, i);
  g_assert_false (okap_worker_post (fixture.worker, note_job, g_new0 (Numbered, 1), g_free));
  okap_worker_free (fixture.worker);
  g_array_unref (fixture.order);
}

static void
source_gone_cb (gpointer data, GObject *object)
{
  Fixture *fixture = data;

  fixture->source_finalized_in = g_thread_self ();
}

static gpointer
answer_func (GTask *task, GError **error)
{
  Fixture *fixture = g_task_get_task_data (task);

  fixture->ran_in = g_thread_self ();
  return g_strdup ("forty-two");
}

static gpointer
fail_func (GTask *task, GError **error)
{
  g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_NOT_FOUND, "nothing there");
  return NULL;
}

static void
take_result_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **out = user_data;

  *out = g_object_ref (result);
}

/* The source object of a task must go in the thread that asked, though the worker had it too. */
static void
test_task (void)
{
  g_autoptr (OkapWorker) worker = okap_worker_new ("test-worker");
  Fixture fixture = { .main_thread = g_thread_self () };
  GObject *source = g_object_new (G_TYPE_OBJECT, NULL);
  GAsyncResult *result = NULL;
  GTask *task = g_task_new (source, NULL, take_result_cb, &result);
  g_autofree char *answer = NULL;

  g_object_weak_ref (source, source_gone_cb, &fixture);
  g_object_unref (source);
  g_task_set_task_data (task, &fixture, NULL);
  okap_worker_run (worker, task, answer_func, g_free);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  answer = g_task_propagate_pointer (G_TASK (result), NULL);
  g_assert_cmpstr (answer, ==, "forty-two");
  g_assert_true (fixture.ran_in != fixture.main_thread);
  g_clear_object (&result);
  while (fixture.source_finalized_in == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (fixture.source_finalized_in == fixture.main_thread);
}

static void
assert_fails (OkapWorker *worker, OkapError code)
{
  g_autoptr (GError) error = NULL;
  GAsyncResult *result = NULL;

  okap_worker_run (worker, g_task_new (NULL, NULL, take_result_cb, &result), fail_func, g_free);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_null (g_task_propagate_pointer (G_TASK (result), &error));
  g_assert_error (error, OKAP_ERROR, (int) code);
  g_object_unref (result);
}

static void
test_failures (void)
{
  g_autoptr (OkapWorker) worker = okap_worker_new ("test-worker");

  assert_fails (worker, OKAP_ERROR_NOT_FOUND);
  okap_worker_stop (worker);
  assert_fails (worker, OKAP_ERROR_STORAGE);
}

static void
hold_job (gpointer data)
{
  pthread_mutex_t *gate = data;

  pthread_mutex_lock (gate);
  pthread_mutex_unlock (gate);
}

static void
count_busy_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *answer = g_task_propagate_pointer (G_TASK (result), &error);
  guint *n_busy = user_data;

  if (answer == NULL)
    {
      g_assert_error (error, OKAP_ERROR, OKAP_ERROR_BUSY);
      (*n_busy)++;
    }
}

static void
test_bounded (void)
{
  OkapWorker *worker = okap_worker_new ("test-worker");
  Fixture fixture = { 0 };
  guint n_busy = 0;
  pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

  pthread_mutex_lock (&gate);
  okap_worker_post (worker, hold_job, &gate, NULL);
  for (guint i = 0; i < OKAP_CAP_WORKER_JOBS + 10; i++)
    {
      GTask *task = g_task_new (NULL, NULL, count_busy_cb, &n_busy);

      g_task_set_task_data (task, &fixture, NULL);
      okap_worker_run (worker, task, answer_func, g_free);
    }
  pthread_mutex_unlock (&gate);
  okap_worker_free (worker);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (n_busy, >=, 9);
  g_assert_cmpuint (n_busy, <=, 11);
  pthread_mutex_destroy (&gate);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/worker/order-and-drain", test_order_and_drain);
  g_test_add_func ("/worker/task", test_task);
  g_test_add_func ("/worker/failures", test_failures);
  g_test_add_func ("/worker/bounded", test_bounded);
  return g_test_run ();
}
