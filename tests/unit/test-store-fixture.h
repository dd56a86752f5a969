/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A store in a folder of its own, and its calls with the waiting done. */
#pragma once

#include <glib/gstdio.h>
#include <sqlite3.h>

#include "okap-error.h"
#include "okap-store.h"

typedef struct
{
  char *folder;      /* (owned) */
  char *path;        /* (owned) */
  OkapSecret *key;   /* (owned) */
  OkapStore *store;  /* (owned) (nullable) */
} Fixture;

typedef struct
{
  GMainLoop *loop;
  GAsyncResult *result;
} Waiting;

static inline void
waiting_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Waiting *waiting = user_data;

  waiting->result = g_object_ref (result);
  g_main_loop_quit (waiting->loop);
}

/* To be given to the call as user data of waiting_cb, and then to waiting_end(). */
static inline Waiting *
waiting_begin (void)
{
  Waiting *waiting = g_new0 (Waiting, 1);

  waiting->loop = g_main_loop_new (NULL, FALSE);
  return waiting;
}

static inline GAsyncResult *
waiting_end (Waiting *waiting)
{
  GAsyncResult *result;

  g_main_loop_run (waiting->loop);
  g_main_loop_unref (waiting->loop);
  result = waiting->result;
  g_free (waiting);
  return result;
}

static inline gboolean
store_open (OkapStore *store, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  Waiting *waiting = waiting_begin ();

  okap_store_open_async (store, waiting_cb, waiting);
  result = waiting_end (waiting);
  return okap_store_open_finish (store, result, error);
}

static inline gboolean
store_commit (OkapStore *store, const OkapGrantRow *row, const char *event, const char *detail,
              GError **error)
{
  g_autoptr (OkapAuditEntry) entry = okap_audit_entry_new (1000, event, row ? row->id : NULL,
                                                           detail);
  g_autoptr (GAsyncResult) result = NULL;
  Waiting *waiting = waiting_begin ();

  okap_store_commit_async (store, row, entry, waiting_cb, waiting);
  result = waiting_end (waiting);
  return okap_store_commit_finish (store, result, error);
}

static inline GPtrArray *
store_load_grants (OkapStore *store, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  Waiting *waiting = waiting_begin ();

  okap_store_load_grants_async (store, waiting_cb, waiting);
  result = waiting_end (waiting);
  return okap_store_load_grants_finish (store, result, error);
}

static inline GPtrArray *
store_list_audit (OkapStore *store, gint64 before, guint most)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  Waiting *waiting = waiting_begin ();
  GPtrArray *list;

  okap_store_list_audit_async (store, before, most, waiting_cb, waiting);
  result = waiting_end (waiting);
  list = okap_store_list_audit_finish (store, result, &error);
  g_assert_no_error (error);
  return list;
}

static inline gboolean
store_verify (OkapStore *store, gint64 *out_lines, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  Waiting *waiting = waiting_begin ();

  okap_store_verify_audit_async (store, waiting_cb, waiting);
  result = waiting_end (waiting);
  return okap_store_verify_audit_finish (store, result, out_lines, error);
}

static inline GPtrArray *
store_list_usage (OkapStore *store, gint64 before, guint most)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  Waiting *waiting = waiting_begin ();
  GPtrArray *list;

  okap_store_list_usage_async (store, before, most, waiting_cb, waiting);
  result = waiting_end (waiting);
  list = okap_store_list_usage_finish (store, result, &error);
  g_assert_no_error (error);
  return list;
}

static inline GPtrArray *
store_find_usage (OkapStore *store, const OkapUsageFilter *filter, gint64 before, guint most)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  Waiting *waiting = waiting_begin ();
  GPtrArray *list;

  okap_store_find_usage_async (store, filter, before, most, waiting_cb, waiting);
  result = waiting_end (waiting);
  list = okap_store_find_usage_finish (store, result, &error);
  g_assert_no_error (error);
  return list;
}

static inline GPtrArray *
store_summarise (OkapStore *store, OkapUsageGrouping by, gint64 since_us, GTimeZone *zone)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  Waiting *waiting = waiting_begin ();
  GPtrArray *list;

  okap_store_summarise_async (store, by, since_us, zone, waiting_cb, waiting);
  result = waiting_end (waiting);
  list = okap_store_summarise_finish (store, result, &error);
  g_assert_no_error (error);
  return list;
}

static inline void
fixture_open (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  fixture->store = okap_store_new (fixture->path);
  okap_store_set_audit_key (fixture->store, fixture->key);
  store_open (fixture->store, &error);
  g_assert_no_error (error);
}

static inline void
fixture_close (Fixture *fixture)
{
  okap_store_close (fixture->store);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_finalize_object (g_steal_pointer (&fixture->store));
}

static inline void
fixture_set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->folder = g_dir_make_tmp ("okap-store-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->path = g_build_filename (fixture->folder, "okap.db", NULL);
  fixture->key = okap_secret_new_random (32);
}

static inline void
fixture_tear_down (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GDir) dir = NULL;
  const char *name;

  if (fixture->store != NULL)
    fixture_close (fixture);
  dir = g_dir_open (fixture->folder, 0, NULL);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (fixture->folder, name, NULL);

      (void) g_unlink (path);
    }
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->folder);
  g_free (fixture->path);
  okap_secret_unref (fixture->key);
}

/* What another program does to the file while Okap is closed. */
static inline void
fixture_edit (Fixture *fixture, const char *sql)
{
  sqlite3 *handle;
  char *message = NULL;

  g_assert_null (fixture->store);
  g_assert_cmpint (sqlite3_open (fixture->path, &handle), ==, SQLITE_OK);
  (void) sqlite3_exec (handle, sql, NULL, NULL, &message);
  g_assert_cmpstr (message, ==, NULL);
  g_assert_cmpint (sqlite3_close (handle), ==, SQLITE_OK);
}

static inline OkapGrantRow *
new_grant_row (const char *id, guint version, const char *policy)
{
  OkapGrantRow *row = g_new0 (OkapGrantRow, 1);

  row->id = g_strdup (id);
  row->version = version;
  row->policy = g_strdup (policy);
  memset (row->token_hash, 0x11, sizeof row->token_hash);
  memset (row->tag, 0x22, sizeof row->tag);
  return row;
}

static inline OkapUsage *
new_usage (const char *grant_id, const char *app, const char *model, gint64 started_us)
{
  OkapUsage *usage = okap_usage_new ();

  usage->request_id = g_strdup ("r_1");
  usage->grant_id = g_strdup (grant_id);
  usage->app = g_strdup (app);
  usage->provider = g_strdup ("openai");
  usage->endpoint = g_strdup ("/v1/chat/completions");
  usage->model_asked = g_strdup (model);
  usage->model_served = g_strdup (model);
  usage->started_us = started_us;
  usage->http_status = 200;
  return usage;
}
