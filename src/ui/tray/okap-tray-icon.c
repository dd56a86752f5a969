/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tray's icons as pixels, for hosts that do not find them by name: another machine's panel, a
 * sandbox, an Okap that is not installed. Pure but for the resources.
 *
 * Nobody tells whether the panel is light or dark. The colours have a contrast of at least 3 to 1
 * with white and with Adwaita's darkest grey, so they are seen on both. */
#include "config.h"

#include "okap-tray-icon.h"

#include <gdk-pixbuf/gdk-pixbuf.h>

#define FOLDER "/com/example/Okap/icons/symbolic/apps/"
#define CHANNELS 4

static const guint8 calm[] = { 0x85, 0x85, 0x85 };
static const guint8 urgent[] = { 0xe0, 0x60, 0x00 };

/* (transfer none, floating) (nullable): width, height, and lines of alpha, red, green, blue. Only
 * the shape is the picture's. */
static GVariant *
render (const char *path, int size, const guint8 color[3])
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkPixbuf) picture = gdk_pixbuf_new_from_resource_at_scale (path, size, size, TRUE,
                                                                         &error);
  const guint8 *pixels;
  gsize stride, n = 0;
  g_autofree guint8 *argb = NULL;

  if (picture == NULL || !gdk_pixbuf_get_has_alpha (picture)
      || gdk_pixbuf_get_width (picture) != size || gdk_pixbuf_get_height (picture) != size)
    {
      g_debug ("The icon %s cannot be drawn: %s", path, error != NULL ? error->message : "odd");
      return NULL;
    }
  pixels = gdk_pixbuf_read_pixels (picture);
  stride = (gsize) gdk_pixbuf_get_rowstride (picture);
  argb = g_malloc ((gsize) size * (gsize) size * CHANNELS);
  for (gsize y = 0; y < (gsize) size; y++)
    for (gsize x = 0; x < (gsize) size; x++)
      {
        argb[n++] = pixels[y * stride + x * CHANNELS + 3];
        for (guint i = 0; i < 3; i++)
          argb[n++] = color[i];
      }
  return g_variant_new ("(ii@ay)", size, size,
                        g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, argb, n, 1));
}

/**
 * okap_tray_icon_render:
 * @name: of one of our symbolic icons
 *
 * Returns: (transfer full): a(iiay), at the sizes that panels use; empty if it cannot be drawn
 */
GVariant *
okap_tray_icon_render (const char *name, gboolean needs_attention)
{
  static const int sizes[] = { 16, 22, 24, 32, 48 };
  g_autofree char *path = g_strconcat (FOLDER, name, ".svg", NULL);
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(iiay)"));
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      GVariant *pixmap = render (path, sizes[i], needs_attention ? urgent : calm);

      if (pixmap != NULL)
        g_variant_builder_add_value (&builder, pixmap);
    }
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}
