/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-log-model.h"

G_BEGIN_DECLS

/* A list of what happened, or the reason why there is nothing to see. */
#define OKAP_TYPE_LOG_LIST (okap_log_list_get_type ())
G_DECLARE_FINAL_TYPE (OkapLogList, okap_log_list, OKAP, LOG_LIST, AdwBin)

void okap_log_list_set_model (OkapLogList *self, OkapLogModel *model, const char *name);
void okap_log_list_set_empty (OkapLogList *self, const char *title, const char *description);
void okap_log_list_set_filtered (OkapLogList *self, gboolean filtered);

G_END_DECLS
