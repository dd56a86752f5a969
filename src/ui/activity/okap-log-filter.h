/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "okap-log-model.h"

G_BEGIN_DECLS

typedef enum
{
  OKAP_LOG_BY_APP,
  OKAP_LOG_BY_PROVIDER,
  OKAP_LOG_BY_MODEL,
  OKAP_LOG_BY_STATUS,
  OKAP_LOG_BY_EVENT,
  OKAP_LOG_BY_TIME,
} OkapLogFilterField;

#define OKAP_N_LOG_FILTER_FIELDS (OKAP_LOG_BY_TIME + 1)

/* What can be asked for in a list of what happened, but for a text. Emits "changed". */
#define OKAP_TYPE_LOG_FILTER (okap_log_filter_get_type ())
G_DECLARE_FINAL_TYPE (OkapLogFilter, okap_log_filter, OKAP, LOG_FILTER, AdwBin)

GtkWidget *okap_log_filter_new       (OkapStore *store, OkapLogKind kind);
void       okap_log_filter_refresh   (OkapLogFilter *self);
void       okap_log_filter_reset     (OkapLogFilter *self);
void       okap_log_filter_clear     (OkapLogFilter *self, OkapLogFilterField field);
void       okap_log_filter_set_app   (OkapLogFilter *self, const char *app);
char      *okap_log_filter_dup_words (OkapLogFilter *self, OkapLogFilterField field);
void       okap_log_filter_fill_usage (OkapLogFilter *self, OkapUsageFilter *filter);
void       okap_log_filter_fill_audit (OkapLogFilter *self, OkapAuditFilter *filter);

G_END_DECLS
