/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which program a grant is bound to, decided in one place:
 *
 *   request names a program ─▶ that file, as it is now (found before a person is asked)
 *   otherwise ───────────────▶ the program that asks
 *
 * and, if the person leaves it so, portable: then whoever has the token. Where no program could be
 * identified there is nothing to bind to, and nothing that ends such a grant if its token is
 * copied; so it lives for a day at most, whatever was asked and decided. A link's grant gets its
 * program when its code is redeemed. Main thread. */
#include "config.h"

#include "okap-binding.h"

#include "okap-caps.h"
#include "okap-clock.h"

/**
 * okap_binding_find_async:
 *
 * Looks at the program that the request names, if it names one, off this thread.
 */
void
okap_binding_find_async (OkapIdentifier *identifier, const OkapAsk *ask,
                         GAsyncReadyCallback callback, gpointer user_data)
{
  okap_identify_file_async (identifier, ask->request->bind_program, callback, user_data);
}

/**
 * okap_binding_find_finish:
 * @ask: gets the program
 * @error: %OKAP_ERROR_INVALID_REQUEST: it is none that a token could be bound to
 */
gboolean
okap_binding_find_finish (OkapAsk *ask, GAsyncResult *result, GError **error)
{
  g_clear_pointer (&ask->bind_to, okap_identity_unref);
  ask->bind_to = okap_identify_file_finish (result, error);
  return ask->bind_to != NULL;
}

/** okap_binding_limit: ends @grant, which is not shared yet, early enough if it is bound to none */
void
okap_binding_limit (OkapGrant *grant)
{
  if (grant->identity->kind == OKAP_IDENTITY_UNKNOWN)
    grant->expires_us = MIN (grant->expires_us,
                             grant->created_us + OKAP_CAP_UNKNOWN_GRANT_S * OKAP_SECOND_US);
}

/**
 * okap_binding_apply:
 * @grant: a new one, with its times set
 *
 * Binds it as it was asked for and decided.
 */
void
okap_binding_apply (OkapGrant *grant, const OkapAsk *ask, const OkapDecision *decision)
{
  OkapIdentity *identity = ask->bind_to != NULL ? ask->bind_to : ask->caller->identity;

  okap_identity_unref (grant->identity);
  grant->identity = okap_identity_ref (identity);
  grant->portable = decision->portable;
  if (!ask->redeemed || identity->doubt != OKAP_DOUBT_LINK)
    okap_binding_limit (grant);
}
