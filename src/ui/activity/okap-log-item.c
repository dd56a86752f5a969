/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "okap-log-item.h"

struct _OkapLogItem
{
  GObject parent_instance;

  gint64 id;               /* (immutable) */
  OkapUsage *usage;        /* (owned) (nullable) */
  OkapAuditEntry *entry;   /* (owned) (nullable) */
  gboolean wanted;         /* it is on the model's list of what to load */
};

G_DEFINE_FINAL_TYPE (OkapLogItem, okap_log_item, G_TYPE_OBJECT)

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
okap_log_item_finalize (GObject *object)
{
  OkapLogItem *self = OKAP_LOG_ITEM (object);

  g_clear_pointer (&self->usage, okap_usage_unref);
  g_clear_pointer (&self->entry, okap_audit_entry_free);
  G_OBJECT_CLASS (okap_log_item_parent_class)->finalize (object);
}

static void
okap_log_item_class_init (OkapLogItemClass *class)
{
  G_OBJECT_CLASS (class)->finalize = okap_log_item_finalize;

  /**
   * OkapLogItem::changed:
   *
   * What stands there is known now.
   */
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", OKAP_TYPE_LOG_ITEM, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
okap_log_item_init (OkapLogItem *self)
{
}

OkapLogItem *
okap_log_item_new (gint64 id)
{
  OkapLogItem *self = g_object_new (OKAP_TYPE_LOG_ITEM, NULL);

  self->id = id;
  return self;
}

gint64
okap_log_item_get_id (OkapLogItem *self)
{
  return self->id;
}

/** okap_log_item_get_usage: (transfer none) (nullable): NULL until it came */
OkapUsage *
okap_log_item_get_usage (OkapLogItem *self)
{
  return self->usage;
}

/** okap_log_item_get_entry: (transfer none) (nullable): likewise, of a list of audit lines */
OkapAuditEntry *
okap_log_item_get_entry (OkapLogItem *self)
{
  return self->entry;
}

gboolean
okap_log_item_is_loaded (OkapLogItem *self)
{
  return self->usage != NULL || self->entry != NULL;
}

void
okap_log_item_set_usage (OkapLogItem *self, OkapUsage *usage)
{
  g_clear_pointer (&self->usage, okap_usage_unref);
  self->usage = okap_usage_ref (usage);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

void
okap_log_item_set_entry (OkapLogItem *self, const OkapAuditEntry *entry)
{
  g_clear_pointer (&self->entry, okap_audit_entry_free);
  self->entry = okap_audit_entry_copy (entry);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

/** okap_log_item_want: notes whether it is on the list of what to load; whether that is new */
gboolean
okap_log_item_want (OkapLogItem *self, gboolean wanted)
{
  gboolean is_new = self->wanted != wanted;

  self->wanted = wanted;
  return is_new;
}
