/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A revocation that a person can take back for ten seconds. Main thread.
 *
 *   revoked, in the gate and on the disk ── "Undo" within ten seconds ──▶ as it was, a next version
 *            │
 *            └── time, a lock, the end of Okap, or anybody else who revokes it ──▶ for good
 *
 * The token stops at once, and what ran was cut: undo does not bring that back. That a grant can be
 * given back stands in memory alone, so nothing on the disk does it. */
#include "config.h"

#include "okap-grant-book-private.h"

#include "okap-audit.h"
#include "okap-error.h"

typedef struct
{
  OkapGrantState state;  /* before */
  gint64 until_us;       /* monotonic */
} Undo;

/** okap_grant_book_revoke_async: like a change of state to revoked; finish it in the same way */
void
okap_grant_book_revoke_async (OkapGrantBook *self, const char *id, const char *why,
                              GAsyncReadyCallback callback, gpointer user_data)
{
  OkapGrant *grant = okap_grant_book_find (self, id);
  Undo *undo;

  if (grant == NULL || !okap_grant_is_live (grant, okap_clock_get_now (self->clock)))
    {
      okap_grant_book_set_state_async (self, id, OKAP_GRANT_REVOKED, why, callback, user_data);
      return;
    }
  undo = g_new (Undo, 1);
  *undo = (Undo) { .state = grant->state,
                   .until_us = okap_clock_get_monotonic (self->clock)
                               + OKAP_UNDO_S * OKAP_SECOND_US };
  okap_grant_book_set_state_async (self, id, OKAP_GRANT_REVOKED, why, callback, user_data);
  g_hash_table_replace (self->undos, g_strdup (id), undo);
}

static gboolean
check (OkapGrantBook *self, const OkapGrant *grant, const Undo *undo, GError **error)
{
  if (undo == NULL || okap_clock_get_monotonic (self->clock) >= undo->until_us
      || grant->state != OKAP_GRANT_REVOKED)
    g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_CONFLICT,
                         "A revoked grant stays revoked. The app can ask again.");
  else if (okap_clock_get_now (self->clock) >= grant->expires_us)
    g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_CONFLICT,
                         "This grant has ended meanwhile. The app can ask again.");
  else
    return TRUE;
  return FALSE;
}

/**
 * okap_grant_book_undo_async:
 *
 * Holds in the gate before this returns. Finish it with okap_grant_book_set_state_finish();
 * %OKAP_ERROR_CONFLICT: it is too late.
 */
void
okap_grant_book_undo_async (OkapGrantBook *self, const char *id, GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  OkapGrant *grant = okap_grant_book_find_for (self, id, task);
  const Undo *undo = g_hash_table_lookup (self->undos, id);
  g_autoptr (OkapGrant) next = NULL;
  GError *error = NULL;

  g_task_set_source_tag (task, okap_grant_book_undo_async);
  if (grant == NULL)
    return;
  if (!check (self, grant, undo, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  next = okap_grant_copy_next (grant);
  next->state = undo->state;
  g_hash_table_remove (self->undos, id);
  okap_grant_book_change (self, g_steal_pointer (&task), next,
                          g_hash_table_lookup (self->hashes, id),
                          okap_audit_state_changed (okap_clock_get_now (self->clock), next,
                                                    "the user took the revocation back at once"));
}
