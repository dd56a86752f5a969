/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replacing a key in the vault: each step is on the disk when it is done, and done once. */
#include "vault-fixture.h"

#define OLD_KEY "sk-proj-old-0123456789"
#define NEW_KEY "sk-proj-new-9876543210"

static OkapKeyInfo *
rotate (OkapVault *vault, const char *id, const char *rotation_id, const char *key, GError **error)
{
  g_autoptr (OkapSecret) secret = okap_secret_new_from_string (key);
  g_autoptr (GAsyncResult) result = NULL;

  okap_vault_rotate_async (vault, id, rotation_id, secret, keep_result_cb, &result);
  wait_for (&result);
  return okap_vault_rotate_finish (vault, result, error);
}

static OkapKeyInfo *
step (OkapVault *vault, const char *id, const char *rotation_id, OkapRotationState to,
      GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  okap_vault_step_rotation_async (vault, id, rotation_id, to, OKAP_ROTATION_ASKED, keep_result_cb,
                                  &result);
  wait_for (&result);
  return okap_vault_rotate_finish (vault, result, error);
}

static void
reopen (Fixture *f)
{
  g_autoptr (GError) error = NULL;

  okap_vault_lock (f->vault);
  fixture_reopen (f);
  g_assert_true (vault_unlock (f->vault, PASSPHRASE, &error));
  g_assert_no_error (error);
}

/* What the vault has for the key; @other: NULL for none. */
static void
assert_keys (OkapVault *vault, const char *id, guint version, OkapRotationState state,
             const char *key, const char *other)
{
  OkapKeyInfo *info = okap_vault_find_key (vault, id);
  g_autoptr (OkapKeyInfo) listed = g_list_model_get_item (okap_vault_get_keys (vault), 0);
  g_autoptr (OkapSecret) secret = okap_vault_dup_key (vault, id, NULL);
  g_autoptr (OkapSecret) other_secret = okap_vault_dup_other_key (vault, id);

  g_assert_true (listed == info);
  g_assert_cmpint (okap_key_info_get_version (info), ==, version);
  g_assert_cmpint (okap_key_info_get_rotation (info)->state, ==, state);
  g_assert_cmpstr (okap_secret_get_text (secret), ==, key);
  g_assert_true (g_str_has_suffix (key, okap_key_info_get_tail (info)));
  g_assert_cmpstr (other_secret != NULL ? okap_secret_get_text (other_secret) : NULL, ==, other);
  g_assert_true ((okap_key_info_get_other_tail (info) != NULL) == (other != NULL));
}

static char *
create_with_key (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapSecret) code = vault_create (f->vault, PASSPHRASE, &error);
  g_autoptr (OkapKeyInfo) info = vault_add (f->vault, "openai", "x", NULL, OLD_KEY, &error);

  g_assert_no_error (error);
  g_assert_cmpint (okap_key_info_get_version (info), ==, 1);
  g_assert_null (okap_key_info_get_rotation (info));
  return g_strdup (okap_key_info_get_id (info));
}

/* Each state is the same after the vault was closed and opened. */
static void
test_steps (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *id = create_with_key (f);
  g_autoptr (OkapKeyInfo) a = NULL;
  g_autoptr (OkapKeyInfo) b = NULL;
  g_autoptr (OkapKeyInfo) c = NULL;

  okap_clock_advance (f->clock, OKAP_MINUTE_US);
  a = rotate (f->vault, id, "rot_1", NEW_KEY, &error);
  g_assert_no_error (error);
  assert_keys (f->vault, id, 1, OKAP_ROTATION_TESTING, OLD_KEY, NEW_KEY);
  reopen (f);
  assert_keys (f->vault, id, 1, OKAP_ROTATION_TESTING, OLD_KEY, NEW_KEY);

  b = step (f->vault, id, "rot_1", OKAP_ROTATION_WATCHING, &error);
  g_assert_no_error (error);
  assert_keys (f->vault, id, 2, OKAP_ROTATION_WATCHING, NEW_KEY, OLD_KEY);
  reopen (f);
  assert_keys (f->vault, id, 2, OKAP_ROTATION_WATCHING, NEW_KEY, OLD_KEY);
  g_assert_cmpint (okap_key_info_get_since (okap_vault_find_key (f->vault, id)), ==,
                   NOW_US + OKAP_MINUTE_US);
  g_assert_cmpint (okap_key_info_get_created (okap_vault_find_key (f->vault, id)), ==, NOW_US);

  c = step (f->vault, id, "rot_1", OKAP_ROTATION_RETIRED, &error);
  g_assert_no_error (error);
  assert_keys (f->vault, id, 2, OKAP_ROTATION_RETIRED, NEW_KEY, NULL);
  reopen (f);
  assert_keys (f->vault, id, 2, OKAP_ROTATION_RETIRED, NEW_KEY, NULL);
}

/* A key of two values is one key: its second value stays when only the first is replaced. */
static void
test_pair (Fixture *f, gconstpointer data)
{
  static const char *const bad[] = { "a\n", "\nb", "a\nb\nc", "a\r\nb", "\n" };
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapSecret) code = vault_create (f->vault, PASSPHRASE, &error);
  g_autoptr (OkapKeyInfo) info = vault_add (f->vault, "helicone", "x", NULL,
                                            OLD_KEY "\nsk-behind-0123456", &error);
  g_autofree char *id = NULL;
  g_autoptr (OkapKeyInfo) a = NULL;
  g_autoptr (OkapKeyInfo) b = NULL;
  g_autoptr (OkapSecret) kept = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (okap_key_info_get_tail (info), ==, "6789");
  id = g_strdup (okap_key_info_get_id (info));
  a = rotate (f->vault, id, "rot_1", NEW_KEY, &error);
  g_assert_no_error (error);
  b = step (f->vault, id, "rot_1", OKAP_ROTATION_WATCHING, &error);
  g_assert_no_error (error);
  reopen (f);
  kept = okap_vault_dup_key (f->vault, id, NULL);
  g_assert_cmpstr (okap_secret_get_text (kept), ==, NEW_KEY "\nsk-behind-0123456");
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_null (vault_add (f->vault, "helicone", "x", NULL, bad[i], &error));
      g_assert_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST);
      g_clear_error (&error);
    }
}

/* A second line is no accident's way into a key that has one value. */
static void
test_no_pair (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *id = create_with_key (f);

  g_assert_null (rotate (f->vault, id, "rot_1", NEW_KEY "\nmore", &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST);
}

/* The number of a version that was taken back is not used again. */
static void
test_back (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *id = create_with_key (f);
  static const OkapRotationState ways[] = { OKAP_ROTATION_TESTING, OKAP_ROTATION_WATCHING };

  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autofree char *rotation_id = g_strdup_printf ("rot_%u", i);
      g_autoptr (OkapKeyInfo) begun = rotate (f->vault, id, rotation_id, NEW_KEY, &error);
      g_autoptr (OkapKeyInfo) swapped = NULL;
      g_autoptr (OkapKeyInfo) back = NULL;

      g_assert_no_error (error);
      if (ways[i] == OKAP_ROTATION_WATCHING)
        swapped = step (f->vault, id, rotation_id, OKAP_ROTATION_WATCHING, &error);
      g_assert_no_error (error);
      if (swapped != NULL)
        g_assert_cmpint (okap_key_info_get_version (swapped), ==, 2 + i);
      back = step (f->vault, id, rotation_id, OKAP_ROTATION_ROLLED_BACK, &error);
      g_assert_no_error (error);
      assert_keys (f->vault, id, 1, OKAP_ROTATION_ROLLED_BACK, OLD_KEY, NULL);
      g_assert_cmpint (okap_key_info_get_since (back), ==, NOW_US);
      reopen (f);
      assert_keys (f->vault, id, 1, OKAP_ROTATION_ROLLED_BACK, OLD_KEY, NULL);
    }
}

static void
test_repeated (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *id = create_with_key (f);
  g_autoptr (OkapKeyInfo) first = rotate (f->vault, id, "rot_1", NEW_KEY, &error);
  g_autoptr (OkapKeyInfo) again = rotate (f->vault, id, "rot_1", NEW_KEY, &error);
  g_autoptr (OkapKeyInfo) swapped = NULL;
  g_autoptr (OkapKeyInfo) swapped_again = NULL;
  g_autoptr (OkapKeyInfo) late = NULL;
  guint64 generation;

  g_assert_no_error (error);
  g_assert_true (first == again);
  g_assert_null (rotate (f->vault, id, "rot_2", "sk-proj-third-01234567", &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_CONFLICT);
  g_clear_error (&error);
  g_assert_null (step (f->vault, id, "rot_1", OKAP_ROTATION_RETIRED, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_CONFLICT);
  g_clear_error (&error);
  g_assert_null (step (f->vault, id, "rot_2", OKAP_ROTATION_WATCHING, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_CONFLICT);
  g_clear_error (&error);

  swapped = step (f->vault, id, "rot_1", OKAP_ROTATION_WATCHING, &error);
  generation = okap_vault_get_generation (f->vault);
  swapped_again = step (f->vault, id, "rot_1", OKAP_ROTATION_WATCHING, &error);
  g_assert_no_error (error);
  g_assert_true (swapped == swapped_again);
  late = rotate (f->vault, id, "rot_1", NEW_KEY, &error);
  g_assert_true (late == swapped);
  g_assert_cmpint (okap_vault_get_generation (f->vault), ==, generation);
  assert_keys (f->vault, id, 2, OKAP_ROTATION_WATCHING, NEW_KEY, OLD_KEY);

  g_assert_null (rotate (f->vault, "k_nothing", "rot_3", NEW_KEY, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_NOT_FOUND);
  g_clear_error (&error);
  okap_vault_lock (f->vault);
  g_assert_null (okap_vault_dup_other_key (f->vault, id));
  g_assert_null (rotate (f->vault, id, "rot_3", NEW_KEY, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED);
}

static void
test_not_a_key (Fixture *f, gconstpointer data)
{
  static const char *const unchanged[] = { "", OLD_KEY };
  static const char *const refused[] = {
    "****", "sk-proj-****6789", "\xc2\xb7\xc2\xb7\xc2\xb7\xc2\xb7" "6789",
    "\xe2\x80\xa2\xe2\x80\xa2\xe2\x80\xa2\xe2\x80\xa2" "6789", "sk-...6789",
    "sk-\xe2\x80\xa6" "6789", "6789", "sk with space", "sk-line\n",
  };
  static const char *const bad_ids[] = { "", "rot 1", "a/b", "123456789012345678901234567890123" };
  g_autoptr (GError) error = NULL;
  g_autofree char *id = create_with_key (f);
  guint64 generation = okap_vault_get_generation (f->vault);

  for (guint i = 0; i < G_N_ELEMENTS (unchanged); i++)
    {
      g_autoptr (OkapKeyInfo) info = rotate (f->vault, id, "rot_1", unchanged[i], &error);

      g_assert_no_error (error);
      g_assert_null (okap_key_info_get_rotation (info));
    }
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_assert_null (rotate (f->vault, id, "rot_1", refused[i], &error));
      g_assert_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST);
      g_assert_null (strstr (error->message, refused[i]));
      g_clear_error (&error);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad_ids); i++)
    {
      g_assert_null (rotate (f->vault, id, bad_ids[i], NEW_KEY, &error));
      g_assert_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST);
      g_clear_error (&error);
    }
  g_assert_null (vault_add (f->vault, "openai", NULL, NULL, "sk-proj-********6789", &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST);
  g_assert_cmpint (okap_vault_get_generation (f->vault), ==, generation);
}

/* A file that the first Okap wrote opens, and its key can be replaced. */
static void
test_old_file (Fixture *f, gconstpointer data)
{
  g_autofree char *contents = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *source = g_test_build_filename (G_TEST_DIST, "..", "data", "vault", "v1.okap",
                                                   NULL);
  gsize length;
  g_autofree char *id = NULL;
  g_autoptr (OkapKeyInfo) begun = NULL;
  g_autoptr (OkapKeyInfo) swapped = NULL;

  g_assert_true (g_file_get_contents (source, &contents, &length, &error));
  g_assert_cmpint (contents[10], ==, 0);  /* minor */
  g_assert_true (g_file_set_contents_full (f->path, contents, (gssize) length,
                                           G_FILE_SET_CONTENTS_NONE, 0600, &error));
  fixture_reopen (f);
  g_assert_true (vault_unlock (f->vault, PASSPHRASE, &error));
  g_assert_no_error (error);
  {
    g_autoptr (OkapKeyInfo) info = g_list_model_get_item (okap_vault_get_keys (f->vault), 0);

    g_assert_cmpint (okap_key_info_get_version (info), ==, 1);
    g_assert_null (okap_key_info_get_rotation (info));
    g_assert_cmpint (okap_key_info_get_since (info), ==, okap_key_info_get_created (info));
    id = g_strdup (okap_key_info_get_id (info));
  }
  begun = rotate (f->vault, id, "rot_1", NEW_KEY, &error);
  g_assert_no_error (error);
  swapped = step (f->vault, id, "rot_1", OKAP_ROTATION_WATCHING, &error);
  g_assert_no_error (error);
  fixture_reopen (f);
  g_assert_true (vault_unlock (f->vault, PASSPHRASE, &error));
  g_assert_cmpint (okap_key_info_get_version (okap_vault_find_key (f->vault, id)), ==, 2);
}

/* Minor format 1 as it was when it was new. If this fails, readers of such vaults are lost. */
static void
test_known_answer (Fixture *f, gconstpointer data)
{
  static const struct
  {
    const char *id, *rotation_id, *key, *other;
    guint version;
    OkapRotationState state;
  } keys[] = {
    { "k_jr58djakhtua", "rot_a", "sk-proj-known-answer-0002", "sk-proj-known-answer-0001", 2,
      OKAP_ROTATION_WATCHING },
    { "k_sd9k7zv5c8ke", "rot_b", "sk-ant-known-answer-0001", "sk-ant-known-answer-0002", 1,
      OKAP_ROTATION_TESTING },
    { "k_qmc9h743xewu", "rot_c", "gsk_known-answer-0002", NULL, 2, OKAP_ROTATION_RETIRED },
  };
  g_autoptr (GError) error = NULL;

  g_free (f->path);
  f->path = g_test_build_filename (G_TEST_DIST, "..", "data", "vault", "v1-1.okap", NULL);
  fixture_reopen (f);
  g_assert_true (vault_unlock (f->vault, PASSPHRASE, &error));
  g_assert_no_error (error);
  g_assert_cmpint (vault_n_keys (f->vault), ==, G_N_ELEMENTS (keys));
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      OkapKeyInfo *info = okap_vault_find_key (f->vault, keys[i].id);
      const OkapRotation *rotation = okap_key_info_get_rotation (info);
      g_autoptr (OkapSecret) key = okap_vault_dup_key (f->vault, keys[i].id, &error);
      g_autoptr (OkapSecret) other = okap_vault_dup_other_key (f->vault, keys[i].id);

      g_assert_cmpstr (okap_secret_get_text (key), ==, keys[i].key);
      g_assert_cmpstr (other != NULL ? okap_secret_get_text (other) : NULL, ==, keys[i].other);
      g_assert_cmpint (okap_key_info_get_version (info), ==, keys[i].version);
      g_assert_cmpint (okap_key_info_get_created (info), ==, NOW_US);
      g_assert_cmpstr (rotation->id, ==, keys[i].rotation_id);
      g_assert_cmpint (rotation->state, ==, keys[i].state);
      g_assert_cmpint (rotation->old_version, ==, 1);
      g_assert_cmpint (rotation->new_version, ==, 2);
      g_assert_cmpint (rotation->started_us, ==, NOW_US + OKAP_MINUTE_US);
    }
}

static OkapKeyInfo *
rename_key (OkapVault *vault, const char *id, const char *label, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  okap_vault_rename_key_async (vault, id, label, keep_result_cb, &result);
  wait_for (&result);
  return okap_vault_rename_key_finish (vault, result, error);
}

/* Another label changes nothing else, in the middle of a replacement either. */
static void
test_rename (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *id = create_with_key (f);
  g_autoptr (OkapKeyInfo) rotated = rotate (f->vault, id, "r1", NEW_KEY, &error);
  g_autoptr (OkapKeyInfo) watched = step (f->vault, id, "r1", OKAP_ROTATION_WATCHING, &error);
  g_autoptr (OkapKeyInfo) renamed = rename_key (f->vault, id, "Work\n\tat home", &error);
  g_autoptr (OkapKeyInfo) nobody = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (okap_key_info_get_label (renamed), ==, "Work at home");
  assert_keys (f->vault, id, 2, OKAP_ROTATION_WATCHING, NEW_KEY, OLD_KEY);
  reopen (f);
  assert_keys (f->vault, id, 2, OKAP_ROTATION_WATCHING, NEW_KEY, OLD_KEY);
  g_assert_cmpstr (okap_key_info_get_label (okap_vault_find_key (f->vault, id)), ==,
                   "Work at home");

  nobody = rename_key (f->vault, "k_nobody", "x", &error);
  g_assert_null (nobody);
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_NOT_FOUND);
  g_clear_error (&error);
  okap_vault_lock (f->vault);
  nobody = rename_key (f->vault, id, "x", &error);
  g_assert_null (nobody);
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) \
  g_test_add ("/vault/rotation/" path, Fixture, NULL, fixture_set_up, func, fixture_tear_down)
  ADD ("steps", test_steps);
  ADD ("pair", test_pair);
  ADD ("no-pair", test_no_pair);
  ADD ("back", test_back);
  ADD ("repeated", test_repeated);
  ADD ("rename", test_rename);
  ADD ("not-a-key", test_not_a_key);
  ADD ("old-file", test_old_file);
  ADD ("known-answer", test_known_answer);
#undef ADD
  return g_test_run ();
}
