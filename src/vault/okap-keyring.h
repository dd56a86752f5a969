/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "okap-sealed-format.h"
#include "okap-secret.h"

G_BEGIN_DECLS

#define OKAP_KEYRING_SECRET_BYTES 32
#define OKAP_KEYRING_SILENT_S     5    /* where the user is not asked for anything */
#define OKAP_KEYRING_ASKING_S     60

/* One secret per vault and slot in the Secret Service. Main thread; never blocks, always answers
 * within the bound. All errors are %OKAP_ERROR_KEYRING with words for the user. */
void        okap_keyring_store_async   (const char *vault_id, const char *slot_id,
                                        OkapSecret *secret, GAsyncReadyCallback callback,
                                        gpointer user_data);
gboolean    okap_keyring_store_finish  (GAsyncResult *result, GError **error);
void        okap_keyring_lookup_async  (const char *vault_id, const char *slot_id,
                                        gboolean interactive, GAsyncReadyCallback callback,
                                        gpointer user_data);
OkapSecret *okap_keyring_lookup_finish (GAsyncResult *result, GError **error)
                                        G_GNUC_WARN_UNUSED_RESULT;
void        okap_keyring_clear_async   (const char *vault_id, const char *slot_id,
                                        GAsyncReadyCallback callback, gpointer user_data);
gboolean    okap_keyring_clear_finish  (GAsyncResult *result, GError **error);

gboolean    okap_keyring_is_built      (void);
char       *okap_keyring_dup_id        (const guint8 id[OKAP_SEALED_ID_BYTES]);
void        okap_keyring_set_bounds    (guint silent_ms, guint asking_ms);

G_END_DECLS
