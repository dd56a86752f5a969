/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replacing a key, as steps from one constant entry to the next (okap-key-rotation.h draws the
 * states). Pure; a crypto thread saves what comes out. Each step is made once: the same step of the
 * same rotation again gives the entry as it is, so that whoever does not know how the first try
 * ended may simply try again. */
#include "config.h"

#include "okap-vault-body.h"

#include <string.h>

#include "okap-error.h"

/* The entry with other keys in it; @other (nullable). */
static OkapVaultEntry *
entry_with (OkapVaultEntry *entry, OkapSecret *secret, OkapSecret *other, guint version,
            gint64 since_us, const OkapRotation *rotation)
{
  g_autofree char *tail = okap_vault_entry_tail (secret);
  g_autofree char *other_tail = other != NULL ? okap_vault_entry_tail (other) : NULL;
  g_autoptr (OkapKeyInfo) info = NULL;
  OkapVaultEntry *next;

  info = okap_key_info_new_version (entry->info, tail, other_tail, version, since_us, rotation);
  next = okap_vault_entry_new (info, secret);
  next->other = other != NULL ? okap_secret_ref (other) : NULL;
  next->extra = entry->extra != NULL ? okap_secret_ref (entry->extra) : NULL;
  return next;
}

/* A key of two values keeps its second one unless the new key brings its own. */
static OkapSecret *
dup_pair (OkapSecret *current, OkapSecret *key, GError **error)
{
  g_autoptr (OkapSecret) second = okap_secret_dup_second (current);
  g_autoptr (OkapSecret) own = okap_secret_dup_second (key);

  if (own != NULL && second == NULL)
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                           "Expected a key alone: the one in use has no second value");
      return NULL;
    }
  return second == NULL || own != NULL ? okap_secret_ref (key)
                                       : okap_secret_new_pair (key, second);
}

/**
 * okap_vault_entry_begin:
 * @rotation_id: names this replacement; the same one again changes nothing
 * @key: the new key; empty, or the one in use, changes nothing
 * @error: %OKAP_ERROR_INVALID_REQUEST, %OKAP_ERROR_CONFLICT
 *
 * Returns: (transfer full) (nullable): the entry with @key in it, to be tested
 */
OkapVaultEntry *
okap_vault_entry_begin (OkapVaultEntry *entry, const char *rotation_id, OkapSecret *key,
                        gint64 now_us, GError **error)
{
  const OkapRotation *last = okap_key_info_get_rotation (entry->info);
  guint version = okap_key_info_get_version (entry->info);
  OkapRotation rotation = { .state = OKAP_ROTATION_TESTING, .reason = OKAP_ROTATION_ASKED };
  g_autoptr (OkapSecret) pair = NULL;

  if (!okap_rotation_id_is_valid (rotation_id, strlen (rotation_id)))
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                           "Expected an id of 1 to 32 letters, digits, dashes and underscores for "
                           "the replacement");
      return NULL;
    }
  if (last != NULL && strcmp (last->id, rotation_id) == 0)
    return okap_vault_entry_ref (entry);
  if (okap_rotation_is_open (last))
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_CONFLICT,
                           "This key is being replaced already. Go back to the old key or keep the "
                           "new one first");
      return NULL;
    }
  if (okap_secret_get_length (key) == 0 || okap_secret_equal (key, entry->secret))
    return okap_vault_entry_ref (entry);
  pair = dup_pair (entry->secret, key, error);
  if (pair == NULL || !okap_vault_check_unmasked (pair, entry->secret, error)
      || !okap_vault_check_key (pair, okap_key_info_get_base_url (entry->info), error))
    return NULL;
  (void) g_strlcpy (rotation.id, rotation_id, sizeof rotation.id);
  rotation.old_version = version;
  rotation.new_version = MAX (version, last != NULL ? last->new_version : 0) + 1;
  rotation.started_us = rotation.changed_us = now_us;
  return entry_with (entry, entry->secret, pair, version, okap_key_info_get_since (entry->info),
                     &rotation);
}

static gboolean
may_follow (OkapRotationState from, OkapRotationState to)
{
  return (from == OKAP_ROTATION_TESTING
          && (to == OKAP_ROTATION_WATCHING || to == OKAP_ROTATION_ROLLED_BACK))
         || (from == OKAP_ROTATION_WATCHING
             && (to == OKAP_ROTATION_RETIRED || to == OKAP_ROTATION_ROLLED_BACK));
}

/**
 * okap_vault_entry_step:
 * @error: %OKAP_ERROR_CONFLICT if this is not the last replacement of the key, or @to cannot follow
 *
 * Returns: (transfer full) (nullable): the entry with its replacement one state further
 */
OkapVaultEntry *
okap_vault_entry_step (OkapVaultEntry *entry, const char *rotation_id, OkapRotationState to,
                       OkapRotationReason reason, gint64 now_us, GError **error)
{
  const OkapRotation *last = okap_key_info_get_rotation (entry->info);
  gint64 since_us = okap_key_info_get_since (entry->info);
  OkapRotation rotation;

  if (last == NULL || strcmp (last->id, rotation_id) != 0
      || (last->state != to && !may_follow (last->state, to)))
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_CONFLICT,
                           "This key is not being replaced any more. Look at it again: "
                           "okap keys list");
      return NULL;
    }
  if (last->state == to)
    return okap_vault_entry_ref (entry);

  rotation = *last;
  rotation.state = to;
  rotation.reason = reason;
  rotation.changed_us = now_us;
  if (to == OKAP_ROTATION_WATCHING)
    return entry_with (entry, entry->other, entry->secret, rotation.new_version, now_us, &rotation);
  if (to == OKAP_ROTATION_RETIRED)
    return entry_with (entry, entry->secret, NULL, rotation.new_version, since_us, &rotation);
  if (last->state == OKAP_ROTATION_TESTING)
    return entry_with (entry, entry->secret, NULL, rotation.old_version, since_us, &rotation);
  if (rotation.old_version == 1)
    since_us = okap_key_info_get_created (entry->info);
  else
    since_us = now_us;
  return entry_with (entry, entry->other, NULL, rotation.old_version, since_us, &rotation);
}
