/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define OKAP_METER_SOUND_HEAD 128   /* bytes of a file that are enough */

gint64 okap_meter_measure_sound (const char *head, gsize length, gint64 file_bytes);

G_END_DECLS
