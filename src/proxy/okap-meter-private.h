/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the meter share. */
#pragma once

#include "okap-meter.h"

G_BEGIN_DECLS

void okap_meter_take_detail (OkapMeter *meter, guint8 what, OkapJsonToken token, const char *text,
                             gsize length);

G_END_DECLS
