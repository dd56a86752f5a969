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
  guint version;      /* (immutable) of the key in use; 1 for one that was never replaced */
  gint64 since_us;    /* (immutable) when that version came in */
  OkapRotation rotation;  /* (immutable) the last one; without id if there was none */
  char *other_tail;   /* (owned) (immutable) (nullable) of the other key of an open rotation */
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
  g_free (self->other_tail);
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
  self->created_us = self->since_us = created_us;
  self->version = 1;
  return self;
}

/**
 * okap_key_info_new_version:
 * @tail: of the key that is in use now
 * @other_tail: (nullable): of the other one of an open rotation
 * @since_us: when @version came into use
 * @rotation: (nullable): the last one
 *
 * Returns: (transfer full): @before with another version, or another step of its rotation
 */
OkapKeyInfo *
okap_key_info_new_version (OkapKeyInfo *before, const char *tail, const char *other_tail,
                           guint version, gint64 since_us, const OkapRotation *rotation)
{
  OkapKeyInfo *self = okap_key_info_new (before->id, before->provider, before->label, tail,
                                         before->base_url, before->created_us);

  self->other_tail = g_strdup (other_tail);
  self->version = version;
  self->since_us = since_us;
  if (rotation != NULL)
    self->rotation = *rotation;
  return self;
}

/** okap_key_info_new_label: (transfer full): @before, called otherwise */
OkapKeyInfo *
okap_key_info_new_label (OkapKeyInfo *before, const char *label)
{
  OkapKeyInfo *self = okap_key_info_new_version (before, before->tail, before->other_tail,
                                                 before->version, before->since_us,
                                                 okap_key_info_get_rotation (before));

  g_free (self->label);
  self->label = g_strdup (label);
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

/** okap_key_info_get_version: of the key in use: 1, and one or more higher for each replacement */
guint
okap_key_info_get_version (OkapKeyInfo *self)
{
  return self->version;
}

gint64
okap_key_info_get_since (OkapKeyInfo *self)
{
  return self->since_us;
}

/** okap_key_info_get_rotation: (transfer none) (nullable): the last one, perhaps still open */
const OkapRotation *
okap_key_info_get_rotation (OkapKeyInfo *self)
{
  return self->rotation.id[0] != '\0' ? &self->rotation : NULL;
}

/** okap_key_info_get_other_tail: (transfer none) (nullable): of the key that is not in use */
const char *
okap_key_info_get_other_tail (OkapKeyInfo *self)
{
  return self->other_tail;
}
