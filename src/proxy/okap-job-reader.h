/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-meter.h"

G_BEGIN_DECLS

#define OKAP_JOB_ID_BYTES OKAP_CAP_MODEL_BYTES
#define OKAP_JOB_STATE_BYTES 32

/* Finds in an answer what names the work that goes on, and how that stands. Constant memory. */
typedef struct
{
  char id[OKAP_JOB_ID_BYTES + 1];        /* empty: not seen */
  char state[OKAP_JOB_STATE_BYTES + 1];  /* the last that was seen; empty: none */
  char results[OKAP_JOB_ID_BYTES + 1];   /* what names its results; empty: nothing does */
  gboolean in_background;                /* the answer says that it outlives its connection */
  /*< private >*/
  const OkapJobRule *rule;
  OkapFraming framing;
  OkapJsonTap tap;
  OkapSse sse;
  guint64 ids[2], states[2], backgrounds[2], results_ids[2];
} OkapJobReader;

void     okap_job_reader_init     (OkapJobReader *reader, const OkapJobRule *rule,
                                   OkapFraming framing);
void     okap_job_reader_feed     (OkapJobReader *reader, const char *data, gsize length);
gboolean okap_job_reader_is_final (const OkapJobReader *reader);
gboolean okap_job_reader_is_open  (const OkapJobReader *reader);

gboolean okap_job_id_is_plain     (const char *id);
char    *okap_job_fill_pattern    (const char *pattern, const char *id, const char *path);

G_END_DECLS
