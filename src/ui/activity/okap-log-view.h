/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-log-item.h"
#include "okap-log-model.h"

G_BEGIN_DECLS

/* One of the lists of what happened, with search and filters. Emits "activated" with an item. */
#define OKAP_TYPE_LOG_VIEW (okap_log_view_get_type ())
G_DECLARE_FINAL_TYPE (OkapLogView, okap_log_view, OKAP, LOG_VIEW, AdwBin)

void       okap_log_view_set_store (OkapLogView *self, OkapStore *store, OkapLogKind kind);
void       okap_log_view_add_end   (OkapLogView *self, GtkWidget *widget);
void       okap_log_view_search    (OkapLogView *self);
void       okap_log_view_show_app  (OkapLogView *self, const char *app);
OkapIdSet *okap_log_view_copy_ids  (OkapLogView *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
