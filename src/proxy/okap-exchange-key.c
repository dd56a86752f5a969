/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The key of an exchange: what the answer says of it, and a second try with another one.
 *
 * An error's beginning is looked at while it passes. If it might say that the key is bad, and there
 * is another version of the key (the one before, while a new one is watched; or the one that came
 * while this request ran), the error is held back until it is whole. If it does say so, the request
 * leaves once more with the other version, and the app sees only that answer. That is possible only
 * as long as the request's body is still here and the app has seen nothing; else, and if the other
 * version is refused too, the error passes as it came.
 *
 * What a version does is told once it changes. The refused one of a second try is told after the
 * other's answer is there: if both are refused, the other one first, for then the new version is
 * not to blame. On the usual way there are two atomic operations and no allocation. The proxy's
 * thread. */
#include "config.h"

#include <string.h>

#include "okap-caps.h"
#include "okap-exchange.h"
#include "okap-key-health.h"

/**
 * okap_key_use_report:
 * @until_us: of a rate limit; else 0
 *
 * Counts an answer for the key's version, and tells the listener if it is not like the last one.
 */
void
okap_key_use_report (OkapProxy *proxy, OkapCredential *credential, OkapKeyClass class,
                     guint status, gint64 until_us)
{
  guint n_good = 0;
  gboolean milestone = FALSE;
  OkapKeyHealth health = { credential->version, class, status, 0, until_us };

  if (class == OKAP_KEY_UNTRIED)
    return;
  if (class == OKAP_KEY_GOOD)
    {
      n_good = (guint) g_atomic_int_add (&credential->n_good, 1) + 1;
      milestone = credential->previous != NULL && n_good == OKAP_CAP_ROTATION_GOOD_CALLS;
    }
  if (g_atomic_int_get (&credential->last_class) == (int) class && !milestone)
    return;
  g_atomic_int_set (&credential->last_class, (int) class);
  health.since_us = okap_clock_get_now (proxy->clock);
  if (proxy->health != NULL)
    proxy->health (credential->key_id, &health, n_good, proxy->health_data);
}

/* Another version of the key than the one that was used; (nullable) (transfer full). */
static OkapCredential *
find_other_version (const OkapExchange *exchange)
{
  const OkapCredential *used = exchange->access->credential;
  g_autoptr (OkapAccess) now = okap_gate_identify (exchange->proxy->gate, exchange->token,
                                                   OKAP_TOKEN_LENGTH,
                                                   exchange->access->scope->provider, NULL,
                                                   NULL);

  if (now == NULL || strcmp (now->credential->key_id, used->key_id) != 0)
    return NULL;
  if (now->credential->version != used->version)
    return okap_credential_ref (now->credential);
  return now->credential->previous != NULL ? okap_credential_ref (now->credential->previous) : NULL;
}

/* Whether the answer, which is an error, may have to be taken back. */
static gboolean
must_hold (const OkapExchange *exchange)
{
  g_autoptr (OkapCredential) other = NULL;

  if (exchange->key.other != NULL || exchange->streams_up || exchange->http == NULL
      || (exchange->status != 400 && exchange->status != 401 && exchange->status != 403))
    return FALSE;
  other = find_other_version (exchange);
  return other != NULL;
}

/* The answer's class is known. */
static void
tell (OkapExchange *exchange, OkapKeyClass class)
{
  OkapProxy *proxy = exchange->proxy;
  OkapKeyUse *key = &exchange->key;
  OkapCredential *own = exchange->access->credential;

  if (key->other == NULL)
    {
      okap_key_use_report (proxy, own, class, exchange->status, key->until_us);
      return;
    }
  if (class == OKAP_KEY_BAD)
    okap_key_use_report (proxy, key->other, class, exchange->status, key->until_us);
  okap_key_use_report (proxy, own, OKAP_KEY_BAD, 401, 0);
  if (class != OKAP_KEY_BAD)
    okap_key_use_report (proxy, key->other, class, exchange->status, key->until_us);
  g_clear_pointer (&key->other, okap_credential_unref);
}

static OkapKeyClass
classify (OkapExchange *exchange)
{
  const GByteArray *answer = exchange->key.answer;

  if (exchange->status == 429 && exchange->key.until_us == 0)
    exchange->key.until_us
        = okap_key_health_retry_delay ((const char *) answer->data, answer->len,
                                       okap_clock_get_now (exchange->proxy->clock));
  return okap_key_health_classify (exchange->access->scope->provider, exchange->status,
                                   (const char *) answer->data, answer->len);
}

/** okap_exchange_key_head: the head of an answer is there */
void
okap_exchange_key_head (OkapExchange *exchange, const char *headers)
{
  OkapKeyUse *key = &exchange->key;
  gint64 now_us;

  if (exchange->status < 400)
    {
      /* A list that is free may be open to everybody. */
      if (exchange->counted || key->other != NULL)
        tell (exchange, exchange->counted && exchange->status < 300 ? OKAP_KEY_GOOD
                                                                    : OKAP_KEY_UNTRIED);
      return;
    }
  key->answer = g_byte_array_new ();
  now_us = okap_clock_get_now (exchange->proxy->clock);
  key->until_us = okap_key_health_retry_after (headers, now_us);
  key->holding = must_hold (exchange);
}

/** okap_exchange_key_take: looks at bytes of the answer; TRUE if the app does not get them yet */
gboolean
okap_exchange_key_take (OkapExchange *exchange, const char *data, gsize length)
{
  OkapKeyUse *key = &exchange->key;
  gsize most = OKAP_KEY_EVIDENCE_BYTES;

  if (key->answer == NULL)
    return FALSE;
  if (key->holding && key->answer->len + length > OKAP_CAP_KEY_ERROR_BYTES)
    {
      OkapKeyClass class = classify (exchange);

      okap_exchange_key_release (exchange);
      tell (exchange, class);
      return FALSE;
    }
  if (!key->holding)
    length = MIN (length, most - MIN (key->answer->len, most));
  g_byte_array_append (key->answer, (const guint8 *) data, (guint) length);
  return key->holding;
}

/* Once more, with another version; FALSE if there is none any more, or the app is gone. */
static gboolean
send_again (OkapExchange *exchange)
{
  OkapKeyUse *key = &exchange->key;

  key->other = exchange->http != NULL ? find_other_version (exchange) : NULL;
  if (key->other == NULL)
    return FALSE;
  g_clear_pointer (&key->answer, g_byte_array_unref);
  key->holding = FALSE;
  key->until_us = 0;
  g_clear_pointer (&exchange->headers, g_free);
  exchange->status = 0;
  exchange->first_byte_us = 0;
  exchange->state = OKAP_EXCHANGE_WAITING;
  okap_exchange_send (exchange);
  return TRUE;
}

/** okap_exchange_key_judge: the answer is whole; TRUE: the request was sent again */
gboolean
okap_exchange_key_judge (OkapExchange *exchange)
{
  OkapKeyUse *key = &exchange->key;
  OkapKeyClass class;

  if (key->answer == NULL)
    return FALSE;
  class = classify (exchange);
  if (key->holding && class == OKAP_KEY_BAD && exchange->state == OKAP_EXCHANGE_ANSWERING
      && send_again (exchange))
    return TRUE;
  tell (exchange, class);
  if (!key->holding)
    g_clear_pointer (&key->answer, g_byte_array_unref);
  return FALSE;
}

/** okap_exchange_key_release: the app gets what was held back */
void
okap_exchange_key_release (OkapExchange *exchange)
{
  OkapKeyUse *key = &exchange->key;
  g_autoptr (GByteArray) answer = NULL;

  if (!key->holding)
    return;
  key->holding = FALSE;
  answer = g_steal_pointer (&key->answer);
  if (answer->len > 0 && exchange->state == OKAP_EXCHANGE_ANSWERING)
    (void) okap_exchange_answer.data ((const char *) answer->data, answer->len, exchange);
}

/** okap_exchange_key_clear: the exchange goes, perhaps in the middle of an answer */
void
okap_exchange_key_clear (OkapExchange *exchange)
{
  OkapKeyUse *key = &exchange->key;

  if (key->answer != NULL)
    tell (exchange, classify (exchange));
  else if (key->other != NULL)
    tell (exchange, OKAP_KEY_UNTRIED);
  key->holding = FALSE;
  g_clear_pointer (&key->answer, g_byte_array_unref);
}
