/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The login keyring of an Okap that was built without libsecret: there is none. */
#include "config.h"

#include "okap-error.h"
#include "okap-keyring.h"

static void
refuse (GAsyncReadyCallback callback, gpointer user_data)
{
  g_task_report_new_error (NULL, callback, user_data, refuse, OKAP_ERROR, OKAP_ERROR_KEYRING,
                           "This Okap was built without support for login keyrings");
}

void
okap_keyring_store_async (const char *vault_id, const char *slot_id, OkapSecret *secret,
                          GAsyncReadyCallback callback, gpointer user_data)
{
  refuse (callback, user_data);
}

gboolean
okap_keyring_store_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
okap_keyring_lookup_async (const char *vault_id, const char *slot_id, gboolean interactive,
                           GAsyncReadyCallback callback, gpointer user_data)
{
  refuse (callback, user_data);
}

OkapSecret *
okap_keyring_lookup_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
okap_keyring_clear_async (const char *vault_id, const char *slot_id, GAsyncReadyCallback callback,
                          gpointer user_data)
{
  refuse (callback, user_data);
}

gboolean
okap_keyring_clear_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

gboolean
okap_keyring_is_built (void)
{
  return FALSE;
}

void
okap_keyring_set_bounds (guint silent_ms, guint asking_ms)
{
}
