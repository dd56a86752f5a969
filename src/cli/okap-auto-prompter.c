/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The prompter for when there is no person, or none is wanted. It was chosen by whoever started
 * okap serve, on its command line, and nothing can change it later. Main thread. */
#include "config.h"

#include "okap-auto-prompter.h"

#include "okap-error.h"

struct _OkapAutoPrompter
{
  GObject parent_instance;

  OkapAutoAnswer answer;      /* (immutable) */
  OkapPriceCeiling ceiling;   /* (immutable) for models without a known price */
  gboolean portable;          /* (immutable) any program may use what it allows */
  OkapProof *proof;           /* (owned) (nullable) that whoever chose it knows the passphrase */
};

static void okap_auto_prompter_iface_init (OkapPrompterInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (OkapAutoPrompter, okap_auto_prompter, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (OKAP_TYPE_PROMPTER,
                                                      okap_auto_prompter_iface_init))

/* The scopes as asked, with the ceiling; NULL where there is none. */
static GPtrArray *
add_ceiling (OkapAutoPrompter *self, OkapQuestion *question)
{
  const OkapRequest *request = okap_question_get_request (question);
  GPtrArray *scopes;

  if (!self->ceiling.set)
    return NULL;
  scopes = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_scope_unref);
  for (guint i = 0; i < request->scopes->len; i++)
    {
      OkapScope *scope = okap_scope_copy (g_ptr_array_index (request->scopes, i));

      scope->ceiling = self->ceiling;
      g_ptr_array_add (scopes, scope);
    }
  return scopes;
}

/* As asked, or wider in the two ways that the command line told. */
static OkapDecision *
allow (OkapAutoPrompter *self, OkapQuestion *question)
{
  g_autoptr (GPtrArray) scopes = add_ceiling (self, question);
  OkapDecision *decision = okap_decision_new_allowed (scopes, 0);

  decision->proof = self->proof != NULL ? okap_proof_ref (self->proof) : NULL;
  decision->portable = self->portable || okap_question_get_request (question)->portable;
  return decision;
}

static void
ask_async (OkapPrompter *prompter, OkapQuestion *question, GCancellable *cancellable,
           GAsyncReadyCallback callback, gpointer user_data)
{
  OkapAutoPrompter *self = OKAP_AUTO_PROMPTER (prompter);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, ask_async);
  if (self->answer == OKAP_AUTO_NOBODY)
    g_task_return_new_error (task, OKAP_ERROR, OKAP_ERROR_NO_PROMPTER,
                             "Nobody can be asked: Okap runs without a display or terminal");
  else if (self->answer == OKAP_AUTO_ALWAYS)
    g_task_return_pointer (task, allow (self, question),
                           (GDestroyNotify) okap_decision_free);
  else
    g_task_return_pointer (task, okap_decision_new_refused (),
                           (GDestroyNotify) okap_decision_free);
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
  g_autoptr (GTask) task = g_task_new (prompter, cancellable, callback, user_data);

  g_task_set_source_tag (task, unlock_async);
  g_task_return_new_error (task, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED,
                           "The vault is locked and nobody can be asked for its passphrase. "
                           "Run: okap unlock");
}

static gboolean
unlock_finish (OkapPrompter *prompter, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static gboolean
is_attended (OkapPrompter *prompter)
{
  return FALSE;
}

static void
okap_auto_prompter_iface_init (OkapPrompterInterface *iface)
{
  iface->ask_async = ask_async;
  iface->ask_finish = ask_finish;
  iface->unlock_async = unlock_async;
  iface->unlock_finish = unlock_finish;
  iface->is_attended = is_attended;
}

static void
okap_auto_prompter_finalize (GObject *object)
{
  g_clear_pointer (&OKAP_AUTO_PROMPTER (object)->proof, okap_proof_unref);
  G_OBJECT_CLASS (okap_auto_prompter_parent_class)->finalize (object);
}

static void
okap_auto_prompter_class_init (OkapAutoPrompterClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = okap_auto_prompter_finalize;
}

static void
okap_auto_prompter_init (OkapAutoPrompter *self)
{
}

/**
 * okap_auto_prompter_new:
 * @ceiling: (nullable): what models without a known price may cost in what it allows
 * @portable: whether any program may use what it allows, and not only the one that asked
 *
 * Returns: (transfer full): one that always answers @answer
 */
OkapPrompter *
okap_auto_prompter_new (OkapAutoAnswer answer, const OkapPriceCeiling *ceiling,
                        gboolean portable)
{
  OkapAutoPrompter *self = g_object_new (OKAP_TYPE_AUTO_PROMPTER, NULL);

  self->answer = answer;
  if (ceiling != NULL)
    self->ceiling = *ceiling;
  self->portable = portable;
  return OKAP_PROMPTER (self);
}

/** okap_auto_prompter_set_proof: of the passphrase that came with the choice
 *
 * Without it, what takes the passphrase is refused.
 */
void
okap_auto_prompter_set_proof (OkapAutoPrompter *self, OkapProof *proof)
{
  g_clear_pointer (&self->proof, okap_proof_unref);
  self->proof = okap_proof_ref (proof);
}
