/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Lines in aligned columns for a terminal. */
typedef struct _OkapTable OkapTable;

/* A column's heading; "<" or ">" before it says to which side its cells go. */
OkapTable *okap_table_new     (const char * const *headings) G_GNUC_WARN_UNUSED_RESULT;
void       okap_table_free    (OkapTable *table);
void       okap_table_add_row (OkapTable *table, const char * const *cells);
guint      okap_table_get_rows (OkapTable *table);
char      *okap_table_format  (OkapTable *table) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapTable, okap_table_free)

G_END_DECLS
