/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Flood control: a person is asked rarely enough to read each question.
 *
 * Main thread; a table and a clock. What programs send costs nothing here: an entry is made only
 * when a question is shown, and the number of entries is bounded. That of a program with a pause or
 * a block goes last.
 *
 *   question shown ─▶ 3 in 10 minutes: throttled until the first of them is that old
 *   closed or not answered, twice ─▶ 5 minutes' pause      no word of "allowed" between; forgotten
 *   refused, three times ──────────▶ an hour's pause       after a day
 *   "not for an hour", "never again" ─▶ as the user said
 *
 * Programs are told apart by what they cannot change cheaply: not by the content of their file nor
 * by their process, or each version of a script would begin anew; a grant is more exact. All that
 * are not known share one entry, links another. Whoever makes up programs to be asked for is
 * bounded by what all of them together may show. okap run, which the user starts, is only bounded.
 *
 * Pauses go by wall time, since they outlast the process; one that began in the future (the clock
 * was set back) is over. Windows go by monotonic time. */
#include "config.h"

#include "okap-flood.h"

#include <string.h>

#include "okap-caps.h"

#define KEY_RUN "okap run"
#define KEY_LINK "link"
#define WINDOW_US ((gint64) OKAP_CAP_DIALOGS_S * OKAP_SECOND_US)
#define STRIKES_US ((gint64) OKAP_CAP_STRIKES_S * OKAP_SECOND_US)
#define RING_MOST 64

G_STATIC_ASSERT (OKAP_CAP_DIALOGS_RUN <= RING_MOST && OKAP_CAP_DIALOGS_ALL <= RING_MOST
                 && OKAP_CAP_AGAIN <= RING_MOST);

/* The last moments at which something happened. */
typedef struct
{
  gint64 at_us[RING_MOST];  /* monotonic; oldest first */
  guint n;
} Ring;

typedef struct
{
  Ring shown;
  Ring again;
  guint dismissals;      /* since the last "allowed" or pause */
  guint refusals;        /* likewise */
  guint pauses;          /* since the last "allowed" */
  gint64 struck_us;      /* monotonic, when the last of them came */
  gint64 used_us;        /* monotonic */
  OkapBlock *block;      /* (owned) (nullable) */
} Entry;

struct _OkapFlood
{
  OkapClock *clock;      /* (unowned) */
  GHashTable *entries;   /* (owned) key → Entry */
  GListStore *blocks;    /* (owned) (element-type OkapBlock) newest first */
  Ring shown;            /* of all programs */
  OkapFloodFunc func;    /* (nullable) */
  gpointer user_data;
};

static void
entry_free (Entry *entry)
{
  g_clear_object (&entry->block);
  g_free (entry);
}

/* Returns 0, and takes a place, if fewer than @most happened within the window; else after how many
 * microseconds there will be one. */
static gint64
ring_wait (const Ring *ring, guint most, gint64 window_us, gint64 now_us)
{
  if (ring->n < most)
    return 0;
  return MAX (0, ring->at_us[ring->n - most] + window_us - now_us);
}

static void
ring_add (Ring *ring, gint64 now_us)
{
  if (ring->n == RING_MOST)
    memmove (ring->at_us, ring->at_us + 1, --ring->n * sizeof *ring->at_us);
  ring->at_us[ring->n++] = now_us;
}

OkapFlood *
okap_flood_new (OkapClock *clock)
{
  OkapFlood *flood = g_new0 (OkapFlood, 1);

  flood->clock = clock;
  flood->entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                          (GDestroyNotify) entry_free);
  flood->blocks = g_list_store_new (OKAP_TYPE_BLOCK);
  return flood;
}

void
okap_flood_free (OkapFlood *flood)
{
  g_hash_table_unref (flood->entries);
  g_object_unref (flood->blocks);
  g_free (flood);
}

/** okap_flood_set_func: (nullable): told of pauses and blocks, but not of restored ones */
void
okap_flood_set_func (OkapFlood *flood, OkapFloodFunc func, gpointer user_data)
{
  flood->func = func;
  flood->user_data = user_data;
}

/** okap_flood_dup_key: (transfer full): what its allowance goes by */
char *
okap_flood_dup_key (const OkapCaller *caller)
{
  const OkapIdentity *identity = caller->identity;
  const char *name = okap_identity_kind_get_name (identity->kind);
  const char *program = identity->program != NULL ? identity->program : "";

  if (caller->door == OKAP_DOOR_RUN)
    return g_strdup (KEY_RUN);
  if (caller->door == OKAP_DOOR_LINK || identity->doubt == OKAP_DOUBT_LINK)
    return g_strdup (KEY_LINK);
  switch (identity->kind)
    {
    case OKAP_IDENTITY_SCRIPT:
      return g_strdup_printf ("%s\n%s\n%s", name, program,
                              identity->script != NULL ? identity->script : "");
    case OKAP_IDENTITY_USER_PROGRAM:
      return g_strdup_printf ("%s\n%s", name, program);
    case OKAP_IDENTITY_UNKNOWN:
    case OKAP_IDENTITY_INSTALLED:
    case OKAP_IDENTITY_SANDBOXED:
    case OKAP_IDENTITY_WEBSITE:
    case OKAP_IDENTITY_RUN:
    default:
      return g_strdup (okap_identity_get_key (identity));
    }
}

static gboolean
block_is_active (OkapFlood *flood, OkapBlock *block)
{
  gint64 now_us = okap_clock_get_now (flood->clock);

  if (okap_block_get_until (block) == OKAP_BLOCK_FOR_EVER)
    return TRUE;
  return now_us < okap_block_get_until (block)
         && now_us >= okap_block_get_since (block) - OKAP_MINUTE_US;
}

static void
drop_block (OkapFlood *flood, Entry *entry)
{
  g_autoptr (OkapBlock) block = g_steal_pointer (&entry->block);
  guint position;

  if (g_list_store_find (flood->blocks, block, &position))
    g_list_store_remove (flood->blocks, position);
  if (flood->func != NULL)
    flood->func (block, FALSE, flood->user_data);
}

/* (nullable): the entry as it is now, its pause over and its strikes forgotten if it is time. */
static Entry *
look_up (OkapFlood *flood, const char *key)
{
  Entry *entry = g_hash_table_lookup (flood->entries, key);

  if (entry == NULL)
    return NULL;
  if (entry->block != NULL && !block_is_active (flood, entry->block))
    drop_block (flood, entry);
  if (okap_clock_get_monotonic (flood->clock) - entry->struck_us >= STRIKES_US)
    entry->dismissals = entry->refusals = entry->pauses = 0;
  return entry;
}

/* How dear an entry is, apart from its age: those with a block go last. */
static guint
get_rank (const Entry *entry)
{
  if (entry->block == NULL)
    return 0;
  return okap_block_get_until (entry->block) == OKAP_BLOCK_FOR_EVER ? 2 : 1;
}

static void
make_room (OkapFlood *flood)
{
  const char *worst_key = NULL;
  Entry *worst = NULL;
  GHashTableIter iter;
  gpointer key, value;

  if (g_hash_table_size (flood->entries) < OKAP_CAP_FLOOD_PROGRAMS)
    return;
  g_hash_table_iter_init (&iter, flood->entries);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      Entry *entry = value;

      if (worst == NULL || get_rank (entry) < get_rank (worst)
          || (get_rank (entry) == get_rank (worst) && entry->used_us < worst->used_us))
        {
          worst = entry;
          worst_key = key;
        }
    }
  if (worst->block != NULL)
    drop_block (flood, worst);
  g_hash_table_remove (flood->entries, worst_key);
}

static Entry *
use_entry (OkapFlood *flood, const char *key)
{
  Entry *entry = look_up (flood, key);

  if (entry == NULL)
    {
      make_room (flood);
      entry = g_new0 (Entry, 1);
      g_hash_table_insert (flood->entries, g_strdup (key), entry);
    }
  entry->used_us = okap_clock_get_monotonic (flood->clock);
  return entry;
}

static guint
to_seconds (gint64 us)
{
  return (guint) CLAMP ((us + OKAP_SECOND_US - 1) / OKAP_SECOND_US, 1, G_MAXINT);
}

/* For how long this caller has to wait until it may be shown, in microseconds. */
static gint64
find_wait (OkapFlood *flood, const char *key, const Entry *entry)
{
  gint64 now_us = okap_clock_get_monotonic (flood->clock);
  gboolean is_run = strcmp (key, KEY_RUN) == 0;
  gint64 wait_us = is_run ? 0 : ring_wait (&flood->shown, OKAP_CAP_DIALOGS_ALL, WINDOW_US, now_us);

  if (entry == NULL)
    return wait_us;
  return MAX (wait_us, ring_wait (&entry->shown, is_run ? OKAP_CAP_DIALOGS_RUN : OKAP_CAP_DIALOGS,
                                  WINDOW_US, now_us));
}

/**
 * okap_flood_check:
 * @out_retry_s: (out): when throttled: after how many seconds it may ask again
 *
 * Returns: whether a question of @caller may be shown now
 */
OkapFloodVerdict
okap_flood_check (OkapFlood *flood, const OkapCaller *caller, guint *out_retry_s)
{
  g_autofree char *key = okap_flood_dup_key (caller);
  Entry *entry = look_up (flood, key);
  gint64 wait_us;

  *out_retry_s = 0;
  if (entry != NULL && entry->block != NULL)
    {
      if (okap_block_get_until (entry->block) == OKAP_BLOCK_FOR_EVER)
        return OKAP_FLOOD_BLOCKED;
      *out_retry_s = to_seconds (okap_block_get_until (entry->block)
                                 - okap_clock_get_now (flood->clock));
      return OKAP_FLOOD_THROTTLED;
    }
  wait_us = find_wait (flood, key, entry);
  if (wait_us == 0)
    return OKAP_FLOOD_PASS;
  *out_retry_s = to_seconds (wait_us);
  return OKAP_FLOOD_THROTTLED;
}

/** okap_flood_note_shown: a person sees a question of @caller, for the first time */
void
okap_flood_note_shown (OkapFlood *flood, const OkapCaller *caller)
{
  g_autofree char *key = okap_flood_dup_key (caller);
  gint64 now_us = okap_clock_get_monotonic (flood->clock);

  ring_add (&use_entry (flood, key)->shown, now_us);
  if (strcmp (key, KEY_RUN) != 0)
    ring_add (&flood->shown, now_us);
}

static void
set_block (OkapFlood *flood, const char *key, Entry *entry, OkapBlock *block)
{
  if (entry->block != NULL)
    drop_block (flood, entry);
  entry->block = g_object_ref (block);
  g_list_store_insert (flood->blocks, 0, block);
}

static void
begin_block (OkapFlood *flood, const char *key, const OkapCaller *caller, Entry *entry,
             OkapBlockReason reason, guint for_s)
{
  g_autofree char *name = okap_identity_dup_name (caller->identity);
  g_autofree char *words = okap_caller_dup_words (caller);
  gint64 now_us = okap_clock_get_now (flood->clock);
  gint64 until_us = for_s > 0 ? now_us + (gint64) for_s * OKAP_SECOND_US : OKAP_BLOCK_FOR_EVER;
  g_autoptr (OkapBlock) block = okap_block_new (key, name, words, reason, now_us, until_us);

  entry->dismissals = entry->refusals = 0;
  entry->pauses++;
  set_block (flood, key, entry, block);
  if (flood->func != NULL)
    flood->func (block, TRUE, flood->user_data);
}

static void
strike (OkapFlood *flood, const char *key, const OkapCaller *caller, OkapFloodAnswer answer)
{
  Entry *entry = use_entry (flood, key);

  entry->struck_us = okap_clock_get_monotonic (flood->clock);
  if (answer == OKAP_FLOOD_ALWAYS)
    begin_block (flood, key, caller, entry, OKAP_BLOCK_ALWAYS, 0);
  else if (answer == OKAP_FLOOD_HOUR)
    begin_block (flood, key, caller, entry, OKAP_BLOCK_HOUR, OKAP_CAP_REFUSED_PAUSE_S);
  else if (answer == OKAP_FLOOD_REFUSED && ++entry->refusals >= OKAP_CAP_REFUSALS)
    begin_block (flood, key, caller, entry, OKAP_BLOCK_REFUSED, OKAP_CAP_REFUSED_PAUSE_S);
  else if (answer == OKAP_FLOOD_DISMISSED && ++entry->dismissals >= OKAP_CAP_DISMISSALS)
    begin_block (flood, key, caller, entry, OKAP_BLOCK_DISMISSED, OKAP_CAP_DISMISSED_PAUSE_S);
}

/** okap_flood_note_answer: what the person said, or that nobody did */
void
okap_flood_note_answer (OkapFlood *flood, const OkapCaller *caller, OkapFloodAnswer answer)
{
  g_autofree char *key = okap_flood_dup_key (caller);
  Entry *entry = look_up (flood, key);

  if (answer != OKAP_FLOOD_ALLOWED)
    {
      if (strcmp (key, KEY_RUN) != 0)
        strike (flood, key, caller, answer);
    }
  else if (entry != NULL)
    entry->dismissals = entry->refusals = entry->pauses = 0;
}

/** okap_flood_is_nagging: whether one more "no" leads to a third pause: "always" should be there */
gboolean
okap_flood_is_nagging (OkapFlood *flood, const OkapCaller *caller)
{
  g_autofree char *key = okap_flood_dup_key (caller);
  const Entry *entry = look_up (flood, key);

  return entry != NULL && entry->pauses + 1 >= OKAP_CAP_PAUSES;
}

/** okap_flood_take_again: whether one more token of what it has may be made; counts it */
gboolean
okap_flood_take_again (OkapFlood *flood, const OkapCaller *caller, guint *out_retry_s)
{
  g_autofree char *key = okap_flood_dup_key (caller);
  Entry *entry = use_entry (flood, key);
  gint64 now_us = okap_clock_get_monotonic (flood->clock);
  gint64 wait_us = ring_wait (&entry->again, OKAP_CAP_AGAIN, OKAP_MINUTE_US, now_us);

  *out_retry_s = wait_us > 0 ? to_seconds (wait_us) : 0;
  if (wait_us == 0)
    ring_add (&entry->again, now_us);
  return wait_us == 0;
}

/** okap_flood_get_blocks: (transfer none) (element-type OkapBlock): newest first */
GListModel *
okap_flood_get_blocks (OkapFlood *flood)
{
  return G_LIST_MODEL (flood->blocks);
}

/** okap_flood_restore: one that was kept; whether it still holds. What began since goes before. */
gboolean
okap_flood_restore (OkapFlood *flood, OkapBlock *block)
{
  Entry *entry;

  if (!block_is_active (flood, block))
    return FALSE;
  entry = use_entry (flood, okap_block_get_key (block));
  if (entry->block == NULL)
    set_block (flood, okap_block_get_key (block), entry, block);
  return TRUE;
}

/** okap_flood_end_block: by the user: the program may ask as if it never had */
void
okap_flood_end_block (OkapFlood *flood, const char *key)
{
  Entry *entry = look_up (flood, key);

  if (entry == NULL)
    return;
  if (entry->block != NULL)
    drop_block (flood, entry);
  g_hash_table_remove (flood->entries, key);
}

/** okap_flood_end_past: ends what is over
 *
 * Returns: in how many microseconds the next one will be; 0 if there is none
 */
gint64
okap_flood_end_past (OkapFlood *flood)
{
  gint64 now_us = okap_clock_get_now (flood->clock);
  gint64 next_us = OKAP_BLOCK_FOR_EVER;
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, flood->entries);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Entry *entry = value;

      if (entry->block != NULL && !block_is_active (flood, entry->block))
        drop_block (flood, entry);
      if (entry->block != NULL)
        next_us = MIN (next_us, okap_block_get_until (entry->block));
    }
  return next_us != OKAP_BLOCK_FOR_EVER ? MAX (next_us - now_us, 1) : 0;
}

/** okap_flood_get_size: how many programs are remembered */
guint
okap_flood_get_size (OkapFlood *flood)
{
  return g_hash_table_size (flood->entries);
}
