/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A row of the list of grants: holds the current version and says when there is a next one. */
#include "config.h"

#include "okap-broker.h"

struct _OkapGrantItem
{
  GObject parent_instance;

  OkapGrant *grant;  /* (owned) the current version */
};

typedef enum
{
  PROP_GRANT = 1,
} OkapGrantItemProperty;

static GParamSpec *properties[PROP_GRANT + 1];

G_DEFINE_FINAL_TYPE (OkapGrantItem, okap_grant_item, G_TYPE_OBJECT)

static void
okap_grant_item_finalize (GObject *object)
{
  okap_grant_unref (OKAP_GRANT_ITEM (object)->grant);
  G_OBJECT_CLASS (okap_grant_item_parent_class)->finalize (object);
}

static void
okap_grant_item_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  OkapGrantItem *self = OKAP_GRANT_ITEM (object);

  switch ((OkapGrantItemProperty) id)
    {
    case PROP_GRANT:
      g_value_set_boxed (value, self->grant);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
okap_grant_item_class_init (OkapGrantItemClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->finalize = okap_grant_item_finalize;
  object_class->get_property = okap_grant_item_get_property;

  properties[PROP_GRANT] =
    g_param_spec_boxed ("grant", NULL, NULL, OKAP_TYPE_GRANT,
                        G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
okap_grant_item_init (OkapGrantItem *self)
{
}

OkapGrantItem *
okap_grant_item_new (OkapGrant *grant)
{
  OkapGrantItem *self = g_object_new (OKAP_TYPE_GRANT_ITEM, NULL);

  self->grant = okap_grant_ref (grant);
  return self;
}

/** okap_grant_item_get_grant: (transfer none): valid until the next version */
OkapGrant *
okap_grant_item_get_grant (OkapGrantItem *self)
{
  return self->grant;
}

/** okap_grant_item_set_grant: also says so if @grant is the same, because its time may be over */
void
okap_grant_item_set_grant (OkapGrantItem *self, OkapGrant *grant)
{
  OkapGrant *old = self->grant;

  self->grant = okap_grant_ref (grant);
  okap_grant_unref (old);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_GRANT]);
}
