/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whose key is this? Recognition is a guess to spare the user a choice; nothing is decided by it.
 * A key that begins as only one provider's do is certain; one that is merely of the right length
 * and alphabet may be several providers'. The key is read in place and never copied. */
#include "config.h"

#include "okap-provider-private.h"

#include <string.h>

#include "okap-caps.h"

typedef struct
{
  OkapProvider *provider;  /* lent by the table */
  gssize fixed;            /* how much of the key stands literally in the expression */
} Candidate;

/* The certainty with which @key is @provider's; -1 if it is not. */
static gssize
match_key (const OkapProvider *provider, const char *key)
{
  gssize fixed = -1;

  if (strlen (key) > OKAP_CAP_PROVIDER_KEY_BYTES)
    return -1;
  for (guint i = 0; i < provider->key_patterns->len; i++)
    {
      const OkapKeyPattern *pattern = g_ptr_array_index (provider->key_patterns, i);

      if ((gssize) pattern->fixed > fixed && g_regex_match (pattern->regex, key, 0, NULL))
        fixed = (gssize) pattern->fixed;
    }
  return fixed;
}

/** okap_provider_recognises_key: whether @key has the form of @provider's keys */
gboolean
okap_provider_recognises_key (const OkapProvider *provider, const char *key)
{
  return match_key (provider, key) >= 0;
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

      candidate.fixed = match_key (candidate.provider, key);
      if (candidate.fixed >= 0)
        g_array_append_val (candidates, candidate);
    }
  g_array_sort (candidates, compare_certain_first);
  for (guint i = 0; i < candidates->len; i++)
    g_ptr_array_add (providers,
                     okap_provider_ref (g_array_index (candidates, Candidate, i).provider));
  return providers;
}
