/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A provider as a constant value, and how to find one. Safe from any thread. The rows come from
 * data/providers (okap-provider-table.c); paths are judged in okap-provider-path.c, keys
 * recognised in okap-provider-key.c. */
#include "config.h"

#include "okap-provider-private.h"

#include <string.h>

#define ID_CHARS_MOST 64

G_DEFINE_BOXED_TYPE (OkapProvider, okap_provider, okap_provider_ref, okap_provider_unref)

OkapProvider *
okap_provider_ref (OkapProvider *provider)
{
  g_atomic_ref_count_inc (&provider->ref_count);
  return provider;
}

void
okap_provider_unref (OkapProvider *provider)
{
  if (!g_atomic_ref_count_dec (&provider->ref_count))
    return;
  g_free (provider->id);
  g_free (provider->name);
  g_free (provider->base_url);
  g_free (provider->test_path);
  g_clear_pointer (&provider->standing, g_ptr_array_unref);
  g_clear_pointer (&provider->auth, g_ptr_array_unref);
  g_free (provider->second_what);
  g_clear_pointer (&provider->second_auth, g_ptr_array_unref);
  g_strfreev (provider->path.drop);
  g_strfreev (provider->path.versions);
  g_strfreev (provider->path.keep);
  g_free (provider->path.add);
  g_clear_pointer (&provider->endpoints, g_ptr_array_unref);
  g_clear_pointer (&provider->errors, g_ptr_array_unref);
  g_clear_pointer (&provider->jobs, g_ptr_array_unref);
  g_free (provider->max_output);
  g_strfreev (provider->model_headers);
  g_strfreev (provider->model_members);
  g_strfreev (provider->addresses);
  g_clear_pointer (&provider->key_patterns, g_ptr_array_unref);
  g_clear_pointer (&provider->admin_key_patterns, g_ptr_array_unref);
  g_clear_pointer (&provider->key_variables, g_ptr_array_unref);
  g_clear_pointer (&provider->base_variables, g_ptr_array_unref);
  g_strfreev (provider->model_prefixes);
  g_strfreev (provider->model_suffixes);
  g_free (provider);
}

/**
 * okap_provider_id_is_valid:
 *
 * Returns: whether @id can name a provider: lower-case letters, digits, dots, dashes and
 *   underscores, a letter or digit first, at most 64; so it is always one plain path segment
 */
gboolean
okap_provider_id_is_valid (const char *id)
{
  gsize length = strspn (id, "abcdefghijklmnopqrstuvwxyz0123456789.-_");

  return length > 0 && length <= ID_CHARS_MOST && id[length] == '\0' && g_ascii_isalnum (id[0]);
}

/**
 * okap_provider_lookup:
 *
 * Returns: (transfer full) (nullable): the built-in provider called @id. A provider that the user
 *   added is not found here: okap_provider_new_compatible() makes it from the key's base URL.
 */
OkapProvider *
okap_provider_lookup (const char *id)
{
  OkapProvider *provider = g_hash_table_lookup (okap_provider_table_get ()->by_id, id);

  return provider != NULL ? okap_provider_ref (provider) : NULL;
}

/** okap_provider_list: (transfer full) (element-type OkapProvider): the built-in ones, by name,
 *   the demo last */
GPtrArray *
okap_provider_list (void)
{
  const GPtrArray *all = okap_provider_table_get ()->in_order;
  GPtrArray *list = g_ptr_array_new_full (all->len, (GDestroyNotify) okap_provider_unref);

  for (guint i = 0; i < all->len; i++)
    g_ptr_array_add (list, okap_provider_ref (g_ptr_array_index (all, i)));
  return list;
}

/**
 * okap_provider_normalise_base_url:
 * @text: a base URL that the user typed. Plain HTTP is allowed: it is for servers on this machine
 *   and in the house.
 *
 * Returns: (transfer full) (nullable): the URL without trailing slashes; NULL if it is not an
 *   http or https URL with a host, or has a user, a query or a fragment
 */
char *
okap_provider_normalise_base_url (const char *text)
{
  g_autoptr (GUri) uri = g_uri_parse (text, G_URI_FLAGS_ENCODED, NULL);
  g_autofree char *url = NULL;

  for (const char *p = text; *p != '\0'; p++)
    if (!g_ascii_isgraph (*p) || *p == '\\')
      return NULL;
  if (uri == NULL || g_uri_get_host (uri) == NULL || *g_uri_get_host (uri) == '\0'
      || g_uri_get_userinfo (uri) != NULL || g_uri_get_query (uri) != NULL
      || g_uri_get_fragment (uri) != NULL
      || (!g_str_equal (g_uri_get_scheme (uri), "http")
          && !g_str_equal (g_uri_get_scheme (uri), "https")))
    return NULL;
  url = g_uri_to_string (uri);
  for (gsize length = strlen (url); length > 0 && url[length - 1] == '/'; length--)
    url[length - 1] = '\0';
  return g_steal_pointer (&url);
}

/**
 * okap_provider_has_base_url:
 * @id: of a provider, known or not
 * @base_url: (nullable): that a key brings
 *
 * Returns: whether a key with it goes where the table says. One with an address of its own goes
 *   wherever that leads, and with it all that apps ask; a template's key always does.
 */
gboolean
okap_provider_has_base_url (const char *id, const char *base_url)
{
  g_autoptr (OkapProvider) provider = okap_provider_lookup (id);
  g_autofree char *url = base_url != NULL ? okap_provider_normalise_base_url (base_url) : NULL;

  if (base_url == NULL)
    return TRUE;
  return provider != NULL && url != NULL && g_str_equal (url, provider->base_url);
}

/**
 * okap_provider_new_compatible:
 * @id: the user's name for it; see okap_provider_id_is_valid()
 * @base_url: what an OpenAI SDK would be given: http or https, usually ending in /v1
 *
 * Returns: (transfer full) (nullable): a provider that speaks OpenAI's protocol at @base_url;
 *   NULL if one of the two is not valid
 */
OkapProvider *
okap_provider_new_compatible (const char *id, const char *base_url)
{
  const OkapProvider *template = okap_provider_table_get ()->compatible;
  g_autofree char *url = okap_provider_normalise_base_url (base_url);
  OkapProvider *provider;

  if (url == NULL || !okap_provider_id_is_valid (id))
    return NULL;
  provider = g_new0 (OkapProvider, 1);
  g_atomic_ref_count_init (&provider->ref_count);
  provider->id = g_strdup (id);
  provider->name = g_strdup (id);
  provider->base_url = g_steal_pointer (&url);
  provider->test_path = g_strdup (template->test_path);
  provider->needs_key = template->needs_key;
  provider->reports_cost = template->reports_cost;
  provider->auth = g_ptr_array_ref (template->auth);
  provider->second_what = g_strdup (template->second_what);
  provider->second_auth = g_ptr_array_ref (template->second_auth);
  provider->path.drop = g_strdupv (template->path.drop);
  provider->path.versions = g_strdupv (template->path.versions);
  provider->path.keep = g_strdupv (template->path.keep);
  provider->path.add = g_strdup (template->path.add);
  provider->jobs = g_ptr_array_ref (template->jobs);
  provider->endpoints = g_ptr_array_ref (template->endpoints);
  provider->errors = g_ptr_array_ref (template->errors);
  provider->stream_usage_asked = template->stream_usage_asked;
  provider->max_output = g_strdup (template->max_output);
  provider->model_headers = g_strdupv (template->model_headers);
  provider->model_members = g_strdupv (template->model_members);
  provider->addresses = g_strdupv (template->addresses);
  provider->standing = g_ptr_array_ref (template->standing);
  provider->key_patterns = g_ptr_array_ref (template->key_patterns);
  provider->admin_key_patterns = g_ptr_array_ref (template->admin_key_patterns);
  provider->key_variables = g_ptr_array_ref (template->key_variables);
  provider->base_variables = g_ptr_array_ref (template->base_variables);
  provider->model_prefixes = g_strdupv (template->model_prefixes);
  provider->model_suffixes = g_strdupv (template->model_suffixes);
  provider->model_fold_case = template->model_fold_case;
  return provider;
}

const char *
okap_provider_get_id (const OkapProvider *provider)
{
  return provider->id;
}

/** okap_provider_get_name: (transfer none): its name for people */
const char *
okap_provider_get_name (const OkapProvider *provider)
{
  return provider->name;
}

/** okap_provider_get_base_url: (transfer none): without a trailing slash; empty where each key
 *   brings its own; "demo:" for the provider inside this process */
const char *
okap_provider_get_base_url (const OkapProvider *provider)
{
  return provider->base_url;
}

/** okap_provider_is_builtin: whether it is a row of data/providers and not the user's own */
gboolean
okap_provider_is_builtin (const OkapProvider *provider)
{
  return provider->builtin;
}

/** okap_provider_reports_cost: whether it tells in its answers what it bills, so that its word is
 *   better than any table */
gboolean
okap_provider_reports_cost (const OkapProvider *provider)
{
  return provider->reports_cost;
}

/** okap_provider_needs_key: whether nothing can be asked of it without a key */
gboolean
okap_provider_needs_key (const OkapProvider *provider)
{
  return provider->needs_key;
}

/** okap_provider_get_test_path: (transfer none) (nullable): what a GET below the base URL costs
 *   nothing and needs a good key; with its query, if any. NULL if there is no such thing. */
const char *
okap_provider_get_test_path (const OkapProvider *provider)
{
  return provider->test_path;
}

/** okap_provider_get_addresses: (transfer none): members of its JSON answers, such as "urls.get",
 *   with addresses of its API that are asked next */
const char *const *
okap_provider_get_addresses (const OkapProvider *provider)
{
  return (const char *const *) provider->addresses;
}

/**
 * okap_provider_get_error_form:
 * @path: as the app sent it, below the provider's part
 */
OkapErrorForm
okap_provider_get_error_form (const OkapProvider *provider, const char *path)
{
  for (guint i = 0; i < provider->errors->len; i++)
    {
      const OkapErrorRule *rule = g_ptr_array_index (provider->errors, i);

      if (g_str_has_prefix (path, rule->prefix))
        return rule->form;
    }
  return OKAP_ERROR_FORM_COMMON;
}

/** okap_provider_get_endpoints: (element-type OkapEndpoint): all that it may be asked */
const GPtrArray *
okap_provider_get_endpoints (const OkapProvider *provider)
{
  return provider->endpoints;
}

/** okap_provider_get_key_variables: (element-type utf8): what `okap run` sets to the token */
const GPtrArray *
okap_provider_get_key_variables (const OkapProvider *provider)
{
  return provider->key_variables;
}

/** okap_provider_get_base_variables: (element-type OkapProviderVariable): what `okap run` sets to
 *   the grant's base URL and the variable's suffix */
const GPtrArray *
okap_provider_get_base_variables (const OkapProvider *provider)
{
  return provider->base_variables;
}

/**
 * okap_provider_canonical_model:
 * @provider_id: of any provider; one that is not built in changes nothing
 * @model: a model's name as an app wrote it, or a pattern with a trailing *
 *
 * Returns: (transfer full): the one spelling in which names are compared and priced
 */
char *
okap_provider_canonical_model (const char *provider_id, const char *model)
{
  const OkapProvider *provider = g_hash_table_lookup (okap_provider_table_get ()->by_id,
                                                      provider_id);
  gsize length;

  if (provider == NULL)
    return g_strdup (model);
  for (char **prefix = provider->model_prefixes; *prefix != NULL; prefix++)
    if (g_str_has_prefix (model, *prefix) && model[strlen (*prefix)] != '\0')
      model += strlen (*prefix);
  length = strlen (model);
  for (char **suffix = provider->model_suffixes; *suffix != NULL; suffix++)
    if (g_str_has_suffix (model, *suffix) && length > strlen (*suffix))
      {
        length -= strlen (*suffix);
        break;
      }
  return provider->model_fold_case ? g_ascii_strdown (model, (gssize) length)
                                   : g_strndup (model, length);
}
