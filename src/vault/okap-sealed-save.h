/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <sys/types.h>

G_BEGIN_DECLS

/* Kept earlier versions, named like the file with .1 (the newest) to .3 behind it. */
#define OKAP_SEALED_GENERATIONS 3

/* Which file it was that we read or wrote, so that a change by somebody else is noticed. */
typedef struct
{
  dev_t device;
  ino_t inode;
  gint64 size;
  gint64 modified_ns;
  guint8 digest[32];   /* of all bytes, the generation counter among them */
} OkapSealedIdentity;

/* Whether @data, read back from the disk, opens. */
typedef gboolean (*OkapSealedVerify) (const guint8 *data, gsize length, gpointer user_data,
                                      GError **error);

/* Both block on the disk: crypto thread. */
GBytes  *okap_sealed_load (const char *path, OkapSealedIdentity *out_identity, GError **error)
                           G_GNUC_WARN_UNUSED_RESULT;
gboolean okap_sealed_save (const char *path, GBytes *contents, const OkapSealedIdentity *expected,
                           OkapSealedVerify verify, gpointer user_data, const gint *cancelled,
                           OkapSealedIdentity *out_identity, GError **error);
gboolean okap_sealed_write_new (const char *path, GBytes *contents, OkapSealedVerify verify,
                                gpointer user_data, const gint *cancelled, GError **error);

G_END_DECLS
