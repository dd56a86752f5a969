/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How far Okap is locked. */
typedef enum
{
  OKAP_LOCK_LEVEL_OPEN,
  OKAP_LOCK_LEVEL_RESTRICTED,  /* what is allowed goes on; nothing new, nothing shown */
  OKAP_LOCK_LEVEL_LOCKED,      /* the vault is wiped */
} OkapLockLevel;

/* Why nobody is taken to be there; several may hold at once. */
typedef enum
{
  OKAP_LOCK_HELD_NONE = 0,
  OKAP_LOCK_HELD_SCREEN = 1 << 0,   /* a service says that the screen is locked */
  OKAP_LOCK_HELD_UNSURE = 1 << 1,   /* one said so, and is gone */
  OKAP_LOCK_HELD_SESSION = 1 << 2,  /* the session was told to lock */
  OKAP_LOCK_HELD_IDLE = 1 << 3,     /* no input for the time that the user set */
  OKAP_LOCK_HELD_AWAY = 1 << 4,     /* another session is at the seat */
  OKAP_LOCK_HELD_SLEEP = 1 << 5,    /* the machine goes to sleep */
} OkapLockHeld;

typedef enum
{
  OKAP_LOCK_EVENT_SCREEN_LOCKED,
  OKAP_LOCK_EVENT_SCREEN_UNLOCKED,
  OKAP_LOCK_EVENT_SCREEN_LOST,      /* who said "locked" last is gone */
  OKAP_LOCK_EVENT_SESSION_LOCK,     /* logind's signals */
  OKAP_LOCK_EVENT_SESSION_UNLOCK,
  OKAP_LOCK_EVENT_IDLE,
  OKAP_LOCK_EVENT_ACTIVE,
  OKAP_LOCK_EVENT_AWAY,
  OKAP_LOCK_EVENT_OTHER_USER,       /* and it is another user's */
  OKAP_LOCK_EVENT_BACK,
  OKAP_LOCK_EVENT_SLEEP,
  OKAP_LOCK_EVENT_WAKE,
  OKAP_LOCK_EVENT_END,              /* of the session, or the machine shuts down */
  OKAP_LOCK_EVENT_TOO_LONG,         /* open for as long as the user set */
  OKAP_LOCK_EVENT_OPENED,           /* of the vault, whoever did it */
  OKAP_LOCK_EVENT_CLOSED,
  OKAP_LOCK_EVENT_PERSON,           /* the passphrase was typed although the vault is open */
} OkapLockEvent;

#define OKAP_N_LOCK_EVENTS (OKAP_LOCK_EVENT_PERSON + 1)

/* What has to be done, in this order. */
typedef enum
{
  OKAP_LOCK_ACTION_NONE = 0,
  OKAP_LOCK_ACTION_CUT = 1 << 0,      /* answers that run, whatever the user set */
  OKAP_LOCK_ACTION_WIPE = 1 << 1,     /* the vault */
  OKAP_LOCK_ACTION_RELEASE = 1 << 2,  /* let the machine sleep */
  OKAP_LOCK_ACTION_INHIBIT = 1 << 3,  /* ask to be waited for, the next time */
  OKAP_LOCK_ACTION_START = 1 << 4,    /* count the hours */
  OKAP_LOCK_ACTION_STOP = 1 << 5,
} OkapLockAction;

/* Plain data; all zero is: locked, and nothing is known. */
typedef struct
{
  gboolean open;        /* the vault */
  OkapLockHeld held;
} OkapLockState;

OkapLockAction okap_lock_state_handle    (OkapLockState *state, OkapLockEvent event,
                                          gboolean strict);
OkapLockLevel  okap_lock_state_get_level (const OkapLockState *state);

/* The services that tell of the screen, and what each said last. */
typedef enum
{
  OKAP_SCREEN_WORD_NONE,      /* not there, or nothing yet */
  OKAP_SCREEN_WORD_UNLOCKED,
  OKAP_SCREEN_WORD_LOCKED,
  OKAP_SCREEN_WORD_LOST,      /* gone, and its last word was "locked" */
} OkapScreenWord;

#define OKAP_N_SCREEN_SOURCES 6

typedef struct
{
  OkapScreenWord words[OKAP_N_SCREEN_SOURCES];
} OkapScreenWords;

gboolean okap_screen_words_note    (OkapScreenWords *words, guint source, OkapScreenWord word,
                                    OkapLockEvent *out_event);
void     okap_screen_words_forget  (OkapScreenWords *words);

G_END_DECLS
