/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Either an image or an avatar; which one is decided each time that it is shown. */
#include "config.h"

#include "okap-app-icon.h"

struct _OkapAppIcon
{
  AdwBin parent_instance;

  int size;
};

typedef enum
{
  PROP_SIZE = 1,
} OkapAppIconProperty;

static GParamSpec *properties[PROP_SIZE + 1];

G_DEFINE_FINAL_TYPE (OkapAppIcon, okap_app_icon, ADW_TYPE_BIN)

static void
okap_app_icon_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  switch ((OkapAppIconProperty) id)
    {
    case PROP_SIZE:
      OKAP_APP_ICON (object)->size = g_value_get_int (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
okap_app_icon_class_init (OkapAppIconClass *class)
{
  G_OBJECT_CLASS (class)->set_property = okap_app_icon_set_property;
  properties[PROP_SIZE] = g_param_spec_int ("size", NULL, NULL, 16, 512, 40,
                                            G_PARAM_WRITABLE | G_PARAM_CONSTRUCT_ONLY
                                            | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (class), G_N_ELEMENTS (properties),
                                     properties);
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (class),
                                        GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
okap_app_icon_init (OkapAppIcon *self)
{
}

/** okap_app_icon_show: @icon: (nullable) */
void
okap_app_icon_show (OkapAppIcon *self, GIcon *icon, const char *name)
{
  GtkWidget *child = adw_bin_get_child (ADW_BIN (self));

  if (icon == NULL)
    {
      if (!ADW_IS_AVATAR (child))
        adw_bin_set_child (ADW_BIN (self), adw_avatar_new (self->size, name, TRUE));
      else
        adw_avatar_set_text (ADW_AVATAR (child), name);
      return;
    }
  if (!GTK_IS_IMAGE (child))
    {
      child = g_object_new (GTK_TYPE_IMAGE, "pixel-size", self->size, "accessible-role",
                            GTK_ACCESSIBLE_ROLE_PRESENTATION, NULL);
      adw_bin_set_child (ADW_BIN (self), child);
    }
  gtk_image_set_from_gicon (GTK_IMAGE (child), icon);
}
