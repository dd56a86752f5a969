/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plain values that go into the store and come out of it. */
#include "config.h"

#include "okap-store.h"

/** okap_grant_row_copy: (transfer full) */
OkapGrantRow *
okap_grant_row_copy (const OkapGrantRow *row)
{
  OkapGrantRow *copy = g_new (OkapGrantRow, 1);

  *copy = *row;
  copy->id = g_strdup (row->id);
  copy->policy = g_strdup (row->policy);
  return copy;
}

void
okap_grant_row_free (OkapGrantRow *row)
{
  g_free (row->id);
  g_free (row->policy);
  g_free (row);
}

/**
 * okap_audit_entry_new:
 * @time_us: wall time
 * @grant_id: (nullable)
 * @detail: (nullable): one line for a person
 *
 * Returns: (transfer full): a line that has no number yet
 */
OkapAuditEntry *
okap_audit_entry_new (gint64 time_us, const char *event, const char *grant_id, const char *detail)
{
  OkapAuditEntry *entry = g_new0 (OkapAuditEntry, 1);

  entry->time_us = time_us;
  entry->event = g_strdup (event);
  entry->grant_id = g_strdup (grant_id);
  entry->detail = g_strdup (detail != NULL ? detail : "");
  return entry;
}

/** okap_audit_entry_copy: (transfer full) */
OkapAuditEntry *
okap_audit_entry_copy (const OkapAuditEntry *entry)
{
  OkapAuditEntry *copy = okap_audit_entry_new (entry->time_us, entry->event, entry->grant_id,
                                               entry->detail);

  copy->id = entry->id;
  return copy;
}

void
okap_audit_entry_free (OkapAuditEntry *entry)
{
  g_free (entry->event);
  g_free (entry->grant_id);
  g_free (entry->detail);
  g_free (entry);
}

/** okap_spent_new: (transfer full): with nothing used yet */
OkapSpent *
okap_spent_new (const char *grant_id, const char *provider, gint64 day_start_us,
                gint64 month_start_us)
{
  OkapSpent *spent = g_new0 (OkapSpent, 1);

  spent->grant_id = g_strdup (grant_id);
  spent->provider = g_strdup (provider);
  spent->day_start_us = day_start_us;
  spent->month_start_us = month_start_us;
  return spent;
}

void
okap_spent_free (OkapSpent *spent)
{
  g_free (spent->grant_id);
  g_free (spent->provider);
  g_free (spent);
}

void
okap_usage_summary_free (OkapUsageSummary *summary)
{
  g_free (summary->key);
  g_free (summary);
}

/** okap_store_filter_copy: (transfer full): @filter is (nullable), for one that everything fits */
OkapUsageFilter *
okap_store_filter_copy (const OkapUsageFilter *filter)
{
  OkapUsageFilter *copy = g_new0 (OkapUsageFilter, 1);

  if (filter == NULL)
    return copy;
  *copy = *filter;
  copy->grant_id = g_strdup (filter->grant_id);
  copy->provider = g_strdup (filter->provider);
  copy->model = g_strdup (filter->model);
  copy->app = g_strdup (filter->app);
  copy->text = g_strdup (filter->text);
  return copy;
}

gboolean
okap_store_filter_equal (const OkapUsageFilter *a, const OkapUsageFilter *b)
{
  return g_strcmp0 (a->grant_id, b->grant_id) == 0 && g_strcmp0 (a->provider, b->provider) == 0
         && g_strcmp0 (a->model, b->model) == 0 && g_strcmp0 (a->app, b->app) == 0
         && g_strcmp0 (a->text, b->text) == 0 && a->outcome == b->outcome
         && a->priced == b->priced && a->since_us == b->since_us && a->until_us == b->until_us;
}

/** okap_store_filter_clear: frees its texts; everything fits it then */
void
okap_store_filter_clear (OkapUsageFilter *filter)
{
  g_free (filter->grant_id);
  g_free (filter->provider);
  g_free (filter->model);
  g_free (filter->app);
  g_free (filter->text);
  *filter = (OkapUsageFilter) { 0 };
}

void
okap_store_filter_free (OkapUsageFilter *filter)
{
  okap_store_filter_clear (filter);
  g_free (filter);
}

/** okap_audit_filter_copy: (transfer full): @filter is (nullable), for one that everything fits */
OkapAuditFilter *
okap_audit_filter_copy (const OkapAuditFilter *filter)
{
  OkapAuditFilter *copy = g_new0 (OkapAuditFilter, 1);

  if (filter == NULL)
    return copy;
  *copy = *filter;
  copy->event = g_strdup (filter->event);
  copy->grant_id = g_strdup (filter->grant_id);
  copy->text = g_strdup (filter->text);
  return copy;
}

gboolean
okap_audit_filter_equal (const OkapAuditFilter *a, const OkapAuditFilter *b)
{
  return g_strcmp0 (a->event, b->event) == 0 && g_strcmp0 (a->grant_id, b->grant_id) == 0
         && g_strcmp0 (a->text, b->text) == 0 && a->since_us == b->since_us
         && a->until_us == b->until_us;
}

void
okap_audit_filter_clear (OkapAuditFilter *filter)
{
  g_free (filter->event);
  g_free (filter->grant_id);
  g_free (filter->text);
  *filter = (OkapAuditFilter) { 0 };
}

void
okap_audit_filter_free (OkapAuditFilter *filter)
{
  okap_audit_filter_clear (filter);
  g_free (filter);
}
