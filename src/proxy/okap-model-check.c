/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Judges what okap-model-finder.c found in a body, and what a query says of models: whatever names
 * one must name one that is allowed, and where a request leaves the choice to somebody else there
 * is nothing to judge, so that it is refused. */
#include "config.h"

#include "okap-model-finder.h"

#include <string.h>

#include "okap-caps.h"
#include "okap-error.h"
#include "okap-provider.h"

static gboolean
is_model_parameter (const char *name, gsize length)
{
  static const char *const names[] = { "model", "models", "model_id", "model_name", "deployment",
                                       "deployment_id", "engine", "agent", "agent_id", "preset" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strlen (names[i]) == length && g_ascii_strncasecmp (names[i], name, length) == 0)
      return TRUE;
  return FALSE;
}

/**
 * okap_model_find_in_query:
 * @query: (nullable): as it is sent
 * @finding: takes the models that the query names as others: some servers prefer them to those of
 *   the body
 */
void
okap_model_find_in_query (const char *query, OkapModelFinding *finding)
{
  while (query != NULL && *query != '\0')
    {
      gsize length = strcspn (query, "&;");
      g_autofree char *parameter = g_uri_unescape_segment (query, query + length, NULL);
      gsize name_length = parameter != NULL ? strcspn (parameter, "=") : 0;

      if (parameter == NULL)
        finding->unclear = "a parameter of the query";
      else if (is_model_parameter (parameter, name_length)
               && (parameter[name_length] != '='
                   || !okap_model_finding_add (finding, parameter + name_length + 1)))
        finding->unclear = "a parameter of the query";
      query += length + (query[length] != '\0' ? 1 : 0);
    }
}

/**
 * okap_model_find_in_head:
 * @finding: takes the names of all headers as others, so that two cannot say different things
 *
 * Returns: (nullable): the model that stands in a header, for %OKAP_MODEL_HEADER
 */
const char *
okap_model_find_in_head (const OkapHttpHead *head, const OkapProvider *provider,
                         OkapModelFinding *finding)
{
  const char *const *names = okap_provider_get_model_headers (provider);
  const char *model = NULL;

  for (; *names != NULL; names++)
    for (guint i = 0; i < head->n_headers; i++)
      {
        const OkapHttpHeader *header = &head->headers[i];

        if (g_ascii_strcasecmp (header->name, *names) != 0)
          continue;
        if (!okap_model_finding_add (finding, header->value))
          finding->unclear = *names;
        else if (model == NULL && strchr (header->value, ',') == NULL)
          model = header->value;
      }
  return model;
}

/**
 * okap_model_from_version:
 * @version: (nullable): owner/name, owner/name:version, or a version alone, which does not tell
 *   whose it is
 *
 * Returns: (transfer full) (nullable): owner/name
 */
char *
okap_model_from_version (const char *version)
{
  const char *slash = version != NULL ? strchr (version, '/') : NULL;
  gsize length = version != NULL ? strcspn (version, ":") : 0;

  if (slash == NULL || slash == version || slash >= version + length - 1
      || length > OKAP_CAP_MODEL_BYTES)
    return NULL;
  return g_strndup (version, length);
}

static gboolean
check_without_list (const OkapModelFinding *finding, const OkapScope *scope, GError **error)
{
  OkapCapability missing = finding->capabilities & ~okap_capability_usable (scope->capabilities);

  if (finding->webhook)
    {
      g_set_error_literal (error, OKAP_ERROR, OKAP_ERROR_ENDPOINT_NOT_ALLOWED,
                           "Okap does not pass on requests with a “webhook”: the provider would "
                           "call any address that the app names. Ask for the result instead");
      return FALSE;
    }
  if (missing != OKAP_CAPABILITY_NONE)
    {
      g_auto (GStrv) names = okap_capability_dup_names (missing);
      g_autofree char *list = g_strjoinv (", ", names);

      g_set_error (error, OKAP_ERROR, OKAP_ERROR_CAPABILITY_NOT_ALLOWED,
                   "A part of the request needs %s, which this app may not use at %s", list,
                   scope->provider);
      return FALSE;
    }
  return TRUE;
}

/**
 * okap_model_finding_get_model:
 * @provider: who gets the body; only the names that it knows for a model are taken for one, since
 *   others leave the choice to it
 *
 * Returns: (transfer none) (nullable): the model that the request is for
 */
const char *
okap_model_finding_get_model (const OkapModelFinding *finding, const OkapProvider *provider)
{
  const char *instead = finding->instead;

  if (finding->model != NULL || instead == NULL || *instead == '\0'
      || strlen (instead) > OKAP_CAP_MODEL_BYTES || strchr (instead, ',') != NULL
      || !g_strv_contains (okap_provider_get_model_members (provider), finding->instead_member))
    return finding->model;
  return instead;
}

/**
 * okap_model_check_others:
 * @scope: what is allowed
 * @error: %OKAP_ERROR_MODEL_NOT_ALLOWED or %OKAP_ERROR_MODEL_UNKNOWN; without a list of models
 *   %OKAP_ERROR_ENDPOINT_NOT_ALLOWED or %OKAP_ERROR_CAPABILITY_NOT_ALLOWED
 *
 * Judges the models that a body names beside its own one, which without a list are all allowed, and
 * what else it must not have.
 *
 * Returns: whether each of them is on the list
 */
gboolean
okap_model_check_others (const OkapModelFinding *finding, const OkapScope *scope, GError **error)
{
  const char *unclear = finding->unclear;

  if (!check_without_list (finding, scope, error))
    return FALSE;
  if (scope->models[0] == NULL)
    return TRUE;
  if (unclear == NULL && finding->files != NULL && !finding->files_known)
    unclear = "input_file_id";
  if (unclear != NULL)
    {
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_MODEL_UNKNOWN,
                   "“%s” leaves the choice of the model to the provider, but this "
                   "app may use only the models that you allowed", unclear);
      return FALSE;
    }
  for (guint i = 0; finding->others != NULL && i < finding->others->len; i++)
    {
      const char *name = g_ptr_array_index (finding->others, i);
      g_autofree char *canonical = okap_provider_canonical_model (scope->provider, name);

      if (okap_scope_allows_model (scope, canonical))
        continue;
      g_set_error (error, OKAP_ERROR, OKAP_ERROR_MODEL_NOT_ALLOWED,
                   "The request also names the model “%s”, which this app may not use",
                   canonical);
      return FALSE;
    }
  return TRUE;
}

void
okap_model_finding_clear (OkapModelFinding *finding)
{
  g_clear_pointer (&finding->model, g_free);
  g_clear_pointer (&finding->others, g_ptr_array_unref);
  g_clear_pointer (&finding->files, g_ptr_array_unref);
  g_clear_pointer (&finding->instead, g_free);
  g_clear_pointer (&finding->version, g_free);
  g_clear_pointer (&finding->endpoint, g_free);
}
