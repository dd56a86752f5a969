/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The login keyring, as the unlock page sees it. There is one for each vault, and it lives as long.
 * Nothing waits for it: while it is asked, the passphrase can be typed, and whichever is first
 * opens the vault. Main thread. */
#include "config.h"

#include "okap-keyring-way.h"

#include "okap-error.h"
#include "okap-vault-slots.h"
#include "okap-words.h"

struct _OkapKeyringWay
{
  GObject parent_instance;

  OkapVault *vault;   /* (unowned) it owns us */
  gboolean busy;
  char *words;        /* (owned) (nullable) what went wrong last */
};

G_DEFINE_FINAL_TYPE (OkapKeyringWay, okap_keyring_way, G_TYPE_OBJECT)

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
okap_keyring_way_finalize (GObject *object)
{
  g_free (OKAP_KEYRING_WAY (object)->words);
  G_OBJECT_CLASS (okap_keyring_way_parent_class)->finalize (object);
}

static void
okap_keyring_way_class_init (OkapKeyringWayClass *class)
{
  G_OBJECT_CLASS (class)->finalize = okap_keyring_way_finalize;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", OKAP_TYPE_KEYRING_WAY, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
okap_keyring_way_init (OkapKeyringWay *self)
{
}

/* What was said of the last try is over when the vault opens or locks. */
static void
state_cb (OkapKeyringWay *self)
{
  if (okap_vault_get_state (self->vault) == OKAP_VAULT_UNLOCKED)
    g_clear_pointer (&self->words, g_free);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

/** okap_keyring_way_get: (transfer none): the one of @vault */
OkapKeyringWay *
okap_keyring_way_get (OkapVault *vault)
{
  OkapKeyringWay *self = g_object_get_data (G_OBJECT (vault), "okap-keyring-way");

  if (self == NULL)
    {
      self = g_object_new (OKAP_TYPE_KEYRING_WAY, NULL);
      self->vault = vault;
      g_object_set_data_full (G_OBJECT (vault), "okap-keyring-way", self, g_object_unref);
      g_signal_connect_object (vault, "notify::state", G_CALLBACK (state_cb), self,
                               G_CONNECT_SWAPPED);
    }
  return self;
}

static void
tried_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapKeyringWay) self = user_data;
  g_autoptr (GError) error = NULL;

  self->busy = FALSE;
  (void) okap_vault_unlock_by_keyring_finish (OKAP_VAULT (source), result, &error);
  if (error != NULL && !g_error_matches (error, OKAP_ERROR, OKAP_ERROR_NOT_FOUND)
      && !g_error_matches (error, OKAP_ERROR, OKAP_ERROR_NO_VAULT)
      && !g_error_matches (error, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED)
      && okap_vault_get_state (OKAP_VAULT (source)) != OKAP_VAULT_UNLOCKED)
    self->words = okap_words_for_error (error);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

/**
 * okap_keyring_way_try:
 * @interactive: whether the keyring may ask the user something
 *
 * Does nothing while a try is under way, or if the vault is not locked.
 */
void
okap_keyring_way_try (OkapKeyringWay *self, gboolean interactive)
{
  if (self->busy || okap_vault_get_state (self->vault) != OKAP_VAULT_LOCKED)
    return;
  self->busy = TRUE;
  g_clear_pointer (&self->words, g_free);
  okap_vault_unlock_by_keyring_async (self->vault, interactive, tried_cb, g_object_ref (self));
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

/** okap_keyring_way_is_there: whether the vault has it, as far as is known by now */
gboolean
okap_keyring_way_is_there (OkapKeyringWay *self)
{
  return okap_vault_get_has_keyring (self->vault);
}

gboolean
okap_keyring_way_is_busy (OkapKeyringWay *self)
{
  return self->busy;
}

/** okap_keyring_way_get_words: (nullable): what went wrong, for a person */
const char *
okap_keyring_way_get_words (OkapKeyringWay *self)
{
  return self->words;
}
