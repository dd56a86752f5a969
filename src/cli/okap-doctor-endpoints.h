/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-cli.h"

G_BEGIN_DECLS

int okap_doctor_print_endpoints (const char *id, gboolean json);

G_END_DECLS
