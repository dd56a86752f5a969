/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What came of a question, and how those hear of it who asked the same while it was open: after the
 * first of them has a grant, each of the others gets a further token of it. If the first one is
 * gone by then, what it would have got goes to the next. Main thread. */
#include "config.h"

#include "okap-consent.h"

#include "okap-error.h"

#define RETRY_AFTER "okap-retry-after"

static OkapVerdict *
verdict_new_granted (const char *grant_id)
{
  OkapVerdict *verdict = g_new0 (OkapVerdict, 1);

  verdict->grant_id = g_strdup (grant_id);
  return verdict;
}

/** okap_verdict_free: whoever still waits for an answer is told that there is none */
void
okap_verdict_free (OkapVerdict *verdict)
{
  g_autoptr (GError) error = NULL;

  if (verdict->others != NULL && verdict->others->len > 0)
    {
      error = g_error_new_literal (OKAP_ERROR, OKAP_ERROR_INTERNAL, "The question was dropped.");
      okap_consent_answer_others (verdict->others, NULL, error);
    }
  g_clear_pointer (&verdict->others, g_ptr_array_unref);
  g_clear_pointer (&verdict->decision, okap_decision_free);
  g_free (verdict->grant_id);
  g_clear_pointer (&verdict->grant, okap_grant_unref);
  g_clear_pointer (&verdict->token, okap_secret_unref);
  g_free (verdict);
}

/**
 * okap_consent_answer_others:
 * @grant_id: (nullable): of the grant that answers them, too
 * @error: (nullable): otherwise
 */
void
okap_consent_answer_others (GPtrArray *others, const char *grant_id, const GError *error)
{
  while (others->len > 0)
    {
      g_autoptr (GTask) task = g_ptr_array_steal_index (others, 0);

      if (grant_id != NULL)
        g_task_return_pointer (task, verdict_new_granted (grant_id),
                               (GDestroyNotify) okap_verdict_free);
      else
        g_task_return_error (task, g_error_copy (error));
    }
}

/** okap_consent_pass_on: gives grant and token to the first of @others who is still there; whether
 *   there was one */
gboolean
okap_consent_pass_on (GPtrArray *others, OkapGrant *grant, OkapSecret *token)
{
  while (others->len > 0)
    {
      g_autoptr (GTask) task = g_ptr_array_steal_index (others, 0);
      GCancellable *cancellable = g_task_get_cancellable (task);
      OkapVerdict *verdict;

      if (cancellable != NULL && g_cancellable_is_cancelled (cancellable))
        {
          g_task_return_new_error (task, OKAP_ERROR, OKAP_ERROR_CALLER_GONE,
                                   "The app hung up before it got its token.");
          continue;
        }
      verdict = g_new0 (OkapVerdict, 1);
      verdict->grant = okap_grant_ref (grant);
      verdict->token = okap_secret_ref (token);
      g_task_return_pointer (task, verdict, (GDestroyNotify) okap_verdict_free);
      return TRUE;
    }
  return FALSE;
}

/** okap_retry_after_get: in seconds; 0 if nothing was said */
guint
okap_retry_after_get (GAsyncResult *result)
{
  return GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (result), RETRY_AFTER));
}

void
okap_retry_after_set (GTask *task, guint seconds)
{
  g_object_set_data (G_OBJECT (task), RETRY_AFTER, GUINT_TO_POINTER (seconds));
}
