/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests that were not admitted: they take nothing, and yet the user wants to see them. */
#include "config.h"

#include "okap-gate-private.h"

/**
 * okap_gate_tell_refused:
 * @usage: (transfer none): a request that was refused before it was sent; it cost nothing
 *
 * Tells the function for settled uses of it. The caller bounds how often.
 */
void
okap_gate_tell_refused (OkapGate *gate, OkapUsage *usage)
{
  if (gate->settled != NULL)
    gate->settled (usage, gate->settled_data);
}
