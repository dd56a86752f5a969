/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

void okap_process_hide (void);
void okap_process_leave_no_core (void);

G_END_DECLS
