/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "okap-notice.h"

G_BEGIN_DECLS

/* Brings one window before a person, by whatever this desktop allows. Emits "failed" if it could
 * not be shown at all. Main thread. */
#define OKAP_TYPE_PRESENTER (okap_presenter_get_type ())
G_DECLARE_FINAL_TYPE (OkapPresenter, okap_presenter, OKAP, PRESENTER, GObject)

OkapPresenter *okap_presenter_new     (GtkWindow *window, OkapNotice *notice)
                                       G_GNUC_WARN_UNUSED_RESULT;
void           okap_presenter_present (OkapPresenter *self, const char *parent_window,
                                       const char *activation_token);
void           okap_presenter_announce (OkapPresenter *self);

G_END_DECLS
