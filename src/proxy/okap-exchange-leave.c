/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An app that hangs up ends what runs for it at the provider, unless the user wants its requests
 * to be finished and counted: then the exchange goes on without the app. What comes is metered and
 * forgotten, so it takes no memory, and it may take LONGEST_S. It stays in the proxy's list, so
 * that a grant that ends ends it, too. The proxy's thread. */
#include "config.h"

#include "okap-error.h"
#include "okap-exchange.h"

#define LONGEST_S (10 * 60)

static void
set_timer (OkapExchange *exchange, GSource *source, GSourceFunc func)
{
  if (exchange->finish_timer != NULL)
    {
      g_source_destroy (exchange->finish_timer);
      g_source_unref (exchange->finish_timer);
    }
  exchange->finish_timer = source;
  g_source_set_callback (source, func, exchange, NULL);
  g_source_attach (source, exchange->proxy->context);
}

static gboolean
too_long_cb (gpointer user_data)
{
  OkapExchange *exchange = user_data;
  g_autoptr (GError) error = g_error_new_literal (OKAP_ERROR, OKAP_ERROR_CALLER_GONE,
                                                  "The app hung up");

  okap_exchange_stop_upstream (exchange);
  okap_exchange_break_off (exchange, error);
  return G_SOURCE_REMOVE;
}

static gboolean
free_cb (gpointer user_data)
{
  okap_exchange_free (user_data);
  return G_SOURCE_REMOVE;
}

/** okap_exchange_free_later: of one that goes on without its app; it may be on the stack */
void
okap_exchange_free_later (OkapExchange *exchange)
{
  set_timer (exchange, g_idle_source_new (), free_cb);
}

/**
 * okap_exchange_leave:
 *
 * The app hung up.
 *
 * Returns: whether the exchange goes on without it; then it frees itself
 */
gboolean
okap_exchange_leave (OkapExchange *exchange)
{
  gboolean runs = exchange->transfer != NULL || exchange->demo != NULL;
  gboolean was_blocked = exchange->blocked;

  if ((exchange->access->scope->options & OKAP_SCOPE_FINISH_AND_COUNT) == 0 || !runs
      || !exchange->counted || (exchange->streams_up && !exchange->body_done))
    return FALSE;
  exchange->http = NULL;
  exchange->blocked = FALSE;
  set_timer (exchange, g_timeout_source_new_seconds (LONGEST_S), too_long_cb);
  if (was_blocked && exchange->transfer != NULL)
    okap_transfer_resume (exchange->transfer);
  else if (was_blocked)
    okap_demo_resume (exchange->demo);
  return TRUE;
}
