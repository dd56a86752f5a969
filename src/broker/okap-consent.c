/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The queue in front of the person: one question at a time, the rest wait.
 *
 *             ┌── vault locks ──┐
 *             ▼                 │
 *   QUEUED ─▶ UNLOCKING ─────▶ ASKING ─▶ answered
 *      │         │ no             │
 *      └─────────┴────────────────┴────▶ given up: caller gone, time over, no prompter
 *
 * Main thread. A prompt is told to go away through its cancellable; whatever it still answers
 * after that is told apart by its serial and dropped. Unlocking is never an approval: the
 * question is asked afresh when the vault is open, and again if it locked meanwhile.
 *
 * No single caller can fill the queue, so that others keep a place in it. */
#include "config.h"

#include "okap-consent.h"

#include "okap-caps.h"
#include "okap-error.h"
#include "okap-question-private.h"

#define SESSION_ENDING "The session ends; ask again in the next one."

typedef enum
{
  STATE_QUEUED,
  STATE_UNLOCKING,
  STATE_ASKING,
  STATE_DONE,
} State;

typedef struct
{
  gatomicrefcount ref_count;
  OkapConsent *consent;       /* (owned) */
  GTask *task;                /* (owned) until done */
  OkapQuestion *question;     /* (owned) */
  State state;
  guint serial;               /* of the prompt that may answer */
  GCancellable *prompt;       /* (owned) (nullable) of the prompt that is shown */
  GSource *timeout;           /* (owned) (nullable) */
  GSource *gone;              /* (owned) (nullable) fires in our context when it is cancelled */
} Pending;

/* What a prompt carries to its answer. */
typedef struct
{
  Pending *pending;  /* (owned) */
  guint serial;
} Step;

struct _OkapConsent
{
  GObject parent_instance;

  OkapVault *vault;           /* (owned) */
  OkapPrompter *prompter;     /* (owned) (nullable) */
  GQueue queue;               /* (element-type Pending) owned; the head is the current one */
  gboolean advancing;
  gboolean held;              /* nothing is presented */
  guint missed;               /* how many came while it was */
  gboolean ending;            /* of the session: nothing is asked any more */
};

G_DEFINE_FINAL_TYPE (OkapConsent, okap_consent, G_TYPE_OBJECT)

static void advance (OkapConsent *self);

static Pending *
pending_ref (Pending *pending)
{
  g_atomic_ref_count_inc (&pending->ref_count);
  return pending;
}

static void
pending_unref (Pending *pending)
{
  if (!g_atomic_ref_count_dec (&pending->ref_count))
    return;
  g_clear_object (&pending->task);
  g_clear_object (&pending->prompt);
  g_object_unref (pending->question);
  g_object_unref (pending->consent);
  g_free (pending);
}

static Step *
step_new (Pending *pending)
{
  Step *step = g_new (Step, 1);

  step->pending = pending_ref (pending);
  step->serial = pending->serial;
  return step;
}

static void
step_free (Step *step)
{
  pending_unref (step->pending);
  g_free (step);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Step, step_free)

static gboolean
step_is_current (const Step *step)
{
  return step->pending->state != STATE_DONE && step->serial == step->pending->serial;
}

static void
update_waiting (OkapConsent *self)
{
  Pending *current = g_queue_peek_head (&self->queue);

  if (current != NULL)
    okap_question_set_waiting (current->question, g_queue_get_length (&self->queue) - 1);
}

static void
tell_shown (Pending *pending, gboolean shown)
{
  const OkapAsk *ask = okap_question_get_ask (pending->question);

  if (ask->shown != NULL && pending->state != STATE_DONE)
    ask->shown (shown, ask->shown_data);
}

/* Takes the prompt away, if one is shown; its answer no longer counts. */
static void
withdraw_prompt (Pending *pending)
{
  g_autoptr (GCancellable) prompt = g_steal_pointer (&pending->prompt);

  pending->serial++;
  if (prompt == NULL)
    return;
  tell_shown (pending, FALSE);
  g_cancellable_cancel (prompt);
}

static void
clear_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

/* The one way out. @decision: (transfer full) (nullable); @error: (transfer full) (nullable). */
static void
finish (Pending *pending, OkapDecision *decision, GError *error)
{
  OkapConsent *self = pending->consent;
  g_autoptr (GTask) task = g_steal_pointer (&pending->task);

  g_assert (pending->state != STATE_DONE);
  pending_ref (pending);
  pending->state = STATE_DONE;
  withdraw_prompt (pending);
  clear_source (&pending->timeout);
  clear_source (&pending->gone);
  if (g_queue_remove (&self->queue, pending))
    pending_unref (pending);

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, decision, (GDestroyNotify) okap_decision_free);
  advance (self);
  pending_unref (pending);
}

static void
finish_with (Pending *pending, OkapError code, const char *words)
{
  finish (pending, NULL, g_error_new_literal (OKAP_ERROR, (int) code, words));
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
  if (decision != NULL)
    finish (step->pending, g_steal_pointer (&decision), NULL);
  else if (error->domain == OKAP_ERROR)
    finish (step->pending, NULL, g_steal_pointer (&error));
  else
    finish_with (step->pending, OKAP_ERROR_NO_PROMPTER, "The question could not be shown.");
}

static void
unlocked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Step) step = user_data;
  g_autoptr (GError) error = NULL;
  gboolean unlocked = okap_prompter_unlock_finish (OKAP_PROMPTER (source), result, &error);

  if (!step_is_current (step))
    return;
  if (!unlocked && error != NULL && error->domain == OKAP_ERROR)
    finish (step->pending, NULL, g_steal_pointer (&error));
  else if (!unlocked)
    finish_with (step->pending, OKAP_ERROR_USER_DENIED, "The vault stayed locked.");
  else
    {
      step->pending->state = STATE_QUEUED;
      withdraw_prompt (step->pending);
      advance (step->pending->consent);
    }
}

static void
show (OkapConsent *self, Pending *pending, State state)
{
  Step *step;

  pending->state = state;
  pending->serial++;
  pending->prompt = g_cancellable_new ();
  step = step_new (pending);
  tell_shown (pending, TRUE);
  if (state == STATE_ASKING)
    okap_prompter_ask_async (self->prompter, pending->question, pending->prompt, asked_cb, step);
  else
    okap_prompter_unlock_async (self->prompter, pending->question, pending->prompt, unlocked_cb,
                                step);
}

/* The first question after a time without any says how many came. */
static void
tell_missed (OkapConsent *self, Pending *pending)
{
  okap_question_set_missed (pending->question, self->missed);
  self->missed = 0;
}

/* Brings the head of the queue to its next step. */
static void
advance (OkapConsent *self)
{
  Pending *current;

  if (self->advancing || self->held)
    return;
  self->advancing = TRUE;
  while ((current = g_queue_peek_head (&self->queue)) != NULL && current->state == STATE_QUEUED)
    {
      tell_missed (self, current);
      if (self->prompter == NULL)
        finish_with (current, OKAP_ERROR_NO_PROMPTER,
                     "There is nobody to ask: Okap has neither a display nor a terminal here.");
      else
        switch (okap_vault_get_state (self->vault))
          {
          case OKAP_VAULT_NONE:
            finish_with (current, OKAP_ERROR_NO_VAULT,
                         "There is no vault yet. Open Okap and make one.");
            break;
          case OKAP_VAULT_UNLOCKED:
            show (self, current, STATE_ASKING);
            break;
          case OKAP_VAULT_LOCKED:
          case OKAP_VAULT_UNLOCKING:
          default:
            show (self, current, STATE_UNLOCKING);
            break;
          }
    }
  update_waiting (self);
  self->advancing = FALSE;
}

static void
vault_changed_cb (OkapConsent *self)
{
  Pending *current = g_queue_peek_head (&self->queue);
  OkapVaultState state = okap_vault_get_state (self->vault);

  if (current == NULL || self->held)
    return;
  if ((current->state == STATE_UNLOCKING && state == OKAP_VAULT_UNLOCKED)
      || (current->state == STATE_ASKING && state != OKAP_VAULT_UNLOCKED))
    {
      current->state = STATE_QUEUED;
      withdraw_prompt (current);
      advance (self);
    }
}

static gboolean
time_over_cb (gpointer user_data)
{
  Pending *pending = user_data;

  finish_with (pending, OKAP_ERROR_TIMED_OUT, "Nobody answered in time.");
  return G_SOURCE_REMOVE;
}

static gboolean
gone_cb (GCancellable *cancellable, gpointer user_data)
{
  Pending *pending = user_data;

  finish_with (pending, OKAP_ERROR_CALLER_GONE,
               "The app hung up before the question was answered.");
  return G_SOURCE_REMOVE;
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
}

static void
okap_consent_init (OkapConsent *self)
{
  g_queue_init (&self->queue);
}

OkapConsent *
okap_consent_new (OkapVault *vault)
{
  OkapConsent *self = g_object_new (OKAP_TYPE_CONSENT, NULL);

  self->vault = g_object_ref (vault);
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

static gboolean
has_room (OkapConsent *self, OkapQuestion *question)
{
  pid_t pid = okap_question_get_caller (question)->pid;
  guint n_same = 0;

  for (GList *l = self->queue.head; l != NULL; l = l->next)
    n_same += okap_question_get_caller (((Pending *) l->data)->question)->pid == pid;
  return g_queue_get_length (&self->queue) < OKAP_CAP_PENDING_UNSEEN
         && n_same < OKAP_CAP_PENDING_REQUESTS;
}

/**
 * okap_consent_ask_async:
 * @wait_s: how long a person may take, the time in the queue included
 * @cancellable: (nullable): cancelled when the caller is gone, from any thread
 */
void
okap_consent_ask_async (OkapConsent *self, OkapQuestion *question, guint wait_s,
                        GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  GMainContext *context = g_main_context_get_thread_default ();
  Pending *pending;

  g_task_set_source_tag (task, okap_consent_ask_async);
  if (self->ending)
    {
      g_task_return_new_error (task, OKAP_ERROR, OKAP_ERROR_SESSION_ENDING, SESSION_ENDING);
      return;
    }
  if (!has_room (self, question))
    {
      g_task_return_new_error (task, OKAP_ERROR, OKAP_ERROR_BUSY,
                               "Too many requests wait for an answer already. Try again later.");
      return;
    }

  pending = g_new0 (Pending, 1);
  g_atomic_ref_count_init (&pending->ref_count);
  pending->consent = g_object_ref (self);
  pending->task = g_steal_pointer (&task);
  pending->question = g_object_ref (question);

  pending->timeout = g_timeout_source_new_seconds (MIN (wait_s, OKAP_CAP_WAIT_MOST_S));
  g_source_set_callback (pending->timeout, time_over_cb, pending, NULL);
  g_source_attach (pending->timeout, context);
  if (cancellable != NULL)
    {
      pending->gone = g_cancellable_source_new (cancellable);
      g_source_set_callback (pending->gone, G_SOURCE_FUNC (gone_cb), pending, NULL);
      g_source_attach (pending->gone, context);
    }

  g_queue_push_tail (&self->queue, pending);
  self->missed += self->held ? 1 : 0;
  advance (self);
}

/**
 * okap_consent_ask_finish:
 * @error: %OKAP_ERROR_BUSY, %OKAP_ERROR_NO_PROMPTER, %OKAP_ERROR_NO_VAULT, %OKAP_ERROR_TIMED_OUT,
 *   %OKAP_ERROR_CALLER_GONE, %OKAP_ERROR_USER_DENIED
 *
 * Returns: (transfer full) (nullable): what the person said
 */
OkapDecision *
okap_consent_ask_finish (OkapConsent *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/** okap_consent_get_pending: how many questions are open, the current one included */
guint
okap_consent_get_pending (OkapConsent *self)
{
  return g_queue_get_length (&self->queue);
}

/**
 * okap_consent_set_hold:
 * @held: nobody sees what is presented: the screen is locked
 *
 * What is presented goes; the questions stay, and their time goes on.
 */
void
okap_consent_set_hold (OkapConsent *self, gboolean held)
{
  Pending *current = g_queue_peek_head (&self->queue);

  if (self->held == held)
    return;
  self->held = held;
  if (held && current != NULL && current->state != STATE_QUEUED)
    {
      current->state = STATE_QUEUED;
      withdraw_prompt (current);
    }
  advance (self);
}

/** okap_consent_end_session: ends all questions, and those that come */
void
okap_consent_end_session (OkapConsent *self)
{
  Pending *pending;

  self->ending = TRUE;
  while ((pending = g_queue_peek_tail (&self->queue)) != NULL)
    finish_with (pending, OKAP_ERROR_SESSION_ENDING, SESSION_ENDING);
}
