/* SPDX-License-Identifier: GPL-3.0-or-later */
/* New keys that come by a door. Main thread.
 *
 * A grant that does not name a key takes the first one of its provider. So a key with an address of
 * its own, put into the vault by some program while the vault is open, would send there what apps
 * ask later on. That is why such a key takes the passphrase; one that goes where the table of
 * providers says does not, so that scripts stay simple. The window asks for a real press in place
 * of it and calls the vault. To replace a key needs neither: its address stays. */
#include "config.h"

#include "okap-broker.h"

#include "okap-error.h"
#include "okap-provider.h"

typedef struct
{
  char *provider;     /* (owned) */
  char *label;        /* (owned) */
  char *base_url;     /* (owned) (nullable) */
  OkapSecret *key;    /* (owned) */
} NewKey;

static void
new_key_free (gpointer data)
{
  NewKey *wanted = data;

  g_free (wanted->provider);
  g_free (wanted->label);
  g_free (wanted->base_url);
  okap_secret_unref (wanted->key);
  g_free (wanted);
}

static void
added_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  OkapKeyInfo *key = okap_vault_add_key_finish (OKAP_VAULT (source), result, &error);

  if (key != NULL)
    g_task_return_pointer (task, key, g_object_unref);
  else
    g_task_return_error (task, error);
}

static void
add (GTask *task)
{
  const NewKey *wanted = g_task_get_task_data (task);

  okap_vault_add_key_async (okap_broker_get_vault (g_task_get_source_object (task)),
                            wanted->provider, wanted->label, wanted->base_url, wanted->key,
                            added_cb, g_object_ref (task));
}

static void
shown_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (okap_vault_unlock_finish (OKAP_VAULT (source), result, &error))
    add (task);
  else
    g_task_return_error (task, error);
}

/**
 * okap_broker_add_key_async:
 * @base_url: (nullable): its own address
 * @passphrase: (nullable): or the recovery code; looked at only where it is needed
 *
 * Unlocked only: a locked vault is not opened by it.
 */
void
okap_broker_add_key_async (OkapBroker *self, const char *provider, const char *label,
                           const char *base_url, OkapSecret *key, OkapSecret *passphrase,
                           GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  OkapVault *vault = okap_broker_get_vault (self);
  GError *error = NULL;
  NewKey *wanted = g_new0 (NewKey, 1);

  g_task_set_source_tag (task, okap_broker_add_key_async);
  g_task_set_task_data (task, wanted, new_key_free);
  wanted->provider = g_strdup (provider);
  wanted->label = g_strdup (label);
  wanted->base_url = g_strdup (base_url);
  wanted->key = okap_secret_ref (key);
  if (!okap_broker_check_unrestricted (self, &error))
    g_task_return_error (task, error);
  else if (okap_provider_has_base_url (provider, base_url)
      || okap_vault_get_state (vault) != OKAP_VAULT_UNLOCKED)
    add (task);
  else if (passphrase == NULL)
    g_task_return_new_error (task, OKAP_ERROR, OKAP_ERROR_WRONG_PASSPHRASE,
                             "A key with an address of its own takes the passphrase, because apps "
                             "would send there what they ask. Add it in the window, or with: "
                             "okap keys add --base-url, which asks for it");
  else
    okap_vault_unlock_async (vault, passphrase, shown_cb, g_steal_pointer (&task));
}

/**
 * okap_broker_add_key_finish:
 * @error: %OKAP_ERROR_WRONG_PASSPHRASE, %OKAP_ERROR_RESTRICTED, and those of
 *   okap_vault_add_key_finish()
 *
 * Returns: (transfer full) (nullable): what may be shown of the key
 */
OkapKeyInfo *
okap_broker_add_key_finish (OkapBroker *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
