/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-core.h"

G_BEGIN_DECLS

/* The preferences. What decides about consent, money or keys takes the passphrase and stands in
 * files of the core; the rest is in GSettings, which any program of the user can write. */
GtkWindow *okap_preferences_new         (GtkWindow *parent, OkapCore *core)
                                         G_GNUC_WARN_UNUSED_RESULT;

/* Its pages: AdwPreferencesPage. */
GtkWidget *okap_general_page_new        (void) G_GNUC_WARN_UNUSED_RESULT;
GtkWidget *okap_limits_page_new         (OkapCore *core) G_GNUC_WARN_UNUSED_RESULT;
GtkWidget *okap_locking_page_new        (void) G_GNUC_WARN_UNUSED_RESULT;
GtkWidget *okap_privacy_page_new        (OkapCore *core) G_GNUC_WARN_UNUSED_RESULT;
GtkWidget *okap_prices_page_new         (OkapCore *core) G_GNUC_WARN_UNUSED_RESULT;
GtkWidget *okap_vault_page_new          (OkapCore *core) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
