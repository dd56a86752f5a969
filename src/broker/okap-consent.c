/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The queue in front of the person: one question at a time, the rest wait.
 *
 *                  ┌──── vault locks, screen locks ────┐
 *                  ▼                                   │
 *   (joined) ─▶ QUEUED ─▶ UNLOCKING ─▶ CHECKING ─▶ ASKING ─▶ answered
 *   (throttled)    │         │ no         │ granted    │
 *   (blocked)      │         │            ▼ already    │
 *                  └─────────┴────────────┴────────────┴───▶ given up: caller gone, time over,
 *                                                            session ends, no prompter
 *
 * Main thread. A prompt is told to go away through its cancellable; whatever it still answers
 * after that is told apart by its serial and dropped. Unlocking is never an approval: the
 * question is asked afresh when the vault is open, and again if it locked meanwhile.
 *
 * A question has those who asked it: a program that asks the same once more joins its open
 * question, brings it to the front, and is answered with it (okap-verdict.c). Each of them may
 * leave or run out of time; with the last one the question goes. Another question of the same
 * program is throttled while one is open; okap-flood.c says who has to wait otherwise. Where nobody
 * sees a question, nobody has to be spared one, and the queue is only bounded. */
#include "config.h"

#include "okap-consent-private.h"

#include "okap-error.h"
#include "okap-question-private.h"

G_DEFINE_FINAL_TYPE (OkapConsent, okap_consent, G_TYPE_OBJECT)

enum
{
  SIGNAL_PENDING_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* What a prompt carries to its answer. */
typedef struct
{
  OkapInquiry *pending;  /* (owned) */
  guint serial;
} Step;

static void
clear_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
waiter_free (OkapWaiter *waiter)
{
  clear_source (&waiter->timeout);
  clear_source (&waiter->gone);
  g_clear_object (&waiter->task);
  okap_ask_free (waiter->ask);
  g_free (waiter);
}

/** okap_inquiry_new: (transfer full): nobody waits for it yet */
OkapInquiry *
okap_inquiry_new (OkapConsent *self, OkapQuestion *question, const char *flood_key,
                  gboolean attended)
{
  OkapInquiry *pending = g_new0 (OkapInquiry, 1);

  g_atomic_ref_count_init (&pending->ref_count);
  pending->consent = g_object_ref (self);
  pending->question = g_object_ref (question);
  pending->flood_key = g_strdup (flood_key);
  pending->attended = attended;
  pending->waiters = g_ptr_array_new_with_free_func ((GDestroyNotify) waiter_free);
  return pending;
}

OkapInquiry *
okap_inquiry_ref (OkapInquiry *pending)
{
  g_atomic_ref_count_inc (&pending->ref_count);
  return pending;
}

void
okap_inquiry_unref (OkapInquiry *pending)
{
  if (!g_atomic_ref_count_dec (&pending->ref_count))
    return;
  g_ptr_array_unref (pending->waiters);
  g_clear_object (&pending->prompt);
  g_object_unref (pending->question);
  g_object_unref (pending->consent);
  g_free (pending->flood_key);
  g_free (pending);
}

static Step *
step_new (OkapInquiry *pending)
{
  Step *step = g_new (Step, 1);

  step->pending = okap_inquiry_ref (pending);
  step->serial = pending->serial;
  return step;
}

static void
step_free (Step *step)
{
  okap_inquiry_unref (step->pending);
  g_free (step);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Step, step_free)

static gboolean
step_is_current (const Step *step)
{
  return step->pending->state != OKAP_INQUIRY_DONE && step->serial == step->pending->serial;
}

/* The queue has become longer or shorter. */
void
okap_consent_tell_pending (OkapConsent *self)
{
  g_signal_emit (self, signals[SIGNAL_PENDING_CHANGED], 0);
}

static void
update_waiting (OkapConsent *self)
{
  OkapInquiry *current = g_queue_peek_head (&self->queue);

  if (current != NULL)
    okap_question_set_waiting (current->question, g_queue_get_length (&self->queue) - 1);
}

static void
tell_shown (OkapInquiry *pending, gboolean shown)
{
  for (guint i = 0; i < pending->waiters->len; i++)
    {
      const OkapAsk *ask = ((OkapWaiter *) pending->waiters->pdata[i])->ask;

      if (ask->shown != NULL)
        ask->shown (shown, ask->shown_data);
    }
}

/* Takes the prompt away, if one is shown; its answer no longer counts. */
static void
withdraw_prompt (OkapInquiry *pending)
{
  g_autoptr (GCancellable) prompt = g_steal_pointer (&pending->prompt);

  pending->serial++;
  if (prompt == NULL)
    return;
  tell_shown (pending, FALSE);
  g_cancellable_cancel (prompt);
}

/* The question is over for all who still wait; returns them. Who comes next is for advance(). */
static GPtrArray *
close_pending (OkapInquiry *pending)
{
  OkapConsent *self = pending->consent;
  GPtrArray *waiters = g_steal_pointer (&pending->waiters);

  g_assert (pending->state != OKAP_INQUIRY_DONE);
  pending->waiters = g_ptr_array_new ();
  pending->state = OKAP_INQUIRY_DONE;
  withdraw_prompt (pending);
  if (g_queue_remove (&self->queue, pending))
    okap_inquiry_unref (pending);
  okap_consent_tell_pending (self);
  return waiters;
}

/* (transfer full): the tasks of @waiters, in their order */
static GPtrArray *
steal_tasks (GPtrArray *waiters)
{
  GPtrArray *tasks = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < waiters->len; i++)
    g_ptr_array_add (tasks, g_steal_pointer (&((OkapWaiter *) waiters->pdata[i])->task));
  return tasks;
}

/* @error: (transfer full) */
void
okap_inquiry_fail (OkapInquiry *held, GError *error)
{
  g_autoptr (OkapInquiry) pending = okap_inquiry_ref (held);
  g_autoptr (GError) owned = error;
  g_autoptr (GPtrArray) waiters = close_pending (pending);
  g_autoptr (GPtrArray) tasks = steal_tasks (waiters);

  okap_consent_answer_others (tasks, NULL, owned);
  okap_consent_advance (pending->consent);
}

void
okap_inquiry_fail_with (OkapInquiry *pending, OkapError code, const char *words)
{
  okap_inquiry_fail (pending, g_error_new_literal (OKAP_ERROR, (int) code, words));
}

/* The first who asked hears what the person said, and answers the others when it is done.
 * @decision: (transfer full) */
static void
succeed (OkapInquiry *held, OkapDecision *decision)
{
  g_autoptr (OkapInquiry) pending = okap_inquiry_ref (held);
  g_autoptr (GPtrArray) waiters = close_pending (pending);
  g_autoptr (GPtrArray) tasks = steal_tasks (waiters);
  g_autoptr (GTask) first = g_ptr_array_steal_index (tasks, 0);
  OkapVerdict *verdict = g_new0 (OkapVerdict, 1);

  verdict->decision = decision;
  verdict->others = g_steal_pointer (&tasks);
  g_task_return_pointer (first, verdict, (GDestroyNotify) okap_verdict_free);
  okap_consent_advance (pending->consent);
}

void
okap_inquiry_note (OkapInquiry *pending, OkapFloodAnswer answer)
{
  if (pending->attended)
    okap_flood_note_answer (pending->consent->flood,
                            okap_question_get_caller (pending->question), answer);
}

static void
note_refusal (OkapInquiry *pending, OkapRefusal refusal)
{
  switch (refusal)
    {
    case OKAP_REFUSAL_DISMISSED:
      okap_inquiry_note (pending, OKAP_FLOOD_DISMISSED);
      break;
    case OKAP_REFUSAL_HOUR:
      okap_inquiry_note (pending, OKAP_FLOOD_HOUR);
      break;
    case OKAP_REFUSAL_ALWAYS:
      okap_inquiry_note (pending, OKAP_FLOOD_ALWAYS);
      break;
    case OKAP_REFUSAL_ONCE:
    case OKAP_REFUSAL_ALL:
    default:
      okap_inquiry_note (pending, OKAP_FLOOD_REFUSED);
      break;
    }
}

/* "Refuse all" is no judgement about those that nobody saw. */
static void
refuse (OkapInquiry *held, const OkapDecision *decision)
{
  g_autoptr (OkapInquiry) pending = okap_inquiry_ref (held);
  OkapConsent *self = pending->consent;
  OkapInquiry *last;

  note_refusal (pending, decision->refusal);
  if (decision->refusal == OKAP_REFUSAL_ALL)
    while ((last = g_queue_peek_tail (&self->queue)) != pending)
      okap_inquiry_fail_with (last, OKAP_ERROR_USER_DENIED, "The user refused all that waited.");
  okap_inquiry_fail_with (pending, OKAP_ERROR_USER_DENIED, "The user said no.");
}

static void
asked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Step) step = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapDecision) decision = NULL;

  decision = okap_prompter_ask_finish (OKAP_PROMPTER (source), result, &error);
  if (!step_is_current (step))
    return;
  if (decision != NULL && decision->allowed)
    {
      okap_inquiry_note (step->pending, OKAP_FLOOD_ALLOWED);
      succeed (step->pending, g_steal_pointer (&decision));
    }
  else if (decision != NULL)
    refuse (step->pending, decision);
  else if (error->domain == OKAP_ERROR)
    okap_inquiry_fail (step->pending, g_steal_pointer (&error));
  else
    okap_inquiry_fail_with (step->pending, OKAP_ERROR_NO_PROMPTER,
                            "The question could not be shown.");
}

static void
unlocked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Step) step = user_data;
  g_autoptr (GError) error = NULL;
  gboolean unlocked = okap_prompter_unlock_finish (OKAP_PROMPTER (source), result, &error);

  if (!step_is_current (step))
    return;
  if (unlocked)
    {
      step->pending->state = OKAP_INQUIRY_QUEUED;
      withdraw_prompt (step->pending);
      okap_consent_advance (step->pending->consent);
      return;
    }
  if (error == NULL || g_error_matches (error, OKAP_ERROR, OKAP_ERROR_USER_DENIED))
    okap_inquiry_note (step->pending, OKAP_FLOOD_DISMISSED);
  if (error != NULL && error->domain == OKAP_ERROR)
    okap_inquiry_fail (step->pending, g_steal_pointer (&error));
  else
    okap_inquiry_fail_with (step->pending, OKAP_ERROR_USER_DENIED, "The vault stayed locked.");
}

/* The first question after a time without any says how many came. */
static void
prepare (OkapConsent *self, OkapInquiry *pending)
{
  OkapCaller *caller = okap_question_get_caller (pending->question);

  okap_question_set_missed (pending->question, self->missed);
  self->missed = 0;
  if (!pending->attended)
    return;
  okap_question_set_nagging (pending->question, okap_flood_is_nagging (self->flood, caller));
  if (!pending->noted)
    okap_flood_note_shown (self->flood, caller);
  pending->noted = TRUE;
}

static void
show (OkapConsent *self, OkapInquiry *pending, OkapInquiryState state)
{
  Step *step;

  prepare (self, pending);
  pending->state = state;
  pending->serial++;
  pending->prompt = g_cancellable_new ();
  step = step_new (pending);
  tell_shown (pending, TRUE);
  if (state == OKAP_INQUIRY_ASKING)
    okap_prompter_ask_async (self->prompter, pending->question, pending->prompt, asked_cb, step);
  else
    okap_prompter_unlock_async (self->prompter, pending->question, pending->prompt, unlocked_cb,
                                step);
}

/* Asks the person, unless the answer is there already. */
static void
ask (OkapConsent *self, OkapInquiry *held)
{
  g_autoptr (OkapInquiry) pending = okap_inquiry_ref (held);
  g_autofree char *grant_id = NULL;
  gboolean later = FALSE;

  if (self->cover != NULL)
    grant_id = self->cover (okap_question_get_ask (pending->question), &later, self->cover_data);
  if (later)
    pending->state = OKAP_INQUIRY_CHECKING;
  else if (grant_id == NULL)
    show (self, pending, OKAP_INQUIRY_ASKING);
  else
    {
      g_autoptr (GPtrArray) waiters = close_pending (pending);
      g_autoptr (GPtrArray) tasks = steal_tasks (waiters);

      okap_consent_answer_others (tasks, grant_id, NULL);
    }
}

/* Brings the head of the queue to its next step. */
void
okap_consent_advance (OkapConsent *self)
{
  OkapInquiry *current;

  if (self->advancing)
    return;
  self->advancing = TRUE;
  while ((current = g_queue_peek_head (&self->queue)) != NULL
         && current->state == OKAP_INQUIRY_QUEUED && !(self->held && current->attended))
    {
      if (self->prompter == NULL)
        okap_inquiry_fail_with (current, OKAP_ERROR_NO_PROMPTER,
                   "There is nobody to ask: Okap has neither a display nor a terminal here.");
      else
        switch (okap_vault_get_state (self->vault))
          {
          case OKAP_VAULT_NONE:
            okap_inquiry_fail_with (current, OKAP_ERROR_NO_VAULT,
                       "There is no vault yet. Open Okap and make one.");
            break;
          case OKAP_VAULT_UNLOCKED:
            ask (self, current);
            break;
          case OKAP_VAULT_LOCKED:
          case OKAP_VAULT_UNLOCKING:
          default:
            show (self, current, OKAP_INQUIRY_UNLOCKING);
            break;
          }
    }
  update_waiting (self);
  self->advancing = FALSE;
}

/* Back to the queue; it stays at its head. */
static void
take_back (OkapConsent *self, OkapInquiry *pending)
{
  pending->state = OKAP_INQUIRY_QUEUED;
  withdraw_prompt (pending);
  okap_consent_advance (self);
}

static void
vault_changed_cb (OkapConsent *self)
{
  OkapInquiry *current = g_queue_peek_head (&self->queue);
  gboolean is_open = okap_vault_get_state (self->vault) == OKAP_VAULT_UNLOCKED;

  if (current == NULL)
    return;
  if ((current->state == OKAP_INQUIRY_UNLOCKING && is_open)
      || (!is_open && (current->state == OKAP_INQUIRY_ASKING
                       || current->state == OKAP_INQUIRY_CHECKING)))
    take_back (self, current);
}

/** okap_consent_check_again: what is granted can be told now */
void
okap_consent_check_again (OkapConsent *self)
{
  OkapInquiry *current = g_queue_peek_head (&self->queue);

  if (current != NULL && current->state == OKAP_INQUIRY_CHECKING)
    take_back (self, current);
}

static void
okap_consent_dispose (GObject *object)
{
  OkapConsent *self = OKAP_CONSENT (object);

  g_assert (g_queue_is_empty (&self->queue));  /* each pending holds a reference on us */
  g_clear_object (&self->prompter);
  g_clear_object (&self->vault);
  G_OBJECT_CLASS (okap_consent_parent_class)->dispose (object);
}

static void
okap_consent_class_init (OkapConsentClass *class)
{
  G_OBJECT_CLASS (class)->dispose = okap_consent_dispose;
  signals[SIGNAL_PENDING_CHANGED] = g_signal_new ("pending-changed", OKAP_TYPE_CONSENT,
                                                  G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                                  G_TYPE_NONE, 0);
}

static void
okap_consent_init (OkapConsent *self)
{
  g_queue_init (&self->queue);
}

/** okap_consent_new: @flood: outlives it */
OkapConsent *
okap_consent_new (OkapVault *vault, OkapFlood *flood)
{
  OkapConsent *self = g_object_new (OKAP_TYPE_CONSENT, NULL);

  self->vault = g_object_ref (vault);
  self->flood = flood;
  g_signal_connect_object (vault, "notify::state", G_CALLBACK (vault_changed_cb), self,
                           G_CONNECT_SWAPPED);
  return self;
}

/** okap_consent_set_prompter: (nullable): without one, every question is refused */
void
okap_consent_set_prompter (OkapConsent *self, OkapPrompter *prompter)
{
  g_set_object (&self->prompter, prompter);
}

void
okap_consent_set_cover_func (OkapConsent *self, OkapConsentCoverFunc func, gpointer user_data)
{
  self->cover = func;
  self->cover_data = user_data;
}

/** okap_consent_get_pending: how many questions are open, the current one included */
guint
okap_consent_get_pending (OkapConsent *self)
{
  return g_queue_get_length (&self->queue);
}

/**
 * okap_consent_set_hold:
 * @held: nobody would see what is presented
 *
 * What is presented goes; the questions stay, and their time goes on. Those that are answered
 * without a person, as the command line said, are answered all the same.
 */
void
okap_consent_set_hold (OkapConsent *self, gboolean held)
{
  OkapInquiry *current = g_queue_peek_head (&self->queue);

  if (self->held == held)
    return;
  self->held = held;
  if (held && current != NULL && current->state != OKAP_INQUIRY_QUEUED && current->attended)
    take_back (self, current);
  else
    okap_consent_advance (self);
}

/** okap_consent_refuse_all: ends all questions, the last ones first, so that none is shown by it */
void
okap_consent_refuse_all (OkapConsent *self, const GError *error)
{
  OkapInquiry *pending;

  while ((pending = g_queue_peek_tail (&self->queue)) != NULL)
    okap_inquiry_fail (pending, g_error_copy (error));
}

/** okap_consent_end_session: ends all questions, and those that come */
void
okap_consent_end_session (OkapConsent *self)
{
  g_autoptr (GError) error = g_error_new_literal (OKAP_ERROR, OKAP_ERROR_SESSION_ENDING,
                                                  OKAP_SESSION_ENDING);

  self->ending = TRUE;
  okap_consent_refuse_all (self, error);
}
