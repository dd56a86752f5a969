/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Writable guarded memory with one owner, for secrets that are still being put together. Wiped
 * when freed. An OkapSecret is its constant, shared counterpart. */
typedef struct
{
  guint8 *data;   /* (owned) */
  gsize length;   /* (immutable) */
} OkapGuarded;

OkapGuarded *okap_guarded_new  (gsize length) G_GNUC_WARN_UNUSED_RESULT;
void         okap_guarded_free (OkapGuarded *guarded);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapGuarded, okap_guarded_free)

G_END_DECLS
