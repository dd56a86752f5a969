/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Reading and writing little-endian binary within bounds. A reader takes from memory that it does
 * not own and returns FALSE instead of going beyond the end. A writer without memory only counts,
 * so that one function serves to measure and to write. */
typedef struct
{
  const guint8 *p;
  gsize left;
} OkapReader;

typedef struct
{
  guint8 *p;      /* (nullable) */
  gsize most;
  gsize length;   /* written, or counted */
} OkapWriter;

void     okap_reader_init      (OkapReader *reader, gconstpointer data, gsize length);
gboolean okap_reader_take      (OkapReader *reader, gsize length, const guint8 **out_data);
gboolean okap_reader_take_into (OkapReader *reader, gpointer out_data, gsize length);
gboolean okap_reader_take_u8   (OkapReader *reader, guint8 *out_value);
gboolean okap_reader_take_u16  (OkapReader *reader, guint16 *out_value);
gboolean okap_reader_take_u32  (OkapReader *reader, guint32 *out_value);
gboolean okap_reader_take_u64  (OkapReader *reader, guint64 *out_value);

void     okap_writer_init      (OkapWriter *writer, gpointer data, gsize most);
void     okap_writer_put       (OkapWriter *writer, gconstpointer data, gsize length);
void     okap_writer_put_u8    (OkapWriter *writer, guint8 value);
void     okap_writer_put_u16   (OkapWriter *writer, guint16 value);
void     okap_writer_put_u32   (OkapWriter *writer, guint32 value);
void     okap_writer_put_u64   (OkapWriter *writer, guint64 value);

G_END_DECLS
