/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way from the broker to a person: one toplevel per question, on its own and not tied to the
 * dashboard, which is neither raised nor blocked by it. Main thread.
 *
 * A prompt is owned by its window: it ends when the window gives an answer, or when the cancellable
 * says that the caller is gone, whichever comes first. Then the window goes. */
#include "config.h"

#include "okap-consent-prompter.h"

#include "okap-consent-dialog.h"
#include "okap-error.h"
#include "okap-unlock-dialog.h"

struct _OkapConsentPrompter
{
  GObject parent_instance;

  GtkApplication *application;  /* (unowned) outlives us */
  OkapVault *vault;             /* (owned) (immutable) */
};

typedef struct
{
  GTask *task;        /* (owned) */
  GtkWindow *window;  /* (owned) until destroyed */
  GSource *source;    /* (owned) (nullable) watches the cancellable */
} Prompt;

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

static Prompt *
prompt_start (OkapConsentPrompter *self, GTask *task, GtkWidget *window)
{
  Prompt *prompt = g_new0 (Prompt, 1);
  GCancellable *cancellable = g_task_get_cancellable (task);

  prompt->task = task;
  prompt->window = g_object_ref (GTK_WINDOW (window));
  if (cancellable != NULL)
    {
      prompt->source = g_cancellable_source_new (cancellable);
      g_source_set_callback (prompt->source, G_SOURCE_FUNC (cancelled_cb), prompt, NULL);
      g_source_attach (prompt->source, NULL);
    }
  gtk_window_set_application (prompt->window, self->application);
  return prompt;
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
  GtkWidget *dialog = okap_consent_dialog_new (question, self->vault);

  g_task_set_source_tag (task, okap_consent_prompter_ask_async);
  g_signal_connect (dialog, "decided", G_CALLBACK (decided_cb), prompt_start (self, task, dialog));
  gtk_window_present (GTK_WINDOW (dialog));
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
  GtkWidget *dialog = okap_unlock_dialog_new (self->vault, question);

  g_task_set_source_tag (task, okap_consent_prompter_unlock_async);
  g_signal_connect (dialog, "decided", G_CALLBACK (unlock_decided_cb),
                    prompt_start (self, task, dialog));
  gtk_window_present (GTK_WINDOW (dialog));
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
okap_consent_prompter_finalize (GObject *object)
{
  g_object_unref (OKAP_CONSENT_PROMPTER (object)->vault);
  G_OBJECT_CLASS (okap_consent_prompter_parent_class)->finalize (object);
}

static void
okap_consent_prompter_class_init (OkapConsentPrompterClass *class)
{
  G_OBJECT_CLASS (class)->finalize = okap_consent_prompter_finalize;
}

static void
okap_consent_prompter_init (OkapConsentPrompter *self)
{
}

OkapConsentPrompter *
okap_consent_prompter_new (GtkApplication *application, OkapVault *vault)
{
  OkapConsentPrompter *self = g_object_new (OKAP_TYPE_CONSENT_PROMPTER, NULL);

  self->application = application;
  self->vault = g_object_ref (vault);
  return self;
}
