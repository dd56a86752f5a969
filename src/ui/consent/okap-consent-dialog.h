/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-broker.h"

G_BEGIN_DECLS

/* The question whether an app may use the user's keys. Emits "decided" once. */
#define OKAP_TYPE_CONSENT_DIALOG (okap_consent_dialog_get_type ())
G_DECLARE_FINAL_TYPE (OkapConsentDialog, okap_consent_dialog, OKAP, CONSENT_DIALOG, AdwWindow)

GtkWidget    *okap_consent_dialog_new            (OkapQuestion *question, OkapBroker *broker)
                                                  G_GNUC_WARN_UNUSED_RESULT;
OkapDecision *okap_consent_dialog_steal_decision (OkapConsentDialog *self)
                                                  G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
