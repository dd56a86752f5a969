/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which prices of the user's own count. Any program of the user's can write the files that they are
 * in, and a price of zero would make a limit of money worthless. So a file beside the database
 * keeps a tag, under a key derived from the vault key, over the digest of what the user confirmed
 * with the passphrase; files that the tag does not fit do not count.
 *
 * Whoever confirms names the digest of what was shown: if the files are others by then, the tag
 * does not fit them. An older pair of files counts again only with the tag that was made for it.
 * Main thread. */
#include "config.h"

#include "okap-price-seal.h"

#include <sodium.h>
#include <string.h>

#include "okap-error.h"
#include "okap-paths.h"
#include "okap-policy-tag.h"
#include "okap-price-files.h"

#define HEX_CHARS (2 * OKAP_STORE_TAG_BYTES)

struct _OkapPriceSeal
{
  GObject parent_instance;

  OkapVault *vault;     /* (owned) */
  char *digest;         /* (owned) (nullable) of the files when they were loaded last */
  char *warned;         /* (owned) (nullable) of those that a person heard of */
  gboolean confirmed;
};

G_DEFINE_FINAL_TYPE (OkapPriceSeal, okap_price_seal, G_TYPE_OBJECT)

enum
{
  SIGNAL_LOAD,
  SIGNAL_UNCONFIRMED,
  SIGNAL_CONFIRMED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void
okap_price_seal_finalize (GObject *object)
{
  OkapPriceSeal *self = OKAP_PRICE_SEAL (object);

  g_clear_object (&self->vault);
  g_free (self->digest);
  g_free (self->warned);
  G_OBJECT_CLASS (okap_price_seal_parent_class)->finalize (object);
}

static void
okap_price_seal_class_init (OkapPriceSealClass *class)
{
  G_OBJECT_CLASS (class)->finalize = okap_price_seal_finalize;
  signals[SIGNAL_LOAD] = g_signal_new ("load", OKAP_TYPE_PRICE_SEAL, G_SIGNAL_RUN_LAST, 0, NULL,
                                       NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_UNCONFIRMED] = g_signal_new ("unconfirmed", OKAP_TYPE_PRICE_SEAL,
                                              G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                              0);
  signals[SIGNAL_CONFIRMED] = g_signal_new ("confirmed", OKAP_TYPE_PRICE_SEAL, G_SIGNAL_RUN_LAST, 0,
                                            NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
okap_price_seal_init (OkapPriceSeal *self)
{
  self->confirmed = TRUE;
}

OkapPriceSeal *
okap_price_seal_new (OkapVault *vault)
{
  OkapPriceSeal *self = g_object_new (OKAP_TYPE_PRICE_SEAL, NULL);

  self->vault = g_object_ref (vault);
  return self;
}

/* @hex has room for HEX_CHARS and a zero. */
static gboolean
make_tag (OkapPriceSeal *self, const char *digest, char *hex, GError **error)
{
  g_autoptr (OkapSecret) key = okap_vault_derive (self->vault, OKAP_DERIVED_POLICY_TAG, error);
  guint8 tag[OKAP_STORE_TAG_BYTES];

  if (key == NULL)
    return FALSE;
  okap_policy_tag_prices (digest, key, tag);
  sodium_bin2hex (hex, HEX_CHARS + 1, tag, sizeof tag);
  return TRUE;
}

static gboolean
tag_fits (OkapPriceSeal *self, const char *digest)
{
  g_autofree char *path = okap_paths_dup_price_tag ();
  g_autofree char *kept = NULL;
  char hex[HEX_CHARS + 1];
  gsize length;

  if (!make_tag (self, digest, hex, NULL)
      || !okap_price_files_read (path, &kept, &length, NULL))
    return FALSE;
  return length == HEX_CHARS + 1 && sodium_memcmp (kept, hex, HEX_CHARS) == 0;
}

/** okap_price_seal_check: @digest: (nullable): of the files; of none, nothing must be confirmed
 *
 * Returns: whether they count; never while the vault is locked
 */
gboolean
okap_price_seal_check (OkapPriceSeal *self, const char *digest)
{
  g_free (self->digest);
  self->digest = g_strdup (digest);
  self->confirmed = digest == NULL || tag_fits (self, digest);
  if (self->confirmed)
    g_clear_pointer (&self->warned, g_free);
  return self->confirmed;
}

/** okap_price_seal_warn: tells, unless it was told before, that the files that were checked last do
 *   not count
 *
 * Returns: whether it was told now
 */
gboolean
okap_price_seal_warn (OkapPriceSeal *self)
{
  if (self->confirmed || g_strcmp0 (self->digest, self->warned) == 0)
    return FALSE;
  g_free (self->warned);
  self->warned = g_strdup (self->digest);
  g_signal_emit (self, signals[SIGNAL_UNCONFIRMED], 0);
  return TRUE;
}

/** okap_price_seal_refresh: the files are read now, though they may have changed a moment ago */
void
okap_price_seal_refresh (OkapPriceSeal *self)
{
  g_signal_emit (self, signals[SIGNAL_LOAD], 0);
}

/** okap_price_seal_get_digest: (nullable): of the files as they were loaded last; NULL: none */
const char *
okap_price_seal_get_digest (OkapPriceSeal *self)
{
  return self->digest;
}

gboolean
okap_price_seal_is_confirmed (OkapPriceSeal *self)
{
  return self->confirmed;
}

static gboolean
write_tag (OkapPriceSeal *self, const char *digest, GError **error)
{
  g_autofree char *path = okap_paths_dup_price_tag ();
  g_autoptr (GError) local = NULL;
  char text[HEX_CHARS + 2];

  if (!make_tag (self, digest, text, error))
    return FALSE;
  text[HEX_CHARS] = '\n';
  if (g_file_set_contents_full (path, text, HEX_CHARS + 1,
                                G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600,
                                &local))
    return TRUE;
  g_set_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE, "%s", local->message);
  return FALSE;
}

static void
shown_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OkapPriceSeal *self = g_task_get_source_object (task);
  const char *digest = g_task_get_task_data (task);
  GError *error = NULL;

  if (!okap_vault_unlock_finish (OKAP_VAULT (source), result, &error)
      || !write_tag (self, digest, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  okap_price_seal_refresh (self);
  if (self->confirmed && g_strcmp0 (self->digest, digest) == 0)
    {
      g_signal_emit (self, signals[SIGNAL_CONFIRMED], 0);
      g_task_return_boolean (task, TRUE);
    }
  else
    g_task_return_new_error (task, OKAP_ERROR, OKAP_ERROR_CONFLICT,
                             "The prices were changed again meanwhile, and do not count. Look at "
                             "them with: okap prices list --mine");
}

/**
 * okap_price_seal_confirm_async:
 * @digest: of the files as they were shown, from okap_price_files_load()
 * @secret: the passphrase or the recovery code, although the vault is unlocked
 */
void
okap_price_seal_confirm_async (OkapPriceSeal *self, const char *digest, OkapSecret *secret,
                               GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, okap_price_seal_confirm_async);
  g_task_set_task_data (task, g_strdup (digest), g_free);
  okap_vault_unlock_async (self->vault, secret, shown_cb, task);
}

/**
 * okap_price_seal_confirm_finish:
 * @error: %OKAP_ERROR_WRONG_PASSPHRASE, %OKAP_ERROR_VAULT_LOCKED, %OKAP_ERROR_STORAGE,
 *   %OKAP_ERROR_CONFLICT if the files are not those that were shown
 */
gboolean
okap_price_seal_confirm_finish (OkapPriceSeal *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
