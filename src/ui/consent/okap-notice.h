/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* One desktop notification whose only action tells us, with the token by which a window may come
 * to the front: what GNotification does not do. Emits "invoked" (activation token, nullable). */
#define OKAP_TYPE_NOTICE (okap_notice_get_type ())
G_DECLARE_FINAL_TYPE (OkapNotice, okap_notice, OKAP, NOTICE, GObject)

OkapNotice *okap_notice_new      (GDBusConnection *bus, const char *title, const char *body,
                                  const char *action) G_GNUC_WARN_UNUSED_RESULT;
void        okap_notice_show     (OkapNotice *self);
void        okap_notice_withdraw (OkapNotice *self);

G_END_DECLS
