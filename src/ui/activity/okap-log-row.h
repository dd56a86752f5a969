/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-log-item.h"

G_BEGIN_DECLS

/* A row of a long list: who and what, tokens and time taken where there is room, cost and when. */
#define OKAP_TYPE_LOG_ROW (okap_log_row_get_type ())
G_DECLARE_FINAL_TYPE (OkapLogRow, okap_log_row, OKAP, LOG_ROW, GtkWidget)

GtkWidget *okap_log_row_new      (void);
void       okap_log_row_set_item (OkapLogRow *self, OkapLogItem *item);

G_END_DECLS
