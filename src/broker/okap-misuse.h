/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "okap-caller.h"
#include "okap-grant.h"

G_BEGIN_DECLS

/* A program that tried to use the token of another one, however often: a row of
 * okap_misuse_watch_get_list(). Main thread; only the watch changes it ("notify::count"). */
#define OKAP_TYPE_MISUSE (okap_misuse_get_type ())
G_DECLARE_FINAL_TYPE (OkapMisuse, okap_misuse, OKAP, MISUSE, GObject)

OkapMisuse   *okap_misuse_new          (OkapGrant *grant, OkapCaller *caller, gint64 now_us)
                                        G_GNUC_WARN_UNUSED_RESULT;
void          okap_misuse_add          (OkapMisuse *self, guint64 count, gint64 now_us);
gboolean      okap_misuse_is_due       (OkapMisuse *self, gint64 now_us);
void          okap_misuse_set_told     (OkapMisuse *self, gint64 now_us);
gboolean      okap_misuse_is_of        (OkapMisuse *self, const char *grant_id,
                                        const OkapIdentity *identity);
OkapGrant    *okap_misuse_get_grant    (OkapMisuse *self);
OkapIdentity *okap_misuse_get_identity (OkapMisuse *self);
OkapDoor      okap_misuse_get_door     (OkapMisuse *self);
guint64       okap_misuse_get_count    (OkapMisuse *self);
gint64        okap_misuse_get_first    (OkapMisuse *self);
gint64        okap_misuse_get_last     (OkapMisuse *self);
gboolean      okap_misuse_is_changed   (OkapMisuse *self);
gboolean      okap_misuse_is_allowable (OkapMisuse *self);
char         *okap_misuse_dup_words    (OkapMisuse *self);

G_END_DECLS
