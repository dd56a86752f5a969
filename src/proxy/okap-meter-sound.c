/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long a sound is that an app sends, for transcripts whose answer does not say (text,
 * subtitles) and for what is set aside before they are asked for.
 *
 * Only uncompressed WAVE files are measured. Of all others the head may say what it wants, and the
 * sound be longer than it says; uncompressed sound is as long as its bytes, whatever a head claims,
 * since who decodes it takes sampling rate, channels and bits from the same place. Where two
 * members of the head tell the size of a sample, the smaller one makes the longer sound. */
#include "config.h"

#include "okap-meter-sound.h"

#include <string.h>

#define FORMAT_PCM 1
#define FORMAT_FLOAT 3
#define FORMAT_EXTENSIBLE 0xfffe    /* which one, stands further behind */

#define RIFF_HEAD 12                /* "RIFF", a size, "WAVE" */
#define CHUNK_HEAD 8                /* a name, a size */
#define FORMAT_BYTES 16
#define EXTENSIBLE_BYTES 26         /* as far as the real format */

static guint32
read_le (const char *p, guint bytes)
{
  guint32 value = 0;

  for (guint i = 0; i < bytes; i++)
    value |= (guint32) (guchar) p[i] << (8 * i);
  return value;
}

/* The chunk "fmt ", as far as it is within the head; NULL if it is not. */
static const char *
find_format (const char *head, gsize length, gsize *out_length)
{
  gsize at = RIFF_HEAD;

  if (length < RIFF_HEAD || memcmp (head, "RIFF", 4) != 0 || memcmp (head + 8, "WAVE", 4) != 0)
    return NULL;
  while (at + CHUNK_HEAD <= length)
    {
      gsize size = read_le (head + at + 4, 4);

      if (memcmp (head + at, "fmt ", 4) == 0)
        {
          *out_length = MIN (size, length - at - CHUNK_HEAD);
          return head + at + CHUNK_HEAD;
        }
      /* Chunks are padded to an even length. */
      if (size > length)
        return NULL;
      at += CHUNK_HEAD + size + size % 2;
    }
  return NULL;
}

/**
 * okap_meter_measure_sound:
 * @head: the file's first bytes, @length of them; %OKAP_METER_SOUND_HEAD are enough
 * @file_bytes: how long the file is, or more
 *
 * Returns: milliseconds, rounded up; -1 if it is no uncompressed WAVE file
 */
gint64
okap_meter_measure_sound (const char *head, gsize length, gint64 file_bytes)
{
  gsize format_length = 0;
  const char *format = find_format (head, length, &format_length);
  guint32 kind, channels, rate, block, bits;
  gint64 sample, bytes_s;

  if (format == NULL || format_length < FORMAT_BYTES || file_bytes < 0)
    return -1;
  kind = read_le (format, 2);
  if (kind == FORMAT_EXTENSIBLE && format_length >= EXTENSIBLE_BYTES)
    kind = read_le (format + 24, 2);
  channels = read_le (format + 2, 2);
  rate = read_le (format + 4, 4);
  block = read_le (format + 12, 2);
  bits = read_le (format + 14, 2);
  sample = MIN ((gint64) block, (gint64) channels * (bits / 8));
  bytes_s = sample * rate;
  if ((kind != FORMAT_PCM && kind != FORMAT_FLOAT) || bytes_s == 0
      || file_bytes > G_MAXINT64 / 1000)
    return -1;
  return (file_bytes * 1000 + bytes_s - 1) / bytes_s;
}
