/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "okap-usage-item.h"

struct _OkapUsageItem
{
  GObject parent_instance;

  OkapUsage *usage;  /* (owned) (immutable) */
};

G_DEFINE_FINAL_TYPE (OkapUsageItem, okap_usage_item, G_TYPE_OBJECT)

static void
okap_usage_item_finalize (GObject *object)
{
  okap_usage_unref (OKAP_USAGE_ITEM (object)->usage);
  G_OBJECT_CLASS (okap_usage_item_parent_class)->finalize (object);
}

static void
okap_usage_item_class_init (OkapUsageItemClass *class)
{
  G_OBJECT_CLASS (class)->finalize = okap_usage_item_finalize;
}

static void
okap_usage_item_init (OkapUsageItem *self)
{
}

OkapUsageItem *
okap_usage_item_new (OkapUsage *usage)
{
  OkapUsageItem *self = g_object_new (OKAP_TYPE_USAGE_ITEM, NULL);

  self->usage = okap_usage_ref (usage);
  return self;
}

OkapUsage *
okap_usage_item_get_usage (OkapUsageItem *self)
{
  return self->usage;
}
