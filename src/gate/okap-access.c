/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two values that the gate hands out: which key to use where, and what a token opens. */
#include "config.h"

#include "okap-access-private.h"

#include <string.h>

G_DEFINE_BOXED_TYPE (OkapCredential, okap_credential, okap_credential_ref, okap_credential_unref)
G_DEFINE_BOXED_TYPE (OkapAccess, okap_access, okap_access_ref, okap_access_unref)

static void
split_key (OkapCredential *credential, OkapSecret *key)
{
  credential->second = okap_secret_dup_second (key);
  credential->key = credential->second != NULL
                    ? okap_secret_new (okap_secret_get_data (key),
                                       strcspn (okap_secret_get_text (key), "\n"))
                    : okap_secret_ref (key);
}

/**
 * okap_credential_new:
 * @base_url: where requests go, without a trailing slash
 * @key: (nullable): NULL for a provider without keys
 *
 * Returns: (transfer full): the key's first version; whoever makes another one sets "version" and
 *   "previous" before it is shared
 */
OkapCredential *
okap_credential_new (const char *key_id, OkapProvider *provider, const char *base_url,
                     OkapSecret *key)
{
  OkapCredential *credential = g_new0 (OkapCredential, 1);

  g_atomic_ref_count_init (&credential->ref_count);
  credential->key_id = g_strdup (key_id);
  credential->provider = okap_provider_ref (provider);
  credential->base_url = g_strdup (base_url);
  if (key != NULL)
    split_key (credential, key);
  credential->version = 1;
  return credential;
}

OkapCredential *
okap_credential_ref (OkapCredential *credential)
{
  g_atomic_ref_count_inc (&credential->ref_count);
  return credential;
}

void
okap_credential_unref (OkapCredential *credential)
{
  if (!g_atomic_ref_count_dec (&credential->ref_count))
    return;
  g_free (credential->key_id);
  okap_provider_unref (credential->provider);
  g_free (credential->base_url);
  g_clear_pointer (&credential->key, okap_secret_unref);
  g_clear_pointer (&credential->second, okap_secret_unref);
  g_clear_pointer (&credential->previous, okap_credential_unref);
  g_free (credential);
}

/** okap_access_new: (transfer full): takes its own references */
OkapAccess *
okap_access_new (OkapGrant *grant, OkapScope *scope, OkapCredential *credential)
{
  OkapAccess *access = g_new0 (OkapAccess, 1);

  g_atomic_ref_count_init (&access->ref_count);
  access->grant = okap_grant_ref (grant);
  access->scope = okap_scope_ref (scope);
  access->credential = okap_credential_ref (credential);
  return access;
}

OkapAccess *
okap_access_ref (OkapAccess *access)
{
  g_atomic_ref_count_inc (&access->ref_count);
  return access;
}

void
okap_access_unref (OkapAccess *access)
{
  if (!g_atomic_ref_count_dec (&access->ref_count))
    return;
  okap_grant_unref (access->grant);
  okap_scope_unref (access->scope);
  okap_credential_unref (access->credential);
  g_free (access);
}
