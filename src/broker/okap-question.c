/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a prompter shows: the request, who made it, the keys it could use, and what the rules say
 * about it. The passphrase is checked here, while the question is open: see okap-proof.c. */
#include "config.h"

#include "okap-question-private.h"

#include "okap-error.h"
#include "okap-proof-private.h"
#include "okap-remembered.h"

struct _OkapQuestion
{
  GObject parent_instance;

  OkapAsk *ask;          /* (owned) (immutable) models in their canonical form */
  GListModel *keys;      /* (owned) (immutable) all keys of the vault; empty while locked */
  OkapVault *vault;      /* (owned) (nullable) that checks the passphrase */
  OkapThreshold threshold;
  guint waiting;         /* how many more requests are in the queue */
  guint missed;
  gboolean nagging;
};

typedef enum
{
  PROP_WAITING = 1,
} OkapQuestionProperty;

enum
{
  SIGNAL_PRESENT_AGAIN,
  N_SIGNALS,
};

static GParamSpec *properties[PROP_WAITING + 1];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (OkapQuestion, okap_question, G_TYPE_OBJECT)

static void
okap_question_finalize (GObject *object)
{
  OkapQuestion *self = OKAP_QUESTION (object);

  okap_ask_free (self->ask);
  g_object_unref (self->keys);
  g_clear_object (&self->vault);
  G_OBJECT_CLASS (okap_question_parent_class)->finalize (object);
}

static void
okap_question_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  OkapQuestion *self = OKAP_QUESTION (object);

  switch ((OkapQuestionProperty) id)
    {
    case PROP_WAITING:
      g_value_set_uint (value, self->waiting);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
okap_question_class_init (OkapQuestionClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->finalize = okap_question_finalize;
  object_class->get_property = okap_question_get_property;

  properties[PROP_WAITING] =
    g_param_spec_uint ("waiting", NULL, NULL, 0, G_MAXUINT, 0,
                       G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
  signals[SIGNAL_PRESENT_AGAIN] = g_signal_new ("present-again", OKAP_TYPE_QUESTION,
                                                G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                                2, G_TYPE_STRING, G_TYPE_STRING);
}

static void
okap_question_init (OkapQuestion *self)
{
  self->threshold = okap_threshold_get_default ();
}

/** okap_question_new: (transfer full): @keys is a list of OkapKeyInfo that may change */
OkapQuestion *
okap_question_new (const OkapAsk *ask, GListModel *keys)
{
  OkapQuestion *self = g_object_new (OKAP_TYPE_QUESTION, NULL);

  self->ask = okap_ask_copy (ask);
  self->keys = g_object_ref (keys);
  return self;
}

OkapRequest *
okap_question_get_request (OkapQuestion *self)
{
  return self->ask->request;
}

OkapCaller *
okap_question_get_caller (OkapQuestion *self)
{
  return self->ask->caller;
}

const OkapAsk *
okap_question_get_ask (OkapQuestion *self)
{
  return self->ask;
}

GListModel *
okap_question_get_keys (OkapQuestion *self)
{
  return self->keys;
}

/** okap_question_list_keys: (transfer full): (element-type OkapKeyInfo): those for @provider */
GPtrArray *
okap_question_list_keys (OkapQuestion *self, const char *provider)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < g_list_model_get_n_items (self->keys); i++)
    {
      g_autoptr (OkapKeyInfo) key = g_list_model_get_item (self->keys, i);

      if (g_str_equal (okap_key_info_get_provider (key), provider))
        g_ptr_array_add (keys, g_steal_pointer (&key));
    }
  return g_steal_pointer (&keys);
}

guint
okap_question_get_waiting (OkapQuestion *self)
{
  return self->waiting;
}

/** okap_question_set_waiting: by the consent queue, as requests come and go */
void
okap_question_set_waiting (OkapQuestion *self, guint waiting)
{
  if (self->waiting == waiting)
    return;
  self->waiting = waiting;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_WAITING]);
}

/** okap_question_set_rules: by the broker, before it is asked */
void
okap_question_set_rules (OkapQuestion *self, OkapVault *vault, const OkapThreshold *threshold)
{
  g_set_object (&self->vault, vault);
  self->threshold = *threshold;
}

/** okap_question_find_step_up: see okap_step_up_find() */
OkapStepUp
okap_question_find_step_up (OkapQuestion *self, const GPtrArray *scopes)
{
  return okap_step_up_find (self->ask, scopes, &self->threshold);
}

gboolean
okap_question_may_last (OkapQuestion *self, OkapGrantTerm term)
{
  return okap_remembered_may_last (self->ask, term);
}

gint64
okap_question_get_end (OkapQuestion *self, OkapGrantTerm term, gint64 now_us)
{
  return okap_remembered_get_end (self->ask, term, 0, now_us);
}

gboolean
okap_question_is_nagging (OkapQuestion *self)
{
  return self->nagging;
}

void
okap_question_set_nagging (OkapQuestion *self, gboolean nagging)
{
  self->nagging = nagging;
}

guint
okap_question_get_missed (OkapQuestion *self)
{
  return self->missed;
}

void
okap_question_set_missed (OkapQuestion *self, guint missed)
{
  self->missed = missed;
}

/** okap_question_present_again: @ask: the later one, with its own ways to the front */
void
okap_question_present_again (OkapQuestion *self, const OkapAsk *ask)
{
  g_signal_emit (self, signals[SIGNAL_PRESENT_AGAIN], 0, ask->activation_token,
                 ask->parent_window);
}

static void
proven_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OkapQuestion *self = g_task_get_source_object (task);
  GError *error = NULL;

  if (okap_vault_unlock_finish (OKAP_VAULT (source), result, &error))
    g_task_return_pointer (task, okap_proof_new (self->vault, self),
                           (GDestroyNotify) okap_proof_unref);
  else
    g_task_return_error (task, error);
}

/**
 * okap_question_prove_async:
 * @secret: the passphrase or the recovery code
 *
 * Takes most of a second, on another thread. The question stays open, whatever comes of it.
 */
void
okap_question_prove_async (OkapQuestion *self, OkapSecret *secret, GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, okap_question_prove_async);
  if (self->vault != NULL && okap_vault_get_state (self->vault) == OKAP_VAULT_UNLOCKED)
    okap_vault_unlock_async (self->vault, secret, proven_cb, g_steal_pointer (&task));
  else
    g_task_return_new_error (task, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED,
                             "The vault is locked. Unlock it first.");
}

/**
 * okap_question_prove_finish:
 * @error: %OKAP_ERROR_WRONG_PASSPHRASE, %OKAP_ERROR_VAULT_LOCKED, %OKAP_ERROR_BUSY
 *
 * Returns: (transfer full) (nullable): for the decision about this question
 */
OkapProof *
okap_question_prove_finish (OkapQuestion *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
