/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A provider key as it may be shown: label and last four characters. */
#include "config.h"

#include "okap-key-info.h"

struct _OkapKeyInfo
{
  GObject parent_instance;

  char *id;           /* (owned) (immutable) */
  char *provider;     /* (owned) (immutable) */
  char *label;        /* (owned) (immutable) may be empty */
  char *tail;         /* (owned) (immutable) last four characters; empty for a short key */
  char *base_url;     /* (owned) (immutable) (nullable) instead of the provider's own */
  gint64 created_us;  /* (immutable) */
};

G_DEFINE_FINAL_TYPE (OkapKeyInfo, okap_key_info, G_TYPE_OBJECT)

static void
okap_key_info_finalize (GObject *object)
{
  OkapKeyInfo *self = OKAP_KEY_INFO (object);

  g_free (self->id);
  g_free (self->provider);
  g_free (self->label);
  g_free (self->tail);
  g_free (self->base_url);
  G_OBJECT_CLASS (okap_key_info_parent_class)->finalize (object);
}

static void
okap_key_info_class_init (OkapKeyInfoClass *class)
{
  G_OBJECT_CLASS (class)->finalize = okap_key_info_finalize;
}

static void
okap_key_info_init (OkapKeyInfo *self)
{
}

/**
 * okap_key_info_new:
 * @tail: the last four characters of the key, or empty
 * @base_url: (nullable): address that replaces the provider's own
 */
OkapKeyInfo *
okap_key_info_new (const char *id, const char *provider, const char *label, const char *tail,
                   const char *base_url, gint64 created_us)
{
  OkapKeyInfo *self = g_object_new (OKAP_TYPE_KEY_INFO, NULL);

  self->id = g_strdup (id);
  self->provider = g_strdup (provider);
  self->label = g_strdup (label);
  self->tail = g_strdup (tail);
  self->base_url = g_strdup (base_url);
  self->created_us = created_us;
  return self;
}

const char *
okap_key_info_get_id (OkapKeyInfo *self)
{
  return self->id;
}

const char *
okap_key_info_get_provider (OkapKeyInfo *self)
{
  return self->provider;
}

const char *
okap_key_info_get_label (OkapKeyInfo *self)
{
  return self->label;
}

const char *
okap_key_info_get_tail (OkapKeyInfo *self)
{
  return self->tail;
}

/** okap_key_info_get_base_url: (transfer none) (nullable) */
const char *
okap_key_info_get_base_url (OkapKeyInfo *self)
{
  return self->base_url;
}

gint64
okap_key_info_get_created (OkapKeyInfo *self)
{
  return self->created_us;
}
