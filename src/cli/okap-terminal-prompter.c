/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Consent on a terminal, without ever waiting in the main thread.
 *
 *   IDLE ─ask──▶ ASKING ──a, n──▶ IDLE (answered)
 *                 │  ▲     ("a" may lead to a question about prices before)
 *               e ▼  │ last line
 *                EDITING     ("a" may lead to PROVING, too: the passphrase, an empty line is no;
 *                            it always does before a passphrase came here: okap-terminal-vouch.c)
 *
 *   IDLE ─unlock▶ TYPING ─line▶ UNLOCKING ─▶ IDLE (open), or TYPING again, three times
 *
 * From every state back to IDLE when the cancellable is cancelled or the terminal is gone. Only
 * "a" allows; an empty line, an unknown word or a lost terminal never do. A limit can only be
 * lowered: the broker checks that once more. One question at a time: the broker queues.
 *
 * A question that takes the place of one that was taken back under somebody's fingers is not
 * allowed before it can have been read: two programs could arrange for that moment. */
#include "config.h"

#include "okap-terminal-prompter.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "okap-cli.h"
#include "okap-clock.h"
#include "okap-error.h"
#include "okap-money.h"
#include "okap-price-question.h"
#include "okap-question-edit.h"
#include "okap-question-text.h"
#include "okap-terminal-vouch.h"

#define PASSPHRASE_TRIES 3
#define READING_US (700 * 1000)         /* what the dialog waits, too */
#define ITEM_KEY 0                      /* the steps of a scope: its key, then its limits */
#define ITEM_LIMIT(item) ((OkapLimit) ((item) - 1))
#define ITEM_END (OKAP_N_LIMITS + 1)

typedef enum
{
  STATE_IDLE,
  STATE_ASKING,
  STATE_EDITING,
  STATE_PROVING,
  STATE_TYPING,
  STATE_UNLOCKING,
} State;

struct _OkapTerminalPrompter
{
  GObject parent_instance;

  OkapConsole *console;     /* (owned) */
  OkapVault *vault;         /* (owned) */
  OkapTerminalVouch *vouch; /* (owned) */
  State state;
  GTask *task;              /* (owned) (nullable) NULL while IDLE */
  GSource *cancelled;       /* (owned) (nullable) */
  OkapQuestion *question;   /* (owned) (nullable) */
  GPtrArray *scopes;        /* (owned) (nullable) (element-type OkapScope) our copies */
  gint64 expires_us;
  gboolean portable;
  gboolean edited;
  guint scope;              /* EDITING: which scope; behind the last one: the end of the grant,
                               then whether any program may use the token */
  guint item;               /* EDITING: which of its steps */
  guint priced;             /* ASKING: allowed; scopes before this have their prices */
  guint tries;              /* TYPING: how many passphrases were wrong */
  OkapProof *proof;         /* (owned) (nullable) PROVING: the passphrase was right */
  gint64 taken_back_us;     /* when a question last went away by itself; monotonic */
  gint64 allowed_from_us;   /* before then, nobody can have read this one */
};

static void okap_terminal_prompter_iface_init (OkapPrompterInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (OkapTerminalPrompter, okap_terminal_prompter, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (OKAP_TYPE_PROMPTER,
                                                      okap_terminal_prompter_iface_init))

static void
say (OkapTerminalPrompter *self, const char *text)
{
  okap_console_write (self->console, text);
}

/* Back to IDLE; returns the task, which the caller answers. */
static GTask *
finish (OkapTerminalPrompter *self)
{
  GTask *task = g_steal_pointer (&self->task);

  okap_console_cancel (self->console);
  if (self->cancelled != NULL)
    g_source_destroy (self->cancelled);
  g_clear_pointer (&self->cancelled, g_source_unref);
  g_clear_object (&self->question);
  g_clear_pointer (&self->scopes, g_ptr_array_unref);
  g_clear_pointer (&self->proof, okap_proof_unref);
  self->state = STATE_IDLE;
  return task;
}

static void
fail (OkapTerminalPrompter *self, OkapError code, const char *message)
{
  g_autoptr (GTask) task = finish (self);

  g_task_return_new_error (task, OKAP_ERROR, (int) code, "%s", message);
}

/* The question was taken back. */
static void
abandon (OkapTerminalPrompter *self)
{
  gboolean opened = (self->state == STATE_TYPING || self->state == STATE_UNLOCKING)
                    && okap_vault_get_state (self->vault) == OKAP_VAULT_UNLOCKED;
  g_autoptr (GTask) task = NULL;

  if (self->state == STATE_ASKING || self->state == STATE_EDITING || self->state == STATE_PROVING)
    self->taken_back_us = g_get_monotonic_time ();
  say (self, opened ? _("\nThe vault is unlocked.\n")
                    : _("\nThis question is over: the program hung up, or it took too long.\n"));
  task = finish (self);
  g_task_return_error_if_cancelled (task);
}

static gboolean
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  abandon (user_data);
  return G_SOURCE_REMOVE;
}

/* Returns FALSE, with the task answered, if another question is on the terminal. */
static gboolean
begin (OkapTerminalPrompter *self, GTask *task, OkapQuestion *question)
{
  GCancellable *cancellable = g_task_get_cancellable (task);

  /* Whoever took the last question back may ask the next one before we were told. */
  if (self->state != STATE_IDLE
      && g_cancellable_is_cancelled (g_task_get_cancellable (self->task)))
    abandon (self);
  if (self->state != STATE_IDLE)
    {
      g_task_return_new_error (task, OKAP_ERROR, OKAP_ERROR_BUSY,
                               "Another question is on the terminal");
      return FALSE;
    }
  if (g_task_return_error_if_cancelled (task))
    return FALSE;
  self->task = g_object_ref (task);
  self->question = g_object_ref (question);
  if (cancellable != NULL)
    {
      self->cancelled = g_cancellable_source_new (cancellable);
      g_source_set_callback (self->cancelled, G_SOURCE_FUNC (cancelled_cb), self, NULL);
      g_source_attach (self->cancelled, NULL);
    }
  return TRUE;
}

static void
prompt (OkapTerminalPrompter *self, const char *text, OkapConsoleFunc func)
{
  gboolean hidden = self->state == STATE_TYPING || self->state == STATE_PROVING;

  if (!okap_console_ask (self->console, text, hidden, func, self))
    fail (self, OKAP_ERROR_NO_PROMPTER,
          "Nobody can be asked: Okap runs in the background of its terminal");
}

static char *
dup_word (OkapSecret *line)
{
  return g_strstrip (g_strdup (okap_secret_get_text (line)));
}

/* --- ASKING --- */

static void allow (OkapTerminalPrompter *self);
static void passphrase_cb (OkapSecret *line, gpointer user_data);
static void edit_next (OkapTerminalPrompter *self);
static void answered_cb (OkapSecret *line, gpointer user_data);

static void
ask (OkapTerminalPrompter *self)
{
  g_autofree char *facts = okap_question_text_format (self->question, self->scopes,
                                                      self->expires_us, self->portable);

  self->state = STATE_ASKING;
  self->priced = 0;
  say (self, facts);
  say (self, okap_terminal_vouch_get_words (self->vouch));
  /* Translators: the letters a, n and e stay; they are what is typed */
  prompt (self, _("\nAllow it? a = allow, n = don’t allow, e = edit: "), answered_cb);
}

static void
decide (OkapTerminalPrompter *self, gboolean allowed)
{
  g_autoptr (GPtrArray) scopes = self->edited ? g_ptr_array_ref (self->scopes) : NULL;
  gint64 expires_us = self->edited ? self->expires_us : 0;
  g_autoptr (GTask) task = NULL;
  OkapDecision *decision = allowed
                           ? okap_decision_new_allowed (scopes, expires_us)
                           : okap_decision_new_refused ();

  decision->portable = allowed && self->portable;
  decision->unattended = okap_terminal_vouch_find_step_up (self->vouch) != OKAP_STEP_UP_NONE;
  decision->proof = g_steal_pointer (&self->proof);
  say (self, allowed ? _("Allowed.\n") : _("Not allowed.\n"));
  task = finish (self);
  g_task_return_pointer (task, decision, (GDestroyNotify) okap_decision_free);
}

static void
ask_secret (OkapTerminalPrompter *self, const char *why)
{
  g_autofree char *text = g_strconcat (why, _("\nPassphrase (an empty line goes back): "), NULL);

  self->state = STATE_PROVING;
  prompt (self, text, passphrase_cb);
}

static void
proven_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OkapTerminalPrompter *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapProof) proof = okap_question_prove_finish (OKAP_QUESTION (source), result, &error);

  if (self->task == task && proof == NULL)
    ask_secret (self, error->message);
  else if (self->task == task)  /* it was not taken back meanwhile */
    {
      self->proof = okap_proof_ref (proof);
      decide (self, TRUE);
    }
  if (proof != NULL)
    okap_terminal_vouch_give (self->vouch);
}

static void
passphrase_cb (OkapSecret *line, gpointer user_data)
{
  OkapTerminalPrompter *self = user_data;

  if (line == NULL)
    fail (self, OKAP_ERROR_NO_PROMPTER, "The terminal is gone");
  else if (okap_secret_get_length (line) == 0)
    ask (self);
  else
    okap_question_prove_async (self->question, line, proven_cb, g_object_ref (self->task));
}

/* Whether the passphrase is asked for first. */
static gboolean
ask_passphrase (OkapTerminalPrompter *self)
{
  OkapStepUp reasons = okap_question_find_step_up (self->question, self->scopes);
  g_autofree char *words = okap_step_up_dup_words (reasons);

  reasons |= okap_terminal_vouch_find_step_up (self->vouch);  /* the question says this one */
  if (reasons != OKAP_STEP_UP_NONE)
    ask_secret (self, words);
  return reasons != OKAP_STEP_UP_NONE;
}

static void
priced_cb (OkapSecret *line, gpointer user_data)
{
  OkapTerminalPrompter *self = user_data;
  g_autofree char *word = line != NULL ? dup_word (line) : NULL;
  OkapScope *scope;
  const char *wrong;

  if (word == NULL)
    {
      fail (self, OKAP_ERROR_NO_PROMPTER, "The terminal is gone");
      return;
    }
  scope = g_ptr_array_index (self->scopes, self->priced);
  wrong = okap_price_question_read (scope, word);
  if (wrong != NULL)
    {
      prompt (self, wrong, priced_cb);
      return;
    }
  self->edited |= scope->ceiling.set;
  self->priced++;
  allow (self);
}

/* Whether a price is asked for first. */
static gboolean
ask_price (OkapTerminalPrompter *self)
{
  for (; self->priced < self->scopes->len; self->priced++)
    {
      const OkapScope *scope = g_ptr_array_index (self->scopes, self->priced);
      g_autofree char *question = okap_price_question_format (scope);

      if (question == NULL)
        continue;
      prompt (self, question, priced_cb);
      return TRUE;
    }
  return FALSE;
}

static void
allow (OkapTerminalPrompter *self)
{
  const char *missing = okap_question_text_find_missing_key (self->question, self->scopes);
  g_autofree char *text = NULL;

  if (g_get_monotonic_time () < self->allowed_from_us)
    {
      prompt (self, _("This is another question than before. Please read it, then answer a, n "
                      "or e: "), answered_cb);
      return;
    }
  if (missing == NULL)
    {
      if (!ask_price (self) && !ask_passphrase (self))
        decide (self, TRUE);
      return;
    }
  text = g_strdup_printf (_("There is no key for %s. In another terminal, run: okap keys add %s\n"
                            "Then answer again, a or n: "), missing, missing);
  prompt (self, text, answered_cb);
}

static void
answered_cb (OkapSecret *line, gpointer user_data)
{
  OkapTerminalPrompter *self = user_data;
  g_autofree char *word = line != NULL ? dup_word (line) : NULL;

  if (word == NULL)
    fail (self, OKAP_ERROR_NO_PROMPTER, "The terminal is gone");
  else if (g_ascii_strcasecmp (word, "a") == 0 || g_ascii_strcasecmp (word, "allow") == 0)
    allow (self);
  else if (g_ascii_strcasecmp (word, "n") == 0 || g_ascii_strcasecmp (word, "no") == 0)
    decide (self, FALSE);
  else if (g_ascii_strcasecmp (word, "e") == 0 || g_ascii_strcasecmp (word, "edit") == 0)
    {
      self->state = STATE_EDITING;
      self->scope = 0;
      self->item = ITEM_KEY;
      say (self, _("\nAn empty line keeps what is there.\n"));
      edit_next (self);
    }
  else
    prompt (self, _("Please answer a, n or e: "), answered_cb);
}

/* --- EDITING --- */

/* Sets what was just asked for; returns what was wrong. */
static const char *
edit (OkapTerminalPrompter *self, const char *word)
{
  OkapRequest *request = okap_question_get_request (self->question);
  OkapScope *scope = self->scope < self->scopes->len
                     ? g_ptr_array_index (self->scopes, self->scope) : NULL;

  if (self->scope > self->scopes->len)
    return okap_question_edit_portable (word, &self->portable);
  if (scope == NULL)
    return okap_question_edit_expiry (word, g_get_real_time (), request->expires_us,
                                      &self->expires_us);
  if (self->item == ITEM_KEY)
    return okap_question_edit_key (word, self->question, scope);
  return okap_question_edit_limit (word, ITEM_LIMIT (self->item),
                                   g_ptr_array_index (request->scopes, self->scope), scope);
}

static void
edited_cb (OkapSecret *line, gpointer user_data)
{
  OkapTerminalPrompter *self = user_data;
  g_autofree char *word = line != NULL ? dup_word (line) : NULL;
  const char *wrong = NULL;

  if (word == NULL)
    {
      fail (self, OKAP_ERROR_NO_PROMPTER, "The terminal is gone");
      return;
    }
  if (*word != '\0')
    {
      wrong = edit (self, word);
      self->edited |= wrong == NULL;
    }
  if (wrong != NULL)
    say (self, wrong);
  else if (self->scope < self->scopes->len)
    self->item++;
  else if (self->scope == self->scopes->len && self->portable)
    self->scope++;
  else
    {
      ask (self);
      return;
    }
  edit_next (self);
}

/* Goes to the next step that has something to choose, from the present one on. */
static void
edit_next (OkapTerminalPrompter *self)
{
  g_autofree char *until = okap_time_format_iso (self->expires_us);
  g_autofree char *text = NULL;

  while (self->scope < self->scopes->len && text == NULL)
    {
      OkapScope *scope = g_ptr_array_index (self->scopes, self->scope);

      if (self->item == ITEM_END)
        {
          self->scope++;
          self->item = ITEM_KEY;
        }
      else if ((text = self->item == ITEM_KEY
                       ? okap_question_edit_offer_keys (self->question, scope)
                       : okap_question_edit_offer_limit (ITEM_LIMIT (self->item), scope)) == NULL)
        self->item++;
    }
  if (self->scope > self->scopes->len)
    /* Translators: y stays; it is what is typed */
    text = g_strdup (_("May any program use the token, and not only the one that asks? [y] "));
  else if (text == NULL)
    /* Translators: a date */
    text = g_strdup_printf (_("Until [%s] "), until);
  prompt (self, text, edited_cb);
}

static void
ask_async (OkapPrompter *prompter, OkapQuestion *question, GCancellable *cancellable,
           GAsyncReadyCallback callback, gpointer user_data)
{
  OkapTerminalPrompter *self = OKAP_TERMINAL_PROMPTER (prompter);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  OkapRequest *request = okap_question_get_request (question);
  gint64 now_us = g_get_monotonic_time ();

  g_task_set_source_tag (task, ask_async);
  if (!begin (self, task, question))
    return;
  self->allowed_from_us = self->taken_back_us > 0 && now_us - self->taken_back_us < READING_US
                          ? now_us + READING_US : 0;
  self->scopes = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_scope_unref);
  for (guint i = 0; i < request->scopes->len; i++)
    g_ptr_array_add (self->scopes, okap_scope_copy (g_ptr_array_index (request->scopes, i)));
  self->expires_us = request->expires_us;
  self->portable = request->portable;
  self->edited = FALSE;
  ask (self);
}

static OkapDecision *
ask_finish (OkapPrompter *prompter, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- TYPING, UNLOCKING --- */

static void typed_cb (OkapSecret *line, gpointer user_data);

static void
type (OkapTerminalPrompter *self)
{
  self->state = STATE_TYPING;
  prompt (self, _("Passphrase (an empty line is no): "), typed_cb);
}

static void
unlocked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OkapTerminalPrompter *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  gboolean opened = okap_vault_unlock_finish (OKAP_VAULT (source), result, &error);
  g_autofree char *text = NULL;

  if (opened)
    okap_terminal_vouch_give (self->vouch);
  if (self->task != task)  /* it was taken back meanwhile: open already, or the caller is gone */
    return;
  if (opened)
    {
      g_object_unref (finish (self));
      g_task_return_boolean (task, TRUE);
      return;
    }
  text = g_strconcat (error->message, "\n", NULL);
  say (self, text);
  if (++self->tries < PASSPHRASE_TRIES)
    type (self);
  else
    fail (self, OKAP_ERROR_VAULT_LOCKED, "The vault stayed locked");
}

static void
typed_cb (OkapSecret *line, gpointer user_data)
{
  OkapTerminalPrompter *self = user_data;

  if (line == NULL)
    fail (self, OKAP_ERROR_NO_PROMPTER, "The terminal is gone");
  else if (okap_secret_get_length (line) == 0)
    fail (self, OKAP_ERROR_USER_DENIED, "The vault is locked, and its user did not unlock it");
  else
    {
      self->state = STATE_UNLOCKING;
      okap_vault_unlock_async (self->vault, line, unlocked_cb, g_object_ref (self->task));
    }
}

static void
unlock_async (OkapPrompter *prompter, OkapQuestion *question, GCancellable *cancellable,
              GAsyncReadyCallback callback, gpointer user_data)
{
  OkapTerminalPrompter *self = OKAP_TERMINAL_PROMPTER (prompter);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autofree char *seen = okap_caller_dup_words (okap_question_get_caller (question));
  g_autofree char *text = NULL;

  g_task_set_source_tag (task, unlock_async);
  if (!begin (self, task, question))
    return;
  self->tries = 0;
  text = g_strdup_printf (_("\n%s asks for access, and the vault is locked.\n"
                            "Unlocking it allows nothing yet.\n"), seen);
  say (self, text);
  type (self);
}

static gboolean
unlock_finish (OkapPrompter *prompter, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
okap_terminal_prompter_iface_init (OkapPrompterInterface *iface)
{
  iface->ask_async = ask_async;
  iface->ask_finish = ask_finish;
  iface->unlock_async = unlock_async;
  iface->unlock_finish = unlock_finish;
}

static void
okap_terminal_prompter_finalize (GObject *object)
{
  OkapTerminalPrompter *self = OKAP_TERMINAL_PROMPTER (object);

  g_clear_pointer (&self->console, okap_console_free);
  g_clear_pointer (&self->vouch, okap_terminal_vouch_free);
  g_clear_object (&self->vault);
  G_OBJECT_CLASS (okap_terminal_prompter_parent_class)->finalize (object);
}

static void
okap_terminal_prompter_class_init (OkapTerminalPrompterClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = okap_terminal_prompter_finalize;
}

static void
okap_terminal_prompter_init (OkapTerminalPrompter *self)
{
}

/** okap_terminal_prompter_new: (transfer full): on @console, which it takes over */
OkapPrompter *
okap_terminal_prompter_new (OkapConsole *console, OkapVault *vault)
{
  OkapTerminalPrompter *self = g_object_new (OKAP_TYPE_TERMINAL_PROMPTER, NULL);

  self->console = console;
  self->vault = g_object_ref (vault);
  self->vouch = okap_terminal_vouch_new (vault);
  return OKAP_PROMPTER (self);
}

/** okap_terminal_prompter_vouch: the right passphrase came with the command of this okap serve */
void
okap_terminal_prompter_vouch (OkapTerminalPrompter *self)
{
  okap_terminal_vouch_give (self->vouch);
}
