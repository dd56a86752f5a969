/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vault-fixture.h"

static void
assert_key (OkapVault *vault, const char *id, const char *key)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapSecret) secret = okap_vault_dup_key (vault, id, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (okap_secret_get_text (secret), ==, key);
}

static void
test_round_trip (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapSecret) code = NULL;
  g_autoptr (OkapKeyInfo) a = NULL;
  g_autoptr (OkapKeyInfo) b = NULL;
  g_autoptr (OkapKeyInfo) c = NULL;
  OkapKeyInfo *found;

  g_assert_cmpint (okap_vault_get_state (f->vault), ==, OKAP_VAULT_NONE);
  code = vault_create (f->vault, PASSPHRASE, &error);
  g_assert_no_error (error);
  g_assert_cmpint (okap_vault_get_state (f->vault), ==, OKAP_VAULT_UNLOCKED);
  g_assert_cmpint (okap_vault_get_generation (f->vault), ==, 1);

  a = vault_add (f->vault, "openai", "  work  key ", NULL, "sk-proj-0123456789", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (okap_key_info_get_label (a), ==, "work key");
  g_assert_cmpstr (okap_key_info_get_tail (a), ==, "6789");
  b = vault_add (f->vault, "my-server", NULL, "http://127.0.0.1:8080/v1/", "", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (okap_key_info_get_base_url (b), ==, "http://127.0.0.1:8080/v1");
  c = vault_add (f->vault, "groq", "", NULL, "short", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (okap_key_info_get_tail (c), ==, "");
  g_assert_cmpint (vault_n_keys (f->vault), ==, 3);
  g_assert_cmpint (okap_vault_get_generation (f->vault), ==, 4);
  g_assert_true (vault_remove (f->vault, okap_key_info_get_id (c), &error));
  g_assert_no_error (error);
  g_assert_cmpint (vault_n_keys (f->vault), ==, 2);

  okap_vault_lock (f->vault);
  g_assert_cmpint (vault_n_keys (f->vault), ==, 0);
  g_assert_null (okap_vault_find_key (f->vault, okap_key_info_get_id (a)));
  g_assert_null (okap_vault_dup_key (f->vault, okap_key_info_get_id (a), &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED);
  g_clear_error (&error);

  fixture_reopen (f);
  g_assert_cmpint (okap_vault_get_state (f->vault), ==, OKAP_VAULT_LOCKED);
  g_assert_true (vault_unlock (f->vault, PASSPHRASE, &error));
  g_assert_no_error (error);
  g_assert_cmpint (okap_vault_get_generation (f->vault), ==, 5);
  g_assert_cmpint (vault_n_keys (f->vault), ==, 2);
  assert_key (f->vault, okap_key_info_get_id (a), "sk-proj-0123456789");
  assert_key (f->vault, okap_key_info_get_id (b), "");
  found = okap_vault_find_key (f->vault, okap_key_info_get_id (a));
  g_assert_cmpstr (okap_key_info_get_provider (found), ==, "openai");
  g_assert_cmpint (okap_key_info_get_created (found), ==, NOW_US);

  okap_vault_lock (f->vault);
  g_assert_true (vault_unlock (f->vault, okap_secret_get_text (code), &error));
  g_assert_no_error (error);
  g_assert_cmpint (vault_n_keys (f->vault), ==, 2);
}

static void
test_errors (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapSecret) code = NULL;
  g_autoptr (OkapSecret) none = NULL;

  g_assert_false (vault_unlock (f->vault, PASSPHRASE, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_NO_VAULT);
  g_clear_error (&error);
  g_assert_cmpint (okap_vault_get_state (f->vault), ==, OKAP_VAULT_NONE);
  g_assert_null (vault_create (f->vault, "", &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST);
  g_clear_error (&error);
  g_assert_null (vault_create (f->vault, "\xff\xfe", &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST);
  g_clear_error (&error);
  g_assert_null (vault_add (f->vault, "openai", NULL, NULL, "sk-1", &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED);
  g_clear_error (&error);

  code = vault_create (f->vault, PASSPHRASE, &error);
  g_assert_no_error (error);
  none = vault_create (f->vault, PASSPHRASE, &error);
  g_assert_null (none);
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_VAULT_EXISTS);
  g_clear_error (&error);
  g_assert_cmpint (okap_vault_get_state (f->vault), ==, OKAP_VAULT_UNLOCKED);
  g_assert_false (vault_remove (f->vault, "k_nothing", &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_NOT_FOUND);
  g_clear_error (&error);

  /* Unlocked already: the secret is checked, and the vault stays open either way. */
  g_assert_false (vault_unlock (f->vault, "wrong", &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_WRONG_PASSPHRASE);
  g_clear_error (&error);
  g_assert_true (vault_unlock (f->vault, PASSPHRASE, &error));
  g_assert_cmpint (okap_vault_get_state (f->vault), ==, OKAP_VAULT_UNLOCKED);

  okap_vault_lock (f->vault);
  g_assert_false (vault_unlock (f->vault, "Correct horse battery staple", &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_WRONG_PASSPHRASE);
  g_assert_cmpint (okap_vault_get_state (f->vault), ==, OKAP_VAULT_LOCKED);
}

/* A program of the user puts its own vault in the place of the open one for a moment: its
 * passphrase proves nothing. */
static void
test_exchanged (Fixture *f, gconstpointer data)
{
  g_autofree char *aside = g_strconcat (f->path, ".aside", NULL);
  g_autoptr (OkapVault) other = NULL;
  g_autoptr (OkapSecret) code = NULL;
  g_autoptr (OkapSecret) other_code = NULL;
  g_autoptr (GError) error = NULL;
  guint64 generation;

  code = vault_create (f->vault, PASSPHRASE, &error);
  g_assert_no_error (error);
  generation = okap_vault_get_generation (f->vault);
  g_assert_cmpint (g_rename (f->path, aside), ==, 0);
  other = okap_vault_new (f->path, f->clock);
  okap_vault_set_cost (other, OKAP_SEALED_MEMORY_LEAST, 1);
  other_code = vault_create (other, "another one", &error);
  g_assert_no_error (error);

  g_assert_false (vault_unlock (f->vault, "another one", &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_WRONG_PASSPHRASE);
  g_clear_error (&error);
  g_assert_false (vault_unlock (f->vault, okap_secret_get_text (other_code), &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_WRONG_PASSPHRASE);
  g_clear_error (&error);
  g_assert_true (vault_unlock (f->vault, PASSPHRASE, &error));
  g_assert_true (vault_unlock (f->vault, okap_secret_get_text (code), &error));
  g_assert_cmpuint (okap_vault_get_generation (f->vault), ==, generation);
}

static void
test_recovery_code (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapSecret) code = vault_create (f->vault, PASSPHRASE, &error);
  g_autofree char *lower = g_ascii_strdown (okap_secret_get_text (code), -1);
  g_auto (GStrv) groups = g_strsplit (lower, "-", -1);
  g_autofree char *spaced = g_strjoinv ("  ", groups);
  g_autofree char *typo = g_strdup (lower);
  guint before;

  g_assert_no_error (error);
  okap_vault_lock (f->vault);
  before = okap_vault_get_n_derivations (f->vault);
  g_assert_true (vault_unlock (f->vault, spaced, &error));
  g_assert_cmpint (okap_vault_get_n_derivations (f->vault), ==, before);

  okap_vault_lock (f->vault);
  typo[2] = typo[2] == 'a' ? 'b' : 'a';
  g_assert_false (vault_unlock (f->vault, typo, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_WRONG_PASSPHRASE);
  g_assert_nonnull (strstr (error->message, "typing error"));
}

static void
count_cb (gpointer object, gpointer user_data)
{
  *(guint *) user_data += 1;
}

static void
count_notify_cb (GObject *object, GParamSpec *pspec, gpointer user_data)
{
  *(guint *) user_data += 1;
}

static void
test_lock_during_unlock (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapSecret) code = vault_create (f->vault, PASSPHRASE, &error);
  g_autoptr (OkapSecret) secret = okap_secret_new_from_string (PASSPHRASE);
  g_autoptr (GAsyncResult) running = NULL;
  g_autoptr (GAsyncResult) waiting = NULL;
  g_autoptr (GAsyncResult) save = NULL;
  g_autoptr (GAsyncResult) after = NULL;
  guint n_locked = 0, n_notify = 0;

  g_signal_connect (f->vault, "locked", G_CALLBACK (count_cb), &n_locked);
  g_signal_connect (f->vault, "notify::state", G_CALLBACK (count_notify_cb), &n_notify);
  okap_vault_lock (f->vault);
  okap_vault_lock (f->vault);
  g_assert_cmpint (n_locked, ==, 1);
  g_assert_cmpint (n_notify, ==, 1);

  okap_vault_unlock_async (f->vault, secret, keep_result_cb, &running);
  g_assert_cmpint (okap_vault_get_state (f->vault), ==, OKAP_VAULT_UNLOCKING);
  okap_vault_unlock_async (f->vault, code, keep_result_cb, &waiting);
  okap_vault_add_key_async (f->vault, "openai", NULL, NULL, secret, keep_result_cb, &save);
  wait_for (&save);   /* refused at once: a passphrase has spaces */
  okap_vault_lock (f->vault);
  g_assert_cmpint (okap_vault_get_state (f->vault), ==, OKAP_VAULT_LOCKED);
  okap_vault_unlock_async (f->vault, secret, keep_result_cb, &after);

  wait_for (&running);
  g_assert_false (okap_vault_unlock_finish (f->vault, running, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED);
  g_clear_error (&error);
  wait_for (&waiting);
  g_assert_false (okap_vault_unlock_finish (f->vault, waiting, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED);
  g_clear_error (&error);
  g_assert_cmpint (okap_vault_get_state (f->vault), !=, OKAP_VAULT_UNLOCKED);

  /* What was asked for after the lock counts. */
  wait_for (&after);
  g_assert_true (okap_vault_unlock_finish (f->vault, after, &error));
  g_assert_cmpint (okap_vault_get_state (f->vault), ==, OKAP_VAULT_UNLOCKED);
}

static void
test_lock_during_save (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapSecret) code = vault_create (f->vault, PASSPHRASE, &error);
  g_autoptr (OkapSecret) key = okap_secret_new_from_string ("sk-0123456789abcdef");
  GAsyncResult *results[4] = { NULL };
  guint saved = 0;

  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    okap_vault_add_key_async (f->vault, "openai", NULL, NULL, key, keep_result_cb, &results[i]);
  okap_vault_lock (f->vault);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      g_autoptr (OkapKeyInfo) info = NULL;

      wait_for (&results[i]);
      info = okap_vault_add_key_finish (f->vault, results[i], &error);
      saved += info != NULL;
      if (info == NULL)
        g_assert_error (error, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED);
      g_clear_error (&error);
      g_object_unref (results[i]);
    }
  g_assert_cmpint (saved, <=, 1);
  g_assert_cmpint (okap_vault_get_state (f->vault), ==, OKAP_VAULT_LOCKED);
  g_assert_cmpint (vault_n_keys (f->vault), ==, 0);
  g_assert_true (vault_unlock (f->vault, PASSPHRASE, &error));
  g_assert_cmpint (vault_n_keys (f->vault), ==, saved);
}

/* Waits until the crypto thread is done, without hearing of it. */
static void
wait_for_thread (void)
{
  while (!g_main_context_pending (NULL))
    g_thread_yield ();
}

/* The work is done and only its outcome not yet taken over: locking wins all the same. */
static void
test_lock_after_work (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapSecret) passphrase = okap_secret_new_from_string (PASSPHRASE);
  g_autoptr (OkapSecret) key = okap_secret_new_from_string ("sk-0123456789abcdef");
  g_autoptr (OkapSecret) code = NULL;
  g_autoptr (GAsyncResult) created = NULL;
  g_autoptr (GAsyncResult) unlocked = NULL;
  g_autoptr (GAsyncResult) added = NULL;
  g_autoptr (OkapKeyInfo) info = NULL;

  /* A vault that was made exists, so its owner must get the recovery code. */
  okap_vault_create_async (f->vault, passphrase, keep_result_cb, &created);
  wait_for_thread ();
  okap_vault_lock (f->vault);
  wait_for (&created);
  g_assert_true (okap_vault_create_finish (f->vault, created, &code, &error));
  g_assert_no_error (error);
  g_assert_cmpint (okap_vault_get_state (f->vault), ==, OKAP_VAULT_LOCKED);

  okap_vault_unlock_async (f->vault, code, keep_result_cb, &unlocked);
  wait_for_thread ();
  okap_vault_lock (f->vault);
  wait_for (&unlocked);
  g_assert_false (okap_vault_unlock_finish (f->vault, unlocked, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED);
  g_clear_error (&error);
  g_assert_cmpint (okap_vault_get_state (f->vault), ==, OKAP_VAULT_LOCKED);

  /* A key that is on the disk is reported as saved, but not shown. */
  g_assert_true (vault_unlock (f->vault, PASSPHRASE, &error));
  okap_vault_add_key_async (f->vault, "openai", NULL, NULL, key, keep_result_cb, &added);
  wait_for_thread ();
  okap_vault_lock (f->vault);
  wait_for (&added);
  info = okap_vault_add_key_finish (f->vault, added, &error);
  g_assert_no_error (error);
  g_assert_cmpint (okap_vault_get_state (f->vault), ==, OKAP_VAULT_LOCKED);
  g_assert_cmpint (vault_n_keys (f->vault), ==, 0);
  g_assert_cmpint (okap_vault_get_generation (f->vault), ==, 2);
  g_assert_true (vault_unlock (f->vault, PASSPHRASE, &error));
  assert_key (f->vault, okap_key_info_get_id (info), "sk-0123456789abcdef");
}

static void
test_shared_unlock (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapSecret) code = vault_create (f->vault, PASSPHRASE, &error);
  g_autoptr (OkapSecret) right = okap_secret_new_from_string (PASSPHRASE);
  g_autoptr (OkapSecret) wrong = okap_secret_new_from_string ("something else");
  GAsyncResult *results[20] = { NULL };
  guint before = okap_vault_get_n_derivations (f->vault);

  okap_vault_lock (f->vault);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    okap_vault_unlock_async (f->vault, i % 2 != 0 ? wrong : right, keep_result_cb, &results[i]);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      wait_for (&results[i]);
      g_assert_cmpint (okap_vault_unlock_finish (f->vault, results[i], &error), ==, i % 2 == 0);
      if (i % 2 != 0)
        g_assert_error (error, OKAP_ERROR, OKAP_ERROR_WRONG_PASSPHRASE);
      g_clear_error (&error);
      g_object_unref (results[i]);
    }
  g_assert_cmpint (okap_vault_get_n_derivations (f->vault) - before, ==, 2);
  g_assert_cmpint (okap_vault_get_state (f->vault), ==, OKAP_VAULT_UNLOCKED);
}

static void
test_unlocks_bounded (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapSecret) code = vault_create (f->vault, PASSPHRASE, &error);
  GAsyncResult *results[20] = { NULL };
  guint busy = 0;

  okap_vault_lock (f->vault);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      g_autofree char *text = g_strdup_printf ("guess %u", i);
      g_autoptr (OkapSecret) guess = okap_secret_new_from_string (text);

      okap_vault_unlock_async (f->vault, guess, keep_result_cb, &results[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      wait_for (&results[i]);
      g_assert_false (okap_vault_unlock_finish (f->vault, results[i], &error));
      busy += g_error_matches (error, OKAP_ERROR, OKAP_ERROR_BUSY);
      g_clear_error (&error);
      g_object_unref (results[i]);
    }
  g_assert_cmpint (busy, ==, 20 - 9);
}

static void
test_saves_in_order (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapSecret) code = vault_create (f->vault, PASSPHRASE, &error);
  GAsyncResult *results[12] = { NULL };

  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      g_autofree char *text = g_strdup_printf ("sk-number-%02u-number", i);
      g_autofree char *label = g_strdup_printf ("%u", i);
      g_autoptr (OkapSecret) key = okap_secret_new_from_string (text);

      okap_vault_add_key_async (f->vault, "openai", label, NULL, key, keep_result_cb, &results[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      g_autoptr (OkapKeyInfo) info = NULL;

      wait_for (&results[i]);
      info = okap_vault_add_key_finish (f->vault, results[i], &error);
      g_assert_no_error (error);
      g_object_unref (results[i]);
    }
  okap_vault_lock (f->vault);
  g_assert_true (vault_unlock (f->vault, PASSPHRASE, &error));
  g_assert_cmpint (vault_n_keys (f->vault), ==, G_N_ELEMENTS (results));
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      g_autoptr (OkapKeyInfo) info = g_list_model_get_item (okap_vault_get_keys (f->vault), i);
      g_autofree char *text = g_strdup_printf ("sk-number-%02u-number", i);

      assert_key (f->vault, okap_key_info_get_id (info), text);
    }
  g_assert_cmpint (okap_vault_get_generation (f->vault), ==, 1 + G_N_ELEMENTS (results));
}

static void
test_derive (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapSecret) code = vault_create (f->vault, PASSPHRASE, &error);
  g_autoptr (OkapSecret) a = okap_vault_derive (f->vault, OKAP_DERIVED_TOKEN_HASH, &error);
  g_autoptr (OkapSecret) b = okap_vault_derive (f->vault, OKAP_DERIVED_POLICY_TAG, &error);
  g_autoptr (OkapSecret) again = NULL;

  g_assert_cmpint (okap_secret_get_length (a), ==, 32);
  g_assert_false (okap_secret_equal (a, b));
  okap_vault_lock (f->vault);
  g_assert_null (okap_vault_derive (f->vault, OKAP_DERIVED_AUDIT, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED);
  g_clear_error (&error);
  g_assert_true (vault_unlock (f->vault, PASSPHRASE, &error));
  again = okap_vault_derive (f->vault, OKAP_DERIVED_TOKEN_HASH, &error);
  g_assert_true (okap_secret_equal (a, again));
}

static void
test_most_keys (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapSecret) code = vault_create (f->vault, PASSPHRASE, &error);
  g_autofree char *longest = g_strnfill (4096, 'k');

  for (guint i = 0; i < 256; i++)
    {
      g_autoptr (OkapKeyInfo) info = vault_add (f->vault, "openai", "x", NULL, longest, &error);

      g_assert_no_error (error);
      g_assert_nonnull (info);
    }
  g_assert_null (vault_add (f->vault, "openai", "x", NULL, longest, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_TOO_LARGE);
  g_clear_error (&error);
  okap_vault_lock (f->vault);
  g_assert_true (vault_unlock (f->vault, PASSPHRASE, &error));
  g_assert_cmpint (vault_n_keys (f->vault), ==, 256);
}

static void
test_refused_keys (Fixture *f, gconstpointer data)
{
  static const struct
  {
    const char *provider, *base_url, *key;
  } cases[] = {
    { "openai", NULL, "" },
    { "openai", NULL, "sk with space" },
    { "openai", NULL, "sk-line\n" },
    { "openai", NULL, "sk-\xc3\xa4" },
    { "OpenAI", NULL, "sk-1" },
    { "", NULL, "sk-1" },
    { "a-name-that-is-longer-than-32-cha", NULL, "sk-1" },
    { "x", "http://example.com/v1", "sk-1" },
    { "x", "http://127.1/v1", "sk-1" },
    { "x", "http://localhost.example.com", "sk-1" },
    { "x", "http://192.168.0.1", "sk-1" },
    { "x", "https://user@example.com", "sk-1" },
    { "x", "https://user:pass@example.com", "sk-1" },
    { "x", "https://example.com/v1?x=1", "sk-1" },
    { "x", "https://example.com/v1#x", "sk-1" },
    { "x", "https://example.com/a/../b", "sk-1" },
    { "x", "https://example.com/a%2fb", "sk-1" },
    { "x", "https://example.com\\@evil.example", "sk-1" },
    { "x", "https://", "sk-1" },
    { "x", "https:///v1", "sk-1" },
    { "x", "https://example.com:0/", "sk-1" },
    { "x", "https://example.com:99999/", "sk-1" },
    { "x", "ftp://example.com", "sk-1" },
    { "x", "file:///etc/passwd", "sk-1" },
    { "x", "example.com/v1", "sk-1" },
    { "x", "https://exa mple.com", "sk-1" },
    { "x", "", "sk-1" },
  };
  static const char *const good_urls[] = {
    "https://example.com", "https://example.com:8443/v1", "http://localhost:11434",
    "http://[::1]:8080/v1", "http://127.0.0.5", "https://[2001:db8::1]/x",
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapSecret) code = vault_create (f->vault, PASSPHRASE, &error);
  g_autofree char *too_long = g_strnfill (4097, 'k');

  g_assert_null (vault_add (f->vault, "openai", NULL, NULL, too_long, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST);
  g_clear_error (&error);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s %s", cases[i].provider, cases[i].base_url);
      g_assert_null (vault_add (f->vault, cases[i].provider, NULL, cases[i].base_url, cases[i].key,
                                &error));
      g_assert_error (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST);
      g_clear_error (&error);
    }
  for (guint i = 0; i < G_N_ELEMENTS (good_urls); i++)
    {
      g_autoptr (OkapKeyInfo) info = vault_add (f->vault, "x", NULL, good_urls[i], "k", &error);

      g_assert_no_error (error);
      g_assert_cmpstr (okap_key_info_get_base_url (info), ==, good_urls[i]);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) \
  g_test_add ("/vault/" path, Fixture, NULL, fixture_set_up, func, fixture_tear_down)
  ADD ("round-trip", test_round_trip);
  ADD ("errors", test_errors);
  ADD ("exchanged", test_exchanged);
  ADD ("recovery-code", test_recovery_code);
  ADD ("lock-during-unlock", test_lock_during_unlock);
  ADD ("lock-during-save", test_lock_during_save);
  ADD ("lock-after-work", test_lock_after_work);
  ADD ("shared-unlock", test_shared_unlock);
  ADD ("unlocks-bounded", test_unlocks_bounded);
  ADD ("saves-in-order", test_saves_in_order);
  ADD ("derive", test_derive);
  ADD ("most-keys", test_most_keys);
  ADD ("refused-keys", test_refused_keys);
#undef ADD
  return g_test_run ();
}
