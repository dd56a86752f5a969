/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The interface to a person. Implementations own how a question looks; the consent queue owns
 * when it is asked. */
#include "config.h"

#include "okap-prompter.h"

G_DEFINE_INTERFACE (OkapPrompter, okap_prompter, G_TYPE_OBJECT)

static void
okap_prompter_default_init (OkapPrompterInterface *iface)
{
}

/**
 * okap_prompter_ask_async:
 * @cancellable: cancelled when the answer is no longer wanted; the prompt goes away at once
 *
 * Asks a person whether to allow what @question asks for. One question at a time.
 */
void
okap_prompter_ask_async (OkapPrompter *self, OkapQuestion *question, GCancellable *cancellable,
                         GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (OKAP_IS_PROMPTER (self));

  OKAP_PROMPTER_GET_IFACE (self)->ask_async (self, question, cancellable, callback, user_data);
}

/** okap_prompter_ask_finish: (transfer full) (nullable): what the person said */
OkapDecision *
okap_prompter_ask_finish (OkapPrompter *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (OKAP_IS_PROMPTER (self), NULL);

  return OKAP_PROMPTER_GET_IFACE (self)->ask_finish (self, result, error);
}

/**
 * okap_prompter_unlock_async:
 *
 * Asks for the passphrase and unlocks the vault, because @question waits for it. Typing the
 * passphrase approves nothing: the question is asked afterwards.
 */
void
okap_prompter_unlock_async (OkapPrompter *self, OkapQuestion *question, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (OKAP_IS_PROMPTER (self));

  OKAP_PROMPTER_GET_IFACE (self)->unlock_async (self, question, cancellable, callback, user_data);
}

/** okap_prompter_unlock_finish: whether the vault is unlocked now */
gboolean
okap_prompter_unlock_finish (OkapPrompter *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (OKAP_IS_PROMPTER (self), FALSE);

  return OKAP_PROMPTER_GET_IFACE (self)->unlock_finish (self, result, error);
}

/** okap_prompter_is_attended: whether a person sees what is asked */
gboolean
okap_prompter_is_attended (OkapPrompter *self)
{
  OkapPrompterInterface *iface = OKAP_PROMPTER_GET_IFACE (self);

  return iface->is_attended == NULL || iface->is_attended (self);
}
