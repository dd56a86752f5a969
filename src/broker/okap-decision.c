/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a person said to a question. */
#include "config.h"

#include "okap-prompter.h"

#include "okap-scope.h"

/** okap_decision_new_refused: (transfer full): not now */
OkapDecision *
okap_decision_new_refused (void)
{
  return g_new0 (OkapDecision, 1);
}

/**
 * okap_decision_new_allowed:
 * @scopes: (nullable) (element-type OkapScope): as narrowed; NULL for just as asked
 * @expires_us: as shortened; 0 for just as asked
 */
OkapDecision *
okap_decision_new_allowed (GPtrArray *scopes, gint64 expires_us)
{
  OkapDecision *decision = g_new0 (OkapDecision, 1);

  decision->allowed = TRUE;
  decision->scopes = scopes != NULL ? g_ptr_array_ref (scopes) : NULL;
  decision->expires_us = expires_us;
  return decision;
}

void
okap_decision_free (OkapDecision *decision)
{
  g_clear_pointer (&decision->scopes, g_ptr_array_unref);
  g_clear_pointer (&decision->proof, okap_proof_unref);
  g_free (decision);
}
