/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The limits of PROTOCOL sections 1 and 2. Money is in nano-dollars, the rest are counts. */
typedef enum
{
  OKAP_LIMIT_MONTHLY_SPEND,
  OKAP_LIMIT_DAILY_SPEND,
  OKAP_LIMIT_TOTAL_SPEND,
  OKAP_LIMIT_SPEND_PER_REQUEST,
  OKAP_LIMIT_REQUESTS_PER_MINUTE,
  OKAP_LIMIT_REQUESTS_PER_DAY,
  OKAP_LIMIT_TOKENS_PER_MINUTE,
  OKAP_LIMIT_TOKENS_PER_REQUEST,
  OKAP_LIMIT_CONCURRENCY,
} OkapLimit;

#define OKAP_N_LIMITS (OKAP_LIMIT_CONCURRENCY + 1)

/* What is not set does not limit. Zero allows nothing. */
typedef struct
{
  gint64 value[OKAP_N_LIMITS];
  guint32 set;        /* one bit per OkapLimit that has a value */
  guint32 defaulted;  /* of those, which Okap filled in because the request named none */
} OkapLimits;

const char *okap_limit_get_name      (OkapLimit limit);
gboolean    okap_limit_from_name     (const char *name, OkapLimit *out_limit);
gboolean    okap_limit_is_money      (OkapLimit limit);
gint64      okap_limit_get_most      (OkapLimit limit);
void        okap_limit_set_default   (OkapLimit limit, gint64 value);

gboolean    okap_limits_has          (const OkapLimits *limits, OkapLimit limit);
void        okap_limits_set          (OkapLimits *limits, OkapLimit limit, gint64 value);
void        okap_limits_fill_defaults (OkapLimits *limits);
gboolean    okap_limits_within       (const OkapLimits *limits, const OkapLimits *bounds);

G_END_DECLS
