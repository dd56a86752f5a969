/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Corrections: what a person enters because a price was wrong. Main thread.
 *
 * A correction below zero gives money back to a grant, and so widens what it may do. No door may do
 * that by itself, so whoever asks for it shows the passphrase, though the vault is open. It is a
 * row of usage and a line of the audit trail in one transaction, and counts in the gate once those
 * are on the disk; nothing that was written before is changed. */
#include "config.h"

#include "okap-broker.h"

#include "okap-audit.h"
#include "okap-caps.h"
#include "okap-error.h"
#include "okap-id.h"
#include "okap-money.h"
#include "okap-text.h"

#define ENDPOINT "correction"
#define MODEL "(correction)"  /* where usage is summed by model */

typedef struct
{
  char *grant_id;   /* (owned) */
  char *provider;   /* (owned) */
  char *reason;     /* (owned) clean */
  gint64 nusd;
} Correction;

static void
correction_free (gpointer data)
{
  Correction *correction = data;

  g_free (correction->grant_id);
  g_free (correction->provider);
  g_free (correction->reason);
  g_free (correction);
}

static OkapGrant *
find_grant (OkapBroker *self, const Correction *correction, GError **error)
{
  OkapGrant *grant = okap_broker_find_grant (self, correction->grant_id);

  if (grant == NULL)
    g_set_error (error, OKAP_ERROR, OKAP_ERROR_NOT_FOUND,
                 "There is no grant with this id. List them with: okap grants list");
  else if (okap_grant_get_scope (grant, correction->provider) == NULL)
    g_set_error (error, OKAP_ERROR, OKAP_ERROR_NOT_FOUND,
                 "This grant has no access to %.32s. Show what it has with: okap grants show %s",
                 correction->provider, grant->id);
  else
    return grant;
  return NULL;
}

static gboolean
check (OkapBroker *self, const Correction *correction, GError **error)
{
  if (correction->nusd == 0 || ABS (correction->nusd) > OKAP_MONEY_MOST_NUSD)
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                           "Expected an amount in dollars other than 0, up to 1000000, such as "
                           "-2.50 for money that was not spent");
      return FALSE;
    }
  if (*correction->reason == '\0')
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_INVALID_REQUEST,
                           "Expected a reason; it is kept in the audit trail");
      return FALSE;
    }
  return find_grant (self, correction, error) != NULL;
}

static void
kept_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OkapBroker *self = g_task_get_source_object (task);
  const Correction *correction = g_task_get_task_data (task);
  GError *error = NULL;

  if (!okap_store_correct_finish (OKAP_STORE (source), result, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  /* Locked meanwhile, the gate knows nothing now and reads the row when it is unlocked. */
  (void) okap_gate_correct (okap_broker_get_gate (self), correction->grant_id,
                            correction->provider, correction->nusd);
  g_task_return_boolean (task, TRUE);
}

static OkapUsage *
make_row (const Correction *correction, const OkapGrant *grant, gint64 now_us)
{
  OkapUsage *row = okap_usage_new ();

  row->request_id = okap_id_new ("c");
  row->grant_id = g_strdup (grant->id);
  row->app = g_strdup (okap_grant_get_title (grant));
  row->provider = g_strdup (correction->provider);
  row->endpoint = g_strdup (ENDPOINT);
  row->model_asked = g_strdup (MODEL);
  row->model_served = g_strdup (MODEL);
  row->edits = g_strdup (correction->reason);
  row->cost_nusd = correction->nusd;
  row->cost_status = OKAP_COST_CORRECTION;
  row->started_us = now_us;
  return row;
}

static void
shown_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OkapBroker *self = g_task_get_source_object (task);
  const Correction *correction = g_task_get_task_data (task);
  g_autoptr (OkapUsage) row = NULL;
  g_autoptr (OkapAuditEntry) entry = NULL;
  GError *error = NULL;
  OkapGrant *grant = NULL;
  gint64 now_us;

  if (okap_vault_unlock_finish (OKAP_VAULT (source), result, &error))
    grant = find_grant (self, correction, &error);
  if (grant == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  now_us = okap_clock_get_now (okap_broker_get_clock (self));
  row = make_row (correction, grant, now_us);
  entry = okap_audit_corrected (now_us, grant, correction->provider, correction->nusd,
                                correction->reason);
  okap_store_correct_async (okap_broker_get_store (self), row, entry, kept_cb,
                            g_steal_pointer (&task));
}

/**
 * okap_broker_correct_async:
 * @nusd: to be added to what the grant spent at @provider; below zero takes away
 * @reason: for the audit trail
 * @secret: the passphrase or the recovery code, although the vault is unlocked
 *
 * The correction counts in the day and the month in which it is made.
 */
void
okap_broker_correct_async (OkapBroker *self, const char *grant_id, const char *provider,
                           gint64 nusd, const char *reason, OkapSecret *secret,
                           GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  Correction *correction = g_new0 (Correction, 1);
  GError *error = NULL;

  g_task_set_source_tag (task, okap_broker_correct_async);
  g_task_set_task_data (task, correction, correction_free);
  correction->grant_id = g_strdup (grant_id);
  correction->provider = g_strdup (provider);
  correction->reason = okap_text_clean (reason, OKAP_CAP_REASON_CHARS);
  correction->nusd = nusd;
  if (!okap_broker_check_unrestricted (self, &error) || !check (self, correction, &error))
    g_task_return_error (task, error);
  else
    okap_vault_unlock_async (okap_broker_get_vault (self), secret, shown_cb,
                             g_steal_pointer (&task));
}

/**
 * okap_broker_correct_finish:
 * @error: %OKAP_ERROR_NOT_FOUND, %OKAP_ERROR_INVALID_REQUEST, %OKAP_ERROR_WRONG_PASSPHRASE,
 *   %OKAP_ERROR_VAULT_LOCKED, %OKAP_ERROR_RESTRICTED, %OKAP_ERROR_STORAGE
 */
gboolean
okap_broker_correct_finish (OkapBroker *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
