/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* One named thread that runs jobs in the order in which they were queued. Safe from any thread. */
typedef struct _OkapWorker OkapWorker;

typedef void (*OkapWorkerFunc) (gpointer data);

/* Runs in the worker's thread. Returns the result of @task, or NULL and sets @error. */
typedef gpointer (*OkapWorkerTaskFunc) (GTask *task, GError **error);

OkapWorker *okap_worker_new        (const char *name) G_GNUC_WARN_UNUSED_RESULT;
void        okap_worker_run        (OkapWorker *self, GTask *task, OkapWorkerTaskFunc func,
                                    GDestroyNotify free_result);
gboolean    okap_worker_post       (OkapWorker *self, OkapWorkerFunc func, gpointer data,
                                    GDestroyNotify destroy);
gboolean    okap_worker_is_current (OkapWorker *self);
void        okap_worker_stop       (OkapWorker *self);
void        okap_worker_free       (OkapWorker *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OkapWorker, okap_worker_free)

G_END_DECLS
