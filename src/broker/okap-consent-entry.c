/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How requests come to the queue and leave it. Main thread.
 *
 * A program that asks the same once more joins its open question; another question of it has to
 * wait. Then okap-flood.c says whether the person is spared, then whether there is room. Each of
 * those who asked has its own time and may hang up; the question goes with the last of them. */
#include "config.h"

#include "okap-consent-private.h"

#include <string.h>

#include "okap-caps.h"
#include "okap-error.h"
#include "okap-question-private.h"
#include "okap-remembered.h"

#define RETRY_S 10u  /* when the queue is full: questions are answered one by one */

/* One of those who asked goes; with the last one, the question does. @error: (transfer full) */
static void
leave (OkapWaiter *waiter, OkapFloodAnswer *answer, GError *error)
{
  g_autoptr (OkapInquiry) pending = okap_inquiry_ref (waiter->pending);
  g_autoptr (GTask) task = NULL;

  if (pending->waiters->len == 1)
    {
      if (answer != NULL && pending->prompt != NULL)
        okap_inquiry_note (pending, *answer);
      okap_inquiry_fail (pending, error);
      return;
    }
  task = g_steal_pointer (&waiter->task);
  if (waiter->ask->shown != NULL && pending->prompt != NULL)
    waiter->ask->shown (FALSE, waiter->ask->shown_data);
  g_ptr_array_remove (pending->waiters, waiter);
  g_task_return_error (task, error);
}

static gboolean
time_over_cb (gpointer user_data)
{
  OkapFloodAnswer answer = OKAP_FLOOD_DISMISSED;

  leave (user_data, &answer, g_error_new_literal (OKAP_ERROR, OKAP_ERROR_TIMED_OUT,
                                                  "Nobody answered in time."));
  return G_SOURCE_REMOVE;
}

static gboolean
gone_cb (GCancellable *cancellable, gpointer user_data)
{
  leave (user_data, NULL,
         g_error_new_literal (OKAP_ERROR, OKAP_ERROR_CALLER_GONE,
                              "The app hung up before the question was answered."));
  return G_SOURCE_REMOVE;
}

static void
add_waiter (OkapInquiry *pending, const OkapAsk *ask, GTask *task)
{
  GMainContext *context = g_main_context_get_thread_default ();
  GCancellable *cancellable = g_task_get_cancellable (task);
  OkapWaiter *waiter = g_new0 (OkapWaiter, 1);

  waiter->pending = pending;
  waiter->ask = okap_ask_copy (ask);
  waiter->task = g_object_ref (task);
  waiter->timeout = g_timeout_source_new_seconds (MIN (ask->wait_s, OKAP_CAP_WAIT_MOST_S));
  g_source_set_callback (waiter->timeout, time_over_cb, waiter, NULL);
  g_source_attach (waiter->timeout, context);
  if (cancellable != NULL)
    {
      waiter->gone = g_cancellable_source_new (cancellable);
      g_source_set_callback (waiter->gone, G_SOURCE_FUNC (gone_cb), waiter, NULL);
      g_source_attach (waiter->gone, context);
    }
  g_ptr_array_add (pending->waiters, waiter);
}

static void
enqueue (OkapConsent *self, OkapQuestion *question, char *flood_key, gboolean attended,
         GTask *task)
{
  OkapInquiry *pending = okap_inquiry_new (self, question, flood_key, attended);

  add_waiter (pending, okap_question_get_ask (question), task);
  g_queue_push_tail (&self->queue, pending);
  self->missed += self->held && attended ? 1 : 0;
  okap_consent_tell_pending (self);
  okap_consent_advance (self);
}

static void
throttle (GTask *task, OkapError code, guint retry_s, const char *words)
{
  okap_retry_after_set (task, retry_s);
  g_task_return_new_error (task, OKAP_ERROR, (int) code, "%s", words);
}

static OkapInquiry *
find_of (OkapConsent *self, const char *flood_key)
{
  for (GList *l = self->queue.head; l != NULL; l = l->next)
    if (strcmp (((OkapInquiry *) l->data)->flood_key, flood_key) == 0)
      return l->data;
  return NULL;
}

static guint
count (OkapConsent *self, OkapDoor door, gboolean is_door)
{
  guint n = 0;

  for (GList *l = self->queue.head; l != NULL; l = l->next)
    n += (okap_question_get_caller (((OkapInquiry *) l->data)->question)->door == door) == is_door;
  return n;
}

/* Whether there is room in the queue; @task is answered if there is not. */
static gboolean
check_room (OkapConsent *self, const OkapCaller *caller, gboolean attended, GTask *task)
{
  gboolean is_run = caller->door == OKAP_DOOR_RUN;
  guint most = !attended ? OKAP_CAP_PENDING_UNSEEN
                         : is_run ? OKAP_CAP_PENDING_RUN : OKAP_CAP_PENDING_REQUESTS;

  if (attended ? count (self, OKAP_DOOR_RUN, is_run) < most
               : g_queue_get_length (&self->queue) < most)
    return TRUE;
  throttle (task, OKAP_ERROR_BUSY, RETRY_S,
            "Too many requests wait for an answer already. Try again later.");
  return FALSE;
}

/* A program that has a question open joins it or has to wait. Whether it was dealt with. */
static gboolean
join (OkapConsent *self, OkapQuestion *question, OkapInquiry *open, GTask *task)
{
  const OkapAsk *later = okap_question_get_ask (question);

  if (open == NULL || later->caller->door == OKAP_DOOR_RUN)
    return FALSE;
  if (open->waiters->len < OKAP_CAP_COALESCED
      && okap_remembered_is_same (okap_question_get_ask (open->question), later))
    {
      okap_question_present_again (open->question, later);
      add_waiter (open, later, task);
      if (later->shown != NULL && open->prompt != NULL)
        later->shown (TRUE, later->shown_data);
    }
  else
    throttle (task, OKAP_ERROR_THROTTLED, RETRY_S,
              "A question of this program waits for an answer already. Wait for that one.");
  return TRUE;
}

static gboolean
check_flood (OkapConsent *self, const OkapCaller *caller, GTask *task)
{
  guint retry_s;

  switch (okap_flood_check (self->flood, caller, &retry_s))
    {
    case OKAP_FLOOD_PASS:
      return TRUE;
    case OKAP_FLOOD_BLOCKED:
      throttle (task, OKAP_ERROR_BLOCKED, 0,
                "The user does not want to be asked by this program. In Okap, the user can end "
                "that.");
      return FALSE;
    case OKAP_FLOOD_THROTTLED:
    default:
      throttle (task, OKAP_ERROR_THROTTLED, retry_s,
                "This program has asked often enough for now. Try again later; in Okap, the user "
                "can let it ask sooner.");
      return FALSE;
    }
}

/**
 * okap_consent_ask_async:
 * @question: its wait_s is how long a person may take, the time in the queue included
 * @cancellable: (nullable): cancelled when the caller is gone, from any thread
 */
void
okap_consent_ask_async (OkapConsent *self, OkapQuestion *question, GCancellable *cancellable,
                        GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  const OkapCaller *caller = okap_question_get_caller (question);
  g_autofree char *flood_key = okap_flood_dup_key (caller);
  gboolean attended = self->prompter != NULL && okap_prompter_is_attended (self->prompter);

  g_task_set_source_tag (task, okap_consent_ask_async);
  g_task_set_check_cancellable (task, FALSE);
  if (self->ending)
    {
      throttle (task, OKAP_ERROR_SESSION_ENDING, 0, OKAP_SESSION_ENDING);
      return;
    }
  if (attended && (join (self, question, find_of (self, flood_key), task)
                   || !check_flood (self, caller, task)))
    return;
  if (check_room (self, caller, attended, task))
    enqueue (self, question, flood_key, attended, task);
}

/**
 * okap_consent_ask_finish:
 * @error: %OKAP_ERROR_BUSY, %OKAP_ERROR_THROTTLED, %OKAP_ERROR_BLOCKED, %OKAP_ERROR_NO_PROMPTER,
 *   %OKAP_ERROR_NO_VAULT, %OKAP_ERROR_TIMED_OUT, %OKAP_ERROR_CALLER_GONE, %OKAP_ERROR_USER_DENIED,
 *   %OKAP_ERROR_SESSION_ENDING
 *
 * Returns: (transfer full) (nullable): what the person allowed, or what was allowed before
 */
OkapVerdict *
okap_consent_ask_finish (OkapConsent *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
