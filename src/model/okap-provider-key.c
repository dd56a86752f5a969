/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whose key is this, and how is it sent? Recognition is a guess to spare the user a choice; nothing
 * is decided by it. A key that begins as only one provider's do is certain; one that is merely of
 * the right length and alphabet may be several providers'. The key is read in place and never
 * copied. */
#include "config.h"

#include "okap-provider-private.h"

#include <string.h>

#include "okap-caps.h"

typedef struct
{
  OkapProvider *provider;  /* lent by the table */
  gssize fixed;            /* how much of the key stands literally in the expression */
} Candidate;

/* The certainty with which @key is one of @patterns; -1 if it is not. */
static gssize
match_key (const GPtrArray *patterns, const char *key)
{
  gssize fixed = -1;

  if (strlen (key) > OKAP_CAP_PROVIDER_KEY_BYTES)
    return -1;
  for (guint i = 0; i < patterns->len; i++)
    {
      const OkapKeyPattern *pattern = g_ptr_array_index (patterns, i);

      if ((gssize) pattern->fixed > fixed && g_regex_match (pattern->regex, key, 0, NULL))
        fixed = (gssize) pattern->fixed;
    }
  return fixed;
}

/** okap_provider_recognises_key: whether @key has the form of @provider's keys */
gboolean
okap_provider_recognises_key (const OkapProvider *provider, const char *key)
{
  return match_key (provider->key_patterns, key) >= 0;
}

/** okap_provider_recognises_admin_key: whether @key has the form of those that manage accounts at
 *   @provider, make keys and lift limits: no key for apps */
gboolean
okap_provider_recognises_admin_key (const OkapProvider *provider, const char *key)
{
  return match_key (provider->admin_key_patterns, key) >= 0;
}

static int
compare_certain_first (gconstpointer a, gconstpointer b)
{
  const Candidate *candidate_a = a;
  const Candidate *candidate_b = b;

  if (candidate_a->fixed != candidate_b->fixed)
    return candidate_a->fixed > candidate_b->fixed ? -1 : 1;
  return g_ascii_strcasecmp (candidate_a->provider->name, candidate_b->provider->name);
}

/**
 * okap_provider_recognise_key:
 * @key: what the user pasted, without white space around it
 *
 * Returns: (transfer full) (element-type OkapProvider): whose key it may be, the most certain
 *   first; empty if it looks like nobody's
 */
GPtrArray *
okap_provider_recognise_key (const char *key)
{
  const GPtrArray *all = okap_provider_table_get ()->in_order;
  GPtrArray *providers = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_provider_unref);
  g_autoptr (GArray) candidates = g_array_new (FALSE, FALSE, sizeof (Candidate));

  for (guint i = 0; i < all->len; i++)
    {
      Candidate candidate = { .provider = g_ptr_array_index (all, i) };

      candidate.fixed = match_key (candidate.provider->key_patterns, key);
      if (candidate.fixed >= 0)
        g_array_append_val (candidates, candidate);
    }
  g_array_sort (candidates, compare_certain_first);
  for (guint i = 0; i < candidates->len; i++)
    g_ptr_array_add (providers,
                     okap_provider_ref (g_array_index (candidates, Candidate, i).provider));
  return providers;
}

static gboolean
choose_form (const GPtrArray *forms, const char *path, const char *key, gboolean has_second,
             const char **out_header, const char **out_prefix)
{
  for (guint i = 0; i < forms->len; i++)
    {
      const OkapProviderAuth *auth = g_ptr_array_index (forms, i);

      if ((auth->key_prefix == NULL || g_str_has_prefix (key, auth->key_prefix))
          && (auth->path == NULL || (path != NULL && g_str_has_prefix (path, auth->path)))
          && (!auth->with_second || has_second))
        {
          *out_header = auth->header;
          *out_prefix = auth->prefix;
          return TRUE;
        }
    }
  return FALSE;
}

/**
 * okap_provider_get_auth:
 * @path: (nullable): where the request goes, below the base URL
 * @key: (nullable): the key that is to be sent
 * @has_second: whether the key has a second value
 * @out_header: (out) (transfer none): the header that carries it
 * @out_prefix: (out) (transfer none): what stands before the key there; may be empty
 *
 * Returns: whether a key is to be sent at all
 */
gboolean
okap_provider_get_auth (const OkapProvider *provider, const char *path, const char *key,
                        gboolean has_second, const char **out_header, const char **out_prefix)
{
  return key != NULL && *key != '\0'
         && choose_form (provider->auth, path, key, has_second, out_header, out_prefix);
}

/** okap_provider_get_second_auth: likewise, for the second value of a key */
gboolean
okap_provider_get_second_auth (const OkapProvider *provider, const char *path, const char *second,
                               const char **out_header, const char **out_prefix)
{
  return second != NULL && *second != '\0'
         && choose_form (provider->second_auth, path, second, TRUE, out_header, out_prefix);
}

/** okap_provider_get_second_what: (transfer none) (nullable): in words, what the second value of a
 *   key is; NULL if its keys have none */
const char *
okap_provider_get_second_what (const OkapProvider *provider)
{
  return provider->second_what;
}
