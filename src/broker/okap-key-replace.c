/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replacing a key, up to the moment when the new one is in use: put it into the vault beside the
 * old one, test it, swap. Whoever asks for the same replacement meanwhile shares its result. What
 * comes after is in okap-key-care.c. Main thread. */
#include "config.h"

#include "okap-key-care-private.h"

#include <string.h>

#include "okap-error.h"

#define TEST_MOST_S 30   /* a provider that does not answer must not hold up the replacement */

/* One replacement on its way. */
typedef struct
{
  grefcount ref_count;
  OkapKeyCare *self;       /* (owned) */
  char *key_id;            /* (owned) */
  char *rotation_id;       /* (owned) */
  gboolean test;
  guint version;           /* of the key that is tested */
  GPtrArray *tasks;        /* (owned) who waits for it */
  guint timer;             /* while it is tested */
  GError *failure;         /* (owned) (nullable) why the new key is not used */
} Begin;

static void
begin_unref (Begin *begin)
{
  if (!g_ref_count_dec (&begin->ref_count))
    return;
  g_ptr_array_unref (begin->tasks);
  g_clear_error (&begin->failure);
  g_object_unref (begin->self);
  g_free (begin->key_id);
  g_free (begin->rotation_id);
  g_free (begin);
}

static Begin *
begin_ref (Begin *begin)
{
  g_ref_count_inc (&begin->ref_count);
  return begin;
}

/* Ends it, successfully with @key or with @error. */
static void
finish (Begin *begin, OkapKeyInfo *key, const GError *error)
{
  g_hash_table_remove (begin->self->begins, begin->key_id);
  for (guint i = 0; i < begin->tasks->len; i++)
    {
      GTask *task = begin->tasks->pdata[i];

      if (error != NULL)
        g_task_return_error (task, g_error_copy (error));
      else
        g_task_return_pointer (task, g_object_ref (key), g_object_unref);
    }
  begin_unref (begin);
}

static void
swapped_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Begin *begin = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapKeyInfo) key = okap_vault_rotate_finish (OKAP_VAULT (source), result, &error);

  finish (begin, key, begin->failure != NULL ? begin->failure : error);
}

/* Takes it to its next state: in use, or given up. */
static void
go_on (Begin *begin)
{
  gboolean failed = begin->failure != NULL;

  okap_vault_step_rotation_async (begin->self->vault, begin->key_id, begin->rotation_id,
                                  failed ? OKAP_ROTATION_ROLLED_BACK : OKAP_ROTATION_WATCHING,
                                  failed ? OKAP_ROTATION_TEST_FAILED : OKAP_ROTATION_ASKED,
                                  swapped_cb, begin);
}

static gboolean
test_timeout_cb (gpointer user_data)
{
  Begin *begin = user_data;

  begin->timer = 0;
  begin->failure = g_error_new (OKAP_ERROR, OKAP_ERROR_UPSTREAM_TIMEOUT,
                                "The provider did not answer within %d seconds, so that the new "
                                "key could not be tested. The old one stays in use", TEST_MOST_S);
  go_on (begin);
  return G_SOURCE_REMOVE;
}

static void
tested_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Begin *begin = user_data;
  OkapKeyCare *self = begin->self;
  OkapKeyHealth health = { .version = begin->version };
  OkapKeyStanding standing = { 0 };
  g_autofree char *words = NULL;
  g_autoptr (GError) error = NULL;

  (void) self->test_finish (result, &health.class, &standing, &words, &error);
  okap_key_care_tell (self, begin->key_id, begin->version, &standing);
  health.since_us = okap_clock_get_now (self->clock);
  if (error == NULL && health.class != OKAP_KEY_UNTRIED)
    okap_key_care_note (self, begin->key_id, &health, 0, FALSE);
  if (begin->timer != 0)
    {
      g_clear_handle_id (&begin->timer, g_source_remove);
      if (error != NULL)
        begin->failure = g_error_new (OKAP_ERROR, error->code, "%s The old key stays in use.",
                                      error->message);
      go_on (begin);
    }
  begin_unref (begin);
}

static void
start_test (Begin *begin)
{
  OkapKeyCare *self = begin->self;
  g_autoptr (OkapCredential) credential = NULL;

  credential = okap_credentials_dup_other (self->credentials, begin->key_id, &begin->failure);
  if (credential != NULL && self->test == NULL)
    begin->failure = g_error_new_literal (OKAP_ERROR, OKAP_ERROR_INTERNAL,
                                          "This Okap runs without a proxy and cannot test keys");
  if (begin->failure != NULL)
    {
      go_on (begin);
      return;
    }
  begin->version = credential->version;
  begin->timer = g_timeout_add_seconds (TEST_MOST_S, test_timeout_cb, begin);
  self->test (credential, tested_cb, begin_ref (begin), self->test_data);
}

static void
begun_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Begin *begin = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapKeyInfo) key = okap_vault_rotate_finish (OKAP_VAULT (source), result, &error);
  const OkapRotation *rotation = key != NULL ? okap_key_info_get_rotation (key) : NULL;

  if (rotation == NULL || strcmp (rotation->id, begin->rotation_id) != 0
      || rotation->state != OKAP_ROTATION_TESTING)
    finish (begin, key, error);   /* refused, nothing to do, or done before */
  else if (begin->test)
    start_test (begin);
  else
    go_on (begin);
}

/**
 * okap_key_care_replace_async:
 * @rotation_id: names this replacement; see okap_vault_rotate_async()
 * @key: the new key; empty, or the one in use, changes nothing
 * @test: whether its provider must accept it first
 */
void
okap_key_care_replace_async (OkapKeyCare *self, const char *key_id, const char *rotation_id,
                             OkapSecret *key, gboolean test, GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  Begin *begin = g_hash_table_lookup (self->begins, key_id);

  g_task_set_source_tag (task, okap_key_care_replace_async);
  g_task_set_task_data (task, g_strdup (rotation_id), g_free);
  if (begin != NULL && strcmp (begin->rotation_id, rotation_id) == 0)
    {
      g_ptr_array_add (begin->tasks, g_steal_pointer (&task));
      return;
    }
  if (begin != NULL)
    {
      g_task_return_new_error (task, OKAP_ERROR, OKAP_ERROR_CONFLICT,
                               "This key is being replaced already. Wait until its new key is "
                               "tested");
      return;
    }
  begin = g_new0 (Begin, 1);
  g_ref_count_init (&begin->ref_count);
  begin->self = g_object_ref (self);
  begin->key_id = g_strdup (key_id);
  begin->rotation_id = g_strdup (rotation_id);
  begin->test = test;
  begin->tasks = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (begin->tasks, g_steal_pointer (&task));
  g_hash_table_insert (self->begins, g_strdup (key_id), begin);
  okap_vault_rotate_async (self->vault, key_id, rotation_id, key, begun_cb, begin);
}

/**
 * okap_key_care_replace_finish:
 * @out_unchanged: (out): whether there was nothing to replace: the key is as it was
 *
 * Returns: (transfer full) (nullable): the key as it is now
 */
OkapKeyInfo *
okap_key_care_replace_finish (OkapKeyCare *self, GAsyncResult *result, gboolean *out_unchanged,
                              GError **error)
{
  const char *rotation_id = g_task_get_task_data (G_TASK (result));
  OkapKeyInfo *key = g_task_propagate_pointer (G_TASK (result), error);
  const OkapRotation *rotation = key != NULL ? okap_key_info_get_rotation (key) : NULL;

  *out_unchanged = key != NULL && (rotation == NULL || strcmp (rotation->id, rotation_id) != 0);
  return key;
}

/* --- the end of a watch that a person asked for --- */

static void
settled_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  OkapKeyInfo *key = okap_vault_rotate_finish (OKAP_VAULT (source), result, &error);

  if (key != NULL)
    g_task_return_pointer (task, key, g_object_unref);
  else
    g_task_return_error (task, error);
}

/** okap_key_care_settle_async: @keep: the new key; else back to the old one */
void
okap_key_care_settle_async (OkapKeyCare *self, const char *key_id, gboolean keep,
                            GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  OkapKeyInfo *key = okap_vault_find_key (self->vault, key_id);
  const OkapRotation *rotation = key != NULL ? okap_key_info_get_rotation (key) : NULL;

  g_task_set_source_tag (task, okap_key_care_settle_async);
  if (rotation == NULL || rotation->state != OKAP_ROTATION_WATCHING)
    {
      g_task_return_new_error (task, OKAP_ERROR, OKAP_ERROR_CONFLICT,
                               "This key was not replaced just now: there is only one version of "
                               "it");
      return;
    }
  okap_vault_step_rotation_async (self->vault, key_id, rotation->id,
                                  keep ? OKAP_ROTATION_RETIRED : OKAP_ROTATION_ROLLED_BACK,
                                  OKAP_ROTATION_ASKED, settled_cb, g_steal_pointer (&task));
}

/** okap_key_care_settle_finish: (transfer full) (nullable): the key as it is now */
OkapKeyInfo *
okap_key_care_settle_finish (OkapKeyCare *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- a test --- */

static void
key_tested_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OkapKeyCare *self = g_task_get_source_object (task);
  const OkapCredential *credential = g_task_get_task_data (task);
  OkapKeyHealth health = { .version = credential->version };
  OkapKeyStanding standing = { 0 };
  char *words = NULL;
  GError *error = NULL;

  (void) self->test_finish (result, &health.class, &standing, &words, &error);
  okap_key_care_tell (self, credential->key_id, credential->version, &standing);
  health.since_us = okap_clock_get_now (self->clock);
  if (health.class != OKAP_KEY_UNTRIED)
    okap_key_care_note (self, credential->key_id, &health, 0, FALSE);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, words, g_free);
}

void
okap_key_care_test_async (OkapKeyCare *self, const char *key_id, GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  OkapKeyInfo *key = okap_vault_find_key (self->vault, key_id);
  OkapCredential *credential = NULL;
  GError *error = NULL;

  g_task_set_source_tag (task, okap_key_care_test_async);
  if (self->test == NULL)
    g_set_error_literal (&error, OKAP_ERROR, OKAP_ERROR_INTERNAL,
                         "This Okap runs without a proxy and cannot test keys.");
  else
    credential = okap_credentials_dup (self->credentials, key_id, &error);
  if (credential == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  if (key != NULL)
    okap_key_care_forget (self, key);
  okap_gate_put_credential (self->gate, credential);  /* the proxy begins anew, too */
  g_task_set_task_data (task, credential, (GDestroyNotify) okap_credential_unref);
  self->test (credential, key_tested_cb, g_steal_pointer (&task), self->test_data);
}

/**
 * okap_key_care_test_finish:
 * @out_words: (out) (transfer full): what the provider said, in a sentence
 * @error: why the key does not work, or was not tested
 */
gboolean
okap_key_care_test_finish (OkapKeyCare *self, GAsyncResult *result, char **out_words,
                           GError **error)
{
  *out_words = g_task_propagate_pointer (G_TASK (result), error);
  return *out_words != NULL;
}
