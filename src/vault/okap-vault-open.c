/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a secret to what is in the vault: crypto thread, part of okap-vault-job.c. A typed text is
 * tried as a recovery code, which is quick, and then in each passphrase slot; what came from the
 * login keyring is tried in its own slot only. */
#include "config.h"

#include <string.h>

#include "okap-error.h"
#include "okap-passphrase.h"
#include "okap-recovery-code.h"
#include "okap-sealed-crypto.h"
#include "okap-vault-job.h"

/* Tries each slot of @kind. Returns: (nullable): the vault key; without @error if none fits */
static OkapSecret *
try_slots (OkapVaultJob *job, const OkapSealedHeader *header, OkapSlotKind kind, OkapSecret *secret,
           guint *out_slot, guint8 *out_public, GError **error)
{
  for (guint i = 0; i < header->n_slots; i++)
    {
      g_autoptr (GError) slot_error = NULL;
      OkapSecret *vault_key;

      if (header->slots[i].kind != kind)
        continue;
      if (okap_vault_job_is_cancelled (job, error))
        return NULL;
      job->n_derivations += kind == OKAP_SLOT_PASSPHRASE;
      vault_key = okap_slot_unwrap (&header->slots[i], header->vault_id, secret, out_public,
                                    &slot_error);
      *out_slot = i;
      if (vault_key != NULL)
        return vault_key;
      if (!g_error_matches (slot_error, OKAP_ERROR, OKAP_ERROR_WRONG_PASSPHRASE))
        {
          g_propagate_error (error, g_steal_pointer (&slot_error));
          return NULL;
        }
    }
  return NULL;
}

/**
 * okap_vault_job_find_key:
 * @typed: a passphrase or a recovery code
 * @out_slot: (out): which slot it opened
 * @out_public: (out): the public key of that slot
 * @error: %OKAP_ERROR_WRONG_PASSPHRASE, %OKAP_ERROR_INVALID_REQUEST, %OKAP_ERROR_BUSY,
 *   %OKAP_ERROR_VAULT_LOCKED
 *
 * Returns: (transfer full) (nullable): the vault key
 */
OkapSecret *
okap_vault_job_find_key (OkapVaultJob *job, const OkapSealedHeader *header, OkapSecret *typed,
                         guint *out_slot, guint8 out_public[OKAP_SEALED_PUBLIC_BYTES],
                         GError **error)
{
  g_autoptr (OkapSecret) passphrase = okap_passphrase_normalize (typed, error);
  g_autoptr (OkapSecret) code_bits = NULL;
  g_autoptr (GError) slot_error = NULL;
  OkapRecoveryResult code;
  OkapSecret *vault_key = NULL;

  if (passphrase == NULL)
    return NULL;
  code = okap_recovery_code_parse (passphrase, &code_bits);
  if (code == OKAP_RECOVERY_CODE)
    vault_key = try_slots (job, header, OKAP_SLOT_RECOVERY, code_bits, out_slot, out_public,
                           &slot_error);
  if (vault_key == NULL && slot_error == NULL)
    vault_key = try_slots (job, header, OKAP_SLOT_PASSPHRASE, passphrase, out_slot, out_public,
                           &slot_error);
  if (vault_key != NULL)
    return vault_key;

  if (slot_error != NULL)
    g_propagate_error (error, g_steal_pointer (&slot_error));
  else
    g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_WRONG_PASSPHRASE,
                         code == OKAP_RECOVERY_CODE
                         ? "This recovery code belongs to another vault"
                         : code == OKAP_RECOVERY_TYPO
                           ? "This looks like a recovery code with a typing error. Compare each "
                             "group of five with what you wrote down"
                           : "The passphrase is not the one of this vault. Mind upper and lower "
                             "case and the keyboard layout");
  return NULL;
}

/* The slot of the login keyring that the job is for, with what the keyring gave. */
static OkapSecret *
find_key_by_keyring (OkapVaultJob *job, const OkapSealedHeader *header, guint *out_slot,
                     guint8 *out_public, GError **error)
{
  for (guint i = 0; i < header->n_slots; i++)
    {
      OkapSecret *vault_key;

      if (header->slots[i].kind != OKAP_SLOT_KEYRING
          || memcmp (header->slots[i].id, job->slot.id, sizeof job->slot.id) != 0)
        continue;
      *out_slot = i;
      vault_key = okap_slot_unwrap (&header->slots[i], header->vault_id, job->secret, out_public,
                                    NULL);
      if (vault_key == NULL)
        g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_KEYRING,
                             "What the login keyring holds does not open this vault. Type the "
                             "passphrase, then turn the login keyring off and on again");
      return vault_key;
    }
  g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_NOT_FOUND,
                       "The vault does not open by the login keyring any more");
  return NULL;
}

static OkapSecret *
find_key (OkapVaultJob *job, const OkapSealedHeader *header, guint *out_slot, guint8 *out_public,
          GError **error)
{
  return job->has_slot
           ? find_key_by_keyring (job, header, out_slot, out_public, error)
           : okap_vault_job_find_key (job, header, job->secret, out_slot, out_public, error);
}

/**
 * okap_vault_job_unlock:
 *
 * Of an open vault (the job's base) the secret is only checked, against what is open: the file may
 * be another one by now, made by whoever wants to be taken for the user.
 *
 * Returns: (transfer full) (nullable): what the vault's file holds
 */
OkapVaultContents *
okap_vault_job_unlock (OkapVaultJob *job, GError **error)
{
  g_auto (OkapSealedFile) file = { NULL };
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (OkapSecret) vault_key = NULL;
  g_autoptr (OkapGuarded) plain = NULL;
  g_autoptr (OkapVaultBody) body = NULL;
  OkapSealedIdentity identity;
  guint8 public_key[OKAP_SEALED_PUBLIC_BYTES];
  guint slot;

  if (job->base != NULL)
    {
      vault_key = find_key (job, job->base->header, &slot, public_key, error);
      return vault_key != NULL ? okap_vault_contents_ref (job->base) : NULL;
    }
  bytes = okap_sealed_load (job->path, &identity, error);
  if (bytes == NULL
      || !okap_sealed_file_parse (&file, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
                                  okap_vault_job_memory_most (), error))
    return NULL;
  vault_key = find_key (job, file.header, &slot, public_key, error);
  if (vault_key == NULL)
    return NULL;
  plain = okap_sealed_open (&file, vault_key, error);
  if (plain == NULL)
    return NULL;
  body = okap_vault_body_decode (plain->data, plain->length, error);
  if (body == NULL)
    return NULL;
  /* A vault of an older Okap learns it now and keeps it with its next save. */
  if (okap_vault_body_get_public (body, file.header->slots[slot].id) == NULL
      && body->n_publics < OKAP_SEALED_SLOTS_MOST)
    okap_vault_body_set_public (body, file.header->slots[slot].id, public_key);
  return okap_vault_contents_new (file.header, vault_key, body, &identity);
}

/** okap_vault_job_peek: (transfer full) (nullable): what the file says of itself; not authentic */
OkapSealedHeader *
okap_vault_job_peek (OkapVaultJob *job, GError **error)
{
  g_auto (OkapSealedFile) file = { NULL };
  g_autoptr (GBytes) bytes = NULL;
  OkapSealedIdentity identity;

  bytes = okap_sealed_load (job->path, &identity, error);
  if (bytes == NULL
      || !okap_sealed_file_parse (&file, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
                                  okap_vault_job_memory_most (), error))
    return NULL;
  return okap_sealed_header_copy (file.header);
}
