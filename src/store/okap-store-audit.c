/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The audit trail: a chain of lines that cannot be changed without the audit key. Store thread.
 *
 * hash (n) = BLAKE2b-256 keyed with the audit key, over the hash of line n - 1 (zeros for the
 * first) and line n in an encoding with only one reading: each text has its length before it, and
 * a missing grant differs from an empty one. So an edited, exchanged or inserted line breaks the
 * chain, and since lines are numbered without a gap, a removed one leaves a hole. A last line that
 * was cut off would leave nothing behind; that is why the end (number and hash of the last line)
 * is kept apart, under a tag of its own.
 *
 * A line that was written together with a row of a grant holds that row's tag, too. So the trail
 * says which row of each grant is the last one, and an older one that somebody puts back (the
 * active version of a revoked grant has a valid tag) is told from it. Who puts back the whole
 * file, trail and all, is not found out by this: nothing outside of the file keeps count.
 *
 * If the end does not fit the lines when the next one is written, somebody was at the database
 * while it was closed. Writing goes on, but it must not heal the break: a number is left out for
 * good, and a line says why.
 *
 * The key is only there while the vault is unlocked. Lines that come while it is locked wait in
 * memory and are written, with their own times, at the next unlock. */
#include "config.h"

#include "okap-store-private.h"

#include <sodium.h>
#include <string.h>

#include "okap-caps.h"
#include "okap-error.h"

#define HASH_BYTES 32
#define HIGHEST_ID (G_MAXINT64 - 4)

static const char line_label[] = "okap audit line 1";
static const char grant_line_label[] = "okap audit line with grant 1";
static const char end_label[] = "okap audit end 1";

typedef struct
{
  gint64 id;
  guint8 hash[HASH_BYTES];
} Link;

/* A text with its length, because bytes read from the file may hold anything. */
typedef struct
{
  const char *bytes;  /* (nullable) */
  gsize length;
} Text;

/* What stands in a line; the first ones are texts in the order of the columns. */
enum
{
  TEXT_EVENT,
  TEXT_GRANT_ID,
  TEXT_DETAIL,
  TEXT_GRANT_TAG,
  N_TEXTS,
};

static Text
text_of (const char *string)
{
  return (Text) { string, string != NULL ? strlen (string) : 0 };
}

static void
hash_int (crypto_generichash_state *state, gint64 value)
{
  guint64 little = GUINT64_TO_LE ((guint64) value);

  (void) crypto_generichash_update (state, (const guint8 *) &little, sizeof little);
}

static void
hash_text (crypto_generichash_state *state, Text text)
{
  guint8 present = text.bytes != NULL;

  (void) crypto_generichash_update (state, &present, 1);
  hash_int (state, (gint64) text.length);
  if (text.length > 0)
    (void) crypto_generichash_update (state, (const guint8 *) text.bytes, text.length);
}

static void
hash_begin (crypto_generichash_state *state, OkapSecret *key, const char *label)
{
  int status = crypto_generichash_init (state, okap_secret_get_data (key),
                                        okap_secret_get_length (key), HASH_BYTES);

  if (status != 0)
    g_error ("an audit key has 16 to 64 bytes, not %zu", okap_secret_get_length (key));
  hash_text (state, text_of (label));
}

static void
hash_line (OkapSecret *key, const Link *previous, gint64 id, gint64 time_us,
           const Text texts[N_TEXTS], guint8 out[HASH_BYTES])
{
  crypto_generichash_state state;
  gboolean has_tag = texts[TEXT_GRANT_TAG].bytes != NULL;

  hash_begin (&state, key, has_tag ? grant_line_label : line_label);
  (void) crypto_generichash_update (&state, previous->hash, HASH_BYTES);
  hash_int (&state, id);
  hash_int (&state, time_us);
  for (guint i = 0; i < (has_tag ? N_TEXTS : TEXT_GRANT_TAG); i++)
    hash_text (&state, texts[i]);
  (void) crypto_generichash_final (&state, out, HASH_BYTES);
  sodium_memzero (&state, sizeof state);
}

static void
tag_end (OkapSecret *key, const Link *end, guint8 out[HASH_BYTES])
{
  crypto_generichash_state state;

  hash_begin (&state, key, end_label);
  hash_int (&state, end->id);
  (void) crypto_generichash_update (&state, end->hash, HASH_BYTES);
  (void) crypto_generichash_final (&state, out, HASH_BYTES);
  sodium_memzero (&state, sizeof state);
}

static gboolean
read_last_line (OkapDb *db, Link *out, GError **error)
{
  g_auto (OkapQuery) query = { 0 };
  OkapDbStep step;

  *out = (Link) { 0 };
  if (!okap_query_init (&query, db, "SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1", error))
    return FALSE;
  step = okap_query_step (&query, error);
  if (step == OKAP_DB_ROW)
    {
      out->id = okap_query_get_int (&query, 0);
      (void) okap_query_get_blob (&query, 1, out->hash, HASH_BYTES);
    }
  return step != OKAP_DB_FAILED;
}

/* @out_present: whether one is written down; @out_sound: and whether its tag is right. */
static gboolean
read_end (OkapDb *db, OkapSecret *key, Link *out, gboolean *out_present, gboolean *out_sound,
          GError **error)
{
  g_auto (OkapQuery) query = { 0 };
  guint8 tag[HASH_BYTES], expected[HASH_BYTES];
  OkapDbStep step;

  *out = (Link) { 0 };
  *out_present = *out_sound = FALSE;
  if (!okap_query_init (&query, db, "SELECT last_id, hash, tag FROM audit_head WHERE one = 1",
                        error))
    return FALSE;
  step = okap_query_step (&query, error);
  if (step == OKAP_DB_ROW)
    {
      *out_present = TRUE;
      out->id = okap_query_get_int (&query, 0);
      *out_sound = okap_query_get_blob (&query, 1, out->hash, HASH_BYTES)
                   && okap_query_get_blob (&query, 2, tag, HASH_BYTES);
      tag_end (key, out, expected);
      *out_sound = *out_sound && sodium_memcmp (tag, expected, HASH_BYTES) == 0;
    }
  return step != OKAP_DB_FAILED;
}

static gboolean
links_equal (const Link *a, const Link *b)
{
  return a->id == b->id && sodium_memcmp (a->hash, b->hash, HASH_BYTES) == 0;
}

static gboolean
write_end (OkapDb *db, OkapSecret *key, const Link *end, GError **error)
{
  g_auto (OkapQuery) query = { 0 };
  guint8 tag[HASH_BYTES];

  if (!okap_query_init (&query, db,
                        "INSERT OR REPLACE INTO audit_head (one, last_id, hash, tag)"
                        " VALUES (1, ?1, ?2, ?3)", error))
    return FALSE;
  tag_end (key, end, tag);
  okap_query_bind_int (&query, 1, end->id);
  okap_query_bind_blob (&query, 2, end->hash, HASH_BYTES);
  okap_query_bind_blob (&query, 3, tag, HASH_BYTES);
  return okap_query_run (&query, error);
}

/* Writes one line behind @end and moves @end to it. */
static gboolean
append_line (OkapDb *db, OkapSecret *key, Link *end, const OkapAuditEntry *entry,
             const guint8 *grant_tag, GError **error)
{
  g_auto (OkapQuery) query = { 0 };
  Link line = { .id = end->id + 1 };
  const Text texts[N_TEXTS] = {
    text_of (entry->event), text_of (entry->grant_id), text_of (entry->detail),
    { (const char *) grant_tag, grant_tag != NULL ? OKAP_STORE_TAG_BYTES : 0 },
  };

  if (!okap_query_init (&query, db,
                        "INSERT INTO audit (id, time_us, event, grant_id, detail, grant_tag, hash)"
                        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", error))
    return FALSE;
  hash_line (key, end, line.id, entry->time_us, texts, line.hash);
  okap_query_bind_int (&query, 1, line.id);
  okap_query_bind_int (&query, 2, entry->time_us);
  okap_query_bind_text (&query, 3, entry->event);
  okap_query_bind_text (&query, 4, entry->grant_id);
  okap_query_bind_text (&query, 5, entry->detail);
  if (grant_tag != NULL)
    okap_query_bind_blob (&query, 6, grant_tag, OKAP_STORE_TAG_BYTES);
  okap_query_bind_blob (&query, 7, line.hash, HASH_BYTES);
  if (!okap_query_run (&query, error))
    return FALSE;
  *end = line;
  return TRUE;
}

/* Finds where the next line goes; leaves a hole and a line about it if the trail was damaged. */
static gboolean
find_end (OkapDb *db, OkapSecret *key, gint64 now_us, Link *end, GError **error)
{
  g_autoptr (OkapAuditEntry) warning = NULL;
  gboolean present, sound;
  Link last;

  if (!read_end (db, key, end, &present, &sound, error) || !read_last_line (db, &last, error))
    return FALSE;
  if ((!present && last.id == 0) || (sound && links_equal (end, &last)))
    return TRUE;

  *end = (Link) { .id = MAX (last.id, sound ? end->id : 0) };
  if (end->id < 0 || end->id > HIGHEST_ID)
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_STORAGE,
                           "The audit trail is damaged beyond its last possible line; "
                           "move the database away and start again");
      return FALSE;
    }
  end->id++;
  warning = okap_audit_entry_new (now_us, "audit.damaged", NULL,
                                  "The trail does not end as Okap left it: before this line, "
                                  "lines were removed or changed by another program");
  return append_line (db, key, end, warning, NULL, error);
}

/** okap_audit_trail_set_key: @key is NULL while the vault is locked */
void
okap_audit_trail_set_key (OkapAuditTrail *trail, OkapSecret *key)
{
  g_clear_pointer (&trail->key, okap_secret_unref);
  if (key != NULL)
    trail->key = okap_secret_ref (key);
}

/** okap_audit_trail_keep: keeps a line in memory until there is a key; the first ones win */
void
okap_audit_trail_keep (OkapAuditTrail *trail, const OkapAuditEntry *entry)
{
  if (trail->waiting.length < OKAP_CAP_AUDIT_WAITING)
    {
      g_queue_push_tail (&trail->waiting, okap_audit_entry_copy (entry));
      return;
    }
  if (trail->n_dropped == 0)
    trail->dropped_us = entry->time_us;
  trail->n_dropped++;
}

gboolean
okap_audit_trail_has_waiting (OkapAuditTrail *trail)
{
  return trail->waiting.length > 0;
}

/**
 * okap_audit_trail_write_waiting:
 *
 * Part of a transaction; after it, okap_audit_trail_clear_waiting(). Needs the key.
 */
gboolean
okap_audit_trail_write_waiting (OkapAuditTrail *trail, OkapDb *db, GError **error)
{
  g_autoptr (OkapAuditEntry) dropped = NULL;
  g_autofree char *detail = NULL;

  for (GList *l = trail->waiting.head; l != NULL; l = l->next)
    if (!okap_audit_trail_write (trail, db, l->data, NULL, error))
      return FALSE;
  if (trail->n_dropped == 0)
    return TRUE;

  detail = g_strdup_printf ("%u lines were not kept: more than %d came while the vault was locked",
                            trail->n_dropped, OKAP_CAP_AUDIT_WAITING);
  dropped = okap_audit_entry_new (trail->dropped_us, "audit.dropped", NULL, detail);
  return okap_audit_trail_write (trail, db, dropped, NULL, error);
}

/**
 * okap_audit_trail_write:
 * @grant_tag: (nullable): of the row of the grant that is written in the same transaction
 *
 * One line; part of a transaction. Needs the key.
 */
gboolean
okap_audit_trail_write (OkapAuditTrail *trail, OkapDb *db, const OkapAuditEntry *entry,
                        const guint8 *grant_tag, GError **error)
{
  Link end;

  g_assert (trail->key != NULL);
  return find_end (db, trail->key, entry->time_us, &end, error)
         && append_line (db, trail->key, &end, entry, grant_tag, error)
         && write_end (db, trail->key, &end, error);
}

void
okap_audit_trail_clear_waiting (OkapAuditTrail *trail)
{
  g_queue_clear_full (&trail->waiting, (GDestroyNotify) okap_audit_entry_free);
  trail->n_dropped = 0;
}

/** okap_audit_trail_clear: forgets the key and everything that waits */
void
okap_audit_trail_clear (OkapAuditTrail *trail)
{
  okap_audit_trail_clear_waiting (trail);
  okap_audit_trail_set_key (trail, NULL);
}

/* All lines in order, with the columns that the two functions below expect. */
static const char all_lines[]
    = "SELECT id, time_us, event, grant_id, detail, grant_tag, hash FROM audit ORDER BY id";

/* Whether the line that @query stands at is what Okap wrote behind @previous; fills @line. */
static gboolean
line_follows (OkapSecret *key, OkapQuery *query, const Link *previous, Link *line)
{
  guint8 stored[HASH_BYTES];
  Text texts[N_TEXTS];

  *line = (Link) { .id = okap_query_get_int (query, 0) };
  for (int i = 0; i < N_TEXTS; i++)
    texts[i].bytes = okap_query_get_bytes (query, 2 + i, &texts[i].length);
  hash_line (key, previous, line->id, okap_query_get_int (query, 1), texts, line->hash);
  return line->id == previous->id + 1 && okap_query_get_blob (query, 6, stored, HASH_BYTES)
         && sodium_memcmp (stored, line->hash, HASH_BYTES) == 0;
}

/* Checks the line that @query stands at against @previous, and moves @previous to it. */
static gboolean
check_line (OkapSecret *key, OkapQuery *query, Link *previous, GError **error)
{
  Link line;

  if (line_follows (key, query, previous, &line))
    {
      *previous = line;
      return TRUE;
    }
  if (line.id != previous->id + 1)
    g_set_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE,
                 "The audit trail was changed: line %" G_GINT64_FORMAT " is missing",
                 previous->id + 1);
  else
    g_set_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE,
                 "The audit trail was changed: line %" G_GINT64_FORMAT " is not as Okap wrote it",
                 line.id);
  return FALSE;
}

static gboolean
check_end (OkapDb *db, OkapSecret *key, const Link *last, GError **error)
{
  gboolean present, sound;
  Link end;

  if (!read_end (db, key, &end, &present, &sound, error))
    return FALSE;
  if ((!present && last->id == 0) || (sound && links_equal (&end, last)))
    return TRUE;
  if (sound && end.id > last->id)
    g_set_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE,
                 "The audit trail was cut: line %" G_GINT64_FORMAT " is missing, and all after it",
                 last->id + 1);
  else
    g_set_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE,
                 "The audit trail was changed: the mark of its end does not fit line %"
                 G_GINT64_FORMAT, last->id);
  return FALSE;
}

/**
 * okap_audit_verify:
 * @out_lines: (out): how many lines are sound, counted from the first
 * @error: %OKAP_ERROR_VAULT_LOCKED without a key; %OKAP_ERROR_STORAGE names the first broken line
 */
gboolean
okap_audit_verify (OkapAuditTrail *trail, OkapDb *db, gint64 *out_lines, GError **error)
{
  g_auto (OkapQuery) query = { 0 };
  Link previous = { 0 };
  OkapDbStep step;

  *out_lines = 0;
  if (trail->key == NULL)
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED,
                           "The audit trail can only be checked while the vault is unlocked");
      return FALSE;
    }
  if (!okap_query_init (&query, db, all_lines, error))
    return FALSE;
  while ((step = okap_query_step (&query, error)) == OKAP_DB_ROW)
    {
      if (!check_line (trail->key, &query, &previous, error))
        return FALSE;
      *out_lines = previous.id;
    }
  return step == OKAP_DB_DONE && check_end (db, trail->key, &previous, error);
}

/** okap_audit_end_is_sound: whether the end of the trail was written with @key */
gboolean
okap_audit_end_is_sound (OkapDb *db, OkapSecret *key, gboolean *out_sound, GError **error)
{
  gboolean present;
  Link end;

  return read_end (db, key, &end, &present, out_sound, error);
}

/* Notes the tag that the line holds, if it holds one. */
static void
collect_tag (OkapQuery *query, GHashTable *tags)
{
  guint8 tag[OKAP_STORE_TAG_BYTES];
  char *grant_id;

  if (!okap_query_get_blob (query, 5, tag, sizeof tag))
    return;
  grant_id = okap_query_dup_text (query, 3);
  if (grant_id != NULL)
    g_hash_table_replace (tags, grant_id, g_memdup2 (tag, sizeof tag));
}

/**
 * okap_audit_collect_tags:
 *
 * Which row of each grant was the last one that Okap wrote. Behind a break in the trail it starts
 * again with nothing: what is missing there may be a revocation. Without a key, or if the trail
 * does not end where it should, nothing is known.
 *
 * Returns: (transfer full) (nullable): id of the grant → tag of %OKAP_STORE_TAG_BYTES
 */
GHashTable *
okap_audit_collect_tags (OkapAuditTrail *trail, OkapDb *db, GError **error)
{
  g_autoptr (GHashTable) tags = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_auto (OkapQuery) query = { 0 };
  Link previous = { 0 };
  OkapDbStep step;

  if (trail->key == NULL)
    return g_steal_pointer (&tags);
  if (!okap_query_init (&query, db, all_lines, error))
    return NULL;
  while ((step = okap_query_step (&query, error)) == OKAP_DB_ROW)
    {
      Link line;

      if (line_follows (trail->key, &query, &previous, &line))
        collect_tag (&query, tags);
      else
        {
          g_hash_table_remove_all (tags);
          (void) okap_query_get_blob (&query, 6, line.hash, HASH_BYTES);  /* the next needs it */
        }
      previous = line;
    }
  if (step != OKAP_DB_DONE)
    return NULL;
  if (!check_end (db, trail->key, &previous, NULL))
    g_hash_table_remove_all (tags);
  return g_steal_pointer (&tags);
}
