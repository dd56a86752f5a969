/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define OKAP_BODY_DIGEST_BYTES 16

/* BLAKE2b of 128 bits over a body, as "b2sum -l 128" prints it; all zeros for none. */
typedef struct
{
  guint8 bytes[OKAP_BODY_DIGEST_BYTES];
} OkapBodyDigest;

/* One that is being made, as the bytes pass. */
typedef struct _OkapBodyDigester OkapBodyDigester;

OkapBodyDigester *okap_body_digester_new  (void) G_GNUC_WARN_UNUSED_RESULT;
void              okap_body_digester_feed (OkapBodyDigester *self, gconstpointer data,
                                           gsize length);
OkapBodyDigest    okap_body_digester_end  (OkapBodyDigester *self);
void              okap_body_digester_free (OkapBodyDigester *self);

OkapBodyDigest okap_body_digest_of     (gconstpointer data, gsize length);
gboolean       okap_body_digest_is_set (const OkapBodyDigest *digest);
char          *okap_body_digest_format (const OkapBodyDigest *digest);
gboolean       okap_body_digest_parse  (const char *text, OkapBodyDigest *out_digest);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapBodyDigester, okap_body_digester_free)

G_END_DECLS
