/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-cost.h"
#include "okap-gate.h"
#include "okap-upstream.h"

G_BEGIN_DECLS

/* Work that goes on at providers after they answered: it is asked about until it is over, and
 * settled then. Belongs to the proxy's thread. */
typedef struct _OkapJobs OkapJobs;

/* What an exchange leaves behind. */
typedef struct
{
  const OkapAccess *access;
  const OkapEndpoint *endpoint;  /* with a job rule; lent by the provider of @access */
  const char *path;              /* that began it */
  const OkapHttpHead *head;      /* (nullable) likewise */
  const char *id;                /* of the work, from okap-job-reader.h */
  OkapLease *lease;              /* taken over */
  OkapUsage *usage;              /* (transfer full) without units and costs */
  const OkapCosting *costing;    /* copied */
  OkapUnits request;             /* what the request told of its use; see the meter */
} OkapJobStart;

OkapJobs *okap_jobs_new      (OkapUpstream *upstream, OkapGate *gate, OkapClock *clock,
                              GMainContext *context) G_GNUC_WARN_UNUSED_RESULT;
void      okap_jobs_free     (OkapJobs *jobs);
gboolean  okap_jobs_has_room (const OkapJobs *jobs);
void      okap_jobs_resume   (OkapJobs *jobs);
void      okap_jobs_add      (OkapJobs *jobs, const OkapJobStart *start);

G_END_DECLS
