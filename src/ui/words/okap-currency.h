/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The currency that amounts are shown in, as the settings have it. Main thread. */
void okap_currency_bind  (void);
void okap_currency_watch (gpointer object, GCallback callback);

G_END_DECLS
