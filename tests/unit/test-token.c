/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "okap-secret.h"
#include "okap-token.h"

#include <string.h>

static void
test_round_trip (void)
{
  g_autoptr (OkapSecret) token = okap_token_mint ();
  g_autofree char *disguised = g_strconcat ("sk-okap-", okap_secret_get_text (token) + 5, NULL);
  g_autofree char *anthropic = g_strconcat ("sk-ant-okap-", okap_secret_get_text (token) + 5, NULL);
  char parsed[OKAP_TOKEN_LENGTH];

  g_assert_cmpint (okap_secret_get_length (token), ==, OKAP_TOKEN_LENGTH);
  g_assert_true (g_str_has_prefix (okap_secret_get_text (token), "okap_"));
  g_assert_true (okap_token_parse (okap_secret_get_text (token), OKAP_TOKEN_LENGTH, parsed));
  g_assert_cmpmem (parsed, sizeof parsed, okap_secret_get_data (token), OKAP_TOKEN_LENGTH);
  g_assert_true (okap_token_parse (disguised, strlen (disguised), parsed));
  g_assert_cmpmem (parsed, sizeof parsed, okap_secret_get_data (token), OKAP_TOKEN_LENGTH);
  g_assert_true (okap_token_parse (anthropic, strlen (anthropic), parsed));
}

static void
test_refused (void)
{
  g_autoptr (OkapSecret) token = okap_token_mint ();
  g_autofree char *text = g_strdup (okap_secret_get_text (token));
  char parsed[OKAP_TOKEN_LENGTH];

  for (gsize i = 0; i < OKAP_TOKEN_LENGTH; i++)
    {
      char kept = text[i];

      text[i] = kept == 'A' ? 'B' : 'A';
      g_assert_false (okap_token_parse (text, OKAP_TOKEN_LENGTH, parsed));
      text[i] = kept;
    }
  g_assert_false (okap_token_parse (text, OKAP_TOKEN_LENGTH - 1, parsed));
  g_assert_false (okap_token_parse ("sk-proj-abc", 11, parsed));
  g_assert_false (okap_token_parse ("", 0, parsed));
}

static void
test_hash (void)
{
  g_autoptr (OkapSecret) token = okap_token_mint ();
  g_autoptr (OkapSecret) key = okap_secret_new_random (32);
  g_autoptr (OkapSecret) other = okap_secret_new_random (32);
  guint8 a[OKAP_TOKEN_HASH_BYTES], b[OKAP_TOKEN_HASH_BYTES], c[OKAP_TOKEN_HASH_BYTES];

  okap_token_hash (okap_secret_get_text (token), key, a);
  okap_token_hash (okap_secret_get_text (token), key, b);
  okap_token_hash (okap_secret_get_text (token), other, c);
  g_assert_cmpmem (a, sizeof a, b, sizeof b);
  g_assert_cmpint (memcmp (a, c, sizeof a), !=, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/token/round-trip", test_round_trip);
  g_test_add_func ("/token/refused", test_refused);
  g_test_add_func ("/token/hash", test_hash);
  return g_test_run ();
}
