/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define OKAP_TYPE_SECRET (okap_secret_get_type ())

typedef struct _OkapSecret OkapSecret;

GType       okap_secret_get_type      (void) G_GNUC_CONST;
OkapSecret *okap_secret_new           (gconstpointer data, gsize length) G_GNUC_WARN_UNUSED_RESULT;
OkapSecret *okap_secret_new_pair      (const OkapSecret *first, const OkapSecret *second)
                                       G_GNUC_WARN_UNUSED_RESULT;
OkapSecret *okap_secret_dup_first     (const OkapSecret *pair) G_GNUC_WARN_UNUSED_RESULT;
OkapSecret *okap_secret_dup_second    (const OkapSecret *pair) G_GNUC_WARN_UNUSED_RESULT;
OkapSecret *okap_secret_new_random    (gsize length) G_GNUC_WARN_UNUSED_RESULT;
OkapSecret *okap_secret_new_from_string (const char *text) G_GNUC_WARN_UNUSED_RESULT;
OkapSecret *okap_secret_new_from_fd   (int fd, gsize most,
                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
OkapSecret *okap_secret_ref           (OkapSecret *secret);
void        okap_secret_unref         (OkapSecret *secret);
const guint8 *okap_secret_get_data    (const OkapSecret *secret);
const char *okap_secret_get_text      (const OkapSecret *secret);
gsize       okap_secret_get_length    (const OkapSecret *secret);
gboolean    okap_secret_equal         (const OkapSecret *a, const OkapSecret *b);
void        okap_wipe                 (gpointer data, gsize length);
void        okap_wipe_string          (char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapSecret, okap_secret_unref)

G_END_DECLS
