/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The only place of the vault that moves a pointer over file bytes. Whatever a file claims about
 * its lengths, a reader never leaves its memory, and a writer that overruns is a bug of ours. */
#include "config.h"

#include "okap-cursor.h"

#include <string.h>

void
okap_reader_init (OkapReader *reader, gconstpointer data, gsize length)
{
  reader->p = data;
  reader->left = length;
}

/** okap_reader_take: lends the next @length bytes, or returns FALSE and takes nothing */
gboolean
okap_reader_take (OkapReader *reader, gsize length, const guint8 **out_data)
{
  if (length > reader->left)
    return FALSE;
  *out_data = reader->p;
  reader->p += length;
  reader->left -= length;
  return TRUE;
}

/** okap_reader_take_into: copies the next @length bytes to @out_data */
gboolean
okap_reader_take_into (OkapReader *reader, gpointer out_data, gsize length)
{
  const guint8 *data;

  if (!okap_reader_take (reader, length, &data))
    return FALSE;
  memcpy (out_data, data, length);
  return TRUE;
}

static gboolean
take_number (OkapReader *reader, guint bytes, guint64 *out_value)
{
  const guint8 *data;

  if (!okap_reader_take (reader, bytes, &data))
    return FALSE;
  *out_value = 0;
  for (guint i = bytes; i > 0; i--)
    *out_value = *out_value << 8 | data[i - 1];
  return TRUE;
}

gboolean
okap_reader_take_u8 (OkapReader *reader, guint8 *out_value)
{
  return okap_reader_take_into (reader, out_value, 1);
}

gboolean
okap_reader_take_u16 (OkapReader *reader, guint16 *out_value)
{
  guint64 value;

  if (!take_number (reader, 2, &value))
    return FALSE;
  *out_value = (guint16) value;
  return TRUE;
}

gboolean
okap_reader_take_u32 (OkapReader *reader, guint32 *out_value)
{
  guint64 value;

  if (!take_number (reader, 4, &value))
    return FALSE;
  *out_value = (guint32) value;
  return TRUE;
}

gboolean
okap_reader_take_u64 (OkapReader *reader, guint64 *out_value)
{
  return take_number (reader, 8, out_value);
}

/**
 * okap_writer_init:
 * @data: (nullable): where to write; NULL to count only
 * @most: room at @data in bytes
 */
void
okap_writer_init (OkapWriter *writer, gpointer data, gsize most)
{
  writer->p = data;
  writer->most = most;
  writer->length = 0;
}

void
okap_writer_put (OkapWriter *writer, gconstpointer data, gsize length)
{
  if (writer->p != NULL)
    {
      g_assert (length <= writer->most - writer->length);
      if (length > 0)
        memcpy (writer->p + writer->length, data, length);
    }
  writer->length += length;
}

static void
put_number (OkapWriter *writer, guint64 value, guint bytes)
{
  guint8 data[8];

  for (guint i = 0; i < bytes; i++)
    data[i] = (guint8) (value >> (8 * i));
  okap_writer_put (writer, data, bytes);
}

void
okap_writer_put_u8 (OkapWriter *writer, guint8 value)
{
  put_number (writer, value, 1);
}

void
okap_writer_put_u16 (OkapWriter *writer, guint16 value)
{
  put_number (writer, value, 2);
}

void
okap_writer_put_u32 (OkapWriter *writer, guint32 value)
{
  put_number (writer, value, 4);
}

void
okap_writer_put_u64 (OkapWriter *writer, guint64 value)
{
  put_number (writer, value, 8);
}
