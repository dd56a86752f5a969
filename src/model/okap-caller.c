/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The caller as evidence. */
#include "config.h"

#include "okap-caller.h"

#include <glib/gi18n-lib.h>

G_DEFINE_BOXED_TYPE (OkapCaller, okap_caller, okap_caller_ref, okap_caller_unref)

/**
 * okap_caller_new:
 * @pid: 0 if not known
 * @identity: (nullable): NULL: it could not be identified
 */
OkapCaller *
okap_caller_new (OkapDoor door, uid_t uid, pid_t pid, OkapIdentity *identity)
{
  OkapCaller *caller = g_new0 (OkapCaller, 1);

  g_atomic_ref_count_init (&caller->ref_count);
  caller->door = door;
  caller->uid = uid;
  caller->pid = pid;
  caller->identity = identity != NULL ? okap_identity_ref (identity)
                                      : okap_identity_new_unknown (OKAP_DOUBT_NONE);
  return caller;
}

OkapCaller *
okap_caller_ref (OkapCaller *caller)
{
  g_atomic_ref_count_inc (&caller->ref_count);
  return caller;
}

void
okap_caller_unref (OkapCaller *caller)
{
  if (!g_atomic_ref_count_dec (&caller->ref_count))
    return;
  okap_identity_unref (caller->identity);
  g_free (caller);
}

/** okap_caller_dup_words: (transfer full): who calls, in words for a person, fit to be shown */
char *
okap_caller_dup_words (const OkapCaller *caller)
{
  if (caller->door == OKAP_DOOR_WINDOW)
    return g_strdup (_("You, in Okap’s own window"));
  return okap_identity_dup_words (caller->identity);
}
