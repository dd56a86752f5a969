/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One-time codes. The session bus and links can be read by other programs, so what goes over them
 * is a code, and the token is fetched with it at one place, by whoever knows the verifier.
 *
 *   LIVE ── right verifier ──▶ USED ── again, right verifier ──▶ the grant is lost
 *     └──── time is over ────▶ LATE (the grant is lost)
 *
 * Main thread. Of a code only its hash is kept; the token is kept while the code lives and no
 * longer. The verifier is looked at before anything is told of a code or done to it: whoever read
 * a code on the bus can neither end a grant with it nor learn whether it was used.
 *
 * Dead codes are remembered, so that a second use is told from an invented code; the oldest of
 * them is forgotten first. Live ones are never pushed out by others: when there is no room, the
 * new one is lost. */
#include "config.h"

#include "okap-codes.h"

#include <sodium.h>
#include <string.h>

#include "okap-caps.h"
#include "okap-challenge.h"
#include "okap-error.h"

#define PREFIX "okapcode_"
#define PREFIX_LENGTH 9
#define RANDOM_BYTES 32
#define RANDOM_LENGTH 43
#define CODE_LENGTH (PREFIX_LENGTH + RANDOM_LENGTH)

typedef enum
{
  STATE_LIVE,
  STATE_USED,
  STATE_LATE,
} State;

typedef struct
{
  guint8 hash[crypto_hash_sha256_BYTES];       /* of the code */
  guint8 challenge[OKAP_CHALLENGE_BYTES];
  State state;
  gint64 deadline_us;   /* monotonic */
  OkapGrant *grant;     /* (owned) */
  OkapSecret *token;    /* (owned) (nullable) while it lives */
} Code;

struct _OkapCodes
{
  OkapClock *clock;        /* (unowned) outlives us */
  OkapCodesLostFunc lost;
  gpointer user_data;
  GQueue codes;            /* (element-type Code) (owned) oldest first */
  guint n_live;
  guint timer;             /* while there are live ones */
};

static void
code_free (gpointer data)
{
  Code *code = data;

  okap_grant_unref (code->grant);
  g_clear_pointer (&code->token, okap_secret_unref);
  okap_wipe (code, sizeof *code);
  g_free (code);
}

/**
 * okap_codes_new:
 * @clock: outlives the object
 * @lost: called in the main thread; it may issue or redeem nothing
 */
OkapCodes *
okap_codes_new (OkapClock *clock, OkapCodesLostFunc lost, gpointer user_data)
{
  OkapCodes *codes = g_new0 (OkapCodes, 1);

  if (sodium_init () < 0)
    g_error ("libsodium could not be initialised: no source of randomness");
  codes->clock = clock;
  codes->lost = lost;
  codes->user_data = user_data;
  g_queue_init (&codes->codes);
  return codes;
}

/** okap_codes_free: forgets all of them and tells nobody; see okap_codes_wipe() */
void
okap_codes_free (OkapCodes *codes)
{
  g_clear_handle_id (&codes->timer, g_source_remove);
  g_queue_clear_full (&codes->codes, code_free);
  g_free (codes);
}

/* A code dies: from here on it opens nothing. */
static void
bury (OkapCodes *codes, Code *code, State state)
{
  g_assert (code->state == STATE_LIVE);
  code->state = state;
  g_clear_pointer (&code->token, okap_secret_unref);
  if (--codes->n_live == 0)
    g_clear_handle_id (&codes->timer, g_source_remove);
}

static void
bury_late (OkapCodes *codes, gint64 now_us, const char *why)
{
  for (GList *l = codes->codes.head; l != NULL; l = l->next)
    {
      Code *code = l->data;

      if (code->state != STATE_LIVE || code->deadline_us > now_us)
        continue;
      bury (codes, code, STATE_LATE);
      codes->lost (code->grant->id, FALSE, why, codes->user_data);
    }
}

/** okap_codes_expire: ends those whose time is over; also done from time to time */
void
okap_codes_expire (OkapCodes *codes)
{
  bury_late (codes, okap_clock_get_monotonic (codes->clock),
             "the app did not fetch its token in time");
}

/**
 * okap_codes_wipe:
 * @why: a sentence for the audit trail
 *
 * Ends all of them, and their grants, because the vault locks or Okap ends.
 */
void
okap_codes_wipe (OkapCodes *codes, const char *why)
{
  bury_late (codes, G_MAXINT64, why);
}

static gboolean
timer_cb (gpointer user_data)
{
  OkapCodes *codes = user_data;

  okap_codes_expire (codes);
  return codes->n_live > 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* Dead ones make room for others, the oldest first. */
static void
forget_dead (OkapCodes *codes)
{
  guint n_dead = g_queue_get_length (&codes->codes) - codes->n_live;
  GList *next;

  for (GList *l = codes->codes.head; l != NULL && n_dead > OKAP_CAP_DEAD_CODES; l = next)
    {
      Code *code = l->data;

      next = l->next;
      if (code->state == STATE_LIVE)
        continue;
      code_free (code);
      g_queue_delete_link (&codes->codes, l);
      n_dead--;
    }
}

static void
hash_code (const char *text, guint8 out[crypto_hash_sha256_BYTES])
{
  (void) crypto_hash_sha256 (out, (const guint8 *) text, strlen (text));
}

/**
 * okap_codes_issue:
 * @grant: written down already
 * @token: its token; kept until the code is redeemed or too old
 * @challenge: (nullable): as the request has it
 *
 * Returns: (transfer full) (nullable): the code; %NULL if @challenge is none, or too many codes
 *   live. Then the grant is lost, which was told.
 */
char *
okap_codes_issue (OkapCodes *codes, OkapGrant *grant, OkapSecret *token, const char *challenge)
{
  g_autofree char *text = g_malloc0 (CODE_LENGTH + 1);
  guint8 random[RANDOM_BYTES];
  Code *code;

  okap_codes_expire (codes);
  code = g_new0 (Code, 1);
  if (challenge == NULL || !okap_challenge_parse (challenge, code->challenge)
      || codes->n_live >= OKAP_CAP_CODES)
    {
      g_free (code);
      codes->lost (grant->id, FALSE, "no code could be made for its token", codes->user_data);
      return NULL;
    }

  memcpy (text, PREFIX, PREFIX_LENGTH);
  randombytes_buf (random, sizeof random);
  (void) sodium_bin2base64 (text + PREFIX_LENGTH, RANDOM_LENGTH + 1, random, sizeof random,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  okap_wipe (random, sizeof random);

  hash_code (text, code->hash);
  code->state = STATE_LIVE;
  code->deadline_us = okap_clock_get_monotonic (codes->clock) + OKAP_CAP_CODE_S * OKAP_SECOND_US;
  code->grant = okap_grant_ref (grant);
  code->token = okap_secret_ref (token);
  g_queue_push_tail (&codes->codes, code);
  codes->n_live++;
  forget_dead (codes);
  if (codes->timer == 0)
    codes->timer = g_timeout_add_seconds (1, timer_cb, codes);
  return g_steal_pointer (&text);
}

/* Looks at all of them and compares whole hashes, so that the time tells nothing of a hash. */
static Code *
find (OkapCodes *codes, const char *text)
{
  guint8 hash[crypto_hash_sha256_BYTES];
  Code *found = NULL;

  if (strlen (text) != CODE_LENGTH)
    return NULL;
  hash_code (text, hash);
  for (GList *l = codes->codes.head; l != NULL; l = l->next)
    if (sodium_memcmp (((Code *) l->data)->hash, hash, sizeof hash) == 0)
      found = l->data;
  return found;
}

static gboolean
check_verifier (const Code *code, const char *verifier, GError **error)
{
  if (!okap_challenge_is_verifier (verifier))
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_CODE_VERIFIER,
                           "“code_verifier” must be 43 to 128 letters, digits or “-._~” (RFC 7636, "
                           "section 4.1).");
      return FALSE;
    }
  if (!okap_challenge_accepts (code->challenge, verifier))
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_CODE_VERIFIER,
                           "“code_verifier” does not belong to this code: its SHA-256 is not the "
                           "“code_challenge” of the request.");
      return FALSE;
    }
  return TRUE;
}

static Code *
find_valid (OkapCodes *codes, const char *text, const char *verifier, GError **error)
{
  Code *code;

  okap_codes_expire (codes);
  code = find (codes, text);
  if (code == NULL)
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_CODE_UNKNOWN,
                           "Okap has not given out this code. Ask for access again.");
      return NULL;
    }
  if (!check_verifier (code, verifier, error))
    return NULL;
  switch (code->state)
    {
    case STATE_LIVE:
      return code;
    case STATE_USED:
      codes->lost (code->grant->id, TRUE, "its code was used a second time", codes->user_data);
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_CODE_USED,
                           "This code was used already, so somebody else may know it: the grant is "
                           "revoked. Ask for access again.");
      return NULL;
    case STATE_LATE:
    default:
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_CODE_EXPIRED,
                   "This code came too late: it works for %d seconds, and not after the vault was "
                   "locked. Ask for access again.",
                   OKAP_CAP_CODE_S);
      return NULL;
    }
}

/**
 * okap_codes_peek:
 * @code: as it came; any text
 * @verifier: as it came; any text
 * @out_grant: (out) (transfer none): as it was when the code was made
 * @out_token: (out) (transfer none): to judge by; not to be given to anybody
 * @error: as okap_codes_redeem()
 *
 * Whether okap_codes_redeem() would give the token. The code stays alive.
 */
gboolean
okap_codes_peek (OkapCodes *codes, const char *code, const char *verifier, OkapGrant **out_grant,
                 OkapSecret **out_token, GError **error)
{
  Code *found = find_valid (codes, code, verifier, error);

  if (found == NULL)
    return FALSE;
  *out_grant = found->grant;
  *out_token = found->token;
  return TRUE;
}

/**
 * okap_codes_redeem:
 * @code: as it came; any text
 * @verifier: as it came; any text
 * @out_grant: (out) (transfer full): as it was when the code was made
 * @out_token: (out) (transfer full): kept nowhere else any more
 * @error: %OKAP_ERROR_CODE_UNKNOWN, %OKAP_ERROR_CODE_VERIFIER, %OKAP_ERROR_CODE_EXPIRED,
 *   %OKAP_ERROR_CODE_USED (then the grant is lost, which was told)
 */
gboolean
okap_codes_redeem (OkapCodes *codes, const char *code, const char *verifier, OkapGrant **out_grant,
                   OkapSecret **out_token, GError **error)
{
  Code *found = find_valid (codes, code, verifier, error);

  if (found == NULL)
    return FALSE;
  *out_grant = okap_grant_ref (found->grant);
  *out_token = g_steal_pointer (&found->token);
  bury (codes, found, STATE_USED);
  return TRUE;
}

/**
 * okap_codes_dup_match:
 *
 * Computed from the challenge, so that both sides know it without a way back: the first four bytes,
 * the highest first, of SHA-256 ("okap-match:" and the challenge), modulo 100.
 */
char *
okap_codes_dup_match (const char *challenge)
{
  g_autofree char *text = g_strconcat ("okap-match:", challenge, NULL);
  guint8 hash[crypto_hash_sha256_BYTES];
  guint32 number;

  (void) crypto_hash_sha256 (hash, (const guint8 *) text, strlen (text));
  number = (guint32) hash[0] << 24 | (guint32) hash[1] << 16 | (guint32) hash[2] << 8 | hash[3];
  return g_strdup_printf ("%02u", number % 100);
}
