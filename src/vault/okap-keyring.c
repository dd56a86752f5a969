/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The login keyring, through libsecret. Main thread.
 *
 * The service is another program: it may be missing, hang, ask the user, die in between, or have
 * lost what it was given. So each operation has a bound after which the caller gets its answer
 * whatever the service does, and each way to fail has words that say what to do. What comes after
 * the bound is dropped; a secret that was stored after it is cleared again.
 *
 *   lookup   search, without unlocking anything unless the user may be asked
 *   store    put, then look up and compare: some services take a secret and lose it
 *   clear    remove; nothing there is as good
 *
 * The secret is stored as hexadecimal digits: services were seen to lose a whole collection to a
 * line break in one secret. */
#include "config.h"

#include "okap-keyring.h"

#include <libsecret/secret.h>
#include <sodium.h>
#include <string.h>

#include "okap-error.h"
#include "okap-keyring-words.h"

#define HEX_CHARS (2 * OKAP_KEYRING_SECRET_BYTES)

static const SecretSchema schema = {
  OKAP_APP_ID ".Vault", SECRET_SCHEMA_NONE,
  { { "vault", SECRET_SCHEMA_ATTRIBUTE_STRING }, { "slot", SECRET_SCHEMA_ATTRIBUTE_STRING } }
};

static guint silent_ms = OKAP_KEYRING_SILENT_S * 1000;
static guint asking_ms = OKAP_KEYRING_ASKING_S * 1000;

typedef enum
{
  LOOKUP,
  STORE,
  CLEAR,
} What;

/* One operation: shared by the bound and by whatever of libsecret is under way. */
typedef struct
{
  gatomicrefcount ref_count;
  What what;
  GTask *task;                /* (owned) (nullable) NULL once it was answered */
  GCancellable *cancellable;  /* (owned) */
  GSource *bound;             /* (owned) (nullable) */
  SecretService *service;     /* (owned) (nullable) */
  GHashTable *attributes;     /* (owned) */
  OkapSecret *secret;         /* (owned) (nullable) to be stored */
  gboolean interactive;
  gboolean stored;            /* something was given to the service */
} Operation;

static void
operation_unref (Operation *op)
{
  if (!g_atomic_ref_count_dec (&op->ref_count))
    return;
  g_assert (op->task == NULL && op->bound == NULL);
  g_object_unref (op->cancellable);
  g_clear_object (&op->service);
  g_hash_table_unref (op->attributes);
  g_clear_pointer (&op->secret, okap_secret_unref);
  g_free (op);
}

static Operation *
operation_ref (Operation *op)
{
  g_atomic_ref_count_inc (&op->ref_count);
  return op;
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Operation, operation_unref)

/** okap_keyring_set_bounds: for tests */
void
okap_keyring_set_bounds (guint new_silent_ms, guint new_asking_ms)
{
  silent_ms = new_silent_ms;
  asking_ms = new_asking_ms;
}

gboolean
okap_keyring_is_built (void)
{
  return TRUE;
}

/* Takes the task to answer it, once. */
static GTask *
steal_task (Operation *op)
{
  if (op->bound != NULL)
    {
      g_source_destroy (op->bound);
      g_clear_pointer (&op->bound, g_source_unref);
    }
  return g_steal_pointer (&op->task);
}

/* Answers with an error of ours. The connection to the service is given up, so that the next try
 * begins anew. */
static void
fail (Operation *op, OkapKeyringTrouble trouble, const char *details)
{
  g_autoptr (GTask) task = steal_task (op);

  if (trouble != OKAP_KEYRING_GONE)
    secret_service_disconnect ();
  if (task != NULL)
    g_task_return_error (task, okap_keyring_trouble_to_error (trouble, details));
}

static void
fail_with (Operation *op, GError *error)
{
  fail (op, okap_keyring_trouble_from_error (error), error->message);
}

static gboolean
bound_cb (gpointer data)
{
  Operation *op = data;

  g_clear_pointer (&op->bound, g_source_unref);
  g_cancellable_cancel (op->cancellable);
  fail (op, op->interactive ? OKAP_KEYRING_SLOW : OKAP_KEYRING_HANGS, NULL);
  return G_SOURCE_REMOVE;
}

static void
cleared_late_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  (void) secret_service_clear_finish (SECRET_SERVICE (source), result, NULL);
}

/* Whether the operation is still wanted. */
static gboolean
goes_on (Operation *op)
{
  if (op->task != NULL)
    return TRUE;
  if (op->stored && op->service != NULL)
    secret_service_clear (op->service, &schema, op->attributes, NULL, cleared_late_cb, NULL);
  op->stored = FALSE;
  return FALSE;
}

/* What is in @value, if it is what we store. */
static OkapSecret *
parse_value (SecretValue *value)
{
  guint8 bytes[OKAP_KEYRING_SECRET_BYTES];
  OkapSecret *secret = NULL;
  gsize length = 0, n = 0;
  const char *text = value != NULL ? secret_value_get (value, &length) : NULL;

  if (text != NULL && length == HEX_CHARS
      && sodium_hex2bin (bytes, sizeof bytes, text, length, NULL, &n, NULL) == 0
      && n == sizeof bytes)
    secret = okap_secret_new (bytes, sizeof bytes);
  okap_wipe (bytes, sizeof bytes);
  return secret;
}

/* The item that was found, or not. */
static void
take_item (Operation *op, SecretItem *item)
{
  g_autoptr (SecretValue) value = NULL;
  g_autoptr (OkapSecret) secret = NULL;
  g_autoptr (GTask) task = NULL;

  if (item == NULL || secret_item_get_locked (item))
    {
      fail (op, item != NULL ? OKAP_KEYRING_LOCKED
                             : op->what == STORE ? OKAP_KEYRING_LOST : OKAP_KEYRING_GONE, NULL);
      return;
    }
  value = secret_item_get_secret (item);
  secret = parse_value (value);
  if (secret == NULL || (op->what == STORE && !okap_secret_equal (secret, op->secret)))
    {
      fail (op, op->what == STORE ? OKAP_KEYRING_LOST : OKAP_KEYRING_STRANGE, NULL);
      return;
    }
  task = steal_task (op);
  if (op->what == STORE)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_pointer (task, g_steal_pointer (&secret), (GDestroyNotify) okap_secret_unref);
}

static void
searched_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Operation) op = user_data;
  g_autoptr (GError) error = NULL;
  GList *items = secret_service_search_finish (SECRET_SERVICE (source), result, &error);

  if (goes_on (op) && error != NULL)
    fail_with (op, error);
  else if (op->task != NULL)
    take_item (op, items != NULL ? items->data : NULL);
  g_list_free_full (items, g_object_unref);
}

static void
search (Operation *op)
{
  secret_service_search (op->service, &schema, op->attributes,
                         SECRET_SEARCH_LOAD_SECRETS
                         | (op->interactive ? SECRET_SEARCH_UNLOCK : SECRET_SEARCH_NONE),
                         op->cancellable, searched_cb, operation_ref (op));
}

static void
stored_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Operation) op = user_data;
  g_autoptr (GError) error = NULL;

  op->stored = secret_service_store_finish (SECRET_SERVICE (source), result, &error);
  if (!goes_on (op))
    return;
  if (op->stored)
    search (op);
  else if (error != NULL)
    fail_with (op, error);
  else
    fail (op, OKAP_KEYRING_DISMISSED, NULL);
}

static void
store (Operation *op)
{
  char hex[HEX_CHARS + 1];
  SecretValue *value;

  (void) sodium_bin2hex (hex, sizeof hex, okap_secret_get_data (op->secret),
                         okap_secret_get_length (op->secret));
  value = secret_value_new (hex, HEX_CHARS, "text/plain");
  okap_wipe (hex, sizeof hex);
  secret_service_store (op->service, &schema, op->attributes, SECRET_COLLECTION_DEFAULT,
                        "Okap vault", value, op->cancellable, stored_cb, operation_ref (op));
  secret_value_unref (value);
}

static void
cleared_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Operation) op = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GTask) task = NULL;

  (void) secret_service_clear_finish (SECRET_SERVICE (source), result, &error);
  if (op->task == NULL)
    return;
  if (error != NULL)
    {
      fail_with (op, error);
      return;
    }
  task = steal_task (op);
  g_task_return_boolean (task, TRUE);
}

static void
service_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Operation) op = user_data;
  g_autoptr (GError) error = NULL;

  op->service = secret_service_get_finish (result, &error);
  if (!goes_on (op))
    return;
  if (op->service == NULL)
    {
      fail_with (op, error);
      return;
    }
  switch (op->what)
    {
    case LOOKUP:
      search (op);
      break;
    case STORE:
      store (op);
      break;
    case CLEAR:
      secret_service_clear (op->service, &schema, op->attributes, op->cancellable, cleared_cb,
                            operation_ref (op));
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
start (What what, const char *vault_id, const char *slot_id, OkapSecret *secret,
       gboolean interactive, GTask *task)
{
  g_autoptr (Operation) op = g_new0 (Operation, 1);

  g_atomic_ref_count_init (&op->ref_count);
  op->what = what;
  op->task = task;
  op->cancellable = g_cancellable_new ();
  op->interactive = interactive;
  op->secret = secret != NULL ? okap_secret_ref (secret) : NULL;
  op->attributes = secret_attributes_build (&schema, "vault", vault_id, "slot", slot_id, NULL);
  op->bound = g_timeout_source_new (interactive ? asking_ms : silent_ms);
  g_source_set_callback (op->bound, bound_cb, operation_ref (op),
                         (GDestroyNotify) operation_unref);
  (void) g_source_attach (op->bound, g_main_context_get_thread_default ());
  secret_service_get (SECRET_SERVICE_NONE, op->cancellable, service_cb, operation_ref (op));
}

/**
 * okap_keyring_store_async:
 * @secret: 32 bytes
 *
 * May ask the user to unlock or make a keyring.
 */
void
okap_keyring_store_async (const char *vault_id, const char *slot_id, OkapSecret *secret,
                          GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (okap_secret_get_length (secret) == OKAP_KEYRING_SECRET_BYTES);
  start (STORE, vault_id, slot_id, secret, TRUE, g_task_new (NULL, NULL, callback, user_data));
}

/** okap_keyring_store_finish: TRUE: it is there, and was read back */
gboolean
okap_keyring_store_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/** okap_keyring_lookup_async: (interactive: whether the user may be asked to unlock a keyring) */
void
okap_keyring_lookup_async (const char *vault_id, const char *slot_id, gboolean interactive,
                           GAsyncReadyCallback callback, gpointer user_data)
{
  start (LOOKUP, vault_id, slot_id, NULL, interactive,
         g_task_new (NULL, NULL, callback, user_data));
}

/** okap_keyring_lookup_finish: (transfer full) (nullable): 32 bytes */
OkapSecret *
okap_keyring_lookup_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
okap_keyring_clear_async (const char *vault_id, const char *slot_id, GAsyncReadyCallback callback,
                          gpointer user_data)
{
  start (CLEAR, vault_id, slot_id, NULL, FALSE, g_task_new (NULL, NULL, callback, user_data));
}

/** okap_keyring_clear_finish: TRUE also if there was nothing */
gboolean
okap_keyring_clear_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
