/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Changing the ways into a vault: who gets in afterwards, who does not, and what stays the same. */
#include "vault-fixture.h"

#include "okap-sealed-crypto.h"
#include "okap-vault-slots.h"

#define OTHER "another passphrase of mine"
#define KEY "sk-0123456789abcdef"

typedef enum
{
  CHANGE,
  RECOVERY,
  ADD,
  REMOVE,
} What;

static gboolean
change (OkapVault *vault, What what, const char *proof, const char *slot_id, const char *text,
        OkapSecret **out_code, GError **error)
{
  g_autoptr (OkapSecret) proof_secret = okap_secret_new_from_string (proof);
  g_autoptr (OkapSecret) secret = okap_secret_new_from_string (text != NULL ? text : "");
  g_autoptr (GAsyncResult) result = NULL;

  switch (what)
    {
    case CHANGE:
      okap_vault_change_passphrase_async (vault, proof_secret, slot_id, secret, keep_result_cb,
                                          &result);
      break;
    case RECOVERY:
      okap_vault_new_recovery_code_async (vault, proof_secret, keep_result_cb, &result);
      break;
    case ADD:
      okap_vault_add_passphrase_async (vault, proof_secret, "second", secret, keep_result_cb,
                                       &result);
      break;
    case REMOVE:
      okap_vault_remove_slot_async (vault, proof_secret, slot_id, keep_result_cb, &result);
      break;
    default:
      g_assert_not_reached ();
    }
  wait_for (&result);
  return okap_vault_change_slots_finish (vault, result, out_code, error);
}

static void
assert_opens (Fixture *f, const char *secret, gboolean expected)
{
  g_autoptr (GError) error = NULL;

  okap_vault_lock (f->vault);
  g_assert_cmpint (vault_unlock (f->vault, secret, &error), ==, expected);
  if (expected)
    g_assert_no_error (error);
  else
    g_assert_error (error, OKAP_ERROR, OKAP_ERROR_WRONG_PASSPHRASE);
}

static char *
derived (OkapVault *vault)
{
  GString *all = g_string_new (NULL);

  for (guint i = OKAP_DERIVED_TOKEN_HASH; i <= OKAP_DERIVED_AUDIT; i++)
    {
      g_autoptr (OkapSecret) key = okap_vault_derive (vault, i, NULL);
      g_autofree char *hex = g_compute_checksum_for_data (G_CHECKSUM_SHA256,
                                                          okap_secret_get_data (key), 32);

      g_string_append (all, hex);
    }
  return g_string_free (all, FALSE);
}

static char *
slot_id (OkapVault *vault, guint index, OkapSlotKind kind)
{
  g_autoptr (GPtrArray) slots = okap_vault_list_slots (vault);
  OkapSlotInfo *info;

  g_assert_cmpint (index, <, slots->len);
  info = g_ptr_array_index (slots, index);
  g_assert_cmpint (info->kind, ==, kind);
  return g_strdup (info->id);
}

static OkapSecret *
make (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  OkapSecret *code = vault_create (f->vault, PASSPHRASE, &error);
  g_autoptr (OkapKeyInfo) info = NULL;

  g_assert_no_error (error);
  info = vault_add (f->vault, "openai", NULL, NULL, KEY, &error);
  g_assert_no_error (error);
  return code;
}

static void
count_cb (OkapVault *vault, gpointer user_data)
{
  *(guint *) user_data += 1;
}

static void
test_change_passphrase (Fixture *f, gconstpointer data)
{
  g_autoptr (OkapSecret) code = make (f);
  g_autoptr (OkapSecret) new_code = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *before = derived (f->vault);
  g_autofree char *after = NULL;
  guint n_changed = 0;

  g_signal_connect (f->vault, "slots-changed", G_CALLBACK (count_cb), &n_changed);
  g_assert_false (change (f->vault, CHANGE, "wrong", NULL, OTHER, NULL, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_WRONG_PASSPHRASE);
  g_clear_error (&error);
  g_assert_false (change (f->vault, CHANGE, PASSPHRASE, NULL, "", NULL, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST);
  g_clear_error (&error);
  g_assert_cmpint (okap_vault_get_generation (f->vault), ==, 2);
  g_assert_cmpint (n_changed, ==, 0);

  g_assert_true (change (f->vault, CHANGE, PASSPHRASE, NULL, OTHER, &new_code, &error));
  g_assert_no_error (error);
  g_assert_null (new_code);
  g_assert_cmpint (n_changed, ==, 1);
  g_assert_cmpint (vault_n_keys (f->vault), ==, 1);
  assert_opens (f, PASSPHRASE, FALSE);
  assert_opens (f, OTHER, TRUE);
  fixture_reopen (f);
  assert_opens (f, okap_secret_get_text (code), TRUE);
  after = derived (f->vault);
  g_assert_cmpstr (after, ==, before);
  g_assert_cmpint (vault_n_keys (f->vault), ==, 1);

  /* A forgotten passphrase is replaced with the recovery code, again and again. */
  g_assert_true (change (f->vault, CHANGE, okap_secret_get_text (code), NULL, PASSPHRASE, NULL,
                         &error));
  assert_opens (f, OTHER, FALSE);
  assert_opens (f, PASSPHRASE, TRUE);
  assert_opens (f, okap_secret_get_text (code), TRUE);
  g_clear_pointer (&after, g_free);
  after = derived (f->vault);
  g_assert_cmpstr (after, ==, before);
}

static void
test_recovery (Fixture *f, gconstpointer data)
{
  g_autoptr (OkapSecret) code = make (f);
  g_autoptr (OkapSecret) second = NULL;
  g_autoptr (OkapSecret) third = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *before = derived (f->vault);
  g_autofree char *after = NULL;

  g_assert_true (change (f->vault, RECOVERY, PASSPHRASE, NULL, NULL, &second, &error));
  g_assert_no_error (error);
  assert_opens (f, okap_secret_get_text (code), FALSE);
  assert_opens (f, PASSPHRASE, TRUE);
  assert_opens (f, okap_secret_get_text (second), TRUE);
  g_assert_true (change (f->vault, RECOVERY, okap_secret_get_text (second), NULL, NULL, &third,
                         &error));
  assert_opens (f, okap_secret_get_text (second), FALSE);
  assert_opens (f, okap_secret_get_text (third), TRUE);
  assert_opens (f, PASSPHRASE, TRUE);
  after = derived (f->vault);
  g_assert_cmpstr (after, ==, before);
}

static void
test_add_remove (Fixture *f, gconstpointer data)
{
  g_autoptr (OkapSecret) code = make (f);
  g_autoptr (GError) error = NULL;
  g_autofree char *first = slot_id (f->vault, 0, OKAP_SLOT_PASSPHRASE);
  g_autofree char *recovery = slot_id (f->vault, 1, OKAP_SLOT_RECOVERY);
  g_autofree char *second = NULL;
  g_autoptr (GPtrArray) slots = NULL;
  OkapSlotInfo *info;

  /* What has to stay. */
  g_assert_false (change (f->vault, REMOVE, PASSPHRASE, first, NULL, NULL, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_CONFLICT);
  g_clear_error (&error);
  g_assert_false (change (f->vault, REMOVE, PASSPHRASE, recovery, NULL, NULL, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_CONFLICT);
  g_clear_error (&error);
  g_assert_false (change (f->vault, REMOVE, PASSPHRASE, "nonsense", NULL, NULL, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_NOT_FOUND);
  g_clear_error (&error);

  g_assert_true (change (f->vault, ADD, PASSPHRASE, NULL, OTHER, NULL, &error));
  g_assert_no_error (error);
  second = slot_id (f->vault, 2, OKAP_SLOT_PASSPHRASE);
  slots = okap_vault_list_slots (f->vault);
  info = g_ptr_array_index (slots, 2);
  g_assert_cmpstr (info->label, ==, "second");
  g_assert_cmpint (info->created_us, ==, NOW_US);
  assert_opens (f, PASSPHRASE, TRUE);
  assert_opens (f, OTHER, TRUE);

  /* The recovery code does not say which of two passphrases it is to replace. */
  g_assert_false (change (f->vault, CHANGE, okap_secret_get_text (code), NULL, "x", NULL, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST);
  g_clear_error (&error);
  g_assert_true (change (f->vault, REMOVE, OTHER, first, NULL, NULL, &error));
  g_assert_no_error (error);
  assert_opens (f, PASSPHRASE, FALSE);
  assert_opens (f, OTHER, TRUE);
  assert_opens (f, okap_secret_get_text (code), TRUE);
  g_assert_cmpint (vault_n_keys (f->vault), ==, 1);
}

static void
test_too_many (Fixture *f, gconstpointer data)
{
  g_autoptr (OkapSecret) code = make (f);
  g_autoptr (GError) error = NULL;

  for (guint i = 2; i < OKAP_SEALED_SLOTS_MOST; i++)
    g_assert_true (change (f->vault, ADD, okap_secret_get_text (code), NULL, OTHER, NULL, &error));
  g_assert_false (change (f->vault, ADD, okap_secret_get_text (code), NULL, OTHER, NULL, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_TOO_LARGE);
  g_clear_error (&error);
  g_assert_true (change (f->vault, CHANGE, PASSPHRASE, NULL, "short and new", NULL, &error));
  g_assert_no_error (error);
  assert_opens (f, PASSPHRASE, FALSE);
  assert_opens (f, "short and new", TRUE);
  assert_opens (f, OTHER, TRUE);
}

/* Whoever has an old file and the secret that was removed has every public key, and still nothing
 * of what is saved from then on. */
static void
test_old_file (Fixture *f, gconstpointer data)
{
  g_autoptr (OkapSecret) code = make (f);
  g_autoptr (GError) error = NULL;
  g_autofree char *older = g_strconcat (f->path, ".1", NULL);
  g_autofree char *here = g_strdup (f->path);

  g_assert_true (change (f->vault, CHANGE, PASSPHRASE, NULL, OTHER, NULL, &error));
  g_free (f->path);
  f->path = g_strdup (older);
  fixture_reopen (f);
  assert_opens (f, PASSPHRASE, TRUE);
  assert_opens (f, OTHER, FALSE);
  assert_opens (f, okap_secret_get_text (code), TRUE);
  g_free (f->path);
  f->path = g_strdup (here);
  fixture_reopen (f);
  assert_opens (f, PASSPHRASE, FALSE);
}

/* A vault of format 1.0 has no public keys: a copy of it gets a new recovery code at once, or, if
 * unlocked with the code, wants the passphrase. What is derived from it never changes. */
static void
test_old_format (Fixture *f, gconstpointer data)
{
  g_autofree char *source = g_test_build_filename (G_TEST_DIST, "..", "data", "vault", "v1.okap",
                                                   NULL);
  g_autoptr (OkapSecret) code = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *contents = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  gsize length;

  g_file_get_contents (source, &contents, &length, &error);
  g_assert_no_error (error);
  g_file_set_contents (f->path, contents, (gssize) length, &error);
  fixture_reopen (f);
  assert_opens (f, "GX3ZS-D55DJ-7WR13-4JAQF-23GCX-PGZ26", TRUE);
  before = derived (f->vault);
  g_assert_false (change (f->vault, RECOVERY, "GX3ZS-D55DJ-7WR13-4JAQF-23GCX-PGZ26", NULL, NULL,
                          NULL, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_CONFLICT);
  g_clear_error (&error);

  assert_opens (f, PASSPHRASE, TRUE);
  g_assert_true (change (f->vault, CHANGE, PASSPHRASE, NULL, OTHER, &code, &error));
  g_assert_no_error (error);
  g_assert_nonnull (code);
  assert_opens (f, "GX3ZS-D55DJ-7WR13-4JAQF-23GCX-PGZ26", FALSE);
  assert_opens (f, okap_secret_get_text (code), TRUE);
  assert_opens (f, OTHER, TRUE);
  after = derived (f->vault);
  g_assert_cmpstr (after, ==, before);
  g_assert_cmpint (vault_n_keys (f->vault), ==, 2);
}

static void
test_locked (Fixture *f, gconstpointer data)
{
  g_autoptr (OkapSecret) code = make (f);
  g_autoptr (OkapSecret) proof = okap_secret_new_from_string (PASSPHRASE);
  g_autoptr (OkapSecret) other = okap_secret_new_from_string (OTHER);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) slots = NULL;

  /* Locking wins, or the change is on the disk; nothing in between. */
  okap_vault_change_passphrase_async (f->vault, proof, NULL, other, keep_result_cb, &result);
  okap_vault_lock (f->vault);
  wait_for (&result);
  if (okap_vault_change_slots_finish (f->vault, result, NULL, &error))
    assert_opens (f, OTHER, TRUE);
  else
    {
      g_assert_error (error, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED);
      g_clear_error (&error);
      assert_opens (f, PASSPHRASE, TRUE);
    }
  okap_vault_lock (f->vault);
  slots = okap_vault_list_slots (f->vault);
  g_assert_cmpint (slots->len, ==, 0);
  g_assert_false (change (f->vault, RECOVERY, PASSPHRASE, NULL, NULL, NULL, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED);
}

/* A slot with another vault key: only its own secret opens it, in its own vault, unchanged. */
static void
test_rewrap (void)
{
  static const OkapSlotKind kinds[] = { OKAP_SLOT_PASSPHRASE, OKAP_SLOT_RECOVERY,
                                        OKAP_SLOT_KEYRING };
  const guint8 vault_id[OKAP_SEALED_ID_BYTES] = "0123456789abcdef";
  const guint8 other_id[OKAP_SEALED_ID_BYTES] = "0123456789abcdeg";
  const guint8 salt[OKAP_SEALED_SALT_BYTES] = "fedcba9876543210";

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (OkapSecret) secret = okap_secret_new_from_string (PASSPHRASE);
      g_autoptr (OkapSecret) wrong = okap_secret_new_from_string (OTHER);
      g_autoptr (OkapSecret) first = okap_secret_new_random (32);
      g_autoptr (OkapSecret) second = okap_secret_new_random (32);
      g_autoptr (OkapSecret) back = NULL;
      g_autoptr (GError) error = NULL;
      guint8 public_key[OKAP_SEALED_PUBLIC_BYTES], again[OKAP_SEALED_PUBLIC_BYTES];
      const guint8 zero[OKAP_SEALED_PUBLIC_BYTES] = { 0 };
      OkapSlot slot, bent;

      okap_slot_init (&slot, kinds[i], "", NOW_US);
      if (kinds[i] == OKAP_SLOT_PASSPHRASE)
        okap_slot_set_cost (&slot, OKAP_SEALED_MEMORY_LEAST, 1, salt);
      g_assert_true (okap_slot_wrap (&slot, vault_id, secret, first, public_key, &error));
      for (guint round = 0; round < 2; round++)
        {
          g_clear_pointer (&back, okap_secret_unref);
          g_assert_true (okap_slot_rewrap (&slot, vault_id, public_key, second));
          back = okap_slot_unwrap (&slot, vault_id, secret, again, &error);
          g_assert_no_error (error);
          g_assert_true (okap_secret_equal (back, second));
          g_assert_cmpmem (again, sizeof again, public_key, sizeof public_key);
        }
      g_assert_null (okap_slot_unwrap (&slot, other_id, secret, NULL, NULL));
      g_assert_null (okap_slot_unwrap (&slot, vault_id, wrong, NULL, NULL));
      bent = slot;
      bent.params[bent.params_length - 1] ^= 1;   /* of the ephemeral key */
      g_assert_null (okap_slot_unwrap (&bent, vault_id, secret, NULL, NULL));
      memset (bent.params + bent.params_length - sizeof zero, 0, sizeof zero);
      g_assert_null (okap_slot_unwrap (&bent, vault_id, secret, NULL, NULL));
      g_assert_false (okap_slot_rewrap (&bent, vault_id, zero, second));
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD_TEST(path, func) \
  g_test_add ("/vault/slots/" path, Fixture, NULL, fixture_set_up, func, fixture_tear_down)
  ADD_TEST ("change-passphrase", test_change_passphrase);
  ADD_TEST ("recovery", test_recovery);
  ADD_TEST ("add-remove", test_add_remove);
  ADD_TEST ("too-many", test_too_many);
  ADD_TEST ("old-file", test_old_file);
  ADD_TEST ("old-format", test_old_format);
  ADD_TEST ("locked", test_locked);
#undef ADD_TEST
  g_test_add_func ("/vault/slots/rewrap", test_rewrap);
  return g_test_run ();
}
