/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The slow work of the vault: making, opening and saving the sealed file. Runs on a crypto thread
 * that lives as long as one job; there is at most one per vault.
 *
 * A job works on constant values and hands back new ones; it knows nothing of the vault's state.
 * Locking sets @cancelled, which is looked at before each run of Argon2id, which cannot be
 * interrupted itself, and before a save touches the old file. The main thread drops the outcome
 * of a cancelled job. */
#include "config.h"

#include "okap-vault-job.h"

#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "okap-caps.h"
#include "okap-error.h"
#include "okap-invoke.h"
#include "okap-passphrase.h"
#include "okap-recovery-code.h"
#include "okap-sealed-crypto.h"

/** okap_vault_contents_new: (transfer full) */
OkapVaultContents *
okap_vault_contents_new (OkapSealedHeader *header, OkapSecret *vault_key, OkapVaultBody *body,
                         const OkapSealedIdentity *identity)
{
  OkapVaultContents *contents = g_new0 (OkapVaultContents, 1);

  g_atomic_ref_count_init (&contents->ref_count);
  contents->header = okap_sealed_header_copy (header);
  contents->vault_key = okap_secret_ref (vault_key);
  contents->body = okap_vault_body_ref (body);
  contents->identity = *identity;
  return contents;
}

OkapVaultContents *
okap_vault_contents_ref (OkapVaultContents *contents)
{
  g_atomic_ref_count_inc (&contents->ref_count);
  return contents;
}

void
okap_vault_contents_unref (OkapVaultContents *contents)
{
  if (!g_atomic_ref_count_dec (&contents->ref_count))
    return;
  okap_sealed_header_free (contents->header);
  okap_secret_unref (contents->vault_key);
  okap_vault_body_unref (contents->body);
  g_free (contents);
}

/** okap_vault_job_new: (transfer full) */
OkapVaultJob *
okap_vault_job_new (OkapVaultJobKind kind)
{
  OkapVaultJob *job = g_new0 (OkapVaultJob, 1);

  job->kind = kind;
  job->tasks = g_ptr_array_new_with_free_func (g_object_unref);
  return job;
}

/** okap_vault_job_drop_secrets: for a job that has no thread: forgets what it was to work on */
void
okap_vault_job_drop_secrets (OkapVaultJob *job)
{
  g_clear_pointer (&job->secret, okap_secret_unref);
  g_clear_pointer (&job->proof, okap_secret_unref);
  g_clear_pointer (&job->entries, g_ptr_array_unref);
  g_clear_pointer (&job->entry, okap_vault_entry_unref);
  g_clear_pointer (&job->base, okap_vault_contents_unref);
  g_clear_pointer (&job->body, okap_vault_body_unref);
}

void
okap_vault_job_free (OkapVaultJob *job)
{
  if (job == NULL)
    return;
  g_assert (job->thread == NULL);
  okap_vault_job_drop_secrets (job);
  g_clear_pointer (&job->contents, okap_vault_contents_unref);
  g_clear_pointer (&job->recovery_code, okap_secret_unref);
  g_clear_error (&job->error);
  g_ptr_array_unref (job->tasks);
  g_clear_pointer (&job->peeked, okap_sealed_header_free);
  g_free (job->backup_path);
  g_free (job->key_id);
  g_free (job->label);
  g_free (job->rotation_id);
  g_free (job->path);
  g_free (job);
}

/** okap_vault_job_memory_most: the most memory that checking a passphrase may take here */
guint64
okap_vault_job_memory_most (void)
{
  long pages = sysconf (_SC_PHYS_PAGES);
  long page_bytes = sysconf (_SC_PAGESIZE);
  guint64 half;

  if (pages <= 0 || page_bytes <= 0)
    return OKAP_SEALED_MEMORY_MOST;
  half = (guint64) pages * (guint64) page_bytes / 2;
  return CLAMP (half, OKAP_SEALED_MEMORY_LEAST, OKAP_SEALED_MEMORY_MOST);
}

/** okap_vault_job_is_cancelled: whether the vault was locked since the job was asked for */
gboolean
okap_vault_job_is_cancelled (OkapVaultJob *job, GError **error)
{
  if (g_atomic_int_get (&job->cancelled) == 0)
    return FALSE;
  g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED,
                       "The vault was locked meanwhile");
  return TRUE;
}

/** okap_vault_job_verify: an OkapSealedVerify: opens what was written, with the key in memory */
gboolean
okap_vault_job_verify (const guint8 *data, gsize length, gpointer vault_key, GError **error)
{
  g_auto (OkapSealedFile) file = { NULL };
  g_autoptr (OkapGuarded) plain = NULL;
  g_autoptr (OkapVaultBody) body = NULL;

  if (!okap_sealed_file_parse (&file, data, length, OKAP_SEALED_MEMORY_MOST, error))
    return FALSE;
  plain = okap_sealed_open (&file, vault_key, error);
  if (plain == NULL)
    return FALSE;
  body = okap_vault_body_decode (plain->data, plain->length, error);
  return body != NULL;
}

/**
 * okap_vault_job_save:
 * @header: counted on
 * @expected: (nullable): the file that is replaced
 *
 * Seals @body behind @header as the file of @job.
 */
OkapVaultContents *
okap_vault_job_save (OkapVaultJob *job, OkapSealedHeader *header, OkapSecret *vault_key,
                     OkapVaultBody *body, const OkapSealedIdentity *expected, GError **error)
{
  g_autoptr (OkapGuarded) plain = okap_vault_body_encode (body);
  g_autoptr (GBytes) contents = NULL;
  OkapSealedIdentity identity;

  if (plain->length > OKAP_SEALED_BODY_MOST - OKAP_SEALED_PAD_BYTES)
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_TOO_LARGE,
                   "The vault would hold %zu bytes; at most %d are possible. Nothing was changed",
                   plain->length, OKAP_SEALED_BODY_MOST - OKAP_SEALED_PAD_BYTES);
      return NULL;
    }
  header->generation++;
  header->saved_us = job->now_us;
  header->minor = MAX (header->minor, OKAP_SEALED_MINOR);
  (void) g_strlcpy (header->writer, "okap " OKAP_VERSION, sizeof header->writer);
  contents = okap_sealed_seal (header, vault_key, plain);
  if (!okap_sealed_save (job->path, contents, expected, okap_vault_job_verify, vault_key,
                         &job->cancelled, &identity, error))
    return NULL;
  return okap_vault_contents_new (header, vault_key, body, &identity);
}

static OkapVaultContents *
create (OkapVaultJob *job, GError **error)
{
  g_autoptr (OkapSecret) passphrase = okap_passphrase_normalize (job->secret, error);
  g_autoptr (OkapSecret) vault_key = okap_secret_new_random (OKAP_SEALED_KEY_BYTES);
  g_autoptr (OkapSealedHeader) header = okap_sealed_header_new ();
  g_autoptr (OkapVaultBody) body = okap_vault_body_new ();
  g_autoptr (OkapSecret) code_bits = NULL;
  guint8 salt[OKAP_SEALED_SALT_BYTES];
  guint8 publics[2][OKAP_SEALED_PUBLIC_BYTES];

  if (passphrase == NULL)
    return NULL;
  if (g_file_test (job->path, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_VAULT_EXISTS,
                   "There is already a vault at %s; it was left as it is", job->path);
      return NULL;
    }

  randombytes_buf (header->vault_id, sizeof header->vault_id);
  header->created_us = job->now_us;
  header->n_slots = 2;
  okap_slot_init (&header->slots[0], OKAP_SLOT_PASSPHRASE, "", job->now_us);
  randombytes_buf (salt, sizeof salt);
  okap_slot_set_cost (&header->slots[0], job->memory_bytes, job->passes, salt);
  okap_slot_init (&header->slots[1], OKAP_SLOT_RECOVERY, "", job->now_us);
  job->recovery_code = okap_recovery_code_new (&code_bits);

  job->n_derivations++;
  if (!okap_slot_wrap (&header->slots[0], header->vault_id, passphrase, vault_key, publics[0],
                       error)
      || !okap_slot_wrap (&header->slots[1], header->vault_id, code_bits, vault_key, publics[1],
                          error)
      || okap_vault_job_is_cancelled (job, error))
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (publics); i++)
    okap_vault_body_set_public (body, header->slots[i].id, publics[i]);
  return okap_vault_job_save (job, header, vault_key, body, NULL, error);
}

static OkapVaultContents *
save_change (OkapVaultJob *job, GError **error)
{
  g_autoptr (OkapSealedHeader) header = okap_sealed_header_copy (job->base->header);

  if (job->body == job->base->body)
    return okap_vault_contents_ref (job->base);  /* a step that was made already */
  return okap_vault_job_save (job, header, job->base->vault_key, job->body, &job->base->identity,
                              error);
}

/* Does the work; blocks, perhaps for seconds. */
static void
run (OkapVaultJob *job)
{
  if (okap_vault_job_is_cancelled (job, &job->error))
    return;
  switch (job->kind)
    {
    case OKAP_VAULT_JOB_CREATE:
      job->contents = create (job, &job->error);
      break;
    case OKAP_VAULT_JOB_UNLOCK:
      job->contents = okap_vault_job_unlock (job, &job->error);
      break;
    case OKAP_VAULT_JOB_PEEK:
      job->peeked = okap_vault_job_peek (job, &job->error);
      break;
    case OKAP_VAULT_JOB_SLOTS:
      job->contents = okap_vault_job_change_slots (job, &job->error);
      break;
    case OKAP_VAULT_JOB_EXPORT:
      (void) okap_vault_job_export (job, &job->error);
      break;
    case OKAP_VAULT_JOB_READ_BACKUP:
      job->entries = okap_vault_job_read_backup (job, &job->error);
      break;
    case OKAP_VAULT_JOB_IMPORT:
    case OKAP_VAULT_JOB_ADD:
    case OKAP_VAULT_JOB_REMOVE:
    case OKAP_VAULT_JOB_RENAME:
    case OKAP_VAULT_JOB_ROTATE:
    case OKAP_VAULT_JOB_ROTATION_STEP:
      job->contents = save_change (job, &job->error);
      break;
    default:
      g_assert_not_reached ();
    }
}

static gpointer
thread_main (gpointer data)
{
  OkapVaultJob *job = data;

  run (job);
  okap_invoke (job->context, job->done_cb, job->done_data, NULL);
  return NULL;
}

/**
 * okap_vault_job_start:
 * @job: with @context, @done_cb and @done_data set, which run exactly once if this returns %TRUE
 * @error: %OKAP_ERROR_BUSY
 */
gboolean
okap_vault_job_start (OkapVaultJob *job, GError **error)
{
  g_autoptr (GError) thread_error = NULL;

  job->thread = g_thread_try_new ("okap-crypto", thread_main, job, &thread_error);
  if (job->thread != NULL)
    return TRUE;
  g_set_error (error, OKAP_ERROR, OKAP_ERROR_BUSY,
               "No thread could be started for the vault: %s. Try again", thread_error->message);
  return FALSE;
}

/** okap_vault_job_unlocks_with: whether @job does just what an unlock with @secret would */
gboolean
okap_vault_job_unlocks_with (OkapVaultJob *job, OkapSecret *secret)
{
  return job->kind == OKAP_VAULT_JOB_UNLOCK && !job->has_slot
         && g_atomic_int_get (&job->cancelled) == 0
         && okap_secret_equal (job->secret, secret);
}

/* What a replacement makes of the key that it is for. */
static gboolean
rotate (OkapVaultJob *job, OkapVaultEntry *old, GError **error)
{
  job->entry = job->kind == OKAP_VAULT_JOB_ROTATE
               ? okap_vault_entry_begin (old, job->rotation_id, job->secret, job->now_us, error)
               : okap_vault_entry_step (old, job->rotation_id, job->to, job->reason, job->now_us,
                                        error);
  return job->entry != NULL;
}

static OkapVaultBody *
change_body (const OkapVaultJob *job, OkapVaultBody *body, OkapVaultEntry *old)
{
  switch (job->kind)
    {
    case OKAP_VAULT_JOB_ADD:
      return okap_vault_body_with (body, job->entry);
    case OKAP_VAULT_JOB_REMOVE:
      return okap_vault_body_without (body, job->key_id);
    case OKAP_VAULT_JOB_IMPORT:
      return job->entries->len > 0 ? okap_vault_body_with_all (body, job->entries)
                                   : okap_vault_body_ref (body);
    case OKAP_VAULT_JOB_SLOTS:
    case OKAP_VAULT_JOB_EXPORT:
      return okap_vault_body_ref (body);
    case OKAP_VAULT_JOB_CREATE:
    case OKAP_VAULT_JOB_UNLOCK:
    case OKAP_VAULT_JOB_PEEK:
    case OKAP_VAULT_JOB_READ_BACKUP:
    case OKAP_VAULT_JOB_RENAME:
    case OKAP_VAULT_JOB_ROTATE:
    case OKAP_VAULT_JOB_ROTATION_STEP:
    default:
      return job->entry == old ? okap_vault_body_ref (body)
                               : okap_vault_body_replace (body, job->entry);
    }
}

/**
 * okap_vault_job_set_base:
 * @job: one that needs an open vault
 * @contents: what it starts from
 * @error: %OKAP_ERROR_TOO_LARGE, %OKAP_ERROR_NOT_FOUND, %OKAP_ERROR_CONFLICT,
 *   %OKAP_ERROR_INVALID_REQUEST
 */
gboolean
okap_vault_job_set_base (OkapVaultJob *job, OkapVaultContents *contents, GError **error)
{
  OkapVaultEntry *old = job->key_id != NULL ? okap_vault_body_find (contents->body, job->key_id)
                                            : NULL;

  guint n_new = job->kind == OKAP_VAULT_JOB_ADD;

  if (job->kind == OKAP_VAULT_JOB_IMPORT)
    {
      okap_vault_backup_drop_known (job->entries, contents->body);
      n_new = job->entries->len;
    }
  if (n_new > 0 && contents->body->entries->len + n_new > OKAP_CAP_KEYS)
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_TOO_LARGE,
                   "The vault holds %u keys, and at most %d are possible. Remove one first",
                   contents->body->entries->len, OKAP_CAP_KEYS);
      return FALSE;
    }
  if (job->key_id != NULL && old == NULL)
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_NOT_FOUND,
                           "There is no key of that name in the vault");
      return FALSE;
    }
  if (job->kind == OKAP_VAULT_JOB_RENAME)
    job->entry = okap_vault_entry_rename (old, job->label);
  if (job->rotation_id != NULL && !rotate (job, old, error))
    return FALSE;
  job->base = okap_vault_contents_ref (contents);
  job->body = change_body (job, contents->body, old);
  return TRUE;
}

/** okap_vault_job_return: main thread: tells everybody who waits for @job how it went */
void
okap_vault_job_return (OkapVaultJob *job)
{
  gboolean cancelled = g_atomic_int_get (&job->cancelled) != 0;

  for (guint i = 0; i < job->tasks->len; i++)
    {
      GTask *task = g_ptr_array_index (job->tasks, i);

      if (job->error != NULL)
        g_task_return_error (task, g_error_copy (job->error));
      else if (cancelled && (job->kind == OKAP_VAULT_JOB_UNLOCK
                             || job->kind == OKAP_VAULT_JOB_READ_BACKUP))
        g_task_return_new_error (task, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED,
                                 "The vault was locked meanwhile");
      else if (job->kind == OKAP_VAULT_JOB_CREATE)
        g_task_return_pointer (task, g_steal_pointer (&job->recovery_code),
                               (GDestroyNotify) okap_secret_unref);
      else if (job->kind == OKAP_VAULT_JOB_PEEK)
        g_task_return_pointer (task, g_steal_pointer (&job->peeked),
                               (GDestroyNotify) okap_sealed_header_free);
      else if (job->kind == OKAP_VAULT_JOB_READ_BACKUP)
        g_task_return_pointer (task, g_steal_pointer (&job->entries),
                               (GDestroyNotify) g_ptr_array_unref);
      else if (job->kind == OKAP_VAULT_JOB_IMPORT)
        g_task_return_int (task, (gssize) job->entries->len);
      else if (job->kind == OKAP_VAULT_JOB_SLOTS)
        {
          if (job->recovery_code != NULL)
            g_task_set_task_data (task, g_steal_pointer (&job->recovery_code),
                                  (GDestroyNotify) okap_secret_unref);
          g_task_return_boolean (task, TRUE);
        }
      else if (job->entry != NULL)
        g_task_return_pointer (task, g_object_ref (job->entry->info), g_object_unref);
      else
        g_task_return_boolean (task, TRUE);
    }
}
