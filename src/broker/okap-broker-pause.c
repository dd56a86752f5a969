/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The panic switch: all apps paused at once. Main thread.
 *
 *   pause ──▶ gate (at once: refused, cut) ──▶ open questions refused ──▶ mark, audit line
 *   resume ─▶ mark removed ──▶ audit line ──▶ gate
 *
 * To pause is free, with the vault locked, too; it can only refuse. To resume is for whoever has
 * seen the passphrase or a real press, and takes the open vault, because the audit trail has to be
 * told. What is paused outlasts us twice: as a file that is there or not, which counts before the
 * vault is open, and as the last "apps" event of the audit trail, so that a program that removes
 * the file resumes nothing. Either of them is enough to stay paused.
 *
 * When the vault opens, the trail is asked before the book of grants asks for its rows; the store
 * answers in that order, so no token works before the answer is here. */
#include "config.h"

#include "okap-broker-private.h"

#include <errno.h>
#include <glib/gstdio.h>

#include "okap-audit.h"
#include "okap-error.h"

static void
record (OkapBroker *self, gboolean paused, const char *why)
{
  g_autoptr (OkapAuditEntry) entry = okap_audit_apps (okap_clock_get_now (self->clock), paused,
                                                      why);

  okap_store_commit_async (self->store, NULL, entry, NULL, NULL);
}

static void
keep_mark (OkapBroker *self)
{
  g_autoptr (GError) error = NULL;

  if (self->paused_path != NULL
      && !g_file_set_contents_full (self->paused_path, "", 0,
                                    G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                    0600, &error))
    g_message ("That all apps are paused could not be kept beside the vault: %s", error->message);
}

static gboolean
remove_mark (OkapBroker *self, GError **error)
{
  if (self->paused_path == NULL || g_unlink (self->paused_path) == 0 || errno == ENOENT)
    return TRUE;
  g_set_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE,
               "Apps stay paused, because the file %s could not be removed: %s",
               self->paused_path, g_strerror (errno));
  return FALSE;
}

static void
apply (OkapBroker *self, gboolean paused)
{
  g_autoptr (GError) refusal = NULL;

  self->paused = paused;
  okap_gate_set_paused (self->gate, paused);
  if (paused)
    {
      refusal = okap_broker_make_paused_error ();
      okap_consent_refuse_all (self->consent, refusal);
    }
  g_object_notify (G_OBJECT (self), "paused");
}

/** okap_broker_make_paused_error: (transfer full): what who asks is told */
GError *
okap_broker_make_paused_error (void)
{
  return g_error_new_literal (OKAP_ERROR, OKAP_ERROR_POLICY_DENIED,
                              "The user has paused all apps, and is not asked meanwhile. Ask "
                              "again once they are resumed in Okap.");
}

/** okap_broker_keep_pause: where the mark is; it counts at once */
void
okap_broker_keep_pause (OkapBroker *self, const char *path)
{
  self->paused_path = g_strdup (path);
  if (g_file_test (path, G_FILE_TEST_EXISTS))
    apply (self, TRUE);
}

static void
told_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (OkapBroker) self = user_data;
  g_autofree char *event = okap_store_last_event_finish (OKAP_STORE (source), result, NULL);
  gboolean was_paused = g_strcmp0 (event, "apps.paused") == 0;

  if (event == NULL || !self->pause_unsure)
    return;
  self->pause_unsure = FALSE;
  if (was_paused && !self->paused)
    {
      apply (self, TRUE);
      keep_mark (self);
      record (self, TRUE, "still paused; the mark of it beside the vault was gone");
    }
  else if (!was_paused && self->paused)
    record (self, TRUE, "paused by the mark of it beside the vault");
}

/** okap_broker_check_paused: the vault is open: what the audit trail says counts, too */
void
okap_broker_check_paused (OkapBroker *self)
{
  self->pause_unsure = TRUE;
  okap_store_last_event_async (self->store, "apps", told_cb, g_object_ref (self));
}

gboolean
okap_broker_get_paused (OkapBroker *self)
{
  return self->paused;
}

/**
 * okap_broker_set_paused:
 * @paused: TRUE is free; for FALSE the caller has seen the passphrase or a real press
 * @why: for the audit trail: "paused in the window"
 * @error: for FALSE only: %OKAP_ERROR_VAULT_LOCKED, %OKAP_ERROR_RESTRICTED, %OKAP_ERROR_STORAGE
 *
 * Effective when it returns. Nothing happens if it is so already.
 */
gboolean
okap_broker_set_paused (OkapBroker *self, gboolean paused, const char *why, GError **error)
{
  if (self->paused == paused)
    return TRUE;
  if (!paused && okap_vault_get_state (self->vault) != OKAP_VAULT_UNLOCKED)
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED,
                           "The vault is locked. Unlock it before apps are resumed.");
      return FALSE;
    }
  if (!paused && (!okap_broker_check_unrestricted (self, error) || !remove_mark (self, error)))
    return FALSE;
  self->pause_unsure = FALSE;  /* what the store still says was before this */
  record (self, paused, why);
  apply (self, paused);
  if (paused)
    keep_mark (self);
  return TRUE;
}
