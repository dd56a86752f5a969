/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The menus of menus.ui, by their ids. */
GMenu *okap_menus_get (const char *id);

G_END_DECLS
