/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-id-set.h"
#include "okap-store.h"

G_BEGIN_DECLS

typedef enum
{
  OKAP_EXPORT_CSV,
  OKAP_EXPORT_JSON,
} OkapExportFormat;

void     okap_usage_export_async  (OkapStore *store, const OkapIdSet *ids, GFile *file,
                                   OkapExportFormat format, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer user_data);
gboolean okap_usage_export_finish (OkapStore *store, GAsyncResult *result, guint *out_rows,
                                   GError **error);

/* For tests: rows as they stand in the file. */
void     okap_usage_export_append (GString *text, const OkapUsage *usage, OkapExportFormat format);

G_END_DECLS
