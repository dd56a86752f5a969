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
  const OkapKeyPattern *pattern;  /* lent by it: the most certain one */
} Candidate;

static gboolean
is_more_certain (const OkapKeyPattern *pattern, const OkapKeyPattern *than)
{
  return pattern->shared != than->shared ? than->shared : pattern->fixed > than->fixed;
}

/* (nullable): the most certain of @patterns that @key fits */
static const OkapKeyPattern *
match_key (const GPtrArray *patterns, const char *key)
{
  const OkapKeyPattern *best = NULL;

  if (strlen (key) > OKAP_CAP_PROVIDER_KEY_BYTES)
    return NULL;
  for (guint i = 0; i < patterns->len; i++)
    {
      const OkapKeyPattern *pattern = g_ptr_array_index (patterns, i);

      if ((best == NULL || is_more_certain (pattern, best))
          && g_regex_match (pattern->regex, key, 0, NULL))
        best = pattern;
    }
  return best;
}

/** okap_provider_recognises_key: whether @key has the form of @provider's keys */
gboolean
okap_provider_recognises_key (const OkapProvider *provider, const char *key)
{
  return match_key (provider->key_patterns, key) != NULL;
}

/** okap_provider_recognises_admin_key: whether @key has the form of those that manage accounts at
 *   @provider, make keys and lift limits: no key for apps */
gboolean
okap_provider_recognises_admin_key (const OkapProvider *provider, const char *key)
{
  return match_key (provider->admin_key_patterns, key) != NULL;
}

static int
compare_certain_first (gconstpointer a, gconstpointer b)
{
  const Candidate *candidate_a = a;
  const Candidate *candidate_b = b;

  if (is_more_certain (candidate_a->pattern, candidate_b->pattern))
    return -1;
  if (is_more_certain (candidate_b->pattern, candidate_a->pattern))
    return 1;
  return g_ascii_strcasecmp (candidate_a->provider->name, candidate_b->provider->name);
}

static guint
count_certain (const GArray *candidates)
{
  guint certain = 0;

  for (guint i = 0; i < candidates->len; i++)
    if (!g_array_index (candidates, Candidate, i).pattern->shared)
      certain++;
  return certain;
}

/**
 * okap_provider_recognise_key:
 * @key: what the user pasted, without white space around it
 * @out_certain: (out) (optional): whether only the first one's keys look so; else the user is to
 *   be asked
 *
 * Returns: (transfer full) (element-type OkapProvider): whose key it may be, the most certain
 *   first; empty if it looks like nobody's
 */
GPtrArray *
okap_provider_recognise_key (const char *key, gboolean *out_certain)
{
  const GPtrArray *all = okap_provider_table_get ()->in_order;
  GPtrArray *providers = g_ptr_array_new_with_free_func ((GDestroyNotify) okap_provider_unref);
  g_autoptr (GArray) candidates = g_array_new (FALSE, FALSE, sizeof (Candidate));

  for (guint i = 0; i < all->len; i++)
    {
      Candidate candidate = { .provider = g_ptr_array_index (all, i) };

      candidate.pattern = match_key (candidate.provider->key_patterns, key);
      if (candidate.pattern != NULL)
        g_array_append_val (candidates, candidate);
    }
  g_array_sort (candidates, compare_certain_first);
  if (out_certain != NULL)
    *out_certain = count_certain (candidates) == 1;
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
