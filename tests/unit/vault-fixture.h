/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A vault in a folder of its own, with the lowest cost, and its calls made to wait. */
#pragma once

#include <glib/gstdio.h>
#include <string.h>

#include "okap-error.h"
#include "okap-sealed-format.h"
#include "okap-vault-private.h"

#define PASSPHRASE "correct horse battery staple"
#define NOW_US G_GINT64_CONSTANT (1750000000000000)

typedef struct
{
  char *directory;
  char *path;
  OkapClock *clock;
  OkapVault *vault;
} Fixture;

static inline void
fixture_reopen (Fixture *f)
{
  g_clear_object (&f->vault);
  f->vault = okap_vault_new (f->path, f->clock);
  okap_vault_set_cost (f->vault, OKAP_SEALED_MEMORY_LEAST, 1);
}

static inline void
fixture_set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  f->directory = g_dir_make_tmp ("okap-vault-XXXXXX", &error);
  g_assert_no_error (error);
  f->path = g_build_filename (f->directory, "vault.okap", NULL);
  f->clock = okap_clock_new_fake (NOW_US);
  fixture_reopen (f);
}

static inline void
fixture_tear_down (Fixture *f, gconstpointer data)
{
  g_autoptr (GDir) dir = g_dir_open (f->directory, 0, NULL);
  const char *name;

  g_object_add_weak_pointer (G_OBJECT (f->vault), (gpointer *) &f->vault);
  g_object_unref (f->vault);
  g_assert_null (f->vault);
  okap_clock_free_fake (f->clock);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (f->directory, name, NULL);

      (void) g_remove (path);
    }
  (void) g_rmdir (f->directory);
  g_free (f->directory);
  g_free (f->path);
}

static inline void
keep_result_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **out = user_data;

  g_assert_null (*out);
  *out = g_object_ref (result);
}

static inline void
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
}

static inline OkapSecret *
vault_create (OkapVault *vault, const char *passphrase, GError **error)
{
  g_autoptr (OkapSecret) secret = okap_secret_new_from_string (passphrase);
  g_autoptr (GAsyncResult) result = NULL;
  OkapSecret *code = NULL;

  okap_vault_create_async (vault, secret, keep_result_cb, &result);
  wait_for (&result);
  (void) okap_vault_create_finish (vault, result, &code, error);
  return code;
}

static inline gboolean
vault_unlock (OkapVault *vault, const char *text, GError **error)
{
  g_autoptr (OkapSecret) secret = okap_secret_new_from_string (text);
  g_autoptr (GAsyncResult) result = NULL;

  okap_vault_unlock_async (vault, secret, keep_result_cb, &result);
  wait_for (&result);
  return okap_vault_unlock_finish (vault, result, error);
}

static inline OkapKeyInfo *
vault_add (OkapVault *vault, const char *provider, const char *label, const char *base_url,
           const char *key, GError **error)
{
  g_autoptr (OkapSecret) secret = okap_secret_new_from_string (key);
  g_autoptr (GAsyncResult) result = NULL;

  okap_vault_add_key_async (vault, provider, label, base_url, secret, keep_result_cb, &result);
  wait_for (&result);
  return okap_vault_add_key_finish (vault, result, error);
}

static inline gboolean
vault_remove (OkapVault *vault, const char *id, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  okap_vault_remove_key_async (vault, id, keep_result_cb, &result);
  wait_for (&result);
  return okap_vault_remove_key_finish (vault, result, error);
}

static inline guint
vault_n_keys (OkapVault *vault)
{
  return g_list_model_get_n_items (okap_vault_get_keys (vault));
}
