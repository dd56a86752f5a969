/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A broker with a real vault, real SQLite and a scripted person, in a folder of its own. */
#pragma once

#include "okap-broker.h"
#include "okap-caps.h"
#include "okap-error.h"
#include "okap-request-json.h"
#include "okap-vault-private.h"
#include "scripted-prompter.h"

#include <glib/gstdio.h>
#include <string.h>

#define REQUEST(provider, limits) \
  "{\"okap\":\"1.0\",\"authorization_details\":[{\"type\":\"ai_model_access\"," \
  "\"provider\":\"" provider "\",\"models\":[\"demo-fast\",\"demo-large\"]," \
  "\"capabilities\":[\"chat\",\"embeddings\"],\"limits\":" limits "}],\"client\":{\"name\":\"T\"}}"

typedef struct
{
  char *folder;
  OkapVault *vault;
  OkapStore *store;
  OkapGate *gate;
  OkapBroker *broker;
  ScriptedPrompter *prompter;
  OkapSecret *passphrase;
  OkapClock *clock;      /* (unowned) the real one, unless a test set another before set_up() */

  /* the last answer */
  gboolean answered;
  OkapGrant *grant;
  OkapSecret *token;
  GError *error;
} Fixture;

static inline void
done_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static inline GAsyncResult *
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return *result;
}

#define WAIT(condition) while (!(condition)) g_main_context_iteration (NULL, TRUE)

static inline void
open_all (Fixture *fixture)
{
  g_autofree char *database = g_build_filename (fixture->folder, "okap.db", NULL);
  g_autofree char *file = g_build_filename (fixture->folder, "vault.okap", NULL);
  g_autoptr (GAsyncResult) opened = NULL;
  GError *error = NULL;

  if (fixture->clock == NULL)
    fixture->clock = okap_clock_get_real ();
  fixture->vault = okap_vault_new (file, fixture->clock);
  okap_vault_set_cost (fixture->vault, 8 * 1024 * 1024, 1);
  fixture->store = okap_store_new (database);
  okap_store_open_async (fixture->store, done_cb, &opened);
  okap_store_open_finish (fixture->store, wait_for (&opened), &error);
  g_assert_no_error (error);
  fixture->gate = okap_gate_new (fixture->clock);
  fixture->broker = okap_broker_new (fixture->vault, fixture->store, fixture->gate,
                                     fixture->clock);
  fixture->prompter = scripted_prompter_new ();
  okap_broker_set_prompter (fixture->broker, OKAP_PROMPTER (fixture->prompter));
}

static inline void
close_all (Fixture *fixture)
{
  okap_vault_lock (fixture->vault);
  okap_store_close (fixture->store);
  g_clear_object (&fixture->broker);
  g_clear_pointer (&fixture->gate, okap_gate_free);
  g_clear_object (&fixture->store);
  g_clear_object (&fixture->vault);
  g_clear_object (&fixture->prompter);
}

static inline void
unlock (Fixture *fixture)
{
  g_autoptr (GAsyncResult) unlocked = NULL;
  GError *error = NULL;

  okap_vault_unlock_async (fixture->vault, fixture->passphrase, done_cb, &unlocked);
  okap_vault_unlock_finish (fixture->vault, wait_for (&unlocked), &error);
  g_assert_no_error (error);
}

static inline void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GAsyncResult) created = NULL;
  g_autoptr (OkapSecret) code = NULL;
  GError *error = NULL;

  fixture->folder = g_dir_make_tmp ("okap-broker-XXXXXX", NULL);
  fixture->passphrase = okap_secret_new_from_string ("correct horse");
  open_all (fixture);
  okap_vault_create_async (fixture->vault, fixture->passphrase, done_cb, &created);
  okap_vault_create_finish (fixture->vault, wait_for (&created), &code, &error);
  g_assert_no_error (error);
}

static inline void
forget_answer (Fixture *fixture)
{
  fixture->answered = FALSE;
  g_clear_pointer (&fixture->grant, okap_grant_unref);
  g_clear_pointer (&fixture->token, okap_secret_unref);
  g_clear_error (&fixture->error);
}

static inline void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GDir) dir = NULL;
  const char *name;

  forget_answer (fixture);
  close_all (fixture);
  dir = g_dir_open (fixture->folder, 0, NULL);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (fixture->folder, name, NULL);

      g_unlink (path);
    }
  g_rmdir (fixture->folder);
  g_free (fixture->folder);
  okap_secret_unref (fixture->passphrase);
}

static inline void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fixture *fixture = user_data;

  forget_answer (fixture);
  fixture->grant = okap_broker_authorize_finish (OKAP_BROKER (source), result, &fixture->token,
                                                 &fixture->error);
  fixture->answered = TRUE;
}

static inline void
ask (Fixture *fixture, const char *body, OkapDoor door, guint wait_s, GCancellable *cancellable)
{
  g_autoptr (OkapRequest) request = NULL;
  g_autoptr (OkapCaller) caller = okap_caller_new (door, 1000, 42, NULL);
  g_autoptr (OkapAsk) ask = NULL;
  GError *error = NULL;

  request = okap_request_parse (body, strlen (body), g_get_real_time (), &error);
  g_assert_no_error (error);
  forget_answer (fixture);
  ask = okap_ask_new (request, caller);
  ask->wait_s = wait_s;
  okap_broker_authorize_async (fixture->broker, ask, cancellable, answered_cb, fixture);
}

/* A program that root installed, told apart from others by its path. */
static inline OkapCaller *
make_program (const char *path, pid_t pid)
{
  OkapIdentity *identity = okap_identity_new (OKAP_IDENTITY_INSTALLED);
  g_autoptr (OkapIdentity) sealed = NULL;

  identity->program = g_strdup (path);
  identity->process.pid = pid;
  identity->process.started = 7;
  sealed = okap_identity_seal (identity);
  return okap_caller_new (OKAP_DOOR_SOCKET, 1000, pid, sealed);
}

static inline OkapAsk *
make_ask (const char *body, OkapCaller *caller)
{
  g_autoptr (OkapRequest) request = NULL;
  GError *error = NULL;

  request = okap_request_parse (body, strlen (body), g_get_real_time (), &error);
  g_assert_no_error (error);
  return okap_ask_new (request, caller);
}

static inline gboolean
token_opens (Fixture *fixture, OkapSecret *token, GError **error)
{
  g_autoptr (OkapAccess) access = okap_gate_identify (fixture->gate, okap_secret_get_text (token),
                                                      okap_secret_get_length (token), "demo",
                                                      NULL, error);

  return access != NULL;
}

static inline OkapSecret *
get_granted (Fixture *fixture, OkapDoor door)
{
  ask (fixture, REQUEST ("demo", "{}"), door, 300, NULL);
  WAIT (scripted_prompter_is_shown (fixture->prompter));
  scripted_prompter_answer (fixture->prompter, okap_decision_new_allowed (NULL, 0));
  WAIT (fixture->answered);
  g_assert_no_error (fixture->error);
  return okap_secret_ref (fixture->token);
}

static inline void
set_state (Fixture *fixture, const char *id, OkapGrantState state, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  okap_broker_set_grant_state_async (fixture->broker, id, state, "test", done_cb, &result);
  okap_broker_set_grant_state_finish (fixture->broker, wait_for (&result), error);
}
