/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "okap-usage.h"

G_BEGIN_DECLS

/* How the time of a request was spent, as a bar: in Okap, waiting for the first byte, answering. */
#define OKAP_TYPE_TIMING_BAR (okap_timing_bar_get_type ())
G_DECLARE_FINAL_TYPE (OkapTimingBar, okap_timing_bar, OKAP, TIMING_BAR, GtkWidget)

GtkWidget *okap_timing_bar_new (const OkapUsage *usage);

G_END_DECLS
