/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between a grant and its row. A row carries a tag under a key derived from the vault key, over
 * everything that decides, so that a program that edits the database gains nothing: a row whose
 * tag does not fit is not a grant. Lengths are part of what is hashed, so no two rows have the
 * same bytes under the tag. That a row is the last one of its grant, the audit trail says. What the
 * user confirmed of prices carries a tag under the same key. */
#include "config.h"

#include "okap-policy-tag.h"

#include <sodium.h>
#include <string.h>

#include "okap-caps.h"
#include "okap-error.h"
#include "okap-json.h"

#define TAG_CONTEXT "okap grant row 1"
#define PRICES_CONTEXT "okap prices 1"
#define ASKING_CONTEXT "okap asking 1"

static void
hash_field (crypto_generichash_state *state, gconstpointer data, gsize length)
{
  guint64 length_le = GUINT64_TO_LE ((guint64) length);

  (void) crypto_generichash_update (state, (const guint8 *) &length_le, sizeof length_le);
  (void) crypto_generichash_update (state, data, length);
}

static void
compute_tag (const OkapGrantRow *row, const OkapSecret *key, guint8 out_tag[OKAP_STORE_TAG_BYTES])
{
  crypto_generichash_state state;
  guint32 version_le = GUINT32_TO_LE (row->version);

  (void) crypto_generichash_init (&state, okap_secret_get_data (key), okap_secret_get_length (key),
                                  OKAP_STORE_TAG_BYTES);
  hash_field (&state, TAG_CONTEXT, strlen (TAG_CONTEXT));
  hash_field (&state, row->id, strlen (row->id));
  hash_field (&state, &version_le, sizeof version_le);
  hash_field (&state, row->token_hash, sizeof row->token_hash);
  hash_field (&state, row->policy, strlen (row->policy));
  (void) crypto_generichash_final (&state, out_tag, OKAP_STORE_TAG_BYTES);
  okap_wipe (&state, sizeof state);
}

static void
tag_text (const char *context, const char *text, const OkapSecret *key,
          guint8 out_tag[OKAP_STORE_TAG_BYTES])
{
  crypto_generichash_state state;

  (void) crypto_generichash_init (&state, okap_secret_get_data (key), okap_secret_get_length (key),
                                  OKAP_STORE_TAG_BYTES);
  hash_field (&state, context, strlen (context));
  hash_field (&state, text, strlen (text));
  (void) crypto_generichash_final (&state, out_tag, OKAP_STORE_TAG_BYTES);
  okap_wipe (&state, sizeof state);
}

/** okap_policy_tag_prices: @digest: of the files, as okap_price_files_load() reports it */
void
okap_policy_tag_prices (const char *digest, const OkapSecret *key,
                        guint8 out_tag[OKAP_STORE_TAG_BYTES])
{
  tag_text (PRICES_CONTEXT, digest, key, out_tag);
}

/** okap_policy_tag_asking: @text: what is kept of the rules about asking */
void
okap_policy_tag_asking (const char *text, const OkapSecret *key,
                        guint8 out_tag[OKAP_STORE_TAG_BYTES])
{
  tag_text (ASKING_CONTEXT, text, key, out_tag);
}

/** okap_policy_seal: (transfer full): the row that keeps @grant */
OkapGrantRow *
okap_policy_seal (const OkapGrant *grant, const guint8 token_hash[OKAP_TOKEN_HASH_BYTES],
                  const OkapSecret *key)
{
  g_autoptr (JsonNode) node = okap_grant_to_json (grant);
  OkapGrantRow *row = g_new0 (OkapGrantRow, 1);

  row->id = g_strdup (grant->id);
  row->version = grant->version;
  row->policy = okap_json_print (node, FALSE);
  memcpy (row->token_hash, token_hash, sizeof row->token_hash);
  compute_tag (row, key, row->tag);
  return row;
}

/**
 * okap_policy_open:
 * @error: %OKAP_ERROR_STORAGE if the row was changed by anyone but this vault
 *
 * Returns: (transfer full) (nullable): the grant that @row keeps
 */
OkapGrant *
okap_policy_open (const OkapGrantRow *row, const OkapSecret *key, GError **error)
{
  guint8 tag[OKAP_STORE_TAG_BYTES];
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (OkapGrant) grant = NULL;

  compute_tag (row, key, tag);
  if (sodium_memcmp (tag, row->tag, sizeof tag) != 0)
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE,
                   "The stored grant %.32s was changed outside of Okap and is refused.", row->id);
      return NULL;
    }
  node = okap_json_parse_strict (row->policy, strlen (row->policy), OKAP_CAP_REQUEST_DEPTH, error);
  grant = node != NULL ? okap_grant_from_json (node, error) : NULL;
  if (grant != NULL && (strcmp (grant->id, row->id) != 0 || grant->version != row->version))
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_STORAGE,
                   "The stored grant %.32s contradicts itself and is refused.", row->id);
      return NULL;
    }
  return g_steal_pointer (&grant);
}
