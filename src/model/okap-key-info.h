/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

#include "okap-key-rotation.h"

G_BEGIN_DECLS

#define OKAP_TYPE_KEY_INFO (okap_key_info_get_type ())

/* What may be shown of a provider key: everything but the key. A GObject because lists bind it;
 * its fields are constant. */
G_DECLARE_FINAL_TYPE (OkapKeyInfo, okap_key_info, OKAP, KEY_INFO, GObject)

OkapKeyInfo *okap_key_info_new          (const char *id, const char *provider, const char *label,
                                         const char *tail, const char *base_url, gint64 created_us)
                                         G_GNUC_WARN_UNUSED_RESULT;
OkapKeyInfo *okap_key_info_new_version  (OkapKeyInfo *before, const char *tail,
                                         const char *other_tail, guint version, gint64 since_us,
                                         const OkapRotation *rotation) G_GNUC_WARN_UNUSED_RESULT;
OkapKeyInfo *okap_key_info_new_label    (OkapKeyInfo *before, const char *label)
                                         G_GNUC_WARN_UNUSED_RESULT;
const char  *okap_key_info_get_id       (OkapKeyInfo *self);
const char  *okap_key_info_get_provider (OkapKeyInfo *self);
const char  *okap_key_info_get_label    (OkapKeyInfo *self);
const char  *okap_key_info_get_tail     (OkapKeyInfo *self);
const char  *okap_key_info_get_base_url (OkapKeyInfo *self);
gint64       okap_key_info_get_created  (OkapKeyInfo *self);
guint        okap_key_info_get_version  (OkapKeyInfo *self);
gint64       okap_key_info_get_since    (OkapKeyInfo *self);
const OkapRotation *okap_key_info_get_rotation (OkapKeyInfo *self);
const char  *okap_key_info_get_other_tail (OkapKeyInfo *self);

G_END_DECLS
