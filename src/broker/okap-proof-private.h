/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-proof.h"
#include "okap-question.h"
#include "okap-vault.h"

G_BEGIN_DECLS

/* @question: (nullable): NULL for whoever decides by the command line, until the vault locks. */
OkapProof *okap_proof_new  (OkapVault *vault, OkapQuestion *question) G_GNUC_WARN_UNUSED_RESULT;
gboolean   okap_proof_take (OkapProof *proof, OkapQuestion *question);

G_END_DECLS
