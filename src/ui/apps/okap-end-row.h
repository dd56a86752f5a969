/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Until when: a drop-down of the usual answers. Property of AdwComboRow: "selected". */
#define OKAP_TYPE_END_ROW (okap_end_row_get_type ())
G_DECLARE_FINAL_TYPE (OkapEndRow, okap_end_row, OKAP, END_ROW, AdwComboRow)

/* The end that there is: the first answer, and chosen. */
void   okap_end_row_set_current (OkapEndRow *self, gint64 end_us);
/* 0: as it is */
gint64 okap_end_row_get_end     (OkapEndRow *self);

G_END_DECLS
