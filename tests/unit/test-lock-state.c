/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two levels of locking: what follows from which event in which state. */
#include "okap-lock-state.h"

#define S OKAP_LOCK_HELD_SCREEN
#define U OKAP_LOCK_HELD_UNSURE
#define L OKAP_LOCK_HELD_SESSION
#define I OKAP_LOCK_HELD_IDLE
#define A OKAP_LOCK_HELD_AWAY
#define Z OKAP_LOCK_HELD_SLEEP

#define WIPE OKAP_LOCK_ACTION_WIPE
#define CUT OKAP_LOCK_ACTION_CUT
#define RELEASE OKAP_LOCK_ACTION_RELEASE

/* What is held before and after, and what has to be done: with the vault open; with it open in
 * strict mode. With the vault locked it is the same without the wipe. */
static const struct
{
  OkapLockEvent event;
  guint before;
  guint after;
  guint actions;
  guint strict_actions;
} rows[] = {
  { OKAP_LOCK_EVENT_SCREEN_LOCKED, 0, S, 0, WIPE },
  { OKAP_LOCK_EVENT_SCREEN_LOCKED, S, S, 0, WIPE },
  { OKAP_LOCK_EVENT_SCREEN_LOCKED, U | I, S | I, 0, WIPE },
  { OKAP_LOCK_EVENT_SCREEN_UNLOCKED, 0, 0, 0, 0 },
  { OKAP_LOCK_EVENT_SCREEN_UNLOCKED, S, 0, 0, 0 },
  { OKAP_LOCK_EVENT_SCREEN_UNLOCKED, U, 0, 0, 0 },
  { OKAP_LOCK_EVENT_SCREEN_UNLOCKED, S | L | I | A | Z, A | Z, 0, 0 },
  { OKAP_LOCK_EVENT_SCREEN_LOST, 0, 0, 0, 0 },
  { OKAP_LOCK_EVENT_SCREEN_LOST, S, U, 0, 0 },
  { OKAP_LOCK_EVENT_SCREEN_LOST, S | I, U | I, 0, 0 },
  { OKAP_LOCK_EVENT_SCREEN_LOST, L, L, 0, 0 },  /* the passphrase was typed meanwhile */
  { OKAP_LOCK_EVENT_SESSION_LOCK, 0, L, 0, WIPE },
  { OKAP_LOCK_EVENT_SESSION_LOCK, S, S | L, 0, WIPE },
  { OKAP_LOCK_EVENT_SESSION_UNLOCK, L, 0, 0, 0 },
  { OKAP_LOCK_EVENT_SESSION_UNLOCK, L | U, 0, 0, 0 },
  { OKAP_LOCK_EVENT_SESSION_UNLOCK, L | S, S, 0, 0 },  /* the locker has the last word */
  { OKAP_LOCK_EVENT_IDLE, 0, I, 0, 0 },
  { OKAP_LOCK_EVENT_IDLE, S, S | I, 0, 0 },
  { OKAP_LOCK_EVENT_ACTIVE, I, 0, 0, 0 },
  { OKAP_LOCK_EVENT_ACTIVE, I | S, S, 0, 0 },  /* who moves the mouse may be anybody */
  { OKAP_LOCK_EVENT_ACTIVE, U, U, 0, 0 },
  { OKAP_LOCK_EVENT_AWAY, 0, A, 0, WIPE },
  { OKAP_LOCK_EVENT_OTHER_USER, 0, A, WIPE, WIPE },
  { OKAP_LOCK_EVENT_OTHER_USER, A | S, A | S, WIPE, WIPE },
  { OKAP_LOCK_EVENT_BACK, A, 0, 0, 0 },
  { OKAP_LOCK_EVENT_BACK, A | S, S, 0, 0 },
  { OKAP_LOCK_EVENT_SLEEP, 0, Z, CUT | WIPE | RELEASE, CUT | WIPE | RELEASE },
  { OKAP_LOCK_EVENT_SLEEP, Z, Z, CUT | WIPE | RELEASE, CUT | WIPE | RELEASE },
  { OKAP_LOCK_EVENT_SLEEP, S, S | Z, CUT | WIPE | RELEASE, CUT | WIPE | RELEASE },
  { OKAP_LOCK_EVENT_WAKE, 0, 0, OKAP_LOCK_ACTION_INHIBIT, OKAP_LOCK_ACTION_INHIBIT },
  { OKAP_LOCK_EVENT_WAKE, Z, 0, OKAP_LOCK_ACTION_INHIBIT, OKAP_LOCK_ACTION_INHIBIT },
  { OKAP_LOCK_EVENT_WAKE, Z | S, S, OKAP_LOCK_ACTION_INHIBIT, OKAP_LOCK_ACTION_INHIBIT },
  { OKAP_LOCK_EVENT_END, 0, 0, CUT | WIPE, CUT | WIPE },
  { OKAP_LOCK_EVENT_TOO_LONG, 0, 0, WIPE, WIPE },
  { OKAP_LOCK_EVENT_TOO_LONG, S, S, WIPE, WIPE },
  { OKAP_LOCK_EVENT_PERSON, S | U | L | I | A, 0, 0, 0 },
  { OKAP_LOCK_EVENT_PERSON, Z | S, Z, 0, 0 },
};

static void
test_table (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    for (guint open = 0; open < 2; open++)
      for (guint strict = 0; strict < 2; strict++)
        {
          OkapLockState state = { .open = open != 0, .held = rows[i].before };
          guint expected = strict ? rows[i].strict_actions : rows[i].actions;
          guint actions = okap_lock_state_handle (&state, rows[i].event, strict != 0);

          g_test_message ("row %u, open %u, strict %u", i, open, strict);
          g_assert_cmphex (actions, ==, open ? expected : expected & ~WIPE);
          g_assert_cmphex (state.held, ==, rows[i].after);
          g_assert_true (state.open == (open != 0));  /* the vault says so itself */
        }
}

static void
test_opened_and_closed (void)
{
  OkapLockState state = { 0 };

  g_assert_cmpint (okap_lock_state_get_level (&state), ==, OKAP_LOCK_LEVEL_LOCKED);
  g_assert_cmphex (okap_lock_state_handle (&state, OKAP_LOCK_EVENT_OPENED, FALSE), ==,
                   OKAP_LOCK_ACTION_START);
  g_assert_cmphex (okap_lock_state_handle (&state, OKAP_LOCK_EVENT_OPENED, FALSE), ==, 0);
  g_assert_cmpint (okap_lock_state_get_level (&state), ==, OKAP_LOCK_LEVEL_OPEN);

  (void) okap_lock_state_handle (&state, OKAP_LOCK_EVENT_IDLE, FALSE);
  g_assert_cmpint (okap_lock_state_get_level (&state), ==, OKAP_LOCK_LEVEL_RESTRICTED);
  g_assert_cmphex (okap_lock_state_handle (&state, OKAP_LOCK_EVENT_CLOSED, FALSE), ==,
                   OKAP_LOCK_ACTION_STOP);
  g_assert_cmphex (okap_lock_state_handle (&state, OKAP_LOCK_EVENT_CLOSED, FALSE), ==, 0);
  g_assert_cmpint (okap_lock_state_get_level (&state), ==, OKAP_LOCK_LEVEL_LOCKED);

  /* Opened on a locked screen, from elsewhere: for the apps, not for questions. */
  state.held = S;
  g_assert_cmphex (okap_lock_state_handle (&state, OKAP_LOCK_EVENT_OPENED, TRUE), ==,
                   OKAP_LOCK_ACTION_START);
  g_assert_cmpint (okap_lock_state_get_level (&state), ==, OKAP_LOCK_LEVEL_RESTRICTED);
}

/* An unlock that was under way when the machine went to sleep. */
static void
test_opened_too_late (void)
{
  OkapLockState state = { 0 };

  (void) okap_lock_state_handle (&state, OKAP_LOCK_EVENT_SLEEP, FALSE);
  g_assert_cmphex (okap_lock_state_handle (&state, OKAP_LOCK_EVENT_OPENED, FALSE), ==, WIPE);
  g_assert_cmphex (okap_lock_state_handle (&state, OKAP_LOCK_EVENT_CLOSED, FALSE), ==,
                   OKAP_LOCK_ACTION_STOP);
}

/* Whatever comes in whatever order: who is held is not open, each wipe is of an open vault, the
 * passphrase always lets the user back in, and sleep is always waited for. */
static void
test_any_order (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (6527);
  OkapLockState state = { 0 };

  for (guint i = 0; i < 200000; i++)
    {
      OkapLockEvent event = (OkapLockEvent) g_rand_int_range (random, 0, OKAP_N_LOCK_EVENTS);
      gboolean strict = g_rand_boolean (random);
      gboolean was_open = state.open;
      guint actions = okap_lock_state_handle (&state, event, strict);

      g_assert_true ((actions & WIPE) == 0 || state.open);
      if ((actions & WIPE) != 0)
        {
          (void) okap_lock_state_handle (&state, OKAP_LOCK_EVENT_CLOSED, strict);
          g_assert_cmpint (okap_lock_state_get_level (&state), ==, OKAP_LOCK_LEVEL_LOCKED);
        }
      else if (event != OKAP_LOCK_EVENT_OPENED && event != OKAP_LOCK_EVENT_CLOSED)
        g_assert_true (state.open == was_open);
      g_assert_false (state.open && (state.held & Z) != 0);
      g_assert_true (((actions & RELEASE) != 0) == (event == OKAP_LOCK_EVENT_SLEEP));
      if (event == OKAP_LOCK_EVENT_PERSON && state.open)
        g_assert_cmpint (okap_lock_state_get_level (&state), ==, OKAP_LOCK_LEVEL_OPEN);
    }
}

#define NONE OKAP_SCREEN_WORD_NONE
#define UNLOCKED OKAP_SCREEN_WORD_UNLOCKED
#define LOCKED OKAP_SCREEN_WORD_LOCKED
#define NOTHING OKAP_N_LOCK_EVENTS

static const struct
{
  const char *name;
  struct { guint source; OkapScreenWord word; guint event; } steps[8];
} stories[] = {
  { "one", { { 0, UNLOCKED, NOTHING }, { 0, LOCKED, OKAP_LOCK_EVENT_SCREEN_LOCKED },
             { 0, LOCKED, NOTHING }, { 0, UNLOCKED, OKAP_LOCK_EVENT_SCREEN_UNLOCKED } } },
  { "two", { { 0, LOCKED, OKAP_LOCK_EVENT_SCREEN_LOCKED }, { 1, LOCKED, NOTHING },
             { 0, UNLOCKED, NOTHING }, { 1, UNLOCKED, OKAP_LOCK_EVENT_SCREEN_UNLOCKED } } },
  { "absent", { { 0, NONE, NOTHING }, { 1, NONE, NOTHING } } },
  { "gone", { { 0, UNLOCKED, NOTHING }, { 0, NONE, NOTHING } } },
  { "gone-locked", { { 0, LOCKED, OKAP_LOCK_EVENT_SCREEN_LOCKED },
                     { 0, NONE, OKAP_LOCK_EVENT_SCREEN_LOST }, { 0, NONE, NOTHING },
                     { 0, UNLOCKED, OKAP_LOCK_EVENT_SCREEN_UNLOCKED } } },
  { "back-locked", { { 0, LOCKED, OKAP_LOCK_EVENT_SCREEN_LOCKED },
                     { 0, NONE, OKAP_LOCK_EVENT_SCREEN_LOST },
                     { 0, LOCKED, OKAP_LOCK_EVENT_SCREEN_LOCKED } } },
  /* One that never was locked cannot tell that the lock is over. */
  { "ignorant", { { 0, LOCKED, OKAP_LOCK_EVENT_SCREEN_LOCKED }, { 1, UNLOCKED, NOTHING },
                  { 0, NONE, OKAP_LOCK_EVENT_SCREEN_LOST }, { 1, UNLOCKED, NOTHING },
                  { 2, UNLOCKED, NOTHING } } },
  { "witness", { { 0, LOCKED, OKAP_LOCK_EVENT_SCREEN_LOCKED }, { 1, LOCKED, NOTHING },
                 { 0, NONE, NOTHING }, { 1, UNLOCKED, OKAP_LOCK_EVENT_SCREEN_UNLOCKED } } },
  { "witness-later", { { 0, LOCKED, OKAP_LOCK_EVENT_SCREEN_LOCKED },
                       { 0, NONE, OKAP_LOCK_EVENT_SCREEN_LOST },
                       { 1, LOCKED, OKAP_LOCK_EVENT_SCREEN_LOCKED },
                       { 1, UNLOCKED, OKAP_LOCK_EVENT_SCREEN_UNLOCKED } } },
};

static void
test_words (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (stories); i++)
    {
      OkapScreenWords words = { 0 };

      for (guint j = 0; j < G_N_ELEMENTS (stories[i].steps); j++)
        {
          OkapLockEvent event = OKAP_LOCK_EVENT_PERSON;
          gboolean any;

          if (j > 0 && stories[i].steps[j].event == 0 && stories[i].steps[j].word == NONE)
            break;
          any = okap_screen_words_note (&words, stories[i].steps[j].source,
                                        stories[i].steps[j].word, &event);
          g_test_message ("%s, step %u", stories[i].name, j);
          g_assert_cmpuint (any ? (guint) event : NOTHING, ==, stories[i].steps[j].event);
        }
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/lock-state/table", test_table);
  g_test_add_func ("/lock-state/opened-and-closed", test_opened_and_closed);
  g_test_add_func ("/lock-state/opened-too-late", test_opened_too_late);
  g_test_add_func ("/lock-state/any-order", test_any_order);
  g_test_add_func ("/lock-state/words", test_words);
  return g_test_run ();
}
