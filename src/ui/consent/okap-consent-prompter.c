/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way from the broker to a person: one toplevel per question, on its own and not tied to the
 * dashboard, which is neither raised nor blocked by it. How it comes before the person is
 * okap-presenter.c's. Main thread.
 *
 * A prompt is owned by its window: it ends when the window gives an answer, or when the cancellable
 * says that the caller is gone, or when there is nothing to show it on, whichever comes first. Then
 * the window goes, and its notice with it. */
#include "config.h"

#include "okap-consent-prompter.h"

#include <glib/gi18n.h>

#include "okap-consent-dialog.h"
#include "okap-error.h"
#include "okap-presenter.h"
#include "okap-text.h"
#include "okap-unlock-dialog.h"

struct _OkapConsentPrompter
{
  GObject parent_instance;

  GtkApplication *application;  /* (unowned) outlives us */
  OkapBroker *broker;           /* (unowned) owns us */
};

typedef struct
{
  GTask *task;        /* (owned) */
  GtkWindow *window;  /* (owned) until destroyed */
  GSource *source;    /* (owned) (nullable) watches the cancellable */
  OkapQuestion *question;     /* (owned) */
  OkapPresenter *presenter;   /* (owned) */
} Prompt;

#define NAME_CHARS 48

static void prompter_iface_init (OkapPrompterInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (OkapConsentPrompter, okap_consent_prompter, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (OKAP_TYPE_PROMPTER, prompter_iface_init))

/* Takes the window away and gives the task back to be answered. */
static GTask *
prompt_finish (Prompt *prompt)
{
  GTask *task = g_steal_pointer (&prompt->task);

  if (prompt->source != NULL)
    {
      g_source_destroy (prompt->source);
      g_clear_pointer (&prompt->source, g_source_unref);
    }
  g_signal_handlers_disconnect_by_data (prompt->question, prompt);
  g_clear_object (&prompt->question);
  g_clear_object (&prompt->presenter);
  gtk_window_destroy (prompt->window);
  g_clear_object (&prompt->window);
  g_free (prompt);
  return task;
}

static gboolean
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  g_autoptr (GTask) task = prompt_finish (user_data);

  g_task_return_error_if_cancelled (task);
  return G_SOURCE_REMOVE;
}

static void
failed_cb (OkapPresenter *presenter, Prompt *prompt)
{
  g_autoptr (OkapPresenter) keep = g_object_ref (presenter);
  g_autoptr (GTask) task = prompt_finish (prompt);

  g_task_return_new_error (task, OKAP_ERROR, OKAP_ERROR_NO_PROMPTER,
                           "There is nobody to ask: the question could not be shown on a display.");
}

static void
present_again_cb (OkapQuestion *question, const char *activation_token, const char *parent_window,
                  Prompt *prompt)
{
  okap_presenter_present (prompt->presenter, parent_window, activation_token);
}

static OkapNotice *
create_notice (OkapConsentPrompter *self, OkapQuestion *question)
{
  const OkapIdentity *identity = okap_question_get_caller (question)->identity;
  guint missed = okap_question_get_missed (question);
  g_autofree char *name = okap_identity_dup_name (identity);
  g_autofree char *shown = okap_text_shorten (name, NAME_CHARS);
  g_autofree char *body = okap_identity_dup_words (identity);
  g_autofree char *title = NULL;

  if (missed > 0)
    title = g_strdup_printf (ngettext ("%u request came while you were away",
                                       "%u requests came while you were away", missed),
                             missed);
  else
    /* Translators: %s is the name of a program */
    title = g_strdup_printf (_("%s asks for access to your keys"), shown);
  return okap_notice_new (g_application_get_dbus_connection (G_APPLICATION (self->application)),
                          title, body, _("Review"));
}

static gboolean
has_display (void)
{
  GdkDisplay *display = gdk_display_get_default ();

  return display != NULL && !gdk_display_is_closed (display);
}

/* @task: (transfer full) */
static Prompt *
prompt_start (OkapConsentPrompter *self, GTask *task, GtkWidget *window, OkapQuestion *question)
{
  Prompt *prompt = g_new0 (Prompt, 1);
  GCancellable *cancellable = g_task_get_cancellable (task);
  g_autoptr (OkapNotice) notice = create_notice (self, question);

  prompt->task = task;
  prompt->window = g_object_ref (GTK_WINDOW (window));
  prompt->question = g_object_ref (question);
  if (cancellable != NULL)
    {
      prompt->source = g_cancellable_source_new (cancellable);
      g_source_set_callback (prompt->source, G_SOURCE_FUNC (cancelled_cb), prompt, NULL);
      g_source_attach (prompt->source, NULL);
    }
  gtk_window_set_application (prompt->window, self->application);

  prompt->presenter = okap_presenter_new (prompt->window, notice);
  g_signal_connect (prompt->presenter, "failed", G_CALLBACK (failed_cb), prompt);
  g_signal_connect (question, "present-again", G_CALLBACK (present_again_cb), prompt);
  return prompt;
}

static void
prompt_present (Prompt *prompt)
{
  const OkapAsk *ask = okap_question_get_ask (prompt->question);

  if (okap_question_get_missed (prompt->question) > 0)
    okap_presenter_announce (prompt->presenter);
  okap_presenter_present (prompt->presenter, ask->parent_window, ask->activation_token);
}

/* Whether nothing can be shown; @task has been answered then. */
static gboolean
is_blind (GTask *task)
{
  if (has_display ())
    return FALSE;
  g_task_return_new_error (task, OKAP_ERROR, OKAP_ERROR_NO_PROMPTER,
                           "There is nobody to ask: Okap has no display here.");
  g_object_unref (task);
  return TRUE;
}

static void
decided_cb (OkapConsentDialog *dialog, Prompt *prompt)
{
  OkapDecision *decision = okap_consent_dialog_steal_decision (dialog);
  g_autoptr (GTask) task = prompt_finish (prompt);

  g_task_return_pointer (task, decision, (GDestroyNotify) okap_decision_free);
}

static void
okap_consent_prompter_ask_async (OkapPrompter *prompter, OkapQuestion *question,
                                 GCancellable *cancellable, GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  OkapConsentPrompter *self = OKAP_CONSENT_PROMPTER (prompter);
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  GtkWidget *dialog;
  Prompt *prompt;

  g_task_set_source_tag (task, okap_consent_prompter_ask_async);
  if (is_blind (task))
    return;
  dialog = okap_consent_dialog_new (question, self->broker);
  prompt = prompt_start (self, task, dialog, question);
  g_signal_connect (dialog, "decided", G_CALLBACK (decided_cb), prompt);
  prompt_present (prompt);
}

static OkapDecision *
okap_consent_prompter_ask_finish (OkapPrompter *prompter, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
unlock_decided_cb (OkapUnlockDialog *dialog, gboolean unlocked, Prompt *prompt)
{
  g_autoptr (GTask) task = prompt_finish (prompt);

  if (unlocked)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_new_error (task, OKAP_ERROR, OKAP_ERROR_USER_DENIED,
                             "The user did not unlock the vault");
}

static void
okap_consent_prompter_unlock_async (OkapPrompter *prompter, OkapQuestion *question,
                                    GCancellable *cancellable, GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  OkapConsentPrompter *self = OKAP_CONSENT_PROMPTER (prompter);
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  GtkWidget *dialog;
  Prompt *prompt;

  g_task_set_source_tag (task, okap_consent_prompter_unlock_async);
  if (is_blind (task))
    return;
  dialog = okap_unlock_dialog_new (okap_broker_get_vault (self->broker), question);
  prompt = prompt_start (self, task, dialog, question);
  g_signal_connect (dialog, "decided", G_CALLBACK (unlock_decided_cb), prompt);
  prompt_present (prompt);
}

static gboolean
okap_consent_prompter_unlock_finish (OkapPrompter *prompter, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
prompter_iface_init (OkapPrompterInterface *iface)
{
  iface->ask_async = okap_consent_prompter_ask_async;
  iface->ask_finish = okap_consent_prompter_ask_finish;
  iface->unlock_async = okap_consent_prompter_unlock_async;
  iface->unlock_finish = okap_consent_prompter_unlock_finish;
}

static void
okap_consent_prompter_class_init (OkapConsentPrompterClass *class)
{
}

static void
okap_consent_prompter_init (OkapConsentPrompter *self)
{
}

/** okap_consent_prompter_new: both outlive it */
OkapConsentPrompter *
okap_consent_prompter_new (GtkApplication *application, OkapBroker *broker)
{
  OkapConsentPrompter *self = g_object_new (OKAP_TYPE_CONSENT_PROMPTER, NULL);

  self->application = application;
  self->broker = broker;
  return self;
}
