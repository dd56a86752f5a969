/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kept grants with their past, read when the vault opens. Main thread, in steps:
 *
 *   what an earlier process left in the gate's journal is kept as usage → rows, each checked
 *   against its tag and the audit trail → what was used under each scope → the requests of the last
 *   minute → grant and past together
 *
 * Without the past there is no grant: a limit of which nobody knows what is used would be no limit.
 * So this fails as a whole if the store cannot say it. A row that is not what Okap wrote is left
 * out, and recorded when all else is read, so once for each time that the vault opens. */
#include "config.h"

#include "okap-grant-load.h"

#include <string.h>

#include "okap-audit.h"
#include "okap-error.h"
#include "okap-policy-tag.h"

#define MINUTE_ROWS 5000  /* more than that in a minute count as if they were older */

typedef struct
{
  OkapClock *clock;        /* (unowned) */
  OkapSecret *tag_key;     /* (owned) */
  GPtrArray *grants;       /* (owned) (element-type OkapLoadedGrant) */
  GPtrArray *lines;        /* (owned) (element-type OkapAuditEntry) of rows that are refused */
} Load;

static void
load_free (gpointer data)
{
  Load *load = data;

  okap_secret_unref (load->tag_key);
  g_ptr_array_unref (load->grants);
  g_ptr_array_unref (load->lines);
  g_free (load);
}

static void
loaded_grant_free (gpointer data)
{
  OkapLoadedGrant *loaded = data;

  for (guint i = 0; i < loaded->grant->scopes->len; i++)
    g_clear_pointer (&loaded->pasts[i].minute, g_array_unref);
  okap_grant_unref (loaded->grant);
  g_free (loaded->pasts);
  g_free (loaded);
}

/* A row counts if its tag fits and the audit trail knows of no later one. */
static OkapGrant *
open_row (const OkapGrantRow *row, const OkapSecret *tag_key, GError **error)
{
  g_autoptr (OkapGrant) grant = okap_policy_open (row, tag_key, error);

  if (grant == NULL || row->is_latest)
    return g_steal_pointer (&grant);
  g_set_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE,
               "The stored grant %.32s is not what Okap last wrote of it and is refused.", row->id);
  return NULL;
}

static void
take_row (Load *load, const OkapGrantRow *row)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OkapGrant) grant = open_row (row, load->tag_key, &error);
  OkapLoadedGrant *loaded;

  if (grant == NULL)
    {
      g_message ("%s", error->message);
      g_ptr_array_add (load->lines, okap_audit_tampered (okap_clock_get_now (load->clock),
                                                         row->id, error));
      return;
    }
  loaded = g_new0 (OkapLoadedGrant, 1);
  memcpy (loaded->token_hash, row->token_hash, OKAP_TOKEN_HASH_BYTES);
  loaded->pasts = g_new0 (OkapPast, grant->scopes->len);
  loaded->grant = g_steal_pointer (&grant);
  g_ptr_array_add (load->grants, loaded);
}

/* (transfer full) (element-type OkapSpent): what to ask the store, all scopes of all grants in
 * their order */
static GPtrArray *
list_scopes (const Load *load)
{
  g_autoptr (GPtrArray) scopes = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_spent_free);
  gint64 now_us = okap_clock_get_now (load->clock);

  for (guint i = 0; i < load->grants->len; i++)
    {
      const OkapGrant *grant = ((OkapLoadedGrant *) load->grants->pdata[i])->grant;
      g_autoptr (GTimeZone) zone = okap_grant_load_zone (grant);
      gint64 day_us = okap_time_day_start (now_us, zone);
      gint64 month_us = okap_time_month_start (now_us, zone);

      for (guint j = 0; j < grant->scopes->len; j++)
        g_ptr_array_add (scopes,
                         okap_spent_new (grant->id,
                                         ((OkapScope *) grant->scopes->pdata[j])->provider,
                                         day_us, month_us));
    }
  return g_steal_pointer (&scopes);
}

static void
take_pasts (Load *load, GPtrArray *scopes)
{
  guint n = 0;

  for (guint i = 0; i < load->grants->len; i++)
    {
      OkapLoadedGrant *loaded = load->grants->pdata[i];

      for (guint j = 0; j < loaded->grant->scopes->len; j++)
        {
          const OkapSpent *spent = scopes->pdata[n++];

          loaded->pasts[j] = (OkapPast) {
            .provider = ((OkapScope *) loaded->grant->scopes->pdata[j])->provider,
            .day_start_us = spent->day_start_us, .month_start_us = spent->month_start_us,
            .requests_day = spent->requests_day, .nusd_day = spent->nusd_day,
            .nusd_month = spent->nusd_month, .nusd_total = spent->nusd_total,
          };
        }
    }
}

static OkapPast *
find_past (Load *load, const OkapUsage *usage)
{
  for (guint i = 0; i < load->grants->len; i++)
    {
      OkapLoadedGrant *loaded = load->grants->pdata[i];

      for (guint j = 0; g_str_equal (loaded->grant->id, usage->grant_id)
                        && j < loaded->grant->scopes->len; j++)
        if (g_str_equal (loaded->pasts[j].provider, usage->provider))
          return &loaded->pasts[j];
    }
  return NULL;
}

static int
compare_starts (gconstpointer a, gconstpointer b)
{
  const OkapPastRequest *left = a;
  const OkapPastRequest *right = b;

  return (left->started_us > right->started_us) - (left->started_us < right->started_us);
}

static void
take_minute (Load *load, GPtrArray *rows)
{
  gint64 now_us = okap_clock_get_now (load->clock);

  for (guint i = 0; i < rows->len; i++)
    {
      const OkapUsage *usage = rows->pdata[i];
      const OkapPastRequest request = { usage->started_us, okap_units_get_tokens (&usage->units) };
      OkapPast *past;

      if (usage->started_us <= now_us - OKAP_MINUTE_US
          || usage->cost_status == OKAP_COST_CORRECTION)
        continue;
      past = find_past (load, usage);
      if (past == NULL)
        continue;
      if (past->minute == NULL)
        past->minute = g_array_new (FALSE, FALSE, sizeof (OkapPastRequest));
      g_array_append_val (past->minute, request);
    }
  for (guint i = 0; i < load->grants->len; i++)
    {
      OkapLoadedGrant *loaded = load->grants->pdata[i];

      for (guint j = 0; j < loaded->grant->scopes->len; j++)
        if (loaded->pasts[j].minute != NULL)
          g_array_sort (loaded->pasts[j].minute, compare_starts);
    }
}

static void
listed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Load *load = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (GPtrArray) rows = okap_store_list_usage_finish (OKAP_STORE (source), result, &error);

  if (rows == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  take_minute (load, rows);
  for (guint i = 0; i < load->lines->len; i++)
    okap_store_commit_async (OKAP_STORE (source), NULL, load->lines->pdata[i], NULL, NULL);
  g_task_return_pointer (task, g_ptr_array_ref (load->grants),
                         (GDestroyNotify) g_ptr_array_unref);
}

static void
spent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Load *load = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (GPtrArray) scopes = okap_store_spent_finish (OKAP_STORE (source), result, &error);

  if (scopes == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  take_pasts (load, scopes);
  okap_store_list_usage_async (OKAP_STORE (source), 0, MINUTE_ROWS, listed_cb,
                               g_steal_pointer (&task));
}

static void
rows_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OkapStore *store = OKAP_STORE (source);
  Load *load = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (GPtrArray) rows = okap_store_load_grants_finish (store, result, &error);
  g_autoptr (GPtrArray) scopes = NULL;

  if (rows == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  for (guint i = 0; i < rows->len; i++)
    take_row (load, rows->pdata[i]);
  scopes = list_scopes (load);
  okap_store_spent_async (store, scopes, spent_cb, g_steal_pointer (&task));
}

static void
recovered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  guint n_new = okap_store_recover_usage_finish (OKAP_STORE (source), result, &error);

  if (n_new == G_MAXUINT)
    {
      g_task_return_error (task, error);
      return;
    }
  if (n_new > 0)
    g_message ("%u requests ran when Okap ended; they are booked with what they had come to",
               n_new);
  okap_store_load_grants_async (OKAP_STORE (source), rows_cb, g_steal_pointer (&task));
}

/**
 * okap_grant_load_async:
 * @gate: whose journal may hold what an earlier process did not get to write
 * @tag_key: that the rows' tags are made with
 */
void
okap_grant_load_async (OkapStore *store, OkapGate *gate, OkapClock *clock, OkapSecret *tag_key,
                       GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (store, NULL, callback, user_data);
  g_autoptr (GPtrArray) left = okap_gate_list_left (gate);
  Load *load = g_new0 (Load, 1);

  g_task_set_source_tag (task, okap_grant_load_async);
  load->clock = clock;
  load->tag_key = okap_secret_ref (tag_key);
  load->grants = g_ptr_array_new_with_free_func (loaded_grant_free);
  load->lines = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_audit_entry_free);
  g_task_set_task_data (task, load, load_free);
  if (left->len > 0)
    okap_store_recover_usage_async (store, left, recovered_cb, g_steal_pointer (&task));
  else
    okap_store_load_grants_async (store, rows_cb, g_steal_pointer (&task));
}

/** okap_grant_load_finish: (transfer full) (nullable): @error: %OKAP_ERROR_STORAGE */
GPtrArray *
okap_grant_load_finish (OkapStore *store, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, store), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
