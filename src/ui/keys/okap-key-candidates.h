/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A button for each provider whose key it may be. @chosen gets its id, empty for another one. */
typedef void (*OkapCandidateFunc) (const char *id, gpointer data);

void okap_key_candidates_clear (GtkFlowBox *box);
void okap_key_candidates_fill  (GtkFlowBox *box, const GPtrArray *providers,
                                OkapCandidateFunc chosen, gpointer data);

G_END_DECLS
