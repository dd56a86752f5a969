/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The desktop portal, without ever waiting for it. Main thread. */
guint okap_portal_hide          (GDBusConnection *connection);
void  okap_portal_unhide        (GDBusConnection *connection, guint filter);
void  okap_portal_follow_colors (GDBusConnection *connection);

G_END_DECLS
