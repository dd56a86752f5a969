/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "okap-broker.h"

G_BEGIN_DECLS

/* Asks by GTK dialogs. The broker asks one question at a time. */
#define OKAP_TYPE_CONSENT_PROMPTER (okap_consent_prompter_get_type ())
G_DECLARE_FINAL_TYPE (OkapConsentPrompter, okap_consent_prompter, OKAP, CONSENT_PROMPTER, GObject)

OkapConsentPrompter *okap_consent_prompter_new (GtkApplication *application, OkapBroker *broker)
                                                G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
