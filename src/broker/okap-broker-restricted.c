/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The restricted level: the screen is locked, or nobody is there for another reason; okap-locking.c
 * knows which. Main thread.
 *
 * What is allowed goes on as it is, further tokens of it included, and what only narrows is taken.
 * Nothing is presented, and nothing widens: each way to that asks okap_broker_check_unrestricted()
 * first, the passphrase or not. */
#include "config.h"

#include "okap-broker-private.h"

#include "okap-error.h"

void
okap_broker_set_restricted (OkapBroker *self, gboolean restricted)
{
  if (self->restricted == restricted)
    return;
  self->restricted = restricted;
  okap_consent_set_hold (self->consent, restricted);
  g_object_notify (G_OBJECT (self), "restricted");
}

gboolean
okap_broker_is_restricted (OkapBroker *self)
{
  return self->restricted;
}

/** okap_broker_check_unrestricted: @error: %OKAP_ERROR_RESTRICTED */
gboolean
okap_broker_check_unrestricted (OkapBroker *self, GError **error)
{
  if (!self->restricted)
    return TRUE;
  g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_RESTRICTED,
                       "The screen is locked, or nobody is there: Okap allows nothing new now. "
                       "Unlock the screen, or run: okap unlock");
  return FALSE;
}

/** okap_broker_refuse_restricted: what widens, while nobody is there. @task is answered and dropped
 * then, else it goes on. */
gboolean
okap_broker_refuse_restricted (GTask *task)
{
  GError *error = NULL;

  if (okap_broker_check_unrestricted (g_task_get_source_object (task), &error))
    return FALSE;
  g_task_return_error (task, error);
  g_object_unref (task);
  return TRUE;
}
