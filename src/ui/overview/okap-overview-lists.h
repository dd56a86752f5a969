/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-core.h"
#include "okap-overview-data.h"

G_BEGIN_DECLS

/* The rows of the overview that lead elsewhere: what needs a person, and which apps spend most.
 * Each fills @list anew and says how many rows there are. A row's name is that of the page to which
 * it leads. */
guint okap_overview_fill_alerts (GtkListBox *list, OkapCore *core, gint64 now_us);
guint okap_overview_fill_apps   (GtkListBox *list, OkapCore *core,
                                 const OkapOverviewFigures *figures);

G_END_DECLS
