/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of the store share. The functions on an OkapDb belong to the store thread. */
#pragma once

#include "okap-db.h"
#include "okap-store.h"
#include "okap-usage-sums.h"
#include "okap-worker.h"

G_BEGIN_DECLS

/* Grants */
gboolean   okap_store_grants_write (OkapDb *db, const OkapGrantRow *row, GError **error);
GPtrArray *okap_store_grants_load  (OkapDb *db, GHashTable *latest, GError **error);

/* Whose database it is */
typedef enum
{
  OKAP_DB_OWNED,      /* by the vault that is open; or it was empty, and is now */
  OKAP_DB_FOREIGN,    /* written with the key of another vault */
  OKAP_DB_UNCLEAR,    /* could not be read or written */
} OkapDbOwner;

OkapDbOwner okap_store_claim      (OkapDb *db, OkapSecret *key, GError **error);
gboolean    okap_store_move_aside (const char *path, char **out_path, GError **error);

/* Usage: okap-store-usage.c writes and lists, okap-store-find.c looks for rows,
 * okap-store-summary.c sums for people, okap-store-spent.c for the gate. */
#define OKAP_USAGE_RECOVERY_ROWS 100000  /* the newest, among which a recovered row is looked for */

gboolean   okap_store_usage_write     (OkapDb *db, GPtrArray *rows, GError **error);
gboolean   okap_store_usage_write_within (OkapDb *db, GPtrArray *rows, GError **error);
gboolean   okap_store_usage_recover   (OkapDb *db, GPtrArray *rows, guint *out_n_new,
                                       GError **error);
gboolean   okap_store_usage_list      (OkapDb *db, gint64 before, guint most, GPtrArray *rows,
                                       GError **error);
gboolean   okap_store_usage_find      (OkapDb *db, const OkapUsageFilter *filter, gint64 before,
                                       guint most, GPtrArray *rows, GError **error);
gboolean   okap_store_usage_get       (OkapDb *db, GArray *ids, GPtrArray *rows, GError **error);
gboolean   okap_store_usage_spent     (OkapDb *db, GPtrArray *scopes, GError **error);
GPtrArray *okap_store_usage_summarise (OkapDb *db, OkapUsageGrouping by, gint64 since_us,
                                       GTimeZone *zone, GError **error);
OkapUsageTimeline *okap_store_usage_timeline (OkapDb *db, OkapUsageGrouping by,
                                              const gint64 *borders_us, guint n_buckets,
                                              guint most, GError **error);
gboolean   okap_store_usage_latency   (OkapDb *db, gint64 from_us, gint64 until_us, guint most,
                                       OkapLatency *latency, GError **error);

void           okap_usage_bound            (OkapUsage *row);
OkapCostStatus okap_usage_read_status      (gint64 status);
const char    *okap_usage_get_series_model (const OkapUsage *usage);

char      *okap_units_format_rest     (const OkapUnits *units) G_GNUC_WARN_UNUSED_RESULT;
gboolean   okap_units_parse_rest      (const char *text, OkapUnits *units);
void       okap_units_read            (OkapUnits *units, OkapQuery *query, int first_column);
void       okap_units_bind            (const OkapUnits *units, const char *rest, OkapQuery *query,
                                       int first_number);

/* Series: okap-usage-series.c */
typedef struct
{
  gint64 id;
  gboolean has_model;   /* FALSE: it stands for several models */
} OkapSeries;

typedef struct _OkapSeriesFinder OkapSeriesFinder;

OkapSeriesFinder *okap_series_finder_new  (OkapDb *db) G_GNUC_WARN_UNUSED_RESULT;
void              okap_series_finder_free (OkapSeriesFinder *self);
const OkapSeries *okap_series_finder_find (OkapSeriesFinder *self, const OkapUsage *usage,
                                           GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapSeriesFinder, okap_series_finder_free)

/* How sums are kept whole: okap-store-rollup.c */
gboolean   okap_usage_state_set_counted   (OkapDb *db, GError **error);
gboolean   okap_usage_state_get_forgotten (OkapDb *db, gint64 *out_forgotten_us, GError **error);
gboolean   okap_store_rollup_repair       (OkapDb *db, gboolean *out_repaired, GError **error);

/* How long rows are kept: okap-store-retention.c */
#define OKAP_FORGET_ROWS 1000  /* in one transaction */

gboolean   okap_store_usage_forget        (OkapDb *db, guint most, gboolean *out_more,
                                           GError **error);
gboolean   okap_store_usage_forget_all    (OkapDb *db, guint most, gboolean *out_more,
                                           GError **error);
gboolean   okap_store_retention_read      (OkapDb *db, OkapRetention *retention, GError **error);
gboolean   okap_store_retention_write     (OkapDb *db, const OkapRetention *retention,
                                           GError **error);

/* Which rows fit a filter: okap-store-match.c, in steps; words: okap-store-words.c */
typedef struct _OkapMatch OkapMatch;

OkapMatch *okap_match_new         (const OkapUsageFilter *filter, gint64 after)
                                   G_GNUC_WARN_UNUSED_RESULT;
void       okap_match_free        (OkapMatch *self);
gboolean   okap_match_step        (OkapMatch *self, OkapDb *db, gboolean *out_more,
                                   GError **error);
OkapIdSet *okap_match_take_result (OkapMatch *self) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapMatch, okap_match_free)

char     **okap_words_new       (const char *text) G_GNUC_WARN_UNUSED_RESULT;
guint      okap_words_find      (char **words, const char *text);
guint      okap_words_get_all   (char **words);

/* Audit */
typedef struct
{
  OkapSecret *key;      /* (owned) (nullable) NULL while locked */
  GQueue waiting;       /* (element-type OkapAuditEntry) came while locked */
  guint n_dropped;      /* did not fit into waiting */
  gint64 dropped_us;    /* time of the first of those */
} OkapAuditTrail;

void       okap_audit_trail_set_key       (OkapAuditTrail *trail, OkapSecret *key);
void       okap_audit_trail_keep          (OkapAuditTrail *trail, const OkapAuditEntry *entry);
gboolean   okap_audit_trail_has_waiting   (OkapAuditTrail *trail);
gboolean   okap_audit_trail_write_waiting (OkapAuditTrail *trail, OkapDb *db, GError **error);
gboolean   okap_audit_trail_write         (OkapAuditTrail *trail, OkapDb *db,
                                           const OkapAuditEntry *entry, const guint8 *grant_tag,
                                           GError **error);
gboolean   okap_audit_end_is_sound         (OkapDb *db, OkapSecret *key, gboolean *out_sound,
                                           GError **error);
GHashTable *okap_audit_collect_tags        (OkapAuditTrail *trail, OkapDb *db, GError **error);
void       okap_audit_trail_clear_waiting (OkapAuditTrail *trail);
void       okap_audit_trail_clear         (OkapAuditTrail *trail);
GPtrArray *okap_audit_list                (OkapDb *db, gint64 before, guint most, GError **error);
OkapIdSet *okap_audit_match               (OkapDb *db, const OkapAuditFilter *filter, gint64 after,
                                           GError **error);
gboolean   okap_audit_get                 (OkapDb *db, GArray *ids, GPtrArray *entries,
                                           GError **error);
gboolean   okap_audit_verify              (OkapAuditTrail *trail, OkapDb *db, gint64 *out_lines,
                                           GError **error);

/* Rows of usage on their way from the proxy threads to the store thread. Any thread. */
typedef struct _OkapUsageQueue OkapUsageQueue;

OkapUsageQueue *okap_usage_queue_new        (guint most) G_GNUC_WARN_UNUSED_RESULT;
void            okap_usage_queue_free       (OkapUsageQueue *self);
gboolean        okap_usage_queue_push       (OkapUsageQueue *self, OkapUsage *usage,
                                             gboolean *out_wake);
GPtrArray      *okap_usage_queue_take       (OkapUsageQueue *self);
void            okap_usage_queue_put_back   (OkapUsageQueue *self, GPtrArray *rows);
void            okap_usage_queue_set_flowing (OkapUsageQueue *self, gboolean flowing);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapUsageQueue, okap_usage_queue_free)

/* The object itself. */
struct _OkapStore
{
  GObject parent;

  char *path;               /* (owned) (immutable) */
  OkapWorker *worker;       /* (owned) (immutable) */
  OkapUsageQueue *queue;    /* (owned) (immutable) any thread */
  GSource *notifier;        /* (owned) on the main context; ready when usage was written */

  guint news;               /* atomic; OkapNews that nobody was told of yet */
  int n_lost;               /* atomic; rows of usage that could not be taken */

  OkapDb *db;               /* store thread; (owned) (nullable) NULL unless open */
  OkapAuditTrail trail;     /* store thread */
  OkapStoreDurableFunc durable_func;  /* store thread; (nullable) */
  gpointer durable_data;    /* store thread; (unowned) */
  gboolean stalled;         /* store thread; the last attempt to write usage failed */
  gint64 retry_us;          /* store thread; monotonic time before which it is not repeated */
  gboolean forgetting;      /* store thread; a job that looks for rows to forget is queued */
  gint64 forget_us;         /* store thread; monotonic time at which to look again */
  guint n_since_forget;     /* store thread; rows written since that was last done */
};

/* What a task without a result of its own returns. */
#define OKAP_STORE_DONE GINT_TO_POINTER (TRUE)

/* What the main thread is told of. */
typedef enum
{
  OKAP_NEWS_USAGE = 1 << 0,
  OKAP_NEWS_AUDIT = 1 << 1,
} OkapNews;

void       okap_store_tell_news    (OkapStore *self, OkapNews news);
void       okap_store_write_usage  (OkapStore *self);
gboolean   okap_store_flush_usage  (OkapStore *self, GError **error);
void       okap_store_tell_durable (OkapStore *self, GPtrArray *rows);
void       okap_store_look_back    (OkapStore *self, guint n_written);
void       okap_store_forget       (OkapStore *self);
gboolean   okap_store_commit       (OkapStore *self, const OkapGrantRow *row,
                                    const OkapAuditEntry *entry, GPtrArray *usage, GError **error);

/* What the questions share: okap-store-tasks.c */
void       okap_store_ask          (OkapStore *self, gpointer data, GDestroyNotify free_data,
                                    OkapWorkerTaskFunc func, GDestroyNotify free_result,
                                    gpointer source_tag, GAsyncReadyCallback callback,
                                    gpointer user_data);
gboolean   okap_store_check_open   (OkapStore *self, GError **error);
GPtrArray *okap_store_finish_list  (OkapStore *self, GAsyncResult *result, gpointer source_tag,
                                    GError **error);
void       okap_store_free_list    (gpointer list);

G_END_DECLS
