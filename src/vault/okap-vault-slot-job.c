/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Changing the ways into the vault: crypto thread, part of okap-vault-job.c. Each change wants a
 * secret that opens the vault already. It is made on copies of header and body and saved in one
 * step, so that either all of it is on the disk or nothing.
 *
 *   a slot is added     the vault key stays
 *   a slot goes away    the vault gets a new key (so that whoever has the secret that went away
 *                       cannot open what is saved from now on), the slots that stay are given it
 *                       (okap-slot.c), and the body is sealed with it
 *
 * What is derived from the vault key for others (hashes of tokens, tags of grants, the audit
 * chain) must not change with it. So the body keeps the first vault key as their root. Nothing is
 * lost by that: whoever had the removed secret and an old file had those keys anyway, as he had
 * the provider keys.
 *
 * A slot that Okap 0.1's first format knew has no public key until it was unlocked with. A
 * recovery code like that is replaced by a new one, which the caller shows. */
#include "config.h"

#include <sodium.h>
#include <string.h>

#include "okap-error.h"
#include "okap-passphrase.h"
#include "okap-recovery-code.h"
#include "okap-sealed-crypto.h"
#include "okap-vault-job.h"

/* A change under way. */
typedef struct
{
  OkapVaultJob *job;
  OkapSealedHeader *header;   /* (owned) */
  OkapVaultBody *body;        /* (owned) nobody else's */
  OkapSecret *vault_key;      /* (owned) the one to save with */
  guint proven;               /* the slot that @proof of the job opened */
} Change;

static void
change_clear (Change *change)
{
  g_clear_pointer (&change->header, okap_sealed_header_free);
  g_clear_pointer (&change->body, okap_vault_body_unref);
  g_clear_pointer (&change->vault_key, okap_secret_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Change, change_clear)

static gboolean
refuse (GError **error, OkapError code, const char *message)
{
  g_set_error_literal (error, OKAP_ERROR, (int) code, message);
  return FALSE;
}

/* Finds out whether the caller may do this at all. */
static gboolean
begin (Change *change, OkapVaultJob *job, GError **error)
{
  g_autoptr (OkapSecret) vault_key = NULL;
  guint8 public_key[OKAP_SEALED_PUBLIC_BYTES];

  change->job = job;
  change->header = okap_sealed_header_copy (job->base->header);
  change->body = okap_vault_body_copy (job->base->body);
  change->vault_key = okap_secret_ref (job->base->vault_key);
  vault_key = okap_vault_job_find_key (job, change->header, job->proof, &change->proven, public_key,
                                       error);
  if (vault_key == NULL)
    return FALSE;
  okap_vault_body_set_public (change->body, change->header->slots[change->proven].id, public_key);
  return TRUE;
}

static guint
count_kind (const OkapSealedHeader *header, OkapSlotKind kind)
{
  guint n = 0;

  for (guint i = 0; i < header->n_slots; i++)
    n += header->slots[i].kind == kind;
  return n;
}

static gboolean
find_slot (Change *change, guint *out_index, GError **error)
{
  for (guint i = 0; i < change->header->n_slots; i++)
    if (memcmp (change->header->slots[i].id, change->job->slot.id, OKAP_SEALED_ID_BYTES) == 0)
      {
        *out_index = i;
        return TRUE;
      }
  return refuse (error, OKAP_ERROR_NOT_FOUND,
                 "The vault has no such unlock slot (any more). List them: okap vault slots");
}

/* Puts the vault key into @slot, which goes to @index. */
static gboolean
put_slot (Change *change, guint index, const OkapSlot *slot, OkapSecret *secret, GError **error)
{
  guint8 public_key[OKAP_SEALED_PUBLIC_BYTES];
  OkapSlot *at = &change->header->slots[index];

  *at = *slot;
  if (!okap_slot_wrap (at, change->header->vault_id, secret, change->vault_key, public_key, error))
    return FALSE;
  okap_vault_body_set_public (change->body, at->id, public_key);
  return TRUE;
}

/* A passphrase slot with the secret of the job. */
static gboolean
put_passphrase (Change *change, guint index, const char *label, GError **error)
{
  OkapVaultJob *job = change->job;
  g_autoptr (OkapSecret) passphrase = okap_passphrase_normalize (job->secret, error);
  guint8 salt[OKAP_SEALED_SALT_BYTES];
  OkapSlot slot;

  if (passphrase == NULL)
    return FALSE;
  okap_slot_init (&slot, OKAP_SLOT_PASSPHRASE, label, job->now_us);
  randombytes_buf (salt, sizeof salt);
  okap_slot_set_cost (&slot, job->memory_bytes, job->passes, salt);
  job->n_derivations++;
  return put_slot (change, index, &slot, passphrase, error);
}

static gboolean
put_recovery (Change *change, guint index, GError **error)
{
  OkapVaultJob *job = change->job;
  g_autoptr (OkapSecret) bits = NULL;
  OkapSlot slot;

  okap_slot_init (&slot, OKAP_SLOT_RECOVERY, "", job->now_us);
  g_clear_pointer (&job->recovery_code, okap_secret_unref);
  job->recovery_code = okap_recovery_code_new (&bits);
  return put_slot (change, index, &slot, bits, error);
}

/* Gives the vault a new key, and it to all slots but @without, which the caller fills. */
static gboolean
renew_key (Change *change, guint without, GError **error)
{
  if (change->body->root == NULL)
    change->body->root = okap_secret_ref (change->vault_key);
  okap_secret_unref (change->vault_key);
  change->vault_key = okap_secret_new_random (OKAP_SEALED_KEY_BYTES);

  for (guint i = 0; i < change->header->n_slots; i++)
    {
      OkapSlot *slot = &change->header->slots[i];
      const guint8 *public_key = okap_vault_body_get_public (change->body, slot->id);

      if (i == without)
        continue;
      if (public_key != NULL
          && slot->params_length <= OKAP_SEALED_PARAMS_BYTES - OKAP_SEALED_PUBLIC_BYTES
          && okap_slot_rewrap (slot, change->header->vault_id, public_key, change->vault_key))
        continue;
      if (slot->kind == OKAP_SLOT_RECOVERY)
        {
          if (!put_recovery (change, i, error))
            return FALSE;
          continue;
        }
      return refuse (error, OKAP_ERROR_CONFLICT,
                     slot->kind == OKAP_SLOT_PASSPHRASE
                     ? "An older Okap made a passphrase of this vault, so it has to be typed once: "
                       "unlock with that passphrase, or confirm with it, and try again"
                     : "The vault has an unlock slot that only a newer Okap understands. Make this "
                       "change there");
    }
  return TRUE;
}

/* Which passphrase is meant: the one that is named, or that was typed, or the only one. */
static gboolean
find_passphrase (Change *change, guint *out_index, GError **error)
{
  OkapSealedHeader *header = change->header;

  if (change->job->has_slot)
    {
      if (!find_slot (change, out_index, error))
        return FALSE;
      return header->slots[*out_index].kind == OKAP_SLOT_PASSPHRASE
             || refuse (error, OKAP_ERROR_INVALID_REQUEST,
                        "Expected an unlock slot that is a passphrase");
    }
  *out_index = change->proven;
  if (header->slots[change->proven].kind == OKAP_SLOT_PASSPHRASE)
    return TRUE;
  if (count_kind (header, OKAP_SLOT_PASSPHRASE) != 1)
    return refuse (error, OKAP_ERROR_INVALID_REQUEST,
                   "The vault has several passphrases. Say which one is to be changed");
  for (guint i = 0; i < header->n_slots; i++)
    if (header->slots[i].kind == OKAP_SLOT_PASSPHRASE)
      *out_index = i;
  return TRUE;
}

static gboolean
change_passphrase (Change *change, GError **error)
{
  char label[OKAP_SEALED_LABEL_BYTES + 1];
  guint index;

  if (!find_passphrase (change, &index, error))
    return FALSE;
  (void) g_strlcpy (label, change->header->slots[index].label, sizeof label);
  okap_vault_body_drop_public (change->body, change->header->slots[index].id);
  return renew_key (change, index, error) && put_passphrase (change, index, label, error);
}

static gboolean
change_recovery (Change *change, GError **error)
{
  guint index = change->header->n_slots;

  for (guint i = 0; i < change->header->n_slots; i++)
    if (change->header->slots[i].kind == OKAP_SLOT_RECOVERY)
      index = i;
  if (index == change->header->n_slots)
    return refuse (error, OKAP_ERROR_NOT_FOUND, "The vault has no recovery code");
  okap_vault_body_drop_public (change->body, change->header->slots[index].id);
  return renew_key (change, index, error) && put_recovery (change, index, error);
}

static gboolean
add (Change *change, GError **error)
{
  OkapSealedHeader *header = change->header;
  OkapVaultJob *job = change->job;

  if (header->n_slots == OKAP_SEALED_SLOTS_MOST)
    return refuse (error, OKAP_ERROR_TOO_LARGE,
                   "The vault has 16 unlock slots already, the most that is possible. Remove one "
                   "first");
  if (job->action == OKAP_SLOT_ACTION_ADD_KEYRING
      && count_kind (header, OKAP_SLOT_KEYRING) > 0)
    return refuse (error, OKAP_ERROR_CONFLICT,
                   "The vault opens by a login keyring already. Turn that off first");
  header->n_slots++;
  return job->action == OKAP_SLOT_ACTION_ADD_KEYRING
         ? put_slot (change, header->n_slots - 1, &job->slot, job->secret, error)
         : put_passphrase (change, header->n_slots - 1, job->slot.label, error);
}

static gboolean
remove_slot (Change *change, GError **error)
{
  OkapSealedHeader *header = change->header;
  OkapSlotKind kind;
  guint index;

  if (!find_slot (change, &index, error))
    return FALSE;
  kind = header->slots[index].kind;
  if (kind == OKAP_SLOT_RECOVERY)
    return refuse (error, OKAP_ERROR_CONFLICT,
                   "The recovery code cannot be removed, only replaced by a new one: it is the "
                   "way back in if the passphrase is forgotten");
  if (kind == OKAP_SLOT_PASSPHRASE && count_kind (header, kind) == 1)
    return refuse (error, OKAP_ERROR_CONFLICT,
                   "The last passphrase cannot be removed, only changed");
  okap_vault_body_drop_public (change->body, header->slots[index].id);
  header->n_slots--;
  memmove (&header->slots[index], &header->slots[index + 1],
           (header->n_slots - index) * sizeof header->slots[0]);
  return renew_key (change, header->n_slots, error);
}

/**
 * okap_vault_job_change_slots:
 * @error: %OKAP_ERROR_WRONG_PASSPHRASE, %OKAP_ERROR_NOT_FOUND, %OKAP_ERROR_CONFLICT,
 *   %OKAP_ERROR_TOO_LARGE, %OKAP_ERROR_INVALID_REQUEST, or as of okap_vault_job_save()
 *
 * Returns: (transfer full) (nullable): the vault as it is now; it is on the disk
 */
OkapVaultContents *
okap_vault_job_change_slots (OkapVaultJob *job, GError **error)
{
  g_auto (Change) change = { NULL };
  gboolean done = FALSE;

  if (!begin (&change, job, error))
    return NULL;
  switch (job->action)
    {
    case OKAP_SLOT_ACTION_PASSPHRASE:
      done = change_passphrase (&change, error);
      break;
    case OKAP_SLOT_ACTION_RECOVERY:
      done = change_recovery (&change, error);
      break;
    case OKAP_SLOT_ACTION_ADD_PASSPHRASE:
    case OKAP_SLOT_ACTION_ADD_KEYRING:
      done = add (&change, error);
      break;
    case OKAP_SLOT_ACTION_REMOVE:
      done = remove_slot (&change, error);
      break;
    default:
      g_assert_not_reached ();
    }
  if (!done || okap_vault_job_is_cancelled (job, error))
    return NULL;
  return okap_vault_job_save (job, change.header, change.vault_key, change.body,
                              &job->base->identity, error);
}
