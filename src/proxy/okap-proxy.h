/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "okap-gate.h"
#include "okap-http.h"
#include "okap-key-class.h"
#include "okap-key-standing.h"

G_BEGIN_DECLS

/* The way from an app to a provider and back. Belongs to the thread of its main context, except
 * okap_proxy_cut() and okap_proxy_test_key_async(). */
typedef struct _OkapProxy OkapProxy;

OkapProxy *okap_proxy_new   (OkapGate *gate, OkapClock *clock, GMainContext *context)
                             G_GNUC_WARN_UNUSED_RESULT;
void       okap_proxy_free  (OkapProxy *proxy);

/* Told when a version of a key does otherwise than before, and when a new version that is watched
 * has worked %OKAP_CAP_ROTATION_GOOD_CALLS times. The proxy's thread; @n_good: how often it has. */
typedef void (*OkapProxyHealthFunc) (const char *key_id, const OkapKeyHealth *health, guint n_good,
                                     gpointer user_data);
void       okap_proxy_set_health_func (OkapProxy *proxy, OkapProxyHealthFunc func,
                                       gpointer user_data);

/* Goes on with what an earlier process left at providers. Once, before its thread runs. */
void       okap_proxy_resume_jobs (OkapProxy *proxy);

/* Takes the exchange if its path begins with /v1/ (or is one that an SDK calls at the root). */
gboolean   okap_proxy_route (OkapProxy *proxy, OkapHttpExchange *exchange,
                             const OkapHttpHead *head);

/* Any thread: stops all running exchanges of a grant; of all grants if @grant_id is NULL. */
void       okap_proxy_cut   (OkapProxy *proxy, const char *grant_id, OkapError why);

/* Main thread: asks the provider whether it accepts the key, with its cheapest request. */
void       okap_proxy_test_key_async  (OkapProxy *proxy, OkapCredential *credential,
                                       GAsyncReadyCallback callback, gpointer user_data);
gboolean   okap_proxy_test_key_finish (GAsyncResult *result, OkapKeyClass *out_class,
                                       OkapKeyStanding *out_standing, char **out_words,
                                       GError **error);

G_END_DECLS
