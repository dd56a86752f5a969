/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-broker.h"

G_BEGIN_DECLS

/* One program that tried the token of another one: who it is, and what may be done about it. */
#define OKAP_TYPE_MISUSE_ROW (okap_misuse_row_get_type ())
G_DECLARE_FINAL_TYPE (OkapMisuseRow, okap_misuse_row, OKAP, MISUSE_ROW, AdwExpanderRow)

GtkWidget *okap_misuse_row_new (OkapBroker *broker, OkapMisuse *misuse) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
