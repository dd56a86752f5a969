/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The value of one use of a provider. */
#include "config.h"

#include "okap-usage.h"

G_DEFINE_BOXED_TYPE (OkapUsage, okap_usage, okap_usage_ref, okap_usage_unref)

/** okap_usage_new: (transfer full): an empty record, to be filled before it is shared */
OkapUsage *
okap_usage_new (void)
{
  OkapUsage *usage = g_new0 (OkapUsage, 1);

  g_atomic_ref_count_init (&usage->ref_count);
  return usage;
}

OkapUsage *
okap_usage_ref (OkapUsage *usage)
{
  g_atomic_ref_count_inc (&usage->ref_count);
  return usage;
}

void
okap_usage_unref (OkapUsage *usage)
{
  if (!g_atomic_ref_count_dec (&usage->ref_count))
    return;
  g_free (usage->request_id);
  g_free (usage->grant_id);
  g_free (usage->app);
  g_free (usage->provider);
  g_free (usage->endpoint);
  g_free (usage->model_asked);
  g_free (usage->model_served);
  g_free (usage->tier);
  g_free (usage->edits);
  g_free (usage->error);
  g_free (usage);
}

const char *
okap_cost_status_get_name (OkapCostStatus status)
{
  static const char *const names[OKAP_N_COST_STATUSES] = {
    "known", "estimated", "unknown", "reported", "free", "ceiling", "correction",
  };

  return names[status];
}
