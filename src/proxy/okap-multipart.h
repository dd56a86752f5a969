/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-caps.h"

#include "okap-meter-sound.h"

#include <glib.h>

G_BEGIN_DECLS

#define OKAP_MULTIPART_BOUNDARY_MOST 70   /* RFC 2046 section 5.1.1 */
#define OKAP_MULTIPART_HEAD_MOST 4096     /* the head of one part */

typedef enum
{
  OKAP_MULTIPART_READING,  /* nothing to say yet */
  OKAP_MULTIPART_MODEL,    /* the field "model" is complete */
  OKAP_MULTIPART_END,      /* the closing boundary came; perhaps without a model */
  OKAP_MULTIPART_INVALID,  /* see okap_multipart_get_fault() */
} OkapMultipartState;

/* Looks for the field "model" in a multipart/form-data body while it passes, keeping only a
 * part's head, that field, and the first bytes of the field "file". */
typedef struct
{
  OkapMultipartState state;
  char model[OKAP_CAP_MODEL_BYTES + 1];
  /*< private >*/
  const char *fault;
  guint8 step;
  gboolean found;            /* the model was seen */
  gboolean in_model;         /* the running part is it */
  gboolean clean_break;      /* the line began behind CRLF, or at the start */
  char last;                 /* the byte before */
  char boundary[OKAP_MULTIPART_BOUNDARY_MOST + 3];  /* with its two dashes */
  guint boundary_length;
  guint matched;
  guint tail_length;         /* bytes behind a boundary, up to the line's end */
  char tail[2];
  guint head_length;
  char head[OKAP_MULTIPART_HEAD_MOST + 1];
  gboolean in_file;          /* the running part is the field "file" */
  guint n_files;             /* such fields */
  gboolean names_url;        /* there is a field "url": what is sent is somewhere else */
  guint file_length;         /* bytes of the first one's start */
  char file[OKAP_METER_SOUND_HEAD];
  guint value_length;
  char value[OKAP_CAP_MODEL_BYTES + OKAP_MULTIPART_BOUNDARY_MOST + 8];
} OkapMultipart;

gboolean           okap_multipart_init      (OkapMultipart *multipart, const char *content_type);
OkapMultipartState okap_multipart_feed      (OkapMultipart *multipart, const char *data,
                                             gsize length);
gboolean           okap_multipart_read_parameter (const char *value, const char *name, char *out,
                                             gsize size);
const char        *okap_multipart_get_fault (const OkapMultipart *multipart);
gint64             okap_multipart_measure_sound (const OkapMultipart *multipart,
                                                 gint64 body_bytes);

G_END_DECLS
