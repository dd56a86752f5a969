/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of the store share. The functions on an OkapDb belong to the store thread. */
#pragma once

#include "okap-db.h"
#include "okap-store.h"
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

/* Usage: okap-store-usage.c writes and lists, okap-store-summary.c sums for people,
 * okap-store-spent.c for the gate. */
#define OKAP_QUARTER_US (15 * OKAP_MINUTE_US)
#define OKAP_USAGE_END_US (G_GINT64_CONSTANT (253402300800) * OKAP_SECOND_US)  /* the year 10000 */

#define OKAP_USAGE_RECOVERY_ROWS 100000  /* the newest, among which a recovered row is looked for */

gboolean   okap_store_usage_write     (OkapDb *db, GPtrArray *rows, GError **error);
gboolean   okap_store_usage_recover   (OkapDb *db, GPtrArray *rows, guint *out_n_new,
                                       GError **error);
gboolean   okap_store_usage_spent     (OkapDb *db, GPtrArray *scopes, GError **error);
GPtrArray *okap_store_usage_list      (OkapDb *db, gint64 before, guint most, GError **error);
GPtrArray *okap_store_usage_summarise (OkapDb *db, OkapUsageGrouping by, gint64 since_us,
                                       GTimeZone *zone, GError **error);

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

  int n_lost;               /* atomic; rows of usage that could not be taken */

  OkapDb *db;               /* store thread; (owned) (nullable) NULL unless open */
  OkapAuditTrail trail;     /* store thread */
  OkapStoreDurableFunc durable_func;  /* store thread; (nullable) */
  gpointer durable_data;    /* store thread; (unowned) */
  gboolean stalled;         /* store thread; the last attempt to write usage failed */
  gint64 retry_us;          /* store thread; monotonic time before which it is not repeated */
};

/* What a task without a result of its own returns. */
#define OKAP_STORE_DONE GINT_TO_POINTER (TRUE)

void       okap_store_write_usage  (OkapStore *self);
gboolean   okap_store_flush_usage  (OkapStore *self, GError **error);
void       okap_store_tell_durable (OkapStore *self, GPtrArray *rows);
gboolean   okap_store_commit       (OkapStore *self, const OkapGrantRow *row,
                                    const OkapAuditEntry *entry, GError **error);

/* What the questions share: okap-store-tasks.c */
gboolean   okap_store_check_open   (OkapStore *self, GError **error);
GPtrArray *okap_store_finish_list  (OkapStore *self, GAsyncResult *result, gpointer source_tag,
                                    GError **error);
void       okap_store_free_list    (gpointer list);

G_END_DECLS
