/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-cost.h"
#include "okap-http.h"

G_BEGIN_DECLS

#define OKAP_JOB_HEADERS 5

/* All that has to be known of work at a provider to ask about it and to say what it came to, in
 * this process or the next one. No key and nothing that was asked. */
typedef struct
{
  char *method;        /* (owned) with @path: of the request that began it */
  char *path;          /* (owned) below the base URL */
  char *id;            /* (owned) what the provider calls it */
  OkapUsage *usage;    /* (owned) of the request, without units and costs */
  OkapCosting costing; /* (owned texts) but for the provider, which is @usage's */
  OkapUnits request;   /* what the request told of its use */
  char *headers[OKAP_JOB_HEADERS];  /* (owned) (nullable) values, see below */
} OkapJobRecord;

void     okap_job_record_set_costing (OkapJobRecord *record, const OkapCosting *costing);
void     okap_job_record_take_head   (OkapJobRecord *record, const OkapHttpHead *head);
guint    okap_job_record_list_headers (const OkapJobRecord *record,
                                       OkapHttpHeader out_headers[OKAP_JOB_HEADERS]);
char    *okap_job_record_format      (const OkapJobRecord *record);
gboolean okap_job_record_parse       (const char *text, OkapJobRecord *out_record);
void     okap_job_record_clear       (OkapJobRecord *record);

G_END_DECLS
