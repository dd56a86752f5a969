/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-meter.h"
#include "okap-scope.h"
#include "okap-usage.h"

G_BEGIN_DECLS

/* How much of what was used has a price. */
typedef enum
{
  OKAP_PRICED_NOT,
  OKAP_PRICED_PARTLY,
  OKAP_PRICED_WHOLE,
} OkapPriced;

/* What has to be known of a request to make money of what its meter counted. */
typedef struct
{
  const char *provider;     /* its id */
  const char *model;        /* (nullable) canonical, that was asked for; NULL: several */
  const char *variant;      /* (nullable) of a picture, film or page */
  const char *region;       /* of the provider's server, if that has a price; perhaps empty */
  OkapPriceCeiling ceiling;
  OkapMeterKind meter;
  gboolean is_batch;        /* providers sell batches cheaper */
  gint64 at_us;             /* wall time: prices have dates */
} OkapCosting;

gboolean   okap_costing_is_batch  (OkapMeterKind meter, const char *path);
OkapPriced okap_costing_add       (const OkapCosting *costing, const OkapMeter *meter,
                                   const char *model, const OkapUnits *units, OkapUsage *usage);
OkapPriced okap_costing_add_parts (const OkapCosting *costing, const OkapMeter *meter,
                                   OkapUsage *usage);

G_END_DECLS
