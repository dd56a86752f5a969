/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

#include "okap-usage.h"

G_BEGIN_DECLS

/* A usage record as an item of a list model. Constant. */
#define OKAP_TYPE_USAGE_ITEM (okap_usage_item_get_type ())
G_DECLARE_FINAL_TYPE (OkapUsageItem, okap_usage_item, OKAP, USAGE_ITEM, GObject)

OkapUsageItem *okap_usage_item_new       (OkapUsage *usage) G_GNUC_WARN_UNUSED_RESULT;
OkapUsage     *okap_usage_item_get_usage (OkapUsageItem *self);

G_END_DECLS
