/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Our session and its machine, as logind (or elogind) tells of them on the system bus. Main
 * thread. */
typedef struct _OkapLogind OkapLogind;

typedef enum
{
  OKAP_LOGIND_HINT_LOCKED,    /* the session's LockedHint */
  OKAP_LOGIND_HINT_UNLOCKED,
  OKAP_LOGIND_HINT_GONE,
  OKAP_LOGIND_LOCK,           /* its signals */
  OKAP_LOGIND_UNLOCK,
  OKAP_LOGIND_IDLE,           /* its IdleHint, if a desktop sets it */
  OKAP_LOGIND_ACTIVE,
  OKAP_LOGIND_AWAY,           /* another session is at the seat */
  OKAP_LOGIND_OTHER_USER,     /* and it is not ours, nor one for logging in */
  OKAP_LOGIND_BACK,
  OKAP_LOGIND_SLEEP,          /* soon: see okap_logind_release() */
  OKAP_LOGIND_WAKE,
  OKAP_LOGIND_END,
} OkapLogindEvent;

typedef void (*OkapLogindFunc) (OkapLogindEvent event, gpointer user_data);

OkapLogind *okap_logind_new     (OkapLogindFunc func, gpointer user_data)
                                 G_GNUC_WARN_UNUSED_RESULT;
void        okap_logind_free    (OkapLogind *self);
void        okap_logind_inhibit (OkapLogind *self);
void        okap_logind_release (OkapLogind *self);

G_END_DECLS
