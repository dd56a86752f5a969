/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Codes under a clock that is set by hand, and in a broker whose vault locks. */
#include "broker-fixture.h"
#include "okap-codes.h"

#include <sodium.h>

/* RFC 7636, appendix B */
#define VERIFIER "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define CHALLENGE "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
#define OTHER_VERIFIER "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXm"

typedef struct
{
  OkapClock *clock;
  OkapCodes *codes;
  GPtrArray *lost;   /* (element-type utf8) ids */
  char *why;
} Shop;

static void
lost_cb (const char *grant_id, gboolean used_twice, const char *why, gpointer user_data)
{
  Shop *shop = user_data;

  g_ptr_array_add (shop->lost, g_strdup (grant_id));
  g_free (shop->why);
  shop->why = g_strdup (why);
}

static void
shop_set_up (Shop *shop, gconstpointer data)
{
  shop->clock = okap_clock_new_fake (1000 * OKAP_SECOND_US);
  shop->codes = okap_codes_new (shop->clock, lost_cb, shop);
  shop->lost = g_ptr_array_new_with_free_func (g_free);
}

static void
shop_tear_down (Shop *shop, gconstpointer data)
{
  okap_codes_free (shop->codes);
  okap_clock_free_fake (shop->clock);
  g_ptr_array_unref (shop->lost);
  g_free (shop->why);
}

static OkapGrant *
make_grant (const char *id)
{
  OkapGrant *grant = okap_grant_new ();

  grant->id = g_strdup (id);
  return grant;
}

static char *
issue (Shop *shop, const char *id)
{
  g_autoptr (OkapGrant) grant = make_grant (id);
  g_autoptr (OkapSecret) token = okap_secret_new_from_string (id);

  return okap_codes_issue (shop->codes, grant, token, CHALLENGE);
}

/* What redeeming comes to: -1 for the token of @id, else the error's code. */
static int
redeem (Shop *shop, const char *code, const char *verifier, const char *id)
{
  g_autoptr (OkapGrant) grant = NULL;
  g_autoptr (OkapSecret) token = NULL;
  g_autoptr (GError) error = NULL;

  if (okap_codes_redeem (shop->codes, code, verifier, &grant, &token, &error))
    {
      g_assert_no_error (error);
      g_assert_cmpstr (grant->id, ==, id);
      g_assert_cmpstr (okap_secret_get_text (token), ==, id);
      return -1;
    }
  g_assert_null (grant);
  g_assert_null (token);
  g_assert_true (error->domain == OKAP_ERROR);
  g_assert_null (strstr (error->message, VERIFIER));
  g_assert_null (strstr (error->message, "okapcode_"));
  return error->code;
}

static void
test_once (Shop *shop, gconstpointer data)
{
  g_autofree char *code = issue (shop, "g_1");
  OkapGrant *grant;
  OkapSecret *token;
  GError *error = NULL;

  g_assert_true (g_str_has_prefix (code, "okapcode_"));
  g_assert_cmpuint (strlen (code), ==, 9 + 43);
  g_assert_true (okap_codes_peek (shop->codes, code, VERIFIER, &grant, &token, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (grant->id, ==, "g_1");
  g_assert_cmpstr (okap_secret_get_text (token), ==, "g_1");
  g_assert_false (okap_codes_peek (shop->codes, code, OTHER_VERIFIER, &grant, &token, NULL));
  g_assert_cmpint (redeem (shop, code, VERIFIER, "g_1"), ==, -1);
  g_assert_cmpuint (shop->lost->len, ==, 0);

  g_assert_cmpint (redeem (shop, code, OTHER_VERIFIER, NULL), ==, OKAP_ERROR_CODE_VERIFIER);
  g_assert_cmpuint (shop->lost->len, ==, 0);
  g_assert_cmpint (redeem (shop, code, VERIFIER, NULL), ==, OKAP_ERROR_CODE_USED);
  g_assert_cmpuint (shop->lost->len, ==, 1);
  g_assert_cmpstr (g_ptr_array_index (shop->lost, 0), ==, "g_1");
  g_assert_cmpstr (shop->why, ==, "its code was used a second time");
}

static void
test_late (Shop *shop, gconstpointer data)
{
  g_autofree char *in_time = issue (shop, "g_1");
  g_autofree char *late = issue (shop, "g_2");

  okap_clock_advance (shop->clock, OKAP_CAP_CODE_S * OKAP_SECOND_US - 1);
  g_assert_cmpint (redeem (shop, in_time, VERIFIER, "g_1"), ==, -1);
  okap_clock_advance (shop->clock, 1);
  g_assert_cmpint (redeem (shop, late, OTHER_VERIFIER, NULL), ==, OKAP_ERROR_CODE_VERIFIER);
  g_assert_cmpint (redeem (shop, late, VERIFIER, NULL), ==, OKAP_ERROR_CODE_EXPIRED);
  g_assert_cmpuint (shop->lost->len, ==, 1);
  g_assert_cmpstr (g_ptr_array_index (shop->lost, 0), ==, "g_2");
  g_assert_cmpint (redeem (shop, late, VERIFIER, NULL), ==, OKAP_ERROR_CODE_EXPIRED);
  g_assert_cmpuint (shop->lost->len, ==, 1);
}

/* A wall clock that is set back gives no code a longer life. */
static void
test_clock_set (Shop *shop, gconstpointer data)
{
  g_autofree char *code = issue (shop, "g_1");

  okap_clock_advance (shop->clock, OKAP_CAP_CODE_S * OKAP_SECOND_US);
  okap_clock_set (shop->clock, 1000 * OKAP_SECOND_US);
  okap_codes_expire (shop->codes);
  g_assert_cmpuint (shop->lost->len, ==, 1);
}

static void
test_wiped (Shop *shop, gconstpointer data)
{
  g_autofree char *a = issue (shop, "g_1");
  g_autofree char *b = issue (shop, "g_2");

  g_assert_cmpint (redeem (shop, a, VERIFIER, "g_1"), ==, -1);
  okap_codes_wipe (shop->codes, "locked");
  g_assert_cmpuint (shop->lost->len, ==, 1);
  g_assert_cmpstr (g_ptr_array_index (shop->lost, 0), ==, "g_2");
  g_assert_cmpstr (shop->why, ==, "locked");
  g_assert_cmpint (redeem (shop, b, VERIFIER, NULL), ==, OKAP_ERROR_CODE_EXPIRED);
}

static void
test_refused (Shop *shop, gconstpointer data)
{
  static const char *const verifiers[] = {
    "", "short", OTHER_VERIFIER, VERIFIER "A", CHALLENGE,
    "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjX",    /* 42 */
    "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjX ",
    "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjX=",
    "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEj\xc3\xa4",
  };
  g_autofree char *code = issue (shop, "g_1");
  g_autofree char *cut = g_strndup (code, strlen (code) - 1);
  g_autofree char *longer = g_strconcat (code, "A", NULL);
  g_autofree char *changed = g_strdup (code);
  g_autofree char *most = g_strnfill (128, 'a');
  g_autofree char *more = g_strnfill (129, 'a');

  changed[20] = changed[20] == 'A' ? 'B' : 'A';
  g_assert_cmpint (redeem (shop, "", VERIFIER, NULL), ==, OKAP_ERROR_CODE_UNKNOWN);
  g_assert_cmpint (redeem (shop, cut, VERIFIER, NULL), ==, OKAP_ERROR_CODE_UNKNOWN);
  g_assert_cmpint (redeem (shop, longer, VERIFIER, NULL), ==, OKAP_ERROR_CODE_UNKNOWN);
  g_assert_cmpint (redeem (shop, changed, VERIFIER, NULL), ==, OKAP_ERROR_CODE_UNKNOWN);
  g_assert_cmpint (redeem (shop, code + 9, VERIFIER, NULL), ==, OKAP_ERROR_CODE_UNKNOWN);
  for (guint i = 0; i < G_N_ELEMENTS (verifiers); i++)
    g_assert_cmpint (redeem (shop, code, verifiers[i], NULL), ==, OKAP_ERROR_CODE_VERIFIER);
  g_assert_cmpint (redeem (shop, code, most, NULL), ==, OKAP_ERROR_CODE_VERIFIER);
  g_assert_cmpint (redeem (shop, code, more, NULL), ==, OKAP_ERROR_CODE_VERIFIER);
  g_assert_cmpuint (shop->lost->len, ==, 0);
  g_assert_cmpint (redeem (shop, code, VERIFIER, "g_1"), ==, -1);
}

static void
test_longest_verifier (Shop *shop, gconstpointer data)
{
  g_autofree char *verifier = g_strnfill (128, '~');
  g_autoptr (OkapGrant) grant = make_grant ("g_1");
  g_autoptr (OkapSecret) token = okap_secret_new_from_string ("g_1");
  g_autofree char *code = NULL;
  guint8 hash[crypto_hash_sha256_BYTES];
  char challenge[44];

  crypto_hash_sha256 (hash, (const guint8 *) verifier, strlen (verifier));
  sodium_bin2base64 (challenge, sizeof challenge, hash, sizeof hash,
                     sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  code = okap_codes_issue (shop->codes, grant, token, challenge);
  g_assert_cmpint (redeem (shop, code, verifier, "g_1"), ==, -1);
}

static void
test_challenges (Shop *shop, gconstpointer data)
{
  static const char *const bad[] = {
    "", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c", CHALLENGE "=", CHALLENGE "A",
    "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cN",   /* bits that are left over */
    "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM",
    "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw/cM",
    "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw cM",
  };
  g_autoptr (OkapGrant) grant = make_grant ("g_1");
  g_autoptr (OkapSecret) token = okap_secret_new_from_string ("g_1");

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *code = okap_codes_issue (shop->codes, grant, token, bad[i]);

      g_assert_null (code);
      g_assert_cmpuint (shop->lost->len, ==, i + 1);
    }
}

/* When there is no room the new one is lost, not one that somebody waits for. */
static void
test_full (Shop *shop, gconstpointer data)
{
  g_autoptr (GPtrArray) codes = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < OKAP_CAP_CODES; i++)
    g_ptr_array_add (codes, issue (shop, "g_1"));
  g_assert_cmpuint (shop->lost->len, ==, 0);
  g_assert_null (issue (shop, "g_2"));
  g_assert_cmpuint (shop->lost->len, ==, 1);
  g_assert_cmpstr (g_ptr_array_index (shop->lost, 0), ==, "g_2");
  for (guint i = 0; i < codes->len; i++)
    g_assert_cmpint (redeem (shop, g_ptr_array_index (codes, i), VERIFIER, "g_1"), ==, -1);
}

static void
test_dead_are_forgotten (Shop *shop, gconstpointer data)
{
  g_autofree char *live = issue (shop, "g_live");
  g_autofree char *first = issue (shop, "g_1");
  g_autofree char *last = NULL;

  g_assert_cmpint (redeem (shop, first, VERIFIER, "g_1"), ==, -1);
  for (guint i = 0; i < OKAP_CAP_DEAD_CODES; i++)
    {
      g_free (last);
      last = issue (shop, "g_2");
      g_assert_cmpint (redeem (shop, last, VERIFIER, "g_2"), ==, -1);
    }
  g_free (last);
  last = issue (shop, "g_3");
  g_assert_cmpint (redeem (shop, first, VERIFIER, NULL), ==, OKAP_ERROR_CODE_UNKNOWN);
  g_assert_cmpuint (shop->lost->len, ==, 0);
  g_assert_cmpint (redeem (shop, live, VERIFIER, "g_live"), ==, -1);
  g_assert_cmpint (redeem (shop, last, VERIFIER, "g_3"), ==, -1);
}

static void
test_match (void)
{
  g_autofree char *match = okap_codes_dup_match (CHALLENGE);
  g_autofree char *same = okap_codes_dup_match (CHALLENGE);
  g_autofree char *padded = okap_codes_dup_match ("challenge-8");

  /* printf %s okap-match:… | sha256sum: 675b0dfb…, 7c2e1eb5… */
  g_assert_cmpstr (match, ==, "03");
  g_assert_cmpstr (same, ==, match);
  g_assert_cmpstr (padded, ==, "01");
}

/* The vault locks before the app fetched its token: nobody has it, and the grant ends, on the
 * disk, too. */
static void
test_lock_ends_grant (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapSecret) token = get_granted (fixture, OKAP_DOOR_BUS);
  g_autoptr (OkapGrant) grant = okap_grant_ref (fixture->grant);
  g_autoptr (OkapGrant) redeemed = NULL;
  g_autoptr (OkapSecret) got = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *code = okap_codes_issue (okap_broker_get_codes (fixture->broker), grant, token,
                                            CHALLENGE);

  okap_vault_lock (fixture->vault);
  g_assert_false (okap_codes_redeem (okap_broker_get_codes (fixture->broker), code, VERIFIER,
                                     &redeemed, &got, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_CODE_EXPIRED);
  close_all (fixture);
  open_all (fixture);
  unlock (fixture);
  WAIT (okap_broker_find_grant (fixture->broker, grant->id) != NULL);
  g_assert_cmpint (okap_broker_find_grant (fixture->broker, grant->id)->state, ==,
                   OKAP_GRANT_REVOKED);
}

static void
test_second_use_ends_grant (Fixture *fixture, gconstpointer data)
{
  g_autoptr (OkapSecret) token = get_granted (fixture, OKAP_DOOR_BUS);
  OkapCodes *codes = okap_broker_get_codes (fixture->broker);
  g_autofree char *code = okap_codes_issue (codes, fixture->grant, token, CHALLENGE);
  g_autoptr (OkapGrant) grant = NULL;
  g_autoptr (OkapSecret) got = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (okap_codes_redeem (codes, code, VERIFIER, &grant, &got, NULL));
  g_assert_true (okap_secret_equal (got, token));
  g_assert_true (token_opens (fixture, got, NULL));
  g_assert_false (okap_codes_redeem (codes, code, VERIFIER, &grant, &got, NULL));
  g_assert_false (token_opens (fixture, got, &error));
  g_assert_error (error, OKAP_ERROR, OKAP_ERROR_TOKEN_REVOKED);
}

#define ADD(path, func) g_test_add (path, Shop, NULL, shop_set_up, func, shop_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/codes/once", test_once);
  ADD ("/codes/late", test_late);
  ADD ("/codes/clock-set", test_clock_set);
  ADD ("/codes/wiped", test_wiped);
  ADD ("/codes/refused", test_refused);
  ADD ("/codes/longest-verifier", test_longest_verifier);
  ADD ("/codes/challenges", test_challenges);
  ADD ("/codes/full", test_full);
  ADD ("/codes/dead-are-forgotten", test_dead_are_forgotten);
  g_test_add_func ("/codes/match", test_match);
  g_test_add ("/codes/lock-ends-grant", Fixture, NULL, set_up, test_lock_ends_grant, tear_down);
  g_test_add ("/codes/second-use-ends-grant", Fixture, NULL, set_up, test_second_use_ends_grant,
              tear_down);
  return g_test_run ();
}
