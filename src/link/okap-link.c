/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A link on its way: opened ─▶ checked ─▶ a person is asked ─▶ code ─▶ callback. Main thread.
 *
 * Nobody knows who opened a link, and the desktop does not tell: the caller is unknown, with the
 * doubt "link"; only an https callback says more, since what is sent there reaches that site alone.
 * Such a grant is the website's and needs the passphrase. Any other is bound when its code is
 * redeemed (okap-redeem.c).
 *
 * Any page can make a browser open a link, so a callback hears nothing before a person has
 * answered or had the time to: not of a request that is malformed, throttled or blocked. Else a
 * page could have Okap call addresses on this computer that the browser keeps it from. */
#include "config.h"

#include "okap-link.h"

#include <unistd.h>

#include "okap-codes.h"
#include "okap-error.h"
#include "okap-link-parse.h"
#include "okap-link-send.h"

static OkapCaller *
make_caller (const OkapLink *link)
{
  g_autoptr (OkapIdentity) identity = NULL;

  if (link->callback->kind == OKAP_CALLBACK_WEBSITE)
    {
      identity = okap_identity_new (OKAP_IDENTITY_WEBSITE);
      identity->origin = g_strdup (link->callback->origin);
      okap_identity_seal (identity);
    }
  else
    identity = okap_identity_new_unknown (OKAP_DOUBT_LINK);
  return okap_caller_new (OKAP_DOOR_LINK, getuid (), 0, identity);
}

/* What RFC 6749, section 4.1.2.1, calls @error; NULL if the callback does not hear of it. */
static const char *
get_error_name (const GError *error)
{
  if (error->domain != OKAP_ERROR)
    return NULL;
  switch (error->code)
    {
    case OKAP_ERROR_USER_DENIED:
    case OKAP_ERROR_POLICY_DENIED:
    case OKAP_ERROR_NO_KEY:
    case OKAP_ERROR_TIMED_OUT:
      return "access_denied";
    case OKAP_ERROR_STORAGE:
      return "server_error";
    default:
      return NULL;
    }
}

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;

  if (okap_link_send_finish (result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_new_error (task, OKAP_ERROR, OKAP_ERROR_CALLER_GONE,
                             "The answer of a link could not be brought to its callback: %s",
                             error->message);
}

static void
authorized_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OkapBroker *broker = OKAP_BROKER (source);
  const OkapLink *link = g_task_get_task_data (task);
  g_autoptr (OkapSecret) token = NULL;
  g_autoptr (OkapGrant) grant = NULL;
  g_autofree char *code = NULL;
  g_autofree char *answer = NULL;
  const char *name = NULL;
  GError *error = NULL;

  grant = okap_broker_authorize_finish (broker, result, &token, &error);
  if (grant != NULL)
    {
      code = okap_codes_issue (okap_broker_get_codes (broker), grant, token,
                               link->request->code_challenge);
      name = code != NULL ? NULL : "temporarily_unavailable";
    }
  else
    {
      name = get_error_name (error);
      if (name == NULL)
        {
          g_task_return_error (task, error);
          return;
        }
      g_error_free (error);
    }
  answer = okap_callback_dup_answer (link->callback, code != NULL ? "code" : "error",
                                     code != NULL ? code : name, link->request->state);
  okap_link_send_async (link->callback, answer, sent_cb, g_steal_pointer (&task));
}

void
okap_link_open_async (OkapBroker *broker, const char *uri, GAsyncReadyCallback callback,
                      gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (broker, NULL, callback, user_data);
  g_autoptr (OkapCaller) caller = NULL;
  g_autoptr (OkapAsk) ask = NULL;
  OkapLink *link;
  GError *error = NULL;

  g_task_set_source_tag (task, okap_link_open_async);
  link = okap_link_parse (uri, okap_clock_get_now (okap_broker_get_clock (broker)), &error);
  if (link == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  g_task_set_task_data (task, link, (GDestroyNotify) okap_link_free);

  caller = make_caller (link);
  ask = okap_ask_new (link->request, caller);
  ask->redeemed = TRUE;
  ask->match_code = okap_codes_dup_match (link->request->code_challenge);
  okap_broker_authorize_async (broker, ask, NULL, authorized_cb, g_steal_pointer (&task));
}

/**
 * okap_link_open_finish:
 * @error: as okap_link_parse() and okap_broker_authorize_finish(); %OKAP_ERROR_CALLER_GONE if the
 *   callback did not take the answer. A refusal that the callback heard of is none.
 */
gboolean
okap_link_open_finish (OkapBroker *broker, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, broker), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!okap_link_open_finish (OKAP_BROKER (source), result, &error))
    g_message ("A link was opened in vain: %s", error->message);
}

void
okap_link_open (OkapBroker *broker, const char *uri)
{
  okap_link_open_async (broker, uri, opened_cb, NULL);
}

/**
 * okap_link_dup_match:
 * @error: as okap_link_parse()
 *
 * Returns: (transfer full) (nullable): two digits
 */
char *
okap_link_dup_match (const char *uri, GError **error)
{
  g_autoptr (OkapLink) link = okap_link_parse (uri, okap_clock_get_now (okap_clock_get_real ()),
                                               error);

  return link != NULL ? okap_codes_dup_match (link->request->code_challenge) : NULL;
}
