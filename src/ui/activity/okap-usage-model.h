/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "okap-store.h"

G_BEGIN_DECLS

/* (element-type OkapUsageItem) what happened, newest first, read a page at a time as it is looked
 * at, and joined by what happens now. Main thread. */
#define OKAP_TYPE_USAGE_MODEL (okap_usage_model_get_type ())
G_DECLARE_FINAL_TYPE (OkapUsageModel, okap_usage_model, OKAP, USAGE_MODEL, GObject)

OkapUsageModel *okap_usage_model_new       (OkapStore *store) G_GNUC_WARN_UNUSED_RESULT;
void            okap_usage_model_load_more (OkapUsageModel *self);

G_END_DECLS
