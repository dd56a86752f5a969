/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

GVariant *okap_tray_icon_render (const char *name, gboolean needs_attention)
                                 G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
