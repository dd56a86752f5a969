/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-id-set.h"
#include "okap-store.h"

G_BEGIN_DECLS

typedef enum
{
  OKAP_LOG_REQUESTS,    /* rows of usage */
  OKAP_LOG_DECISIONS,   /* lines of the audit trail */
} OkapLogKind;

typedef enum
{
  OKAP_LOG_IDLE,        /* not asked for yet */
  OKAP_LOG_LOADING,     /* the filter is new; what is there is of the one before */
  OKAP_LOG_READY,
  OKAP_LOG_FAILED,
} OkapLogState;

/* A list of all that fits a filter, newest first, of any length: a GListModel of OkapLogItem, of
 * which only those that are looked at are read. Main thread. */
#define OKAP_TYPE_LOG_MODEL (okap_log_model_get_type ())
G_DECLARE_FINAL_TYPE (OkapLogModel, okap_log_model, OKAP, LOG_MODEL, GObject)

OkapLogModel *okap_log_model_new              (OkapStore *store, OkapLogKind kind)
                                               G_GNUC_WARN_UNUSED_RESULT;
void          okap_log_model_set_usage_filter (OkapLogModel *self, const OkapUsageFilter *filter);
void          okap_log_model_set_audit_filter (OkapLogModel *self, const OkapAuditFilter *filter);
void          okap_log_model_set_live         (OkapLogModel *self, gboolean live);
OkapLogState  okap_log_model_get_state        (OkapLogModel *self);
const GError *okap_log_model_get_error        (OkapLogModel *self);
OkapIdSet    *okap_log_model_copy_ids         (OkapLogModel *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
