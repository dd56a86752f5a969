/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The environment of a program that runs with a grant. Pure: takes one, returns another.
 *
 * For each granted provider: the variables of its row in data/providers get token and address,
 * and the other names under which its libraries take a credential are removed, or the program
 * would send the user's own key to our address, or past it. An address is never set without its
 * key: some programs would hand over the user's login. Requests to this computer must not take
 * the way through a proxy of the session. */
#include "config.h"

#include "okap-run-env.h"

#include <string.h>

#include "okap-provider.h"
#include "okap-secret.h"

/* Credentials beside those in the table, by provider. */
static const struct
{
  const char *provider;
  const char *names[4];
} other_spellings[] = {
  { "anthropic", { "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN", NULL } },
  { "google", { "GOOGLE_API_KEY", "GOOGLE_GENERATIVE_AI_API_KEY", NULL } },
  { "openai", { "OPENAI_KEY", "OPENAI_ADMIN_KEY", NULL } },
  { "together", { "TOGETHERAI_API_KEY", NULL } },
};

/* Programs that want their token elsewhere. Claude Code sends ANTHROPIC_API_KEY to the vendor's
 * own host as well, whatever the address says; with ANTHROPIC_AUTH_TOKEN it does not. */
static const struct
{
  const char *program;
  const char *provider;
  const char *empty;
  const char *instead;
} recipes[] = {
  { "claude", "anthropic", "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN" },
};

static gboolean
contains (GPtrArray *names, const char *name)
{
  return g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL);
}

static void
add_once (GPtrArray *names, const char *name)
{
  if (!contains (names, name))
    g_ptr_array_add (names, g_strdup (name));
}

static void
set_variable (OkapRunEnv *result, const char *name, const char *value)
{
  const char *before = g_environ_getenv (result->env, name);

  if (before != NULL && strcmp (before, value) != 0)
    add_once (result->replaced, name);
  add_once (result->set, name);
  result->env = g_environ_setenv (result->env, name, value, TRUE);
}

static void
remove_variable (OkapRunEnv *result, const char *name)
{
  if (g_environ_getenv (result->env, name) == NULL || contains (result->set, name))
    return;
  add_once (result->replaced, name);
  result->env = g_environ_unsetenv (result->env, name);
}

static void
remove_other_spellings (OkapRunEnv *result, const char *provider)
{
  for (guint i = 0; i < G_N_ELEMENTS (other_spellings); i++)
    if (strcmp (other_spellings[i].provider, provider) == 0)
      for (const char * const *name = other_spellings[i].names; *name != NULL; name++)
        remove_variable (result, *name);
}

static void
apply_recipe (OkapRunEnv *result, const char *program, const char *provider, const char *token)
{
  g_autofree char *base = g_path_get_basename (program);

  for (guint i = 0; i < G_N_ELEMENTS (recipes); i++)
    if (strcmp (recipes[i].program, base) == 0 && strcmp (recipes[i].provider, provider) == 0)
      {
        set_variable (result, recipes[i].empty, "");
        set_variable (result, recipes[i].instead, token);
      }
}

static OkapProvider *
find_provider (const OkapRunEntry *entry)
{
  OkapProvider *provider = okap_provider_lookup (entry->provider);

  return provider != NULL ? provider
                          : okap_provider_new_compatible (entry->provider, entry->base_url);
}

/* Two providers that speak the same language have the same variables: the first one gets them. */
static gboolean
is_taken (OkapRunEnv *result, const GPtrArray *keys)
{
  for (guint i = 0; i < keys->len; i++)
    if (contains (result->set, g_ptr_array_index (keys, i)))
      return TRUE;
  return FALSE;
}

static void
add_entry (OkapRunEnv *result, const OkapRunEntry *entry, const char *program, const char *token)
{
  g_autoptr (OkapProvider) provider = find_provider (entry);
  const GPtrArray *keys = okap_provider_get_key_variables (provider);
  const GPtrArray *bases = okap_provider_get_base_variables (provider);

  if (is_taken (result, keys))
    {
      add_once (result->skipped, entry->provider);
      return;
    }
  for (guint i = 0; i < keys->len; i++)
    set_variable (result, g_ptr_array_index (keys, i), token);
  for (guint i = 0; i < bases->len; i++)
    {
      const OkapProviderVariable *base = g_ptr_array_index (bases, i);
      g_autofree char *value = g_strconcat (entry->base_url, base->suffix, NULL);

      set_variable (result, base->name, value);
    }
  apply_recipe (result, program, entry->provider, token);
  remove_other_spellings (result, entry->provider);
}

static void
extend_no_proxy (OkapRunEnv *result, const char *name)
{
  static const char * const hosts[] = { "127.0.0.1", "localhost", "::1" };
  const char *before = g_environ_getenv (result->env, name);
  g_autoptr (GString) value = g_string_new (before);
  g_auto (GStrv) parts = g_strsplit (before != NULL ? before : "", ",", -1);

  for (char **part = parts; *part != NULL; part++)
    g_strstrip (*part);
  for (guint i = 0; i < G_N_ELEMENTS (hosts); i++)
    if (!g_strv_contains ((const char * const *) parts, hosts[i]))
      g_string_append_printf (value, "%s%s", value->len > 0 ? "," : "", hosts[i]);
  result->env = g_environ_setenv (result->env, name, value->str, TRUE);
}

static void
set_vault_url (OkapRunEnv *result, const char *base_url)
{
  const char *path = strstr (base_url, "/v1/");
  g_autofree char *origin = path != NULL ? g_strndup (base_url, (gsize) (path - base_url)) : NULL;

  if (origin != NULL)
    result->env = g_environ_setenv (result->env, "OKAP_VAULT_URL", origin, TRUE);
}

/**
 * okap_run_env_init:
 * @result: (out caller-allocates): to be cleared with okap_run_env_clear()
 * @env: the environment to start from; not changed
 * @program: what will run
 */
void
okap_run_env_init (OkapRunEnv *result, char **env, const char *program,
                   const OkapRunEntry *entries, guint n_entries, const char *token,
                   const char *app_name)
{
  result->env = g_strdupv (env);
  result->set = g_ptr_array_new_with_free_func (g_free);
  result->replaced = g_ptr_array_new_with_free_func (g_free);
  result->skipped = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < n_entries; i++)
    add_entry (result, &entries[i], program, token);
  if (n_entries > 0)
    set_vault_url (result, entries[0].base_url);
  result->env = g_environ_setenv (result->env, "OKAP", app_name, TRUE);
  extend_no_proxy (result, "NO_PROXY");
  extend_no_proxy (result, "no_proxy");
}

void
okap_run_env_clear (OkapRunEnv *result)
{
  for (char **line = result->env; line != NULL && *line != NULL; line++)
    okap_wipe (*line, strlen (*line));
  g_clear_pointer (&result->env, g_strfreev);
  g_clear_pointer (&result->set, g_ptr_array_unref);
  g_clear_pointer (&result->replaced, g_ptr_array_unref);
  g_clear_pointer (&result->skipped, g_ptr_array_unref);
}
