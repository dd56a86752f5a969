/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A bounded table of answers that are fetched later. Main thread.
 *
 *   open ─▶ WAITING ─answer─▶ ANSWERED ─fetch─▶ gone
 *                                │ 10 minutes
 *                                └──────────▶ gone; a grant in it is reported as lost
 *
 * The id is the only key to an answer that may hold a token, so it is 144 random bits, and an
 * answer is handed out once. A waiting entry needs no time of its own: the broker ends every
 * question. */
#include "config.h"

#include "okap-pending.h"

#include <sodium.h>

#include "okap-caps.h"
#include "okap-secret.h"

#define ID_BYTES 18

struct _OkapPending
{
  GHashTable *entries;        /* (owned) (element-type utf8 Entry) by id */
  OkapPendingLostFunc lost;
  gpointer user_data;
};

typedef struct
{
  OkapPending *pending;
  char *id;          /* (owned) */
  guint status;
  char *text;        /* (owned) (nullable) the answer; wiped */
  char *grant_id;    /* (owned) (nullable) */
  guint timeout_id;
} Entry;

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_clear_handle_id (&entry->timeout_id, g_source_remove);
  okap_wipe_string (entry->text);
  g_free (entry->grant_id);
  g_free (entry->id);
  g_free (entry);
}

/** okap_pending_new: (transfer full): an empty table */
OkapPending *
okap_pending_new (OkapPendingLostFunc lost, gpointer user_data)
{
  OkapPending *pending = g_new0 (OkapPending, 1);

  pending->entries = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, entry_free);
  pending->lost = lost;
  pending->user_data = user_data;
  return pending;
}

void
okap_pending_free (OkapPending *pending)
{
  g_hash_table_unref (pending->entries);
  g_free (pending);
}

/**
 * okap_pending_open:
 *
 * Returns: (transfer none) (nullable): the id of a new entry; NULL if the table is full
 */
const char *
okap_pending_open (OkapPending *pending)
{
  guint8 random[ID_BYTES];
  char id[sodium_base64_ENCODED_LEN (ID_BYTES, sodium_base64_VARIANT_URLSAFE_NO_PADDING)];
  Entry *entry;

  if (g_hash_table_size (pending->entries) >= OKAP_CAP_POLLED_ANSWERS)
    return NULL;
  randombytes_buf (random, sizeof random);
  sodium_bin2base64 (id, sizeof id, random, sizeof random,
                     sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  entry = g_new0 (Entry, 1);
  entry->pending = pending;
  entry->id = g_strdup (id);
  g_hash_table_insert (pending->entries, entry->id, entry);
  return entry->id;
}

static gboolean
forget_cb (gpointer user_data)
{
  Entry *entry = user_data;
  OkapPending *pending = entry->pending;
  g_autofree char *grant_id = g_steal_pointer (&entry->grant_id);

  entry->timeout_id = 0;
  g_hash_table_remove (pending->entries, entry->id);
  if (grant_id != NULL)
    pending->lost (grant_id, pending->user_data);
  return G_SOURCE_REMOVE;
}

/**
 * okap_pending_answer:
 * @text: (transfer full): what the next fetch gets
 * @grant_id: (nullable): the grant whose token is in @text
 */
void
okap_pending_answer (OkapPending *pending, const char *id, guint status, char *text,
                     const char *grant_id)
{
  Entry *entry = g_hash_table_lookup (pending->entries, id);

  g_return_if_fail (entry != NULL && entry->text == NULL);

  entry->status = status;
  entry->text = text;
  entry->grant_id = g_strdup (grant_id);
  entry->timeout_id = g_timeout_add_seconds (OKAP_CAP_POLLED_ANSWER_S, forget_cb, entry);
}

/**
 * okap_pending_fetch:
 * @out_text: (out) (transfer full): set if answered; the caller wipes it
 * @out_grant_id: (out) (transfer full) (nullable): the grant whose token is in it; set if answered
 *
 * An answer is handed out once.
 */
OkapPendingState
okap_pending_fetch (OkapPending *pending, const char *id, guint *out_status, char **out_text,
                    char **out_grant_id)
{
  Entry *entry = g_hash_table_lookup (pending->entries, id);

  if (entry == NULL)
    return OKAP_PENDING_UNKNOWN;
  if (entry->text == NULL)
    return OKAP_PENDING_WAITING;
  *out_status = entry->status;
  *out_text = g_steal_pointer (&entry->text);
  *out_grant_id = g_steal_pointer (&entry->grant_id);
  g_hash_table_remove (pending->entries, id);
  return OKAP_PENDING_ANSWERED;
}
