/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "okap-tray.h"

G_BEGIN_DECLS

/* Whether Okap lives on without a window, and that a person knows how to come back. Property
 * "hint": that has to be said yet. Main thread. */
#define OKAP_TYPE_BACKGROUND (okap_background_get_type ())
G_DECLARE_FINAL_TYPE (OkapBackground, okap_background, OKAP, BACKGROUND, GObject)

OkapBackground *okap_background_new      (GApplication *application, GSettings *settings,
                                          OkapTray *tray) G_GNUC_WARN_UNUSED_RESULT;
gboolean        okap_background_get_stays (OkapBackground *self);
gboolean        okap_background_get_hint (OkapBackground *self);
void            okap_background_set_told (OkapBackground *self);
void            okap_background_note_closed (OkapBackground *self);

G_END_DECLS
