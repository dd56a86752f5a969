/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Locking in two levels, as plain functions: a state and an event give the next state and what has
 * to be done. Nothing here knows a bus, a clock or a vault.
 *
 *            screen locked, session told to lock, idle, another session at the seat
 *      OPEN ────────────────────────────────────────────────────────▶ RESTRICTED
 *       │ ▲ ◀─── all of these are over, or the passphrase was typed ────── │
 *       │ │                                                                │
 *       │ └─ opened by a person                                            │
 *       └───────▶ LOCKED ◀─────────────────────────────────────────────────┘
 *              sleep, end of the session, another user at the seat, hours over, "Lock now";
 *              in strict mode whatever locks the screen
 *
 * - Each event may come twice, and in any order; the second time does nothing.
 * - A vault that is locked stays held for the same reasons, so that no question and no request for
 *   the passphrase comes up on a locked screen.
 * - Whoever said “locked” and is gone has not said “unlocked”: Okap stays restricted until somebody
 *   says so who knows, or the passphrase is typed. Typing it ends every reason but sleep, so that
 *   no service, whatever it says, can keep the user out.
 * - Sleep and the end of the session cut what runs: no answer outlives them, and its key must not
 *   be written to the disk with the rest of the memory. */
#include "config.h"

#include "okap-lock-state.h"

/* What a locked screen amounts to. */
#define SCREEN (OKAP_LOCK_HELD_SCREEN | OKAP_LOCK_HELD_UNSURE | OKAP_LOCK_HELD_SESSION)

static OkapLockAction
hold (OkapLockState *state, OkapLockHeld why, gboolean wipe)
{
  state->held |= why;
  return wipe && state->open ? OKAP_LOCK_ACTION_WIPE : OKAP_LOCK_ACTION_NONE;
}

static OkapLockAction
drop (OkapLockState *state, OkapLockHeld why)
{
  state->held &= ~why;
  return OKAP_LOCK_ACTION_NONE;
}

static OkapLockAction
handle_vault (OkapLockState *state, gboolean open)
{
  if (state->open == open)
    return OKAP_LOCK_ACTION_NONE;
  state->open = open;
  if (!open)
    return OKAP_LOCK_ACTION_STOP;
  /* The machine is about to sleep: too late. */
  return (state->held & OKAP_LOCK_HELD_SLEEP) != 0
           ? OKAP_LOCK_ACTION_WIPE : OKAP_LOCK_ACTION_START;
}

/**
 * okap_lock_state_handle:
 * @strict: the user wants the vault locked with the screen
 *
 * A wipe is done by the caller, who then tells %OKAP_LOCK_EVENT_CLOSED.
 *
 * Returns: what has to be done
 */
OkapLockAction
okap_lock_state_handle (OkapLockState *state, OkapLockEvent event, gboolean strict)
{
  OkapLockAction wipe = state->open ? OKAP_LOCK_ACTION_WIPE : OKAP_LOCK_ACTION_NONE;

  switch (event)
    {
    case OKAP_LOCK_EVENT_SCREEN_LOCKED:
      (void) drop (state, OKAP_LOCK_HELD_UNSURE);
      return hold (state, OKAP_LOCK_HELD_SCREEN, strict);
    case OKAP_LOCK_EVENT_SCREEN_UNLOCKED:  /* by a person, who is not idle */
      return drop (state, SCREEN | OKAP_LOCK_HELD_IDLE);
    case OKAP_LOCK_EVENT_SCREEN_LOST:
      if ((state->held & OKAP_LOCK_HELD_SCREEN) == 0)
        return OKAP_LOCK_ACTION_NONE;
      (void) drop (state, OKAP_LOCK_HELD_SCREEN);
      return hold (state, OKAP_LOCK_HELD_UNSURE, FALSE);
    case OKAP_LOCK_EVENT_SESSION_LOCK:
      return hold (state, OKAP_LOCK_HELD_SESSION, strict);
    case OKAP_LOCK_EVENT_SESSION_UNLOCK:
      return drop (state, OKAP_LOCK_HELD_SESSION | OKAP_LOCK_HELD_UNSURE);
    case OKAP_LOCK_EVENT_IDLE:
      return hold (state, OKAP_LOCK_HELD_IDLE, FALSE);
    case OKAP_LOCK_EVENT_ACTIVE:
      return drop (state, OKAP_LOCK_HELD_IDLE);
    case OKAP_LOCK_EVENT_AWAY:
      return hold (state, OKAP_LOCK_HELD_AWAY, strict);
    case OKAP_LOCK_EVENT_OTHER_USER:
      return hold (state, OKAP_LOCK_HELD_AWAY, TRUE);
    case OKAP_LOCK_EVENT_BACK:
      return drop (state, OKAP_LOCK_HELD_AWAY);
    case OKAP_LOCK_EVENT_SLEEP:
      (void) hold (state, OKAP_LOCK_HELD_SLEEP, FALSE);
      return OKAP_LOCK_ACTION_CUT | wipe | OKAP_LOCK_ACTION_RELEASE;
    case OKAP_LOCK_EVENT_WAKE:
      (void) drop (state, OKAP_LOCK_HELD_SLEEP);
      return OKAP_LOCK_ACTION_INHIBIT;
    case OKAP_LOCK_EVENT_END:
      return OKAP_LOCK_ACTION_CUT | wipe;
    case OKAP_LOCK_EVENT_TOO_LONG:
      return wipe;
    case OKAP_LOCK_EVENT_OPENED:
      return handle_vault (state, TRUE);
    case OKAP_LOCK_EVENT_CLOSED:
      return handle_vault (state, FALSE);
    case OKAP_LOCK_EVENT_PERSON:
      return drop (state, ~OKAP_LOCK_HELD_SLEEP);
    default:
      g_return_val_if_reached (OKAP_LOCK_ACTION_NONE);
    }
}

OkapLockLevel
okap_lock_state_get_level (const OkapLockState *state)
{
  if (!state->open)
    return OKAP_LOCK_LEVEL_LOCKED;
  return state->held != OKAP_LOCK_HELD_NONE ? OKAP_LOCK_LEVEL_RESTRICTED : OKAP_LOCK_LEVEL_OPEN;
}

/* What all services together say. */
static OkapScreenWord
sum_up (const OkapScreenWords *words)
{
  OkapScreenWord sum = OKAP_SCREEN_WORD_UNLOCKED;

  for (guint i = 0; i < OKAP_N_SCREEN_SOURCES; i++)
    if (words->words[i] == OKAP_SCREEN_WORD_LOCKED)
      return OKAP_SCREEN_WORD_LOCKED;
    else if (words->words[i] == OKAP_SCREEN_WORD_LOST)
      sum = OKAP_SCREEN_WORD_LOST;
  return sum;
}

/**
 * okap_screen_words_note:
 * @word: what @source says now; %OKAP_SCREEN_WORD_NONE if it is gone
 * @out_event: (out): what follows from it
 *
 * The screen is locked while one says so. One that was never heard of it, and says “unlocked”,
 * knows nothing of a lock that another one told of; one that saw it end does.
 *
 * Returns: whether something does
 */
gboolean
okap_screen_words_note (OkapScreenWords *words, guint source, OkapScreenWord word,
                        OkapLockEvent *out_event)
{
  OkapScreenWord before = sum_up (words);
  OkapScreenWord last, after;

  g_return_val_if_fail (source < OKAP_N_SCREEN_SOURCES, FALSE);

  last = words->words[source];
  if (word == OKAP_SCREEN_WORD_NONE
      && (last == OKAP_SCREEN_WORD_LOCKED || last == OKAP_SCREEN_WORD_LOST))
    word = OKAP_SCREEN_WORD_LOST;
  words->words[source] = word;
  if (word == OKAP_SCREEN_WORD_UNLOCKED && last == OKAP_SCREEN_WORD_LOCKED)
    okap_screen_words_forget (words);

  after = sum_up (words);
  if (after == before)
    return FALSE;
  *out_event = after == OKAP_SCREEN_WORD_LOCKED ? OKAP_LOCK_EVENT_SCREEN_LOCKED
               : after == OKAP_SCREEN_WORD_LOST ? OKAP_LOCK_EVENT_SCREEN_LOST
                                                : OKAP_LOCK_EVENT_SCREEN_UNLOCKED;
  return TRUE;
}

/** okap_screen_words_forget: what those said who are gone */
void
okap_screen_words_forget (OkapScreenWords *words)
{
  for (guint i = 0; i < OKAP_N_SCREEN_SOURCES; i++)
    if (words->words[i] == OKAP_SCREEN_WORD_LOST)
      words->words[i] = OKAP_SCREEN_WORD_NONE;
}
