/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* That the passphrase was typed for one question. Only the verifier makes one: see
 * okap_question_prove_async(). The broker takes it once, for that question, and not when it is old.
 * Main thread. */
typedef struct _OkapProof OkapProof;

OkapProof *okap_proof_ref   (OkapProof *proof);
void       okap_proof_unref (OkapProof *proof);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapProof, okap_proof_unref)

G_END_DECLS
