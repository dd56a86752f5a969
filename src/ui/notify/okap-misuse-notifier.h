/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "okap-misuse-watch.h"

G_BEGIN_DECLS

void okap_misuse_notifier_attach (OkapMisuseWatch *watch, GApplication *application);

G_END_DECLS
