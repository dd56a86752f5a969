/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

void okap_notify_send (GApplication *application, const char *setting, const char *id,
                       GNotification *notification, const char *grant_id);

G_END_DECLS
