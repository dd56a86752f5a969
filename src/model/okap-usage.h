/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

#include "okap-body-digest.h"
#include "okap-units.h"

G_BEGIN_DECLS

#define OKAP_TYPE_USAGE (okap_usage_get_type ())

typedef enum
{
  OKAP_COST_KNOWN,      /* counted by the provider, priced by the table */
  OKAP_COST_ESTIMATED,  /* counted by us from what was seen */
  OKAP_COST_UNKNOWN,    /* no price for this model; cost_nusd is 0 and means nothing */
  OKAP_COST_REPORTED,   /* the provider itself said what it billed */
  OKAP_COST_FREE,       /* known to cost nothing */
  OKAP_COST_CEILING,    /* no price for this model; priced at what the user set for such */
  OKAP_COST_CORRECTION, /* entered by the user; may be negative */
} OkapCostStatus;

#define OKAP_N_COST_STATUSES (OKAP_COST_CORRECTION + 1)

/* One attempt to reach a provider, as the store keeps it. Constant once made. */
typedef struct
{
  gatomicrefcount ref_count;
  gint64 id;               /* 0 until the store gave one */
  char *request_id;        /* (owned) x-okap-request-id */
  char *grant_id;          /* (owned) */
  char *app;               /* (owned) the grant's title, for reading without the grant */
  char *provider;          /* (owned) */
  char *endpoint;          /* (owned) path after the provider, without query */
  char *model_asked;       /* (owned) may be empty */
  char *model_served;      /* (owned) may be empty */
  char *tier;              /* (owned) (nullable) of service, as the provider served it */
  char *edits;             /* (owned) (nullable) what Okap changed in the request, in words of
                              ours, such as "max_tokens=512" */
  OkapBodyDigest digest_in;   /* of the body as it came; none without one, or if it broke off */
  OkapBodyDigest digest_out;  /* of the body as it left, if Okap changed it; else none */
  OkapUnits units;
  gint64 cost_nusd;        /* as it was booked */
  gint64 over_nusd;        /* what the provider said beyond that, and no limit had room for */
  OkapCostStatus cost_status;
  gint64 started_us;       /* wall time */
  gint64 first_byte_us;    /* duration until the first byte of the answer's body */
  gint64 duration_us;
  gint64 overhead_us;      /* of that, spent in Okap before the request left */
  guint http_status;       /* what the app was told; 499 if it was gone */
  char *error;             /* (owned) (nullable) wire name of an error of ours */
  gint64 bytes_in;         /* body of the request */
  gint64 bytes_out;        /* body of the answer */
  gboolean streamed;
  guint key_version;       /* of the provider key that was used */
  guint journal_slot;      /* of the gate's journal, freed when this row is durable; 0: none */
} OkapUsage;

GType       okap_usage_get_type (void) G_GNUC_CONST;
OkapUsage  *okap_usage_new      (void) G_GNUC_WARN_UNUSED_RESULT;
OkapUsage  *okap_usage_ref      (OkapUsage *usage);
void        okap_usage_unref    (OkapUsage *usage);
const char *okap_cost_status_get_name (OkapCostStatus status);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapUsage, okap_usage_unref)

G_END_DECLS
