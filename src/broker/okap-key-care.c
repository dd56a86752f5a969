/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How each version of each key does, and the watch over new ones. Main thread.
 *
 * Health comes from the proxy, a report for each change, and belongs to one version: what is said
 * of an old key does not stick to the new one. It is not kept when Okap ends.
 *
 * While a replaced key is watched, the first refusal of the new one puts the old one back, if that
 * did its work so far: into the gate at once, then on the disk. Enough good answers or enough time
 * retire the old one. A watch that Okap's end interrupted begins anew when the vault is opened; a
 * test that it interrupted is over, and the old key stays. Steps that could not be saved are tried
 * again with the next check. */
#include "config.h"

#include "okap-key-care-private.h"

#include <string.h>

#include "okap-caps.h"
#include "okap-error.h"
#include "okap-invoke.h"

#define CHECK_S 5
#define ALERT_AGAIN_US (60 * OKAP_MINUTE_US)

typedef struct
{
  OkapKeyHealth health;
  OkapKeyStanding standing;  /* of the last test, if it told something */
  gint64 alerted_us;         /* 0: never */
} Record;

typedef struct
{
  char rotation_id[OKAP_ROTATION_ID_BYTES + 1];
  gint64 deadline_us;      /* monotonic */
  OkapRotationState to;    /* once it is decided; 0 before */
  OkapRotationReason reason;
  gboolean stepping;       /* it is being saved */
} Watch;

enum
{
  SIGNAL_CHANGED,
  SIGNAL_ALERT,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (OkapKeyCare, okap_key_care, G_TYPE_OBJECT)

static char *
dup_name (const char *key_id, guint version)
{
  return g_strdup_printf ("%s/%u", key_id, version);
}

static Record *
find_record (OkapKeyCare *self, const char *key_id, guint version)
{
  g_autofree char *name = dup_name (key_id, version);

  return g_hash_table_lookup (self->records, name);
}

/** okap_key_care_get_health: of the version that is in use */
OkapKeyHealth
okap_key_care_get_health (OkapKeyCare *self, OkapKeyInfo *key)
{
  Record *record = find_record (self, okap_key_info_get_id (key), okap_key_info_get_version (key));

  return record != NULL ? record->health
                        : (OkapKeyHealth) { .version = okap_key_info_get_version (key) };
}

/** okap_key_care_get_standing: (transfer none) (nullable): what its provider told, of the version
 *   that is in use; NULL if it was not asked or told nothing. Valid until it is tested again. */
const OkapKeyStanding *
okap_key_care_get_standing (OkapKeyCare *self, OkapKeyInfo *key)
{
  Record *record = find_record (self, okap_key_info_get_id (key), okap_key_info_get_version (key));

  return record != NULL && record->standing.n_facts > 0 ? &record->standing : NULL;
}

void
okap_key_care_forget (OkapKeyCare *self, OkapKeyInfo *key)
{
  g_autofree char *name = dup_name (okap_key_info_get_id (key), okap_key_info_get_version (key));

  if (g_hash_table_remove (self->records, name))
    g_signal_emit (self, signals[SIGNAL_CHANGED], 0, okap_key_info_get_id (key));
}

/* --- the watch --- */

typedef struct
{
  OkapKeyCare *self;   /* (owned) */
  char *key_id;        /* (owned) */
} Step;

static void
stepped_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Step *step = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapKeyInfo) key = okap_vault_rotate_finish (OKAP_VAULT (source), result, &error);
  Watch *watch = g_hash_table_lookup (step->self->watches, step->key_id);

  if (watch != NULL)
    watch->stepping = FALSE;
  if (key == NULL && !g_error_matches (error, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED))
    g_message ("The replacement of a key could not be brought to its end: %s", error->message);
  g_object_unref (step->self);
  g_free (step->key_id);
  g_free (step);
}

static void
start_step (OkapKeyCare *self, const char *key_id, const char *rotation_id, OkapRotationState to,
            OkapRotationReason reason)
{
  Step *step = g_new (Step, 1);

  step->self = g_object_ref (self);
  step->key_id = g_strdup (key_id);
  okap_vault_step_rotation_async (self->vault, key_id, rotation_id, to, reason, stepped_cb, step);
}

static void
end_watch (OkapKeyCare *self, const char *key_id, Watch *watch, OkapRotationState to,
           OkapRotationReason reason)
{
  if (watch->stepping)
    return;
  if (watch->to == 0)
    {
      watch->to = to;
      watch->reason = reason;
    }
  watch->stepping = TRUE;
  start_step (self, key_id, watch->rotation_id, watch->to, watch->reason);
}

/** okap_key_care_check: retires what was watched for long enough; called from time to time */
void
okap_key_care_check (OkapKeyCare *self)
{
  gint64 now_us = okap_clock_get_monotonic (self->clock);
  GHashTableIter iter;
  gpointer key_id, watch;

  g_hash_table_iter_init (&iter, self->watches);
  while (g_hash_table_iter_next (&iter, &key_id, &watch))
    if (((Watch *) watch)->to != 0 || now_us >= ((Watch *) watch)->deadline_us)
      end_watch (self, key_id, watch, OKAP_ROTATION_RETIRED, OKAP_ROTATION_WATCHED);
}

static gboolean
timer_cb (gpointer user_data)
{
  okap_key_care_check (user_data);
  return G_SOURCE_CONTINUE;
}

static void
ensure_watch (OkapKeyCare *self, const char *key_id, const OkapRotation *rotation)
{
  Watch *watch = g_hash_table_lookup (self->watches, key_id);

  if (watch != NULL && strcmp (watch->rotation_id, rotation->id) == 0)
    return;
  watch = g_new0 (Watch, 1);
  (void) g_strlcpy (watch->rotation_id, rotation->id, sizeof watch->rotation_id);
  watch->deadline_us = okap_clock_get_monotonic (self->clock)
                       + OKAP_CAP_ROTATION_WATCH_S * OKAP_SECOND_US;
  g_hash_table_replace (self->watches, g_strdup (key_id), watch);
  if (self->timer == 0)
    self->timer = g_timeout_add_seconds (CHECK_S, timer_cb, self);
}

/* Whether a record or a watch is of a key that is there; versions that are not, are forgotten. */
static gboolean
is_stale_record (gpointer name, gpointer value, gpointer user_data)
{
  OkapKeyCare *self = user_data;
  g_autofree char *key_id = g_strndup (name, strcspn (name, "/"));
  guint version = ((Record *) value)->health.version;
  OkapKeyInfo *key = okap_vault_find_key (self->vault, key_id);
  const OkapRotation *rotation = key != NULL ? okap_key_info_get_rotation (key) : NULL;

  return key == NULL || (version != okap_key_info_get_version (key)
                         && !(okap_rotation_is_open (rotation)
                              && (version == rotation->old_version
                                  || version == rotation->new_version)));
}

static gboolean
is_stale_watch (gpointer key_id, gpointer value, gpointer user_data)
{
  OkapKeyInfo *key = okap_vault_find_key (((OkapKeyCare *) user_data)->vault, key_id);
  const OkapRotation *rotation = key != NULL ? okap_key_info_get_rotation (key) : NULL;

  return rotation == NULL || rotation->state != OKAP_ROTATION_WATCHING;
}

/* Brings the watches into step with the keys of the vault. */
static gboolean
sync_cb (gpointer user_data)
{
  OkapKeyCare *self = user_data;
  GListModel *keys = okap_vault_get_keys (self->vault);

  self->sync_posted = FALSE;
  if (okap_vault_get_state (self->vault) == OKAP_VAULT_UNLOCKED)
    g_hash_table_foreach_remove (self->records, is_stale_record, self);
  g_hash_table_foreach_remove (self->watches, is_stale_watch, self);
  for (guint i = 0; i < g_list_model_get_n_items (keys); i++)
    {
      g_autoptr (OkapKeyInfo) key = g_list_model_get_item (keys, i);
      const OkapRotation *rotation = okap_key_info_get_rotation (key);
      const char *id = okap_key_info_get_id (key);

      if (rotation != NULL && rotation->state == OKAP_ROTATION_WATCHING)
        ensure_watch (self, id, rotation);
      else if (rotation != NULL && rotation->state == OKAP_ROTATION_TESTING
               && !g_hash_table_contains (self->begins, id))
        start_step (self, id, rotation->id, OKAP_ROTATION_ROLLED_BACK, OKAP_ROTATION_INTERRUPTED);
    }
  if (g_hash_table_size (self->watches) == 0)
    g_clear_handle_id (&self->timer, g_source_remove);
  return G_SOURCE_REMOVE;
}

/* Not at once: the vault is in the middle of a change. */
static void
keys_changed_cb (OkapKeyCare *self)
{
  if (self->sync_posted)
    return;
  self->sync_posted = TRUE;
  okap_invoke (NULL, sync_cb, g_object_ref (self), g_object_unref);
}

/* --- reports --- */

static void
alert (OkapKeyCare *self, OkapKeyInfo *key, OkapKeyClass class, gboolean rolled_back)
{
  g_signal_emit (self, signals[SIGNAL_ALERT], 0, key, (guint) class, rolled_back);
}

/* The new key was refused: the old one comes back, unless it was no better. */
static gboolean
roll_back (OkapKeyCare *self, OkapKeyInfo *key, Watch *watch)
{
  const char *key_id = okap_key_info_get_id (key);
  const Record *old = find_record (self, key_id, okap_key_info_get_rotation (key)->old_version);
  g_autoptr (OkapCredential) credential = NULL;

  if (watch->to != 0 || (old != NULL && okap_key_class_is_trouble (old->health.class)))
    return FALSE;
  credential = okap_credentials_dup_other (self->credentials, key_id, NULL);
  if (credential == NULL)
    return FALSE;
  okap_gate_put_credential (self->gate, credential);
  end_watch (self, key_id, watch, OKAP_ROTATION_ROLLED_BACK, OKAP_ROTATION_KEY_REFUSED);
  return TRUE;
}

static void
judge_watched (OkapKeyCare *self, OkapKeyInfo *key, const OkapKeyHealth *health, guint n_good,
               gboolean *out_rolled_back)
{
  const char *key_id = okap_key_info_get_id (key);
  const OkapRotation *rotation = okap_key_info_get_rotation (key);
  Watch *watch;

  if (rotation == NULL || rotation->state != OKAP_ROTATION_WATCHING)
    return;
  ensure_watch (self, key_id, rotation);
  watch = g_hash_table_lookup (self->watches, key_id);
  if (health->class == OKAP_KEY_BAD)
    *out_rolled_back = roll_back (self, key, watch);
  else if (health->class == OKAP_KEY_GOOD && n_good >= OKAP_CAP_ROTATION_GOOD_CALLS
           && watch->to == 0)
    end_watch (self, key_id, watch, OKAP_ROTATION_RETIRED, OKAP_ROTATION_WATCHED);
}

static gboolean
should_alert (Record *record, gint64 now_us)
{
  if (record->health.class != OKAP_KEY_BAD && record->health.class != OKAP_KEY_OUT_OF_CREDIT)
    return FALSE;
  if (record->alerted_us != 0 && now_us - record->alerted_us < ALERT_AGAIN_US)
    return FALSE;
  record->alerted_us = now_us;
  return TRUE;
}

static Record *
ensure_record (OkapKeyCare *self, const char *key_id, guint version)
{
  Record *record = find_record (self, key_id, version);

  if (record == NULL)
    {
      record = g_new0 (Record, 1);
      record->health.version = version;
      g_hash_table_insert (self->records, dup_name (key_id, version), record);
    }
  return record;
}

/** okap_key_care_tell: what a test of a version of the key told of money and limits; as of now */
void
okap_key_care_tell (OkapKeyCare *self, const char *key_id, guint version,
                    const OkapKeyStanding *standing)
{
  Record *record;

  if (okap_vault_find_key (self->vault, key_id) == NULL)
    return;
  record = ensure_record (self, key_id, version);
  record->standing = *standing;
  record->standing.asked_us = okap_clock_get_now (self->clock);
}

/** okap_key_care_note: as okap_key_care_report(); @aloud: whether a person may hear of trouble */
void
okap_key_care_note (OkapKeyCare *self, const char *key_id, const OkapKeyHealth *health,
                    guint n_good, gboolean aloud)
{
  g_autoptr (OkapKeyInfo) key = NULL;
  Record *record;
  gboolean rolled_back = FALSE;
  gint64 now_us = okap_clock_get_now (self->clock);

  if (okap_vault_find_key (self->vault, key_id) == NULL)
    return;
  key = g_object_ref (okap_vault_find_key (self->vault, key_id));
  record = ensure_record (self, key_id, health->version);
  if (record->health.class != health->class || record->health.until_us != health->until_us)
    record->health = *health;
  if (health->version == okap_key_info_get_version (key))
    {
      judge_watched (self, key, health, n_good, &rolled_back);
      if (rolled_back || (aloud && should_alert (record, now_us)))
        alert (self, key, health->class, rolled_back);
    }
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0, key_id);
}

/**
 * okap_key_care_report:
 * @health: of one version, perhaps not the one in use
 * @n_good: good answers so far, if this is one
 */
void
okap_key_care_report (OkapKeyCare *self, const char *key_id, const OkapKeyHealth *health,
                      guint n_good)
{
  okap_key_care_note (self, key_id, health, n_good, TRUE);
}

/* --- life --- */

static void
okap_key_care_dispose (GObject *object)
{
  OkapKeyCare *self = OKAP_KEY_CARE (object);

  if (self->vault != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->vault, self);
      g_signal_handlers_disconnect_by_data (okap_vault_get_keys (self->vault), self);
    }
  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_object (&self->vault);
  G_OBJECT_CLASS (okap_key_care_parent_class)->dispose (object);
}

static void
okap_key_care_finalize (GObject *object)
{
  OkapKeyCare *self = OKAP_KEY_CARE (object);

  g_hash_table_unref (self->records);
  g_hash_table_unref (self->watches);
  g_hash_table_unref (self->begins);
  G_OBJECT_CLASS (okap_key_care_parent_class)->finalize (object);
}

static void
okap_key_care_class_init (OkapKeyCareClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->dispose = okap_key_care_dispose;
  object_class->finalize = okap_key_care_finalize;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", OKAP_TYPE_KEY_CARE, G_SIGNAL_RUN_LAST, 0, NULL,
                                          NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[SIGNAL_ALERT] = g_signal_new ("alert", OKAP_TYPE_KEY_CARE, G_SIGNAL_RUN_LAST, 0, NULL,
                                        NULL, NULL, G_TYPE_NONE, 3, OKAP_TYPE_KEY_INFO,
                                        G_TYPE_UINT, G_TYPE_BOOLEAN);
}

static void
okap_key_care_init (OkapKeyCare *self)
{
  self->records = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->watches = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->begins = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

/**
 * okap_key_care_new:
 * @gate: outlives the object, as do @credentials and @clock
 */
OkapKeyCare *
okap_key_care_new (OkapVault *vault, OkapGate *gate, OkapCredentials *credentials,
                   OkapClock *clock)
{
  OkapKeyCare *self = g_object_new (OKAP_TYPE_KEY_CARE, NULL);

  self->vault = g_object_ref (vault);
  self->gate = gate;
  self->credentials = credentials;
  self->clock = clock;
  g_signal_connect_swapped (vault, "notify::state", G_CALLBACK (keys_changed_cb), self);
  g_signal_connect_swapped (okap_vault_get_keys (vault), "items-changed",
                            G_CALLBACK (keys_changed_cb), self);
  keys_changed_cb (self);
  return self;
}

/** okap_key_care_set_tester: (nullable): without one, no key can be tested */
void
okap_key_care_set_tester (OkapKeyCare *self, OkapKeyTestFunc func, OkapKeyTestFinishFunc finish,
                          gpointer func_data)
{
  self->test = func;
  self->test_finish = finish;
  self->test_data = func_data;
}
