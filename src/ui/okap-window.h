/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-background.h"
#include "okap-core.h"
#include "okap-locking.h"

G_BEGIN_DECLS

/* The window: whatever the state of the vault calls for. */
#define OKAP_TYPE_WINDOW (okap_window_get_type ())
G_DECLARE_FINAL_TYPE (OkapWindow, okap_window, OKAP, WINDOW, AdwApplicationWindow)

GtkWidget *okap_window_new       (GtkApplication *application) G_GNUC_WARN_UNUSED_RESULT;
void       okap_window_set_core  (OkapWindow *self, OkapCore *core, OkapLocking *locking);
void       okap_window_set_background (OkapWindow *self, OkapBackground *background);
void       okap_window_set_error (OkapWindow *self, const GError *error);

G_END_DECLS
