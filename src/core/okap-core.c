/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The composition root: builds everything but a user interface, wires it, and takes it down in
 * the opposite order. Main thread.
 *
 *   main thread     vault · broker · consent queue
 *   "okap-http"     server, proxy and doors, on a main context of their own
 *   "okap-store"    SQLite (the store's own)
 *
 * Only three things cross: the gate, closures posted by okap_invoke(), constant values. */
#include "config.h"

#include "okap-core.h"

#include <sys/resource.h>

#include "okap-audit.h"
#include "okap-caps.h"
#include "okap-discovery.h"
#include "okap-error.h"
#include "okap-gate.h"
#include "okap-http-thread.h"
#include "okap-invoke.h"
#include "okap-paths.h"
#include "okap-price-watch.h"
#include "okap-proxy.h"
#include "okap-transport.h"

#define DESCRIPTORS (4 * OKAP_CAP_CONNECTIONS)

struct _OkapCore
{
  GObject parent_instance;

  OkapClock *clock;           /* (unowned) */
  OkapVault *vault;           /* (owned) */
  OkapStore *store;           /* (owned) */
  OkapGate *gate;             /* (owned) */
  OkapBroker *broker;         /* (owned) */
  OkapHttpThread *http;       /* (owned) (nullable) */
  OkapDiscovery *discovery;   /* (owned) (nullable) */
  OkapPriceWatch *prices;     /* (owned) (nullable) */
  guint16 port;               /* that the user wants; 0: the usual one */
  gboolean stopped;
};

G_DEFINE_FINAL_TYPE (OkapCore, okap_core, G_TYPE_OBJECT)

static void
settled_cb (OkapUsage *usage, gpointer user_data)
{
  okap_store_add_usage (user_data, usage);
}

/* Store thread. */
static void
kept_cb (GPtrArray *rows, gpointer user_data)
{
  okap_gate_release_slots (user_data, rows);
}

static void
okap_core_dispose (GObject *object)
{
  OkapCore *self = OKAP_CORE (object);

  okap_core_stop (self);
  G_OBJECT_CLASS (okap_core_parent_class)->dispose (object);
}

static void
okap_core_finalize (GObject *object)
{
  OkapCore *self = OKAP_CORE (object);

  g_clear_object (&self->broker);
  g_clear_object (&self->store);
  g_clear_object (&self->vault);
  g_clear_pointer (&self->gate, okap_gate_free);
  G_OBJECT_CLASS (okap_core_parent_class)->finalize (object);
}

static void
okap_core_class_init (OkapCoreClass *class)
{
  G_OBJECT_CLASS (class)->dispose = okap_core_dispose;
  G_OBJECT_CLASS (class)->finalize = okap_core_finalize;
}

static void
okap_core_init (OkapCore *self)
{
  g_autofree char *vault_path = okap_paths_dup_vault ();
  g_autofree char *database_path = okap_paths_dup_database ();
  g_autofree char *asking_path = okap_paths_dup_asking ();
  g_autofree char *paused_path = okap_paths_dup_paused ();

  self->clock = okap_clock_get_real ();
  self->vault = okap_vault_new (vault_path, self->clock);
  self->store = okap_store_new (database_path);
  self->gate = okap_gate_new (self->clock);
  okap_gate_set_settled_func (self->gate, settled_cb, self->store);
  okap_store_set_durable_func (self->store, kept_cb, self->gate);
  self->broker = okap_broker_new (self->vault, self->store, self->gate, self->clock);
  okap_broker_keep_rules (self->broker, asking_path);
  okap_broker_keep_pause (self->broker, paused_path);
}

/** okap_core_new: (transfer full): reads nothing yet */
OkapCore *
okap_core_new (void)
{
  return g_object_new (OKAP_TYPE_CORE, NULL);
}

/* For the broker, which knows no proxy. */
static void
key_test_cb (OkapCredential *credential, GAsyncReadyCallback callback, gpointer user_data,
             gpointer func_data)
{
  okap_proxy_test_key_async (func_data, credential, callback, user_data);
}

static void
prices_changed_cb (const char *words, gpointer user_data)
{
  OkapCore *self = user_data;
  g_autoptr (OkapAuditEntry) entry = okap_audit_prices (okap_clock_get_now (self->clock), words);

  okap_store_commit_async (self->store, NULL, entry, NULL, NULL);
}

static gboolean
start_http (OkapCore *self, const char *listen, GError **error)
{
  if (self->prices == NULL)
    self->prices = okap_price_watch_start (self->vault, okap_broker_get_price_seal (self->broker),
                                           prices_changed_cb, self);
  self->http = okap_http_thread_start (self->gate, self->broker, self->clock, listen, self->port,
                                       error);
  if (self->http == NULL)
    return FALSE;
  okap_key_care_set_tester (okap_broker_get_key_care (self->broker), key_test_cb,
                            okap_proxy_test_key_finish, okap_http_thread_get_proxy (self->http));
  self->discovery = okap_discovery_publish (okap_core_get_origin (self),
                                            okap_core_get_socket (self), error);
  return self->discovery != NULL;
}

static void
store_opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OkapCore *self = g_task_get_source_object (task);
  GError *error = NULL;

  if (okap_store_open_finish (OKAP_STORE (source), result, &error)
      && start_http (self, g_task_get_task_data (task), &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* Each stream has a descriptor on both sides, and the usual soft limit of 1024 is for programs
 * that call select(); nothing here does. */
static void
raise_descriptor_limit (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < DESCRIPTORS)
    {
      limit.rlim_cur = MIN (limit.rlim_max, DESCRIPTORS);
      (void) setrlimit (RLIMIT_NOFILE, &limit);  /* fewer streams at once, no more than that */
    }
}

void
okap_core_start_async (OkapCore *self, const char *listen, GAsyncReadyCallback callback,
                       gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  g_autofree char *journal = okap_paths_dup_journal ();
  GError *error = NULL;

  g_task_set_source_tag (task, okap_core_start_async);
  g_task_set_task_data (task, g_strdup (listen), g_free);
  raise_descriptor_limit ();
  /* Before the store, so that no grant is read without what it holds. */
  if (!okap_gate_open_journal (self->gate, journal, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  okap_store_open_async (self->store, store_opened_cb, g_steal_pointer (&task));
}

/**
 * okap_core_start_finish:
 * @error: %OKAP_ERROR_CONFLICT if another Okap runs here, %OKAP_ERROR_STORAGE,
 *   %OKAP_ERROR_INVALID_REQUEST if the address is not a loopback one
 */
gboolean
okap_core_start_finish (OkapCore *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

void
okap_core_stop (OkapCore *self)
{
  if (self->stopped)
    return;
  self->stopped = TRUE;
  g_clear_pointer (&self->discovery, okap_discovery_withdraw);
  okap_key_care_set_tester (okap_broker_get_key_care (self->broker), NULL,
                            okap_proxy_test_key_finish, NULL);
  g_clear_pointer (&self->http, okap_http_thread_stop);
  g_clear_pointer (&self->prices, okap_price_watch_stop);
  if (okap_vault_get_state (self->vault) == OKAP_VAULT_UNLOCKED)
    okap_vault_lock (self->vault);
  okap_store_close (self->store);
}

void
okap_core_set_port (OkapCore *self, guint16 port)
{
  self->port = port;
}

void
okap_core_settle (OkapCore *self, GSourceFunc done, gpointer done_data)
{
  if (self->http != NULL)
    okap_http_thread_settle (self->http, done, done_data);
  else
    okap_invoke (NULL, done, done_data, NULL);
}

OkapVault *
okap_core_get_vault (OkapCore *self)
{
  return self->vault;
}

OkapStore *
okap_core_get_store (OkapCore *self)
{
  return self->store;
}

OkapBroker *
okap_core_get_broker (OkapCore *self)
{
  return self->broker;
}

/** okap_core_get_origin: (nullable): "http://127.0.0.1:6527", once started */
const char *
okap_core_get_origin (OkapCore *self)
{
  return self->http != NULL ? okap_http_thread_get_origin (self->http) : NULL;
}

/** okap_core_get_socket: (nullable): path of the Unix socket, once started */
const char *
okap_core_get_socket (OkapCore *self)
{
  return self->http != NULL ? okap_http_thread_get_socket (self->http) : NULL;
}

/** okap_core_port_moved: whether the remembered port was taken and another one is used */
gboolean
okap_core_port_moved (OkapCore *self)
{
  return self->http != NULL && okap_http_thread_port_moved (self->http);
}

static void
key_tested_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  char *words = NULL;
  GError *error = NULL;

  if (okap_key_care_test_finish (OKAP_KEY_CARE (source), result, &words, &error))
    g_task_return_pointer (task, words, g_free);
  else
    g_task_return_error (task, error);
}

/** okap_core_test_key_async: asks the provider whether it accepts the key */
void
okap_core_test_key_async (OkapCore *self, const char *key_id, GAsyncReadyCallback callback,
                          gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, okap_core_test_key_async);
  okap_key_care_test_async (okap_broker_get_key_care (self->broker), key_id, key_tested_cb, task);
}

/**
 * okap_core_test_key_finish:
 * @out_words: (out) (transfer full): what the provider said, in a sentence
 * @error: why the key does not work
 */
gboolean
okap_core_test_key_finish (OkapCore *self, GAsyncResult *result, char **out_words, GError **error)
{
  *out_words = g_task_propagate_pointer (G_TASK (result), error);
  return *out_words != NULL;
}
