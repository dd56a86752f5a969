/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A proof that the passphrase was typed. Main thread.
 *
 * Whoever decides carries it to the broker, which asks only whether it is good: so the slow check
 * is made once, while the question is still open, and no passphrase travels further than the
 * verifier. A proof is of one question and is used up by it. The one of okap serve
 * --approve=always, which got the passphrase itself, is of no question; it ends with a lock. */
#include "config.h"

#include "okap-proof-private.h"

#include "okap-caps.h"

struct _OkapProof
{
  gatomicrefcount ref_count;
  OkapVault *vault;         /* (owned) */
  OkapQuestion *question;   /* (owned) (nullable) */
  gint64 made_us;           /* monotonic */
  gulong locked_id;
  gboolean spent;
};

static void
locked_cb (OkapProof *proof)
{
  proof->spent = TRUE;
}

OkapProof *
okap_proof_new (OkapVault *vault, OkapQuestion *question)
{
  OkapProof *proof = g_new0 (OkapProof, 1);

  g_atomic_ref_count_init (&proof->ref_count);
  proof->vault = g_object_ref (vault);
  g_set_object (&proof->question, question);
  proof->made_us = g_get_monotonic_time ();
  proof->locked_id = g_signal_connect_swapped (vault, "locked", G_CALLBACK (locked_cb), proof);
  return proof;
}

OkapProof *
okap_proof_ref (OkapProof *proof)
{
  g_atomic_ref_count_inc (&proof->ref_count);
  return proof;
}

void
okap_proof_unref (OkapProof *proof)
{
  if (!g_atomic_ref_count_dec (&proof->ref_count))
    return;
  g_clear_signal_handler (&proof->locked_id, proof->vault);
  g_clear_object (&proof->question);
  g_object_unref (proof->vault);
  g_free (proof);
}

/** okap_proof_take: (proof nullable): whether it is good for @question, and uses it up */
gboolean
okap_proof_take (OkapProof *proof, OkapQuestion *question)
{
  if (proof == NULL || proof->spent)
    return FALSE;
  if (proof->question == NULL)
    return TRUE;
  proof->spent = TRUE;
  return proof->question == question
         && g_get_monotonic_time () - proof->made_us
            <= (gint64) OKAP_CAP_PROOF_S * G_USEC_PER_SEC;
}
