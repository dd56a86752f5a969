/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one place where a code becomes a token (consent.md, "One redeem path").
 *
 *   code and verifier ─▶ may this program use the token? ─▶ the code is used up
 *                            │ no: the code stays              │
 *                            ▼                                 ▼
 *                       wrong_program      a link's grant gets its program, on the disk ─▶ token
 *
 * Main thread. The gate judges the program by the rule of the proxy, and tells the user of one that
 * is refused. Nobody knows who opened a link, so its grant is given to the program that redeems:
 * that has shown with its verifier that it made the link. The same holds for the grant of a website
 * whose code a program fetches, to which the site must have passed it. If the disk does not take
 * that, the grant is revoked: nobody gets a token that is bound to nothing. */
#include "config.h"

#include "okap-redeem.h"

#include "okap-broker-private.h"
#include "okap-error.h"

typedef struct
{
  OkapGrant *grant;    /* (owned) */
  OkapSecret *token;   /* (owned) */
} Redemption;

static void
redemption_free (gpointer data)
{
  Redemption *redemption = data;

  g_clear_pointer (&redemption->grant, okap_grant_unref);
  g_clear_pointer (&redemption->token, okap_secret_unref);
  g_free (redemption);
}

/* Whether the grant is still without the program that shall have it. */
static gboolean
wants_program (const OkapGrant *grant, const OkapCaller *caller)
{
  const OkapIdentity *identity = grant->identity;

  if (grant->portable || grant->others->len > 0)
    return FALSE;
  if (identity->kind == OKAP_IDENTITY_UNKNOWN)
    return identity->doubt == OKAP_DOUBT_LINK;
  return identity->kind == OKAP_IDENTITY_WEBSITE
         && caller->identity->kind != OKAP_IDENTITY_WEBSITE
         && caller->identity->kind != OKAP_IDENTITY_UNKNOWN;
}

static gboolean
check_live (OkapBroker *broker, const OkapGrant *grant, GError **error)
{
  if (grant->state == OKAP_GRANT_REVOKED)
    g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_TOKEN_REVOKED,
                         "This access was revoked. Ask for access again.");
  else if (!okap_grant_is_live (grant, okap_clock_get_now (okap_broker_get_clock (broker))))
    g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_TOKEN_EXPIRED,
                         "This access has expired. Ask for access again.");
  else
    return TRUE;
  return FALSE;
}

/* Any program may use the token of a portable grant, but only the one that asked may fetch it. On
 * the bus, a process is known by a number that the bus keeps after the process has ended, until it
 * belongs to another one; who fetches the token is looked at anew and cannot have borrowed that
 * number. So what was asked for in the name of another program leads to no token. A website's code
 * went to its own address, and may be fetched by its program. */
static gboolean
check_asker (const OkapGrant *grant, const OkapCaller *caller, GError **error)
{
  if (!grant->portable || grant->identity->kind == OKAP_IDENTITY_WEBSITE
      || okap_identity_covers (grant->identity, caller->identity))
    return TRUE;
  g_set_error (error, OKAP_ERROR, OKAP_ERROR_WRONG_PROGRAM,
               "“%s” asked for this access, and another program wants to fetch its token. The "
               "program that asked redeems the code itself.", okap_grant_get_title (grant));
  return FALSE;
}

/* (transfer full) (nullable): the grant as it is now, if @caller may have its token */
static OkapGrant *
find_grant (OkapBroker *broker, OkapGrant *issued, OkapSecret *token, OkapCaller *caller,
            GError **error)
{
  OkapGrant *grant = okap_broker_find_grant (broker, issued->id);
  g_autoptr (OkapGrant) judged = NULL;

  if (grant != NULL && wants_program (grant, caller))
    judged = okap_grant_ref (grant);
  else
    judged = okap_gate_lookup_grant (okap_broker_get_gate (broker), okap_secret_get_text (token),
                                     okap_secret_get_length (token), caller, error);
  return judged != NULL && check_asker (judged, caller, error)
         && check_live (broker, judged, error) ? g_steal_pointer (&judged) : NULL;
}

static void
given_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OkapBroker *broker = g_task_get_source_object (task);
  Redemption *redemption = g_task_get_task_data (task);
  GError *error = NULL;
  OkapGrant *grant;

  if (!okap_grant_book_set_state_finish (OKAP_GRANT_BOOK (source), result, &error))
    {
      okap_broker_set_grant_state_async (broker, redemption->grant->id, OKAP_GRANT_REVOKED,
                                         "it could not be bound to the program that fetched it",
                                         NULL, NULL);
      g_task_return_error (task, error);
      return;
    }
  grant = okap_broker_find_grant (broker, redemption->grant->id);
  if (grant == NULL)
    {
      g_task_return_new_error (task, OKAP_ERROR, OKAP_ERROR_VAULT_LOCKED,
                               "The vault was locked. Unlock it and ask for access again.");
      return;
    }
  okap_grant_unref (redemption->grant);
  redemption->grant = okap_grant_ref (grant);
  g_task_return_boolean (task, TRUE);
}

/**
 * okap_redeem_async:
 * @code: any text
 * @verifier: any text
 * @caller: who redeems
 */
void
okap_redeem_async (OkapBroker *broker, const char *code, const char *verifier, OkapCaller *caller,
                   GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (broker, NULL, callback, user_data);
  OkapCodes *codes = okap_broker_get_codes (broker);
  Redemption *redemption = g_new0 (Redemption, 1);
  g_autoptr (OkapGrant) grant = NULL;
  OkapGrant *issued;
  OkapSecret *token;
  GError *error = NULL;

  g_task_set_source_tag (task, okap_redeem_async);
  g_task_set_task_data (task, redemption, redemption_free);
  if (okap_codes_peek (codes, code, verifier, &issued, &token, &error))
    grant = find_grant (broker, issued, token, caller, &error);
  if (grant == NULL
      || !okap_codes_redeem (codes, code, verifier, &redemption->grant, &redemption->token, &error))
    {
      g_task_return_error (task, error);
      return;
    }

  okap_grant_unref (redemption->grant);
  redemption->grant = g_steal_pointer (&grant);
  if (wants_program (redemption->grant, caller))
    okap_grant_book_give_async (broker->book, redemption->grant->id, caller, given_cb,
                                g_steal_pointer (&task));
  else
    g_task_return_boolean (task, TRUE);
}

/**
 * okap_redeem_finish:
 * @out_token: (out) (transfer full): kept nowhere else
 * @error: as okap_codes_redeem(); %OKAP_ERROR_WRONG_PROGRAM (the code stays good for the right
 *   one), %OKAP_ERROR_TOKEN_REVOKED, %OKAP_ERROR_TOKEN_EXPIRED, %OKAP_ERROR_STORAGE,
 *   %OKAP_ERROR_VAULT_LOCKED
 *
 * Returns: (transfer full) (nullable): the grant as it is now
 */
OkapGrant *
okap_redeem_finish (OkapBroker *broker, GAsyncResult *result, OkapSecret **out_token,
                    GError **error)
{
  Redemption *redemption = g_task_get_task_data (G_TASK (result));

  g_return_val_if_fail (g_task_is_valid (result, broker), NULL);

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return NULL;
  *out_token = g_steal_pointer (&redemption->token);
  return g_steal_pointer (&redemption->grant);
}
