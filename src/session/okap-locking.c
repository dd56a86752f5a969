/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Locking with the session: hears whoever tells of it, asks okap-lock-state.c what follows, and
 * does that to the vault and the broker. Main thread.
 *
 *   logind ─────────┐                                       ┌─▶ broker: restricted or not
 *   screen savers ──┤                                       ├─▶ gate: cut what runs
 *   compositor ─────┼──▶ event ─▶ okap_lock_state_handle() ─┼─▶ vault: wipe
 *   timers ─────────┤                                       ├─▶ timer of the hours
 *   vault, broker ──┘                                       └─▶ logind: may sleep; wait next time
 *
 * Nothing here waits: every service may be absent, slow or dying (okap-service.c). The broker is
 * restricted before the vault is wiped, so that no request for the passphrase flashes up, and sleep
 * is let go on only when the wipe is done and no other thread holds a key of what was cut; or after
 * RELEASE_MS, because logind would not wait much longer.
 *
 * The settings read here can be written by any program of the user: what they weaken is when Okap
 * locks by itself, never what is allowed. */
#include "config.h"

#include "okap-locking.h"

#include "okap-clock.h"
#include "okap-idle.h"
#include "okap-logind.h"
#include "okap-screen-saver.h"
#include "okap-service.h"

#define RELEASE_MS 2000
#define HOUR_US (60 * OKAP_MINUTE_US)
#define HINT_SOURCE OKAP_SCREEN_SAVERS

#define MANAGER_NAME "org.gnome.SessionManager"
#define MANAGER_PATH "/org/gnome/SessionManager"

struct _OkapLocking
{
  GObject parent_instance;

  OkapBroker *broker;          /* (owned) */
  GSettings *settings;         /* (owned) */
  OkapBootClock *clock;        /* (unowned) outlives us */
  OkapLockState state;
  OkapScreenWords words;
  gint64 opened_us;            /* on @clock */
  OkapBootTimer *hours_timer;  /* (owned) */
  OkapBootTimer *idle_timer;   /* (owned) since logind's hint, where nobody counts better */
  OkapLogind *logind;          /* (owned) (nullable) until watching; likewise: */
  OkapScreenSaver *saver;
  OkapIdle *idle;
  OkapService *manager;        /* of the session, which tells of its end */

  OkapLockingBarrierFunc barrier;  /* (nullable) */
  gpointer barrier_data;
  OkapLockingFunc release;
  gpointer release_data;
  guint release_id;            /* until it is let go on in any case */
  guint n_settling;            /* barriers that have not called back */
};

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (OkapLocking, okap_locking, G_TYPE_OBJECT)

/* --- What is done --- */

static void
release_now (OkapLocking *self)
{
  g_clear_handle_id (&self->release_id, g_source_remove);
  if (self->release != NULL)
    self->release (self->release_data);
}

static gboolean
waited_cb (gpointer user_data)
{
  OkapLocking *self = user_data;

  self->release_id = 0;
  release_now (self);
  return G_SOURCE_REMOVE;
}

static gboolean
settled_cb (gpointer user_data)
{
  g_autoptr (OkapLocking) self = user_data;

  self->n_settling--;
  if (self->release_id != 0 && self->n_settling == 0)  /* not of an earlier time that was late */
    release_now (self);
  return G_SOURCE_REMOVE;
}

static void
release_when_settled (OkapLocking *self)
{
  if (self->barrier == NULL)
    {
      release_now (self);
      return;
    }
  if (self->release_id != 0)
    return;
  self->release_id = g_timeout_add (RELEASE_MS, waited_cb, self);
  self->n_settling++;
  self->barrier (settled_cb, g_object_ref (self), self->barrier_data);
}

static void
start_hours (OkapLocking *self)
{
  guint hours = g_settings_get_uint (self->settings, "lock-hours");

  okap_boot_timer_start (self->hours_timer, self->opened_us + hours * HOUR_US);
}

static void
act (OkapLocking *self, OkapLockAction actions)
{
  if ((actions & OKAP_LOCK_ACTION_CUT) != 0)
    okap_gate_cut_all (okap_broker_get_gate (self->broker));
  if ((actions & OKAP_LOCK_ACTION_WIPE) != 0)
    okap_vault_lock (okap_broker_get_vault (self->broker));  /* we hear of it below */
  if ((actions & OKAP_LOCK_ACTION_RELEASE) != 0)
    release_when_settled (self);
  if ((actions & OKAP_LOCK_ACTION_INHIBIT) != 0 && self->logind != NULL)
    okap_logind_inhibit (self->logind);
  if ((actions & OKAP_LOCK_ACTION_START) != 0)
    {
      self->opened_us = okap_boot_clock_get_now (self->clock);
      start_hours (self);
    }
  if ((actions & OKAP_LOCK_ACTION_STOP) != 0)
    okap_boot_timer_stop (self->hours_timer);
}

void
okap_locking_handle (OkapLocking *self, OkapLockEvent event)
{
  OkapLockState before = self->state;
  gboolean strict = g_settings_get_boolean (self->settings, "lock-strict");
  OkapLockAction actions = okap_lock_state_handle (&self->state, event, strict);

  okap_broker_set_restricted (self->broker, self->state.held != OKAP_LOCK_HELD_NONE);
  act (self, actions);
  if (event == OKAP_LOCK_EVENT_PERSON)
    okap_screen_words_forget (&self->words);
  if (before.held != self->state.held || before.open != self->state.open)
    g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

/* --- What is heard --- */

static void
note_word (guint source, OkapScreenWord word, gpointer user_data)
{
  OkapLocking *self = user_data;
  OkapLockEvent event;

  if (!okap_screen_words_note (&self->words, source, word, &event))
    return;
  okap_locking_handle (self, event);
  if (event == OKAP_LOCK_EVENT_SCREEN_LOST && (self->state.held & OKAP_LOCK_HELD_UNSURE) != 0)
    g_message ("The program that locked the screen is gone without a word of unlocking it. Okap "
               "allows nothing new until the screen is unlocked, or the passphrase is typed.");
}

static void
note_hint_idle (OkapLocking *self, gboolean idle)
{
  guint minutes = g_settings_get_uint (self->settings, "lock-idle-minutes");

  okap_boot_timer_stop (self->idle_timer);
  if (self->idle != NULL && okap_idle_is_there (self->idle))
    return;
  if (!idle)
    okap_locking_handle (self, OKAP_LOCK_EVENT_ACTIVE);
  else if (minutes > 0)
    okap_boot_timer_start (self->idle_timer,
                           okap_boot_clock_get_now (self->clock) + minutes * OKAP_MINUTE_US);
}

static void
logind_cb (OkapLogindEvent event, gpointer user_data)
{
  OkapLocking *self = user_data;

  switch (event)
    {
    case OKAP_LOGIND_HINT_LOCKED:
      note_word (HINT_SOURCE, OKAP_SCREEN_WORD_LOCKED, self);
      break;
    case OKAP_LOGIND_HINT_UNLOCKED:
      note_word (HINT_SOURCE, OKAP_SCREEN_WORD_UNLOCKED, self);
      break;
    case OKAP_LOGIND_HINT_GONE:
      note_word (HINT_SOURCE, OKAP_SCREEN_WORD_NONE, self);
      break;
    case OKAP_LOGIND_LOCK:
      okap_locking_handle (self, OKAP_LOCK_EVENT_SESSION_LOCK);
      break;
    case OKAP_LOGIND_UNLOCK:
      okap_locking_handle (self, OKAP_LOCK_EVENT_SESSION_UNLOCK);
      break;
    case OKAP_LOGIND_IDLE:
      note_hint_idle (self, TRUE);
      break;
    case OKAP_LOGIND_ACTIVE:
      note_hint_idle (self, FALSE);
      break;
    case OKAP_LOGIND_AWAY:
      okap_locking_handle (self, OKAP_LOCK_EVENT_AWAY);
      break;
    case OKAP_LOGIND_OTHER_USER:
      okap_locking_handle (self, OKAP_LOCK_EVENT_OTHER_USER);
      break;
    case OKAP_LOGIND_BACK:
      okap_locking_handle (self, OKAP_LOCK_EVENT_BACK);
      break;
    case OKAP_LOGIND_SLEEP:
      okap_locking_handle (self, OKAP_LOCK_EVENT_SLEEP);
      break;
    case OKAP_LOGIND_WAKE:
      okap_locking_handle (self, OKAP_LOCK_EVENT_WAKE);
      break;
    case OKAP_LOGIND_END:
    default:
      okap_locking_handle (self, OKAP_LOCK_EVENT_END);
      break;
    }
}

static void
idle_cb (gboolean idle, gpointer user_data)
{
  okap_locking_handle (user_data, idle ? OKAP_LOCK_EVENT_IDLE : OKAP_LOCK_EVENT_ACTIVE);
}

static void
hint_minutes_cb (gpointer user_data)
{
  okap_locking_handle (user_data, OKAP_LOCK_EVENT_IDLE);
}

static void
hours_cb (gpointer user_data)
{
  okap_locking_handle (user_data, OKAP_LOCK_EVENT_TOO_LONG);
}

static void
session_over_cb (GVariant *parameters, gpointer user_data)
{
  okap_locking_handle (user_data, OKAP_LOCK_EVENT_END);
}

static void
manager_appeared_cb (OkapService *service, gpointer user_data)
{
  okap_service_subscribe (service, MANAGER_PATH, MANAGER_NAME, "SessionOver", NULL, "()",
                          session_over_cb);
}

static void
manager_vanished_cb (OkapService *service, gpointer user_data)
{
}

static void
vault_changed_cb (OkapLocking *self)
{
  gboolean open = okap_vault_get_state (okap_broker_get_vault (self->broker))
                  == OKAP_VAULT_UNLOCKED;

  if (open != self->state.open)
    okap_locking_handle (self, open ? OKAP_LOCK_EVENT_OPENED : OKAP_LOCK_EVENT_CLOSED);
}

static void
person_cb (OkapLocking *self)
{
  okap_locking_handle (self, OKAP_LOCK_EVENT_PERSON);
}

static void
setting_changed_cb (OkapLocking *self)
{
  guint minutes = g_settings_get_uint (self->settings, "lock-idle-minutes");

  okap_gate_set_finish (okap_broker_get_gate (self->broker),
                        !g_settings_get_boolean (self->settings, "lock-cut-streams"));
  if (self->state.open)
    start_hours (self);
  if (self->idle != NULL)
    okap_idle_set_minutes (self->idle, minutes);
  if (minutes == 0)
    {
      okap_boot_timer_stop (self->idle_timer);
      okap_locking_handle (self, OKAP_LOCK_EVENT_ACTIVE);
    }
}

/* --- The object --- */

static void
okap_locking_dispose (GObject *object)
{
  OkapLocking *self = OKAP_LOCKING (object);

  g_clear_handle_id (&self->release_id, g_source_remove);
  g_clear_pointer (&self->manager, okap_service_unwatch);
  g_clear_pointer (&self->idle, okap_idle_free);
  g_clear_pointer (&self->saver, okap_screen_saver_free);
  g_clear_pointer (&self->logind, okap_logind_free);
  g_clear_pointer (&self->hours_timer, okap_boot_timer_free);
  g_clear_pointer (&self->idle_timer, okap_boot_timer_free);
  if (self->broker != NULL)
    {
      g_signal_handlers_disconnect_by_data (okap_broker_get_vault (self->broker), self);
      g_signal_handlers_disconnect_by_data (self->broker, self);
      g_signal_handlers_disconnect_by_data (self->settings, self);
    }
  g_clear_object (&self->broker);
  g_clear_object (&self->settings);
  G_OBJECT_CLASS (okap_locking_parent_class)->dispose (object);
}

static void
okap_locking_class_init (OkapLockingClass *class)
{
  G_OBJECT_CLASS (class)->dispose = okap_locking_dispose;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", OKAP_TYPE_LOCKING, G_SIGNAL_RUN_LAST, 0, NULL,
                                          NULL, NULL, G_TYPE_NONE, 0);
}

static void
okap_locking_init (OkapLocking *self)
{
}

/**
 * okap_locking_new:
 * @settings: of okap_settings_get()
 * @clock: outlives it
 *
 * Hears the vault from now on, and the session from okap_locking_watch() on.
 */
OkapLocking *
okap_locking_new (OkapBroker *broker, GSettings *settings, OkapBootClock *clock)
{
  OkapLocking *self = g_object_new (OKAP_TYPE_LOCKING, NULL);

  self->broker = g_object_ref (broker);
  self->settings = g_object_ref (settings);
  self->clock = clock;
  self->hours_timer = okap_boot_timer_new (clock, hours_cb, self);
  self->idle_timer = okap_boot_timer_new (clock, hint_minutes_cb, self);
  g_signal_connect_swapped (okap_broker_get_vault (broker), "notify::state",
                            G_CALLBACK (vault_changed_cb), self);
  g_signal_connect_swapped (broker, "person", G_CALLBACK (person_cb), self);
  g_signal_connect_swapped (settings, "changed", G_CALLBACK (setting_changed_cb), self);
  vault_changed_cb (self);
  setting_changed_cb (self);
  return self;
}

static void
release_inhibitor (gpointer user_data)
{
  OkapLocking *self = user_data;

  okap_logind_release (self->logind);
}

/**
 * okap_locking_watch:
 * @session_bus: whether to look for one; there is a system bus, or there is none
 * @outlives_bus: the program goes on without the session bus
 *
 * Once.
 */
void
okap_locking_watch (OkapLocking *self, gboolean session_bus, gboolean outlives_bus)
{
  g_return_if_fail (self->logind == NULL);

  self->logind = okap_logind_new (logind_cb, self);
  okap_locking_set_release_func (self, release_inhibitor, self);
  if (!session_bus)
    return;
  self->saver = okap_screen_saver_new (outlives_bus, note_word, self);
  self->idle = okap_idle_new (outlives_bus, idle_cb, self);
  okap_idle_set_minutes (self->idle, g_settings_get_uint (self->settings, "lock-idle-minutes"));
  self->manager = okap_service_watch (G_BUS_TYPE_SESSION, MANAGER_NAME, outlives_bus,
                                      manager_appeared_cb, manager_vanished_cb, self);
}

/** okap_locking_set_barrier: (nullable): sleep waits for it after the wipe */
void
okap_locking_set_barrier (OkapLocking *self, OkapLockingBarrierFunc func, gpointer user_data)
{
  self->barrier = func;
  self->barrier_data = user_data;
}

/** okap_locking_set_release_func: what lets the machine sleep; that is logind's, once watching */
void
okap_locking_set_release_func (OkapLocking *self, OkapLockingFunc func, gpointer user_data)
{
  self->release = func;
  self->release_data = user_data;
}

OkapLockLevel
okap_locking_get_level (OkapLocking *self)
{
  return okap_lock_state_get_level (&self->state);
}

OkapLockHeld
okap_locking_get_held (OkapLocking *self)
{
  return self->state.held;
}
