/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What locking does to a real vault and broker, on a clock that the test moves; who tells of the
 * session is the test. */
#include "broker-fixture.h"
#include "okap-locking.h"
#include "okap-settings.h"

#define HOUR_US (60 * OKAP_MINUTE_US)

typedef struct
{
  Fixture base;
  OkapBootClock *clock;
  OkapLocking *locking;
  GSettings *settings;
  GSourceFunc settle;     /* the barrier waits to call it */
  gpointer settle_data;
  guint n_cuts;
  guint n_released;
  guint n_changed;
  gboolean was_open_at_barrier;
} Session;

static void
cut_cb (const char *grant_id, OkapError why, gpointer user_data)
{
  Session *session = user_data;

  if (grant_id == NULL)
    session->n_cuts++;
}

static void
barrier_cb (GSourceFunc done, gpointer done_data, gpointer user_data)
{
  Session *session = user_data;

  session->was_open_at_barrier = okap_vault_get_state (session->base.vault)
                                 == OKAP_VAULT_UNLOCKED;
  session->settle = done;
  session->settle_data = done_data;
}

static void
release_cb (gpointer user_data)
{
  ((Session *) user_data)->n_released++;
}

static void
changed_cb (Session *session)
{
  session->n_changed++;
}

static void
reset (GSettings *settings)
{
  static const char *const keys[] = { "lock-strict", "lock-hours", "lock-idle-minutes",
                                      "lock-cut-streams" };

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    g_settings_reset (settings, keys[i]);
}

static void
session_set_up (Session *session, gconstpointer data)
{
  set_up (&session->base, data);
  scripted_prompter_set_attended (session->base.prompter, TRUE);
  session->settings = okap_settings_get ();
  reset (session->settings);
  session->clock = okap_boot_clock_new_fake ();
  session->locking = okap_locking_new (session->base.broker, session->settings, session->clock);
  okap_gate_set_cut_func (session->base.gate, cut_cb, session);
  okap_locking_set_release_func (session->locking, release_cb, session);
  g_signal_connect_swapped (session->locking, "changed", G_CALLBACK (changed_cb), session);
}

static void
session_tear_down (Session *session, gconstpointer data)
{
  g_assert_null (session->settle);
  g_clear_object (&session->locking);
  okap_boot_clock_free_fake (session->clock);
  tear_down (&session->base, data);
}

static void
tell (Session *session, OkapLockEvent event)
{
  okap_locking_handle (session->locking, event);
}

static gboolean
is_open (Session *session)
{
  return okap_vault_get_state (session->base.vault) == OKAP_VAULT_UNLOCKED;
}

static void
open_again (Session *session)
{
  g_autoptr (GAsyncResult) unlocked = NULL;
  GError *error = NULL;

  okap_broker_unlock_async (session->base.broker, session->base.passphrase, done_cb, &unlocked);
  g_assert_true (okap_broker_unlock_finish (session->base.broker, wait_for (&unlocked), &error));
  g_assert_no_error (error);
}

static void
settle_now (Session *session)
{
  GSourceFunc settle = g_steal_pointer (&session->settle);

  g_assert_nonnull (settle);
  settle (session->settle_data);
}

/* The screen: tokens work, questions wait, and nothing widens. */
static void
test_restricted (Session *session, gconstpointer data)
{
  Fixture *base = &session->base;
  g_autoptr (OkapSecret) token = get_granted (base, OKAP_DOOR_TCP);
  g_autofree char *id = g_strdup (base->grant->id);
  g_autoptr (GError) error = NULL;
  OkapThreshold high = okap_broker_get_threshold (base->broker);
  OkapGrantMoney money = { .set = OKAP_SCOPE_FINISH_AND_COUNT };
  g_autoptr (GAsyncResult) threshold = NULL;
  g_autoptr (GAsyncResult) spending = NULL;
  guint asked = scripted_prompter_get_asked (base->prompter);

  tell (session, OKAP_LOCK_EVENT_SCREEN_LOCKED);
  g_assert_cmpint (okap_locking_get_level (session->locking), ==, OKAP_LOCK_LEVEL_RESTRICTED);
  g_assert_true (okap_broker_is_restricted (base->broker));
  g_assert_true (is_open (session));
  g_assert_cmpuint (session->n_cuts, ==, 0);
  g_assert_true (token_opens (base, token, NULL));

  set_state (base, id, OKAP_GRANT_PAUSED, &error);
  g_assert_no_error (error);
  set_state (base, id, OKAP_GRANT_ACTIVE, &error);
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_RESTRICTED);
  g_clear_error (&error);
  high.daily_nusd *= 2;
  okap_broker_set_threshold_async (base->broker, &high, base->passphrase, done_cb, &threshold);
  g_assert_false (okap_broker_set_threshold_finish (base->broker, wait_for (&threshold), &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_RESTRICTED);
  g_clear_error (&error);
  okap_broker_set_grant_money_async (base->broker, id, &money, done_cb, &spending);
  g_assert_false (okap_broker_set_grant_state_finish (base->broker, wait_for (&spending), &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_RESTRICTED);
  g_clear_error (&error);
  g_assert_true (okap_broker_set_paused (base->broker, TRUE, "test", NULL));
  g_assert_false (okap_broker_set_paused (base->broker, FALSE, "test", &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_RESTRICTED);

  tell (session, OKAP_LOCK_EVENT_SCREEN_UNLOCKED);
  g_assert_cmpint (okap_locking_get_level (session->locking), ==, OKAP_LOCK_LEVEL_OPEN);
  g_assert_true (okap_broker_set_paused (base->broker, FALSE, "test", NULL));
  g_assert_cmpuint (session->n_changed, ==, 2);

  tell (session, OKAP_LOCK_EVENT_IDLE);
  ask (base, REQUEST ("demo", "{}"), OKAP_DOOR_TCP, 300, NULL);
  for (guint i = 0; i < 100; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (scripted_prompter_get_asked (base->prompter), ==, asked);
  tell (session, OKAP_LOCK_EVENT_ACTIVE);
  WAIT (scripted_prompter_is_shown (base->prompter));
  scripted_prompter_answer (base->prompter, okap_decision_new_refused ());
  WAIT (base->answered);
}

/* Where the command line decides, nobody has to be there. */
static void
test_unattended (Session *session, gconstpointer data)
{
  Fixture *base = &session->base;

  scripted_prompter_set_attended (base->prompter, FALSE);
  tell (session, OKAP_LOCK_EVENT_SCREEN_LOCKED);
  okap_secret_unref (get_granted (base, OKAP_DOOR_TCP));
}

/* A screen's locker that dies, and a lock that nobody ends: the passphrase does. */
static void
test_person (Session *session, gconstpointer data)
{
  tell (session, OKAP_LOCK_EVENT_SCREEN_LOCKED);
  tell (session, OKAP_LOCK_EVENT_SCREEN_LOST);
  tell (session, OKAP_LOCK_EVENT_SESSION_LOCK);
  tell (session, OKAP_LOCK_EVENT_IDLE);
  g_assert_cmphex (okap_locking_get_held (session->locking), ==,
                   OKAP_LOCK_HELD_UNSURE | OKAP_LOCK_HELD_SESSION | OKAP_LOCK_HELD_IDLE);
  open_again (session);
  g_assert_cmpint (okap_locking_get_level (session->locking), ==, OKAP_LOCK_LEVEL_OPEN);

  /* To open a vault is not to be there. */
  tell (session, OKAP_LOCK_EVENT_SCREEN_LOCKED);
  okap_vault_lock (session->base.vault);
  open_again (session);
  g_assert_cmpint (okap_locking_get_level (session->locking), ==, OKAP_LOCK_LEVEL_RESTRICTED);
}

static void
test_strict (Session *session, gconstpointer data)
{
  static const OkapLockEvent events[] = {
    OKAP_LOCK_EVENT_SCREEN_LOCKED, OKAP_LOCK_EVENT_SESSION_LOCK, OKAP_LOCK_EVENT_AWAY,
  };

  g_settings_set_boolean (session->settings, "lock-strict", TRUE);
  tell (session, OKAP_LOCK_EVENT_IDLE);
  g_assert_true (is_open (session));
  for (guint i = 0; i < G_N_ELEMENTS (events); i++)
    {
      open_again (session);
      g_assert_true (is_open (session));
      tell (session, events[i]);
      g_assert_false (is_open (session));
      g_assert_cmpint (okap_locking_get_level (session->locking), ==, OKAP_LOCK_LEVEL_LOCKED);
    }
}

/* Wiped before anybody is let go on; twice is as good as once. */
static void
test_sleep (Session *session, gconstpointer data)
{
  okap_locking_set_barrier (session->locking, barrier_cb, session);
  for (guint i = 0; i < 3; i++)
    {
      guint n_cuts = session->n_cuts;

      session->was_open_at_barrier = TRUE;
      tell (session, OKAP_LOCK_EVENT_SLEEP);
      g_assert_false (is_open (session));
      g_assert_false (session->was_open_at_barrier);
      g_assert_cmpuint (session->n_cuts, >, n_cuts);
      g_assert_cmpuint (session->n_released, ==, i);
      tell (session, OKAP_LOCK_EVENT_SLEEP);
      g_assert_cmpuint (session->n_released, ==, i);
      settle_now (session);
      g_assert_cmpuint (session->n_released, ==, i + 1);

      g_assert_true (okap_broker_is_restricted (session->base.broker));
      tell (session, OKAP_LOCK_EVENT_WAKE);
      g_assert_false (okap_broker_is_restricted (session->base.broker));
      open_again (session);
    }
}

/* A vault that was opened while the machine goes to sleep does not stay open. */
static void
test_open_too_late (Session *session, gconstpointer data)
{
  tell (session, OKAP_LOCK_EVENT_SLEEP);
  g_assert_cmpuint (session->n_released, ==, 1);
  unlock (&session->base);
  g_assert_false (is_open (session));
}

static void
test_ends (Session *session, gconstpointer data)
{
  tell (session, OKAP_LOCK_EVENT_OTHER_USER);
  g_assert_false (is_open (session));
  g_assert_true (okap_broker_is_restricted (session->base.broker));
  tell (session, OKAP_LOCK_EVENT_BACK);
  g_assert_false (okap_broker_is_restricted (session->base.broker));
  open_again (session);
  tell (session, OKAP_LOCK_EVENT_END);
  g_assert_false (is_open (session));
}

/* Twelve hours, of which the machine slept most: they count from the unlocking. */
static void
test_hours (Session *session, gconstpointer data)
{
  okap_boot_clock_advance (session->clock, 12 * HOUR_US - 1);
  g_assert_true (is_open (session));
  okap_boot_clock_advance (session->clock, 1);
  g_assert_false (is_open (session));

  okap_boot_clock_advance (session->clock, 100 * HOUR_US);
  open_again (session);
  okap_boot_clock_advance (session->clock, 2 * HOUR_US);
  g_settings_set_uint (session->settings, "lock-hours", 3);
  okap_boot_clock_advance (session->clock, HOUR_US - 1);
  g_assert_true (is_open (session));
  okap_boot_clock_advance (session->clock, 8 * HOUR_US);  /* asleep, in one step */
  g_assert_false (is_open (session));

  open_again (session);
  okap_boot_clock_advance (session->clock, 4 * HOUR_US);
  g_assert_false (is_open (session));
}

/* What runs at a lock may finish, unless the user says otherwise; never over sleep. */
static void
test_streams (Session *session, gconstpointer data)
{
  okap_vault_lock (session->base.vault);
  g_assert_cmpuint (session->n_cuts, ==, 0);
  open_again (session);
  g_settings_set_boolean (session->settings, "lock-cut-streams", TRUE);
  okap_vault_lock (session->base.vault);
  g_assert_cmpuint (session->n_cuts, ==, 1);
  g_settings_set_boolean (session->settings, "lock-cut-streams", FALSE);
  open_again (session);
  tell (session, OKAP_LOCK_EVENT_SLEEP);
  g_assert_cmpuint (session->n_cuts, ==, 2);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, func) g_test_add (path, Session, NULL, session_set_up, func, session_tear_down)
  ADD ("/locking/restricted", test_restricted);
  ADD ("/locking/unattended", test_unattended);
  ADD ("/locking/person", test_person);
  ADD ("/locking/strict", test_strict);
  ADD ("/locking/sleep", test_sleep);
  ADD ("/locking/open-too-late", test_open_too_late);
  ADD ("/locking/ends", test_ends);
  ADD ("/locking/hours", test_hours);
  ADD ("/locking/streams", test_streams);
#undef ADD
  return g_test_run ();
}
