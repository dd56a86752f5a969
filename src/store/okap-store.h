/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "okap-clock.h"
#include "okap-id-set.h"
#include "okap-secret.h"
#include "okap-token.h"
#include "okap-usage.h"
#include "okap-usage-timeline.h"

G_BEGIN_DECLS

/* SQLite on a thread of its own. All functions may be called from the main thread and return at
 * once; okap_store_add_usage() from any thread. Work is done in the order of the calls. */
#define OKAP_TYPE_STORE (okap_store_get_type ())
G_DECLARE_FINAL_TYPE (OkapStore, okap_store, OKAP, STORE, GObject)

#define OKAP_STORE_TAG_BYTES 32

/* A grant as it is kept: the store neither reads nor checks the policy text or its tag. */
typedef struct
{
  char *id;                                    /* (owned) */
  guint version;
  char *policy;                                /* (owned) JSON of the OkapGrant */
  guint8 token_hash[OKAP_TOKEN_HASH_BYTES];
  guint8 tag[OKAP_STORE_TAG_BYTES];            /* keyed, over all of the above */
  gboolean is_latest;                          /* set by loading: the sound audit trail says that
                                                  this is what was last written of the grant */
} OkapGrantRow;

OkapGrantRow *okap_grant_row_copy (const OkapGrantRow *row) G_GNUC_WARN_UNUSED_RESULT;
void          okap_grant_row_free (OkapGrantRow *row);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapGrantRow, okap_grant_row_free)

/* A line of the audit trail. The store numbers it and chains its hash to the one before. */
typedef struct
{
  gint64 id;           /* 0 until the store gave one */
  gint64 time_us;
  char *event;         /* (owned) such as "grant.created"; okap-audit.c has the list */
  char *grant_id;      /* (owned) (nullable) */
  char *detail;        /* (owned) one line for a person; no secret */
} OkapAuditEntry;

OkapAuditEntry *okap_audit_entry_new  (gint64 time_us, const char *event, const char *grant_id,
                                       const char *detail) G_GNUC_WARN_UNUSED_RESULT;
OkapAuditEntry *okap_audit_entry_copy (const OkapAuditEntry *entry) G_GNUC_WARN_UNUSED_RESULT;
void            okap_audit_entry_free (OkapAuditEntry *entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapAuditEntry, okap_audit_entry_free)

typedef enum
{
  OKAP_USAGE_BY_APP,
  OKAP_USAGE_BY_PROVIDER,
  OKAP_USAGE_BY_MODEL,
  OKAP_USAGE_BY_DAY,
  OKAP_USAGE_BY_GRANT,
  OKAP_USAGE_BY_SCOPE,  /* what a grant used at one provider */
} OkapUsageGrouping;

typedef struct
{
  char *key;                  /* (owned) app title, provider, model, local day, grant id, or
                                 grant id "/" provider */
  gint64 requests;
  gint64 input_tokens;        /* of prompts, cached ones too */
  gint64 cached_tokens;       /* of those, read from a cache */
  gint64 output_tokens;       /* thoughts too */
  gint64 cost_nusd;           /* of what is known or estimated; corrections may make it negative */
  gint64 over_nusd;           /* what providers said beyond what was booked */
  gint64 unknown_requests;    /* those without a price */
  gint64 estimated_requests;  /* those whose cost is an estimate */
  gint64 failed_requests;     /* those that failed, by status or by an error of ours */
  gint64 last_us;             /* start of the latest */
} OkapUsageSummary;

void okap_usage_summary_free (OkapUsageSummary *summary);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapUsageSummary, okap_usage_summary_free)

typedef enum
{
  OKAP_OUTCOME_ANY,
  OKAP_OUTCOME_SUCCEEDED,
  OKAP_OUTCOME_FAILED,        /* by status or by an error of ours */
} OkapOutcome;

typedef enum
{
  OKAP_PRICED_ANY,
  OKAP_PRICED_ESTIMATED,      /* counted by us from what was seen */
  OKAP_PRICED_UNKNOWN,        /* no price for the model */
} OkapPricedFilter;

/* Which rows of usage are wanted; NULL, or 0, for any. */
typedef struct
{
  char *grant_id;             /* (nullable) */
  char *provider;             /* (nullable) */
  char *model;                /* (nullable) as in OkapUsageSummary */
  char *app;                  /* (nullable) */
  OkapOutcome outcome;
  OkapPricedFilter priced;
  gint64 since_us;            /* started then or later */
  gint64 until_us;            /* started before */
  char *text;                 /* (nullable) words, each of which stands somewhere in app, provider,
                                 model, endpoint, request id or error, in whatever case */
} OkapUsageFilter;

OkapUsageFilter *okap_store_filter_copy  (const OkapUsageFilter *filter) G_GNUC_WARN_UNUSED_RESULT;
gboolean         okap_store_filter_equal (const OkapUsageFilter *a, const OkapUsageFilter *b);
void             okap_store_filter_clear (OkapUsageFilter *filter);
void             okap_store_filter_free  (OkapUsageFilter *filter);

/* Which lines of the audit trail are wanted; NULL, or 0, for any. */
typedef struct
{
  char *event;                /* (nullable) or the beginning of several, such as "grant." */
  char *grant_id;             /* (nullable) */
  char *text;                 /* (nullable) words, each of which stands in event, grant or detail */
  gint64 since_us;
  gint64 until_us;
} OkapAuditFilter;

OkapAuditFilter *okap_audit_filter_copy  (const OkapAuditFilter *filter) G_GNUC_WARN_UNUSED_RESULT;
gboolean         okap_audit_filter_equal (const OkapAuditFilter *a, const OkapAuditFilter *b);
void             okap_audit_filter_clear (OkapAuditFilter *filter);
void             okap_audit_filter_free  (OkapAuditFilter *filter);

#define OKAP_RETENTION_MOST_DAYS 36500
#define OKAP_RETENTION_LEAST_BYTES (G_GINT64_CONSTANT (16) * 1024 * 1024)

/* How long single rows of usage are kept, counted back from the newest. Sums are kept for ever. */
typedef struct
{
  guint keep_days;            /* 0: whatever their age; 400 if nobody set it */
  gint64 keep_bytes;          /* of the whole database; 0: whatever its size; 1 GiB if nobody did */
  gint64 database_bytes;      /* found: as it is now, without free pages */
  gint64 oldest_us;           /* found: start of the oldest row; -1 without any */
} OkapRetention;

/* What a scope has used since its windows began. */
typedef struct
{
  char *grant_id;           /* (owned) */
  char *provider;           /* (owned) */
  gint64 day_start_us;      /* in the zone of the grant */
  gint64 month_start_us;    /* likewise */
  gint64 requests_day;      /* this and what follows: found by okap_store_spent_async() */
  gint64 nusd_day;          /* of what is known or estimated */
  gint64 nusd_month;
  gint64 nusd_total;        /* ever */
} OkapSpent;

OkapSpent *okap_spent_new  (const char *grant_id, const char *provider, gint64 day_start_us,
                            gint64 month_start_us) G_GNUC_WARN_UNUSED_RESULT;
void       okap_spent_free (OkapSpent *spent);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapSpent, okap_spent_free)

/* Store thread. @rows (element-type OkapUsage) (transfer none) have been committed: they survive
 * the end of the process, kill -9 included. A failure of power or of the kernel may still take the
 * last few seconds of them (never a part of a row or of a transaction); a journal that has to
 * outlast that, too, keeps its entries until okap_store_commit_async() has finished after them,
 * which puts everything before it on the disk. The function must not wait for anything. */
typedef void (*OkapStoreDurableFunc) (GPtrArray *rows, gpointer data);

OkapStore *okap_store_new             (const char *path) G_GNUC_WARN_UNUSED_RESULT;
void       okap_store_open_async      (OkapStore *self, GAsyncReadyCallback callback,
                                       gpointer user_data);
gboolean   okap_store_open_finish     (OkapStore *self, GAsyncResult *result, GError **error);
void       okap_store_close           (OkapStore *self);

/* @key: (nullable): of the vault that is open. A database that was written with the key of another
 * vault is moved aside ("okap.db.old-DATE"), and a new one begins. */
void       okap_store_set_audit_key   (OkapStore *self, OkapSecret *key);

/* Writes grant (nullable) and audit line in one transaction; durable when it finishes. A version of
 * the grant that is not newer than the kept one is %OKAP_ERROR_CONFLICT. Without an audit key, a
 * grant is %OKAP_ERROR_VAULT_LOCKED, and a line alone waits in memory for the key. */
void       okap_store_commit_async    (OkapStore *self, const OkapGrantRow *row,
                                       const OkapAuditEntry *entry,
                                       GAsyncReadyCallback callback, gpointer user_data);
gboolean   okap_store_commit_finish   (OkapStore *self, GAsyncResult *result, GError **error);

/* (element-type OkapGrantRow) all that are kept, newest first; okap_store_set_audit_key() before
 * it, or none is the latest. */
void       okap_store_load_grants_async  (OkapStore *self, GAsyncReadyCallback callback,
                                          gpointer user_data);
GPtrArray *okap_store_load_grants_finish (OkapStore *self, GAsyncResult *result, GError **error);

/* Any thread; grouped with others into one transaction; emits "usage-added" on the main thread.
 * Whoever calls it is stopped before okap_store_close(): later rows are lost. */
void       okap_store_add_usage       (OkapStore *self, OkapUsage *usage);

/* Adds a correction (a row whose cost status is %OKAP_COST_CORRECTION) and its line of the audit
 * trail in one transaction; durable when it finishes. %OKAP_ERROR_VAULT_LOCKED without an audit
 * key. It counts in the sums of money from then on. */
void       okap_store_correct_async   (OkapStore *self, OkapUsage *correction,
                                       const OkapAuditEntry *entry,
                                       GAsyncReadyCallback callback, gpointer user_data);
gboolean   okap_store_correct_finish  (OkapStore *self, GAsyncResult *result, GError **error);

/* To be told of rows that were committed: okap_store_add_usage() and okap_store_recover_usage(). */
void       okap_store_set_durable_func (OkapStore *self, OkapStoreDurableFunc func, gpointer data);

/* @rows (element-type OkapUsage) (transfer none) of a journal, at start. Those whose request_id is
 * not among the newest 100,000 rows are added, each once, all in one transaction that is on the
 * disk when this finishes. The durable function is told of all of @rows, new or not.
 * The answer is how many were new; G_MAXUINT with an error. */
void       okap_store_recover_usage_async  (OkapStore *self, GPtrArray *rows,
                                            GAsyncReadyCallback callback, gpointer user_data);
guint      okap_store_recover_usage_finish (OkapStore *self, GAsyncResult *result,
                                            GError **error);

/* The sums below hold every row that was added, on whatever thread, before the call; if the
 * database does not take such a row, they fail rather than leave it out. */

/* (element-type OkapSpent) (transfer none), nobody touches it until the call has finished; each
 * scope is filled in. For a handful of scopes or for all that there are. */
void       okap_store_spent_async     (OkapStore *self, GPtrArray *scopes,
                                       GAsyncReadyCallback callback, gpointer user_data);
GPtrArray *okap_store_spent_finish    (OkapStore *self, GAsyncResult *result, GError **error);

/* (element-type OkapUsageSummary), dearest first, days in their order; days are of @zone. */
void       okap_store_summarise_async (OkapStore *self, OkapUsageGrouping by, gint64 since_us,
                                       GTimeZone *zone, GAsyncReadyCallback callback,
                                       gpointer user_data);
GPtrArray *okap_store_summarise_finish (OkapStore *self, GAsyncResult *result, GError **error);

/* Sums in buckets of time between @n_borders borders, dearest group first; at most @most groups
 * have a name, and the rest is one. */
void       okap_store_timeline_async  (OkapStore *self, OkapUsageGrouping by,
                                       const gint64 *borders_us, guint n_borders, guint most,
                                       GAsyncReadyCallback callback, gpointer user_data);
OkapUsageTimeline *okap_store_timeline_finish (OkapStore *self, GAsyncResult *result,
                                               GError **error);

/* Of the newest @most requests that started between two times, those that succeeded. */
void       okap_store_latency_async   (OkapStore *self, gint64 from_us, gint64 until_us,
                                       guint most, GAsyncReadyCallback callback,
                                       gpointer user_data);
gboolean   okap_store_latency_finish  (OkapStore *self, GAsyncResult *result,
                                       OkapLatency *out_latency, GError **error);

/* (element-type OkapUsage), newest first, ids below @before (0: from the newest). */
void       okap_store_list_usage_async (OkapStore *self, gint64 before, guint most,
                                        GAsyncReadyCallback callback, gpointer user_data);
GPtrArray *okap_store_list_usage_finish (OkapStore *self, GAsyncResult *result, GError **error);

/* Likewise, of those that fit @filter, which is copied. */
void       okap_store_find_usage_async (OkapStore *self, const OkapUsageFilter *filter,
                                        gint64 before, guint most,
                                        GAsyncReadyCallback callback, gpointer user_data);
GPtrArray *okap_store_find_usage_finish (OkapStore *self, GAsyncResult *result, GError **error);

/* For lists of any length: which rows fit @filter (nullable), of those with ids above @after, as a
 * set that says for each place in the list which row stands there; its last number is the newest
 * row that was looked at, whether it fits or not. What has to read all rows, a text, is read in
 * parts, between which the store does what others want. */
void       okap_store_match_usage_async (OkapStore *self, const OkapUsageFilter *filter,
                                         gint64 after, GCancellable *cancellable,
                                         GAsyncReadyCallback callback, gpointer user_data);
OkapIdSet *okap_store_match_usage_finish (OkapStore *self, GAsyncResult *result, GError **error);

/* (element-type OkapUsage) one for each of @ids, in their order; NULL for one that is forgotten. */
void       okap_store_get_usage_async  (OkapStore *self, const gint64 *ids, guint n_ids,
                                        GAsyncReadyCallback callback, gpointer user_data);
GPtrArray *okap_store_get_usage_finish (OkapStore *self, GAsyncResult *result, GError **error);

/* @change: (nullable): keep_days and keep_bytes of it are set first. Rows that are beyond what is
 * kept go little by little, after this and after rows were written. Free the answer: g_free(). */
void       okap_store_retention_async  (OkapStore *self, const OkapRetention *change,
                                        GAsyncReadyCallback callback, gpointer user_data);
OkapRetention *okap_store_retention_finish (OkapStore *self, GAsyncResult *result,
                                            GError **error);
void       okap_store_forget_async    (OkapStore *self, GAsyncReadyCallback callback,
                                       gpointer user_data);
gboolean   okap_store_forget_finish   (OkapStore *self, GAsyncResult *result, GError **error);

/* (element-type OkapAuditEntry), newest first. */
void       okap_store_list_audit_async (OkapStore *self, gint64 before, guint most,
                                        GAsyncReadyCallback callback, gpointer user_data);
GPtrArray *okap_store_list_audit_finish (OkapStore *self, GAsyncResult *result, GError **error);

/* The last event of a kind: "apps" for "apps.paused" and "apps.resumed". */
void       okap_store_last_event_async (OkapStore *self, const char *kind,
                                        GAsyncReadyCallback callback, gpointer user_data);
char      *okap_store_last_event_finish (OkapStore *self, GAsyncResult *result, GError **error)
                                         G_GNUC_WARN_UNUSED_RESULT;

/* As okap_store_match_usage_async() and okap_store_get_usage_async(), of OkapAuditEntry. */
void       okap_store_match_audit_async (OkapStore *self, const OkapAuditFilter *filter,
                                         gint64 after, GCancellable *cancellable,
                                         GAsyncReadyCallback callback, gpointer user_data);
OkapIdSet *okap_store_match_audit_finish (OkapStore *self, GAsyncResult *result, GError **error);
void       okap_store_get_audit_async   (OkapStore *self, const gint64 *ids, guint n_ids,
                                         GAsyncReadyCallback callback, gpointer user_data);
GPtrArray *okap_store_get_audit_finish  (OkapStore *self, GAsyncResult *result, GError **error);

/* Checks the whole chain with the audit key; FALSE with an error names the first broken line. */
void       okap_store_verify_audit_async (OkapStore *self, GAsyncReadyCallback callback,
                                          gpointer user_data);
gboolean   okap_store_verify_audit_finish (OkapStore *self, GAsyncResult *result,
                                           gint64 *out_lines, GError **error);

G_END_DECLS
