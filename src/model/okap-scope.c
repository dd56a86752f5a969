/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A scope: provider, models, capabilities, limits, key. */
#include "config.h"

#include "okap-scope.h"

#include <string.h>

#include "okap-provider.h"

G_DEFINE_BOXED_TYPE (OkapScope, okap_scope, okap_scope_ref, okap_scope_unref)

/** okap_scope_new: (transfer full): a scope for @provider: all its models and nothing else */
OkapScope *
okap_scope_new (const char *provider)
{
  OkapScope *scope = g_new0 (OkapScope, 1);

  g_atomic_ref_count_init (&scope->ref_count);
  scope->provider = g_strdup (provider);
  scope->models = g_new0 (char *, 1);
  return scope;
}

/** okap_scope_copy: (transfer full): a copy of its own, to be changed before it is shared */
OkapScope *
okap_scope_copy (const OkapScope *scope)
{
  OkapScope *copy = okap_scope_new (scope->provider);

  g_strfreev (copy->models);
  copy->models = g_strdupv (scope->models);
  copy->capabilities = scope->capabilities;
  copy->limits = scope->limits;
  copy->options = scope->options;
  copy->ceiling = scope->ceiling;
  copy->extra = scope->extra;
  copy->key_id = g_strdup (scope->key_id);
  return copy;
}

OkapScope *
okap_scope_ref (OkapScope *scope)
{
  g_atomic_ref_count_inc (&scope->ref_count);
  return scope;
}

void
okap_scope_unref (OkapScope *scope)
{
  if (!g_atomic_ref_count_dec (&scope->ref_count))
    return;
  g_free (scope->provider);
  g_strfreev (scope->models);
  g_free (scope->key_id);
  g_free (scope);
}

static gboolean
pattern_covers (const char *pattern, const char *name)
{
  gsize length = strlen (pattern);

  if (length > 0 && pattern[length - 1] == '*')
    return strncmp (pattern, name, length - 1) == 0;
  return strcmp (pattern, name) == 0;
}

/**
 * okap_scope_allows_model:
 * @canonical_model: a model's name, or a pattern, as okap_provider_canonical_model() returns it
 */
gboolean
okap_scope_allows_model (const OkapScope *scope, const char *canonical_model)
{
  if (scope->models[0] == NULL)
    return TRUE;
  for (char **pattern = scope->models; *pattern != NULL; pattern++)
    if (pattern_covers (*pattern, canonical_model))
      return TRUE;
  return FALSE;
}

/** okap_scope_has_money: whether any limit of money is set */
gboolean
okap_scope_has_money (const OkapScope *scope)
{
  for (guint i = 0; i < OKAP_N_LIMITS; i++)
    if (okap_limit_is_money (i) && okap_limits_has (&scope->limits, i))
      return TRUE;
  return FALSE;
}

/**
 * okap_scope_lacks_price:
 * @at_us: wall time
 *
 * Returns: whether it is plain now that some of its models have no known price, so that a limit
 *   of money would refuse them: one that is named, or any of a provider that the user added
 */
gboolean
okap_scope_lacks_price (const OkapScope *scope, gint64 at_us)
{
  g_autoptr (OkapProvider) provider = okap_provider_lookup (scope->provider);
  OkapPrice price;

  if (scope->models[0] == NULL && (provider == NULL || !okap_provider_is_builtin (provider)))
    return TRUE;
  for (char **model = scope->models; *model != NULL; model++)
    if (!g_str_has_suffix (*model, "*")
        ? !okap_price_lookup (scope->provider, *model, at_us, &price)
        : provider == NULL || !okap_provider_is_builtin (provider))
      return TRUE;
  return FALSE;
}

/**
 * okap_scope_within:
 * @bounds: what was asked for
 *
 * Returns: whether @scope allows nothing that @bounds does not
 */
gboolean
okap_scope_within (const OkapScope *scope, const OkapScope *bounds)
{
  if (strcmp (scope->provider, bounds->provider) != 0
      || (scope->capabilities & ~bounds->capabilities) != 0
      || !okap_limits_within (&scope->limits, &bounds->limits))
    return FALSE;
  if (bounds->models[0] == NULL)
    return TRUE;
  if (scope->models[0] == NULL)
    return FALSE;
  for (char **model = scope->models; *model != NULL; model++)
    if (!okap_scope_allows_model (bounds, *model))
      return FALSE;
  return TRUE;
}
