/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-secret.h"

G_BEGIN_DECLS

/* A step that may be skipped and that takes the passphrase, unless that is known already. Emits
 * "go" and "skip". */
#define OKAP_TYPE_PROOF_PAGE (okap_proof_page_get_type ())
G_DECLARE_FINAL_TYPE (OkapProofPage, okap_proof_page, OKAP, PROOF_PAGE, AdwBin)

void        okap_proof_page_set_words   (OkapProofPage *self, const char *icon, const char *title,
                                         const char *description, const char *go,
                                         const char *skip);
void        okap_proof_page_set_known   (OkapProofPage *self, OkapSecret *passphrase);
OkapSecret *okap_proof_page_take_secret (OkapProofPage *self) G_GNUC_WARN_UNUSED_RESULT;
void        okap_proof_page_set_busy    (OkapProofPage *self, const char *words);
void        okap_proof_page_set_problem (OkapProofPage *self, const char *words);

G_END_DECLS
