/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "okap-usage.h"

G_BEGIN_DECLS

/* A line of the activity: what was asked by whom, how it ended, and what it cost. */
#define OKAP_TYPE_USAGE_ROW (okap_usage_row_get_type ())
G_DECLARE_FINAL_TYPE (OkapUsageRow, okap_usage_row, OKAP, USAGE_ROW, GtkBox)

GtkWidget *okap_usage_row_new       (void) G_GNUC_WARN_UNUSED_RESULT;
void       okap_usage_row_set_usage (OkapUsageRow *self, OkapUsage *usage);

G_END_DECLS
