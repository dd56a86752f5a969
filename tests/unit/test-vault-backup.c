/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sealed backups: out of one vault, into another, and into the same. */
#include "vault-fixture.h"

#include <sys/stat.h>

#include "okap-vault-backup.h"
#include "okap-vault-slots.h"

#define BACKUP "the words for the backup"

static char *
beside (Fixture *f)
{
  return g_build_filename (f->directory, "backup.okap", NULL);
}

static OkapSecret *
create (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  OkapSecret *code = vault_create (f->vault, PASSPHRASE, &error);

  g_assert_no_error (error);
  return code;
}

static void
add (OkapVault *vault, const char *provider, const char *key)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapKeyInfo) info = vault_add (vault, provider, "label", NULL, key, &error);

  g_assert_no_error (error);
}

static gboolean
export_to (OkapVault *vault, const char *proof, const char *path, GError **error)
{
  g_autoptr (OkapSecret) proof_secret = okap_secret_new_from_string (proof);
  g_autoptr (OkapSecret) secret = okap_secret_new_from_string (BACKUP);
  g_autoptr (GAsyncResult) result = NULL;

  okap_vault_export_async (vault, proof_secret, path, secret, keep_result_cb, &result);
  wait_for (&result);
  return okap_vault_export_finish (vault, result, error);
}

static OkapBackup *
read_from (OkapVault *vault, const char *path, const char *secret, GError **error)
{
  g_autoptr (OkapSecret) typed = okap_secret_new_from_string (secret);
  g_autoptr (GAsyncResult) result = NULL;

  okap_vault_read_backup_async (vault, path, typed, keep_result_cb, &result);
  wait_for (&result);
  return okap_vault_read_backup_finish (vault, result, error);
}

static int
import (OkapVault *vault, OkapBackup *backup, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  okap_vault_import_async (vault, backup, keep_result_cb, &result);
  wait_for (&result);
  return okap_vault_import_finish (vault, result, error);
}

static void
assert_counts (OkapBackup *backup, guint n_new, guint n_same, guint n_different)
{
  g_assert_cmpint (okap_backup_count (backup, OKAP_BACKUP_NEW), ==, n_new);
  g_assert_cmpint (okap_backup_count (backup, OKAP_BACKUP_SAME), ==, n_same);
  g_assert_cmpint (okap_backup_count (backup, OKAP_BACKUP_DIFFERENT), ==, n_different);
}

/* To another vault, as one does on a new computer; and as a vault of its own. */
static void
test_elsewhere (Fixture *f, gconstpointer data)
{
  g_autoptr (OkapSecret) code = create (f);
  g_autoptr (OkapSecret) other_code = NULL;
  g_autofree char *path = beside (f);
  g_autofree char *other_path = g_build_filename (f->directory, "other.okap", NULL);
  g_autoptr (OkapVault) other = okap_vault_new (other_path, f->clock);
  g_autoptr (OkapVault) itself = NULL;
  g_autoptr (OkapBackup) backup = NULL;
  g_autoptr (OkapBackup) again = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *left = g_strconcat (path, ".lock", NULL);
  struct stat st;

  okap_vault_set_cost (other, OKAP_SEALED_MEMORY_LEAST, 1);
  add (f->vault, "openai", "sk-0123456789abcdef");
  add (f->vault, "groq", "gsk_0123456789abcdef");
  g_assert_true (export_to (f->vault, PASSPHRASE, path, &error));
  g_assert_no_error (error);
  g_assert_cmpint (stat (path, &st), ==, 0);
  g_assert_cmpint (st.st_mode & 0777, ==, 0600);
  g_assert_false (g_file_test (left, G_FILE_TEST_EXISTS));

  other_code = vault_create (other, "of the other one", &error);
  add (other, "anthropic", "sk-ant-0123456789");
  backup = read_from (other, path, BACKUP, &error);
  g_assert_no_error (error);
  assert_counts (backup, 2, 0, 0);
  g_assert_cmpint (import (other, backup, &error), ==, 2);
  g_assert_no_error (error);
  g_assert_cmpint (vault_n_keys (other), ==, 3);
  g_assert_cmpint (import (other, backup, &error), ==, 0);
  g_assert_cmpint (vault_n_keys (other), ==, 3);
  okap_vault_lock (other);
  g_assert_true (vault_unlock (other, "of the other one", &error));
  g_assert_cmpint (vault_n_keys (other), ==, 3);

  /* The recovery code of the vault that it came from opens it, too, and only that. */
  again = read_from (other, path, okap_secret_get_text (code), &error);
  g_assert_no_error (error);
  assert_counts (again, 0, 2, 0);
  g_assert_null (read_from (other, path, okap_secret_get_text (other_code), &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_WRONG_PASSPHRASE);
  g_clear_error (&error);
  g_assert_null (read_from (other, path, PASSPHRASE, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_WRONG_PASSPHRASE);
  g_clear_error (&error);

  itself = okap_vault_new (path, f->clock);
  g_assert_true (vault_unlock (itself, BACKUP, &error));
  g_assert_cmpint (vault_n_keys (itself), ==, 2);
}

/* A key that was replaced since, and one that is being replaced just now. */
static void
test_replaced (Fixture *f, gconstpointer data)
{
  g_autoptr (OkapSecret) code = create (f);
  g_autofree char *path = beside (f);
  g_autoptr (OkapSecret) fresh = okap_secret_new_from_string ("sk-of-the-new-version");
  g_autoptr (OkapKeyInfo) info = NULL;
  g_autoptr (OkapKeyInfo) started = NULL;
  g_autoptr (OkapKeyInfo) stepped = NULL;
  g_autoptr (GAsyncResult) rotated = NULL;
  g_autoptr (GAsyncResult) swapped = NULL;
  g_autoptr (OkapBackup) before = NULL;
  g_autoptr (OkapBackup) after = NULL;
  g_autoptr (GError) error = NULL;
  OkapBackupItem *item;

  info = vault_add (f->vault, "openai", NULL, NULL, "sk-of-the-old-version", &error);
  okap_vault_rotate_async (f->vault, okap_key_info_get_id (info), "rot_a", fresh, keep_result_cb,
                           &rotated);
  wait_for (&rotated);
  started = okap_vault_rotate_finish (f->vault, rotated, &error);
  g_assert_no_error (error);
  g_assert_true (export_to (f->vault, PASSPHRASE, path, &error));
  before = read_from (f->vault, path, BACKUP, &error);
  g_assert_no_error (error);
  assert_counts (before, 0, 1, 0);
  item = g_ptr_array_index (okap_backup_get_items (before), 0);
  g_assert_null (okap_key_info_get_rotation (item->info));

  okap_vault_step_rotation_async (f->vault, okap_key_info_get_id (info), "rot_a",
                                  OKAP_ROTATION_WATCHING, OKAP_ROTATION_ASKED, keep_result_cb,
                                  &swapped);
  wait_for (&swapped);
  stepped = okap_vault_rotate_finish (f->vault, swapped, &error);
  g_assert_no_error (error);
  after = read_from (f->vault, path, BACKUP, &error);
  assert_counts (after, 0, 0, 1);
  g_assert_cmpint (import (f->vault, after, &error), ==, 0);
  g_assert_cmpint (vault_n_keys (f->vault), ==, 1);
}

static void
test_refused (Fixture *f, gconstpointer data)
{
  g_autoptr (OkapSecret) code = create (f);
  g_autofree char *path = beside (f);
  g_autofree char *nowhere = g_build_filename (f->directory, "no", "backup.okap", NULL);
  g_autofree char *contents = NULL;
  g_autoptr (OkapBackup) backup = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  add (f->vault, "openai", "sk-0123456789abcdef");
  g_assert_false (export_to (f->vault, "wrong", path, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_WRONG_PASSPHRASE);
  g_clear_error (&error);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_false (export_to (f->vault, PASSPHRASE, nowhere, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE);
  g_clear_error (&error);
  g_assert_null (read_from (f->vault, path, BACKUP, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_NOT_FOUND);
  g_clear_error (&error);

  g_file_set_contents (path, "mine", -1, &error);
  g_assert_false (export_to (f->vault, PASSPHRASE, path, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_VAULT_EXISTS);
  g_clear_error (&error);
  g_file_get_contents (path, &contents, &length, &error);
  g_assert_cmpstr (contents, ==, "mine");
  g_assert_null (read_from (f->vault, path, BACKUP, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_VAULT_DAMAGED);
  g_clear_error (&error);

  (void) g_remove (path);
  g_assert_true (export_to (f->vault, okap_secret_get_text (code), path, &error));
  backup = read_from (f->vault, path, BACKUP, &error);
  g_assert_no_error (error);
  okap_vault_lock (f->vault);
  g_assert_cmpint (import (f->vault, backup, &error), ==, -1);
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED);
  g_clear_error (&error);
  g_assert_null (read_from (f->vault, path, BACKUP, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) \
  g_test_add ("/vault/backup/" path, Fixture, NULL, fixture_set_up, func, fixture_tear_down)
  ADD ("elsewhere", test_elsewhere);
  ADD ("replaced", test_replaced);
  ADD ("refused", test_refused);
#undef ADD
  return g_test_run ();
}
