/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-gate.h"

G_BEGIN_DECLS

/* A limit as a row: what it is, what is left of it, and a bar. */
#define OKAP_TYPE_LIMIT_ROW (okap_limit_row_get_type ())
G_DECLARE_FINAL_TYPE (OkapLimitRow, okap_limit_row, OKAP, LIMIT_ROW, AdwActionRow)

GtkWidget *okap_limit_row_new    (const char *provider) G_GNUC_WARN_UNUSED_RESULT;
void       okap_limit_row_show   (OkapLimitRow *self, const OkapStanding *standing,
                                  const OkapExtra *extra, gint64 now_us);

/* A thin bar that is filled from 0 to 1, and changes its colour as it fills up. */
GtkWidget *okap_budget_bar_new   (void) G_GNUC_WARN_UNUSED_RESULT;
void       okap_budget_bar_set   (GtkWidget *bar, double part, const char *words);

G_END_DECLS
