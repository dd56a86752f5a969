/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What tests of the proxy stand on: a provider in this process, on a thread of its own, that does
 * what the header "x-mock" of a request asks for; server, gate and proxy as in the product, on
 * another thread; and an app, which blocks the test's thread. */
#pragma once

#include <curl/curl.h>

#include "okap-caps.h"
#include "okap-error.h"
#include "okap-proxy-private.h"

#define KEY "sk-the-real-key-0123456789"
#define CHAT "/v1/openai/chat/completions"
#define BODY "{\"model\":\"gpt-4o-mini\",\"messages\":[{\"role\":\"user\"," \
             "\"content\":\"twelve bytes\"}]}"
#define ANSWER "{\"id\":\"1\",\"model\":\"gpt-4o-mini\",\"choices\":[{\"message\":" \
               "{\"content\":\"four\"}}]," \
               "\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":10}}"
#define REFUSAL "{\"error\":{\"message\":\"no\",\"code\":\"invalid_api_key\"}}"
#define BIG_BYTES (24 * 1024 * 1024)
#define WAIT_US (20 * G_USEC_PER_SEC)

/* A server on a thread of its own. */
typedef struct
{
  GMainContext *context;
  GMainLoop *loop;
  GThread *thread;
  OkapHttpServer *server;
  guint16 port;
} Host;

void host_start (Host *host, OkapHttpRouteFunc route, gpointer data);
void host_run_thread (Host *host);
void host_stop  (Host *host);

typedef struct
{
  Host host;
  GMutex lock;
  GCond changed;
  guint requests;
  guint gone;
  GString *head;       /* of the last request, its header lines */
  GString *body;
  const char *script;  /* what "x-mock: script" streams, in pieces of x-mock-events bytes */
  gsize most_waiting;  /* request bytes that arrived while it did not read */
} Mock;

void mock_set_up    (Mock *mock);
void mock_tear_down (Mock *mock);
void mock_wait      (Mock *mock, const guint *counter, guint least);

typedef struct
{
  Mock mock;
  Host host;
  OkapGate *gate;
  OkapProxy *proxy;
  OkapSecret *token_key;
  OkapSecret *token;
  OkapGrant *grant;
  guint8 hash[OKAP_TOKEN_HASH_BYTES];
  GMutex lock;
  GCond changed;
  GPtrArray *usages;   /* (locked by lock) */
  GString *health;     /* (locked by lock) what was told of keys: "id version class," … */
} Fixture;

void       set_up       (Fixture *fixture, gconstpointer data);
void       tear_down    (Fixture *fixture, gconstpointer data);
OkapUsage *wait_usage   (Fixture *fixture, guint n);
void       revoke_grant (Fixture *fixture);

/* @body: (nullable): of which @digest is, or none */
static inline void
assert_digest (const OkapBodyDigest *digest, const GString *body)
{
  OkapBodyDigest expected = { 0 };

  if (body != NULL)
    expected = okap_body_digest_of (body->str, body->len);
  g_assert_cmpmem (digest, sizeof *digest, &expected, sizeof expected);
}

typedef struct
{
  CURL *easy;
  struct curl_slist *list;
  GString *head;
  GString *body;
  CURLcode result;
  long status;
  GFunc on_data;        /* (nullable) told of itself after each piece */
  gpointer data;
  GString *upload;      /* (unowned) (nullable) */
  gsize uploaded;
} App;

App *app_new     (Fixture *fixture, const char *method, const char *path, const char *headers,
                  const char *body);
void app_perform (App *app);
void app_free    (App *app);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (App, app_free)
