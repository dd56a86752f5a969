/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "okap-broker.h"

G_BEGIN_DECLS

/* Okap in the tray of the desktop: how it is, at a glance, and a few things to do. It approves
 * nothing. Property "has-host": whether there is a tray that shows it. Emits "show" (activation
 * token, nullable; whether it is about the questions that wait) and "quit". Main thread. */
#define OKAP_TYPE_TRAY (okap_tray_get_type ())
G_DECLARE_FINAL_TYPE (OkapTray, okap_tray, OKAP, TRAY, GObject)

OkapTray *okap_tray_new          (GDBusConnection *bus, OkapBroker *broker)
                                  G_GNUC_WARN_UNUSED_RESULT;
gboolean  okap_tray_get_has_host (OkapTray *self);
gboolean  okap_tray_is_sure      (OkapTray *self);

G_END_DECLS
