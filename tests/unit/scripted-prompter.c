/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "scripted-prompter.h"

struct _ScriptedPrompter
{
  GObject parent_instance;

  GTask *task;             /* (owned) (nullable) the prompt that is shown */
  OkapQuestion *question;  /* (owned) (nullable) its question */
  guint asked;
  guint unlocks;
  gboolean attended;
};

static void prompter_iface_init (OkapPrompterInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (ScriptedPrompter, scripted_prompter, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (OKAP_TYPE_PROMPTER, prompter_iface_init))

static void
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  ScriptedPrompter *self = user_data;
  g_autoptr (GTask) task = g_steal_pointer (&self->task);

  if (task != NULL)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "Withdrawn");
  g_clear_object (&self->question);
}

static void
show (ScriptedPrompter *self, OkapQuestion *question, GCancellable *cancellable,
      GAsyncReadyCallback callback, gpointer user_data)
{
  g_assert_null (self->task);  /* one at a time */
  self->task = g_task_new (self, NULL, callback, user_data);
  g_set_object (&self->question, question);
  g_signal_connect_object (cancellable, "cancelled", G_CALLBACK (cancelled_cb), self, 0);
}

static void
ask_async (OkapPrompter *prompter, OkapQuestion *question, GCancellable *cancellable,
           GAsyncReadyCallback callback, gpointer user_data)
{
  SCRIPTED_PROMPTER (prompter)->asked++;
  show (SCRIPTED_PROMPTER (prompter), question, cancellable, callback, user_data);
}

static OkapDecision *
ask_finish (OkapPrompter *prompter, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
unlock_async (OkapPrompter *prompter, OkapQuestion *question, GCancellable *cancellable,
              GAsyncReadyCallback callback, gpointer user_data)
{
  SCRIPTED_PROMPTER (prompter)->unlocks++;
  show (SCRIPTED_PROMPTER (prompter), question, cancellable, callback, user_data);
}

static gboolean
unlock_finish (OkapPrompter *prompter, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static gboolean
is_attended (OkapPrompter *prompter)
{
  return SCRIPTED_PROMPTER (prompter)->attended;
}

static void
prompter_iface_init (OkapPrompterInterface *iface)
{
  iface->ask_async = ask_async;
  iface->ask_finish = ask_finish;
  iface->unlock_async = unlock_async;
  iface->unlock_finish = unlock_finish;
  iface->is_attended = is_attended;
}

static void
scripted_prompter_finalize (GObject *object)
{
  ScriptedPrompter *self = SCRIPTED_PROMPTER (object);

  g_clear_object (&self->task);
  g_clear_object (&self->question);
  G_OBJECT_CLASS (scripted_prompter_parent_class)->finalize (object);
}

static void
scripted_prompter_class_init (ScriptedPrompterClass *class)
{
  G_OBJECT_CLASS (class)->finalize = scripted_prompter_finalize;
}

static void
scripted_prompter_init (ScriptedPrompter *self)
{
}

ScriptedPrompter *
scripted_prompter_new (void)
{
  return g_object_new (SCRIPTED_TYPE_PROMPTER, NULL);
}

guint
scripted_prompter_get_asked (ScriptedPrompter *self)
{
  return self->asked;
}

guint
scripted_prompter_get_unlocks (ScriptedPrompter *self)
{
  return self->unlocks;
}

gboolean
scripted_prompter_is_shown (ScriptedPrompter *self)
{
  return self->task != NULL;
}

OkapQuestion *
scripted_prompter_get_question (ScriptedPrompter *self)
{
  return self->question;
}

/* @decision: (transfer full) */
void
scripted_prompter_answer (ScriptedPrompter *self, OkapDecision *decision)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->task);

  g_assert_nonnull (task);
  g_task_return_pointer (task, decision, (GDestroyNotify) okap_decision_free);
}

void
scripted_prompter_answer_unlock (ScriptedPrompter *self, gboolean unlocked)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->task);

  g_assert_nonnull (task);
  g_task_return_boolean (task, unlocked);
}

/* Whether it stands for a person, who is spared questions. */
void
scripted_prompter_set_attended (ScriptedPrompter *self, gboolean attended)
{
  self->attended = attended;
}

/* The prompt has a fault: it answers without a decision. */
void
scripted_prompter_fail (ScriptedPrompter *self, OkapError code)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->task);

  g_assert_nonnull (task);
  g_task_return_new_error (task, OKAP_ERROR, (int) code, "As the test says");
}
