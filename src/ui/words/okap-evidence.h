/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-caller.h"
#include "okap-grant.h"

G_BEGIN_DECLS

/* What Okap saw of a program, as a person is shown it: an icon, a sentence, its age, and a line for
 * each fact. All texts are plain, cleaned, and never markup. */
typedef void (*OkapEvidenceFunc) (const char *title, const char *value, gpointer user_data);

const char *okap_evidence_get_icon    (const OkapIdentity *identity);
char       *okap_evidence_dup_changed (const OkapIdentity *identity, gint64 now_us);
const char *okap_evidence_get_door    (OkapDoor door);
void        okap_evidence_foreach     (const OkapIdentity *identity, OkapEvidenceFunc func,
                                       gpointer user_data);
char       *okap_evidence_dup_binding (const OkapGrant *grant);
char       *okap_evidence_dup_term    (const OkapGrant *grant);

G_END_DECLS
