/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Which of the numbers from one to another are meant, as one bit each, with the way from a place in
 * the list, counted from the highest, to the number that stands there. A million numbers take
 * 125 kB. One owner; any thread. */
typedef struct _OkapIdSet OkapIdSet;

OkapIdSet *okap_id_set_new          (gint64 first, gint64 last) G_GNUC_WARN_UNUSED_RESULT;
OkapIdSet *okap_id_set_copy         (const OkapIdSet *self) G_GNUC_WARN_UNUSED_RESULT;
void       okap_id_set_free         (OkapIdSet *self);
void       okap_id_set_add          (OkapIdSet *self, gint64 id);
void       okap_id_set_add_all      (OkapIdSet *self);
void       okap_id_set_remove       (OkapIdSet *self, gint64 id);
void       okap_id_set_intersect    (OkapIdSet *self, const OkapIdSet *other);
void       okap_id_set_subtract     (OkapIdSet *self, const OkapIdSet *other);
void       okap_id_set_append       (OkapIdSet *self, const OkapIdSet *later);
gboolean   okap_id_set_continues    (const OkapIdSet *self, const OkapIdSet *earlier);
gboolean   okap_id_set_contains     (const OkapIdSet *self, gint64 id);
gint64     okap_id_set_get_first    (const OkapIdSet *self);
gint64     okap_id_set_get_last     (const OkapIdSet *self);
guint      okap_id_set_count        (OkapIdSet *self);
gint64     okap_id_set_get_nth      (OkapIdSet *self, guint position);
guint      okap_id_set_count_above  (OkapIdSet *self, gint64 id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapIdSet, okap_id_set_free)

G_END_DECLS
