/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The window of another program, named as portals name it, as the parent of one of ours. The name
 * comes from outside: what cannot be read, is for another kind of display, or names no window is
 * logged and left out. It only helps the desktop to place our window. */
#include "config.h"

#include "okap-parent-window.h"

#include <string.h>

#ifdef GDK_WINDOWING_X11
#include <gdk/x11/gdkx.h>
#endif
#ifdef GDK_WINDOWING_WAYLAND
#include <gdk/wayland/gdkwayland.h>
#endif

#define X11     "x11:"
#define WAYLAND "wayland:"

#ifdef GDK_WINDOWING_X11
static gboolean
set_x11 (GtkWindow *window, const char *name)
{
  GdkSurface *surface = gtk_native_get_surface (GTK_NATIVE (window));
  GdkDisplay *display = gdk_surface_get_display (surface);
  guint64 parent;
  XWindowAttributes attributes;
  Display *xdisplay;
  gboolean exists;

  if (!GDK_IS_X11_DISPLAY (display)
      || !g_ascii_string_to_unsigned (name, 16, 1, G_MAXUINT32, &parent, NULL))
    return FALSE;
  xdisplay = gdk_x11_display_get_xdisplay (display);
  gdk_x11_display_error_trap_push (display);
  exists = XGetWindowAttributes (xdisplay, (Window) parent, &attributes) != 0;
  if (gdk_x11_display_error_trap_pop (display) != 0 || !exists)
    return FALSE;
  XSetTransientForHint (xdisplay, gdk_x11_surface_get_xid (surface), (Window) parent);
  return TRUE;
}
#endif

#ifdef GDK_WINDOWING_WAYLAND
static gboolean
set_wayland (GtkWindow *window, const char *name)
{
  GdkSurface *surface = gtk_native_get_surface (GTK_NATIVE (window));

  return GDK_IS_WAYLAND_TOPLEVEL (surface)
         && gdk_wayland_toplevel_set_transient_for_exported (GDK_WAYLAND_TOPLEVEL (surface), name);
}
#endif

/**
 * okap_parent_window_set:
 * @window: realized
 * @parent: "x11:HEX" or "wayland:HANDLE", unchecked
 *
 * Returns: whether @window now belongs to it
 */
gboolean
okap_parent_window_set (GtkWindow *window, const char *parent)
{
  gboolean done = FALSE;

#ifdef GDK_WINDOWING_X11
  if (g_str_has_prefix (parent, X11))
    done = set_x11 (window, parent + strlen (X11));
#endif
#ifdef GDK_WINDOWING_WAYLAND
  if (g_str_has_prefix (parent, WAYLAND))
    done = set_wayland (window, parent + strlen (WAYLAND));
#endif
  if (!done)
    g_info ("The parent window that an app named is not there; its request is shown by itself");
  return done;
}
