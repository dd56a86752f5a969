/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way from an app to a provider and back: who may take it. From the head alone, before any of
 * the body is read: the path, the token, the grant, the endpoint. What passes becomes an exchange
 * (okap-exchange.c), which lives until it is closed; the proxy lists those that run, so that a
 * grant that ends takes its running requests with it.
 *
 * Belongs to the thread of its main context. From other threads only a post reaches it: a small
 * value of its own that outlives the proxy, so that a post that comes too late finds nothing. */
#include "config.h"

#include "okap-proxy-private.h"

#include <string.h>

#include "okap-error.h"
#include "okap-http-token.h"
#include "okap-invoke.h"
#include "okap-jobs.h"
#include "okap-proxy-error.h"

/* Where the parts of a path begin. */
typedef struct
{
  char *provider;         /* (owned) (nullable) */
  const char *token;      /* (nullable) in the path, behind "~" */
  gsize token_length;
  const char *rest;       /* behind all of that, with its leading slash; perhaps empty */
} Target;

static void
target_clear (Target *target)
{
  g_clear_pointer (&target->provider, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Target, target_clear)

/**
 * okap_proxy_new:
 * @gate: outlives the proxy
 * @clock: outlives the proxy
 * @context: where it runs
 */
OkapProxy *
okap_proxy_new (OkapGate *gate, OkapClock *clock, GMainContext *context)
{
  OkapProxy *proxy = g_new0 (OkapProxy, 1);

  proxy->gate = gate;
  proxy->clock = clock;
  proxy->context = g_main_context_ref (context);
  proxy->upstream = okap_upstream_new (context);
  proxy->batch_book = okap_batch_book_new ();
  proxy->jobs = okap_jobs_new (proxy->upstream, gate, clock, context);
  proxy->next_id = (guint64) g_random_int () << 32 | g_random_int ();
  proxy->refused = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  proxy->post = okap_proxy_post_new (proxy);
  return proxy;
}

/** okap_proxy_free: when its thread and the server that routed to it have ended */
void
okap_proxy_free (OkapProxy *proxy)
{
  /* What still runs has lost its app, or the server would have closed it. */
  while (!g_queue_is_empty (&proxy->running))
    okap_exchange_free (g_queue_peek_head (&proxy->running));

  proxy->post->proxy = NULL;
  okap_proxy_post_unref (proxy->post);
  okap_jobs_free (proxy->jobs);
  okap_upstream_free (proxy->upstream);
  okap_batch_book_free (proxy->batch_book);
  g_hash_table_unref (proxy->refused);
  g_main_context_unref (proxy->context);
  g_free (proxy);
}

/** okap_proxy_set_health_func: before its thread runs */
void
okap_proxy_set_health_func (OkapProxy *proxy, OkapProxyHealthFunc func, gpointer user_data)
{
  proxy->health = func;
  proxy->health_data = user_data;
}

/** okap_proxy_resume_jobs: see the header */
void
okap_proxy_resume_jobs (OkapProxy *proxy)
{
  okap_jobs_resume (proxy->jobs);
}

OkapProxyPost *
okap_proxy_post_new (OkapProxy *proxy)
{
  OkapProxyPost *post = g_new0 (OkapProxyPost, 1);

  g_atomic_ref_count_init (&post->ref_count);
  post->proxy = proxy;
  return post;
}

OkapProxyPost *
okap_proxy_post_ref (OkapProxyPost *post)
{
  g_atomic_ref_count_inc (&post->ref_count);
  return post;
}

void
okap_proxy_post_unref (OkapProxyPost *post)
{
  if (g_atomic_ref_count_dec (&post->ref_count))
    g_free (post);
}

typedef struct
{
  OkapProxyPost *post;  /* (owned) */
  char *grant_id;       /* (owned) */
  OkapError why;
} Cut;

static void
cut_free (gpointer data)
{
  Cut *cut = data;

  okap_proxy_post_unref (cut->post);
  g_free (cut->grant_id);
  g_free (cut);
}

static gboolean
cut_cb (gpointer user_data)
{
  const Cut *cut = user_data;
  OkapProxy *proxy = cut->post->proxy;

  if (proxy == NULL)
    return G_SOURCE_REMOVE;
  for (GList *l = proxy->running.head; l != NULL; l = l->next)
    {
      OkapExchange *exchange = l->data;

      if (cut->grant_id == NULL || strcmp (exchange->access->grant->id, cut->grant_id) == 0)
        okap_exchange_cut (exchange, cut->why);
    }
  return G_SOURCE_REMOVE;
}

/** okap_proxy_cut: see the header */
void
okap_proxy_cut (OkapProxy *proxy, const char *grant_id, OkapError why)
{
  Cut *cut = g_new0 (Cut, 1);

  cut->post = okap_proxy_post_ref (proxy->post);
  cut->grant_id = g_strdup (grant_id);
  cut->why = why;
  okap_invoke (proxy->context, cut_cb, cut, cut_free);
}

/* Whether the path is one of ours, and its parts. */
static gboolean
parse_target (const char *path, Target *out_target)
{
  gsize length;

  *out_target = (Target) { 0 };
  if (g_str_has_prefix (path, "/upload/"))
    {
      /* Google's SDK keeps the path of an upload URL but puts our host before it. */
      out_target->provider = g_strdup ("google");
      out_target->rest = path;
      return TRUE;
    }
  if (!g_str_has_prefix (path, "/v1/"))
    return FALSE;
  path += strlen ("/v1/");
  length = strcspn (path, "/");
  out_target->provider = g_strndup (path, length);
  path += length;
  if (path[0] == '/' && path[1] == '~')
    {
      out_target->token = path + 2;
      out_target->token_length = strcspn (path + 2, "/");
      path += 2 + out_target->token_length;
    }
  out_target->rest = path;
  return TRUE;
}

static gboolean
check_upgrade (const OkapHttpHead *head, GError **error)
{
  if (!okap_http_head_wants_upgrade (head))
    return TRUE;
  g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_UPGRADE_REFUSED,
                       "WebSockets are not passed on. Use plain HTTP requests");
  return FALSE;
}

/* Calls of gateways’ packages that take only the origin of a base URL: they come without the name
 * of a provider, so that nobody knows whose answer is wanted. */
static gboolean
check_origin_call (const Target *target, GError **error)
{
  static const char *const calls[] = { "credits", "generation", "report" };

  for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
    if (*target->rest == '\0' && strcmp (target->provider, calls[i]) == 0)
      {
        g_set_error (error, OKAP_ERROR, OKAP_ERROR_NOT_FOUND,
                     "“/v1/%s” names no provider. Below /v1/ comes the provider’s name, as in "
                     "/v1/vercel/generation; an account’s money is not told to apps", calls[i]);
        return FALSE;
      }
  return TRUE;
}

/* What is answered here and by no provider. */
static gboolean
answer_locally (OkapHttpExchange *exchange, const OkapHttpHead *head, const Target *target)
{
  gboolean is_root = *target->rest == '\0' || strcmp (target->rest, "/") == 0;

  /* Some apps look whether a base URL is there before they use it. */
  if (is_root && strcmp (head->method, "HEAD") == 0)
    {
      okap_http_exchange_respond (exchange, 200, NULL, "", 0);
      return TRUE;
    }
  /* One vendor's SDK warms up its connection when it is constructed. */
  if (strcmp (target->provider, "cerebras") == 0
      && g_str_has_suffix (target->rest, "/tcp_warming"))
    {
      okap_http_exchange_respond (exchange, 200, NULL, "{}", 2);
      return TRUE;
    }
  return FALSE;
}

/* Everything that the head alone decides. */
static gboolean
begin (OkapProxy *proxy, OkapHttpExchange *http, const OkapHttpHead *head, const Target *target,
       char token[OKAP_TOKEN_LENGTH], gint64 arrived_us, GError **error)
{
  g_auto (OkapRoute) route = { 0 };
  g_autoptr (OkapAccess) access = NULL;

  if (!okap_http_token_find (head, target->token, target->token_length, token, error))
    return FALSE;
  access = okap_gate_identify (proxy->gate, token, OKAP_TOKEN_LENGTH, target->provider,
                               okap_http_exchange_get_caller (http), error);
  if (access == NULL
      || !okap_provider_resolve (access->credential->provider, head->method,
                                 *target->rest != '\0' ? target->rest : "/", &route, error))
    return FALSE;
  okap_exchange_begin (proxy, http, head, g_steal_pointer (&access), &route, token, arrived_us);
  return TRUE;
}

/**
 * okap_proxy_route:
 *
 * Returns: whether the path is one of the proxy's; then the exchange is taken or answered
 */
gboolean
okap_proxy_route (OkapProxy *proxy, OkapHttpExchange *exchange, const OkapHttpHead *head)
{
  gint64 arrived_us = g_get_monotonic_time ();
  g_auto (Target) target = { 0 };
  g_autoptr (GError) error = NULL;
  char token[OKAP_TOKEN_LENGTH];

  if (!parse_target (head->path, &target))
    return FALSE;
  if (check_upgrade (head, &error) && check_origin_call (&target, &error)
      && !answer_locally (exchange, head, &target))
    (void) begin (proxy, exchange, head, &target, token, arrived_us, &error);
  okap_wipe (token, sizeof token);
  if (error != NULL)
    {
      g_autoptr (OkapProvider) provider = target.provider != NULL
                                            ? okap_provider_lookup (target.provider) : NULL;

      okap_proxy_error_refuse (exchange, error, 0, provider, target.rest);
    }
  return TRUE;
}
