/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-store.h"

G_BEGIN_DECLS

/* A place in a list of what happened: its id is known at once, what stands there comes a moment
 * later, which "changed" tells. Main thread. */
#define OKAP_TYPE_LOG_ITEM (okap_log_item_get_type ())
G_DECLARE_FINAL_TYPE (OkapLogItem, okap_log_item, OKAP, LOG_ITEM, GObject)

OkapLogItem    *okap_log_item_new       (gint64 id) G_GNUC_WARN_UNUSED_RESULT;
gint64          okap_log_item_get_id    (OkapLogItem *self);
OkapUsage      *okap_log_item_get_usage (OkapLogItem *self);
OkapAuditEntry *okap_log_item_get_entry (OkapLogItem *self);
gboolean        okap_log_item_is_loaded (OkapLogItem *self);

/* For the model */
void            okap_log_item_set_usage (OkapLogItem *self, OkapUsage *usage);
void            okap_log_item_set_entry (OkapLogItem *self, const OkapAuditEntry *entry);
gboolean        okap_log_item_want      (OkapLogItem *self, gboolean wanted);

G_END_DECLS
