/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Which models: ticks, "all", and an entry for further names. Emits "changed". */
#define OKAP_TYPE_MODELS_ROW (okap_models_row_get_type ())
G_DECLARE_FINAL_TYPE (OkapModelsRow, okap_models_row, OKAP, MODELS_ROW, AdwExpanderRow)

/* @models: (array zero-terminated=1): those that are ticked; none: all */
GtkWidget *okap_models_row_new        (char *const *models) G_GNUC_WARN_UNUSED_RESULT;
/* (transfer full): none: all */
char     **okap_models_row_dup_models (OkapModelsRow *self) G_GNUC_WARN_UNUSED_RESULT;
/* Neither all nor any one is ticked. */
gboolean   okap_models_row_is_empty   (OkapModelsRow *self);

G_END_DECLS
