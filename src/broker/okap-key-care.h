/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "okap-credentials.h"
#include "okap-key-class.h"
#include "okap-key-standing.h"

G_BEGIN_DECLS

/* How the keys do, and their replacement. Main thread. Emits "changed" (key id) when a key's
 * health is another one, and "alert" (OkapKeyInfo, OkapKeyClass as guint, gboolean rolled_back)
 * when a person should hear of it. */
#define OKAP_TYPE_KEY_CARE (okap_key_care_get_type ())
G_DECLARE_FINAL_TYPE (OkapKeyCare, okap_key_care, OKAP, KEY_CARE, GObject)

/* Asks a provider whether a key works; given by the core, because the broker knows no proxy. The
 * class and what the provider told of money and limits are set in either case, the words if the
 * key may be used. */
typedef void     (*OkapKeyTestFunc)       (OkapCredential *credential,
                                           GAsyncReadyCallback callback, gpointer user_data,
                                           gpointer func_data);
typedef gboolean (*OkapKeyTestFinishFunc) (GAsyncResult *result, OkapKeyClass *out_class,
                                           OkapKeyStanding *out_standing, char **out_words,
                                           GError **error);

OkapKeyCare *okap_key_care_new        (OkapVault *vault, OkapGate *gate,
                                       OkapCredentials *credentials, OkapClock *clock)
                                       G_GNUC_WARN_UNUSED_RESULT;
void         okap_key_care_set_tester (OkapKeyCare *self, OkapKeyTestFunc func,
                                       OkapKeyTestFinishFunc finish, gpointer func_data);

/* What the proxy tells of a version of a key; see OkapProxyHealthFunc. */
void         okap_key_care_report     (OkapKeyCare *self, const char *key_id,
                                       const OkapKeyHealth *health, guint n_good);
OkapKeyHealth okap_key_care_get_health (OkapKeyCare *self, OkapKeyInfo *key);
const OkapKeyStanding *okap_key_care_get_standing (OkapKeyCare *self, OkapKeyInfo *key);
void         okap_key_care_check      (OkapKeyCare *self);

/* Forgets what was known of the key's health and asks its provider. */
void         okap_key_care_test_async  (OkapKeyCare *self, const char *key_id,
                                        GAsyncReadyCallback callback, gpointer user_data);
gboolean     okap_key_care_test_finish (OkapKeyCare *self, GAsyncResult *result, char **out_words,
                                        GError **error);

/* Replaces a key (okap-key-rotation.h). Done when the new one is in use, and watched from then on.
 * Errors: as of okap_vault_rotate_finish(), and why the new key failed its test. */
void         okap_key_care_replace_async  (OkapKeyCare *self, const char *key_id,
                                           const char *rotation_id, OkapSecret *key, gboolean test,
                                           GAsyncReadyCallback callback, gpointer user_data);
OkapKeyInfo *okap_key_care_replace_finish (OkapKeyCare *self, GAsyncResult *result,
                                           gboolean *out_unchanged, GError **error);

/* Ends the watching: back to the old key, or for good with the new one. */
void         okap_key_care_settle_async   (OkapKeyCare *self, const char *key_id, gboolean keep,
                                           GAsyncReadyCallback callback, gpointer user_data);
OkapKeyInfo *okap_key_care_settle_finish  (OkapKeyCare *self, GAsyncResult *result,
                                           GError **error);

G_END_DECLS
