/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Snippets as data: a row of the table is a title, the endpoint that the provider must have for it
 * to be of use, and a text with {placeholders}. What is filled in was checked when the grant was
 * made (names of providers and models, our own address); a name with a quote or a backslash in it
 * is put in as the name of no model. Pure. */
#include "config.h"

#include "okap-snippets.h"

#include <glib/gi18n.h>
#include <string.h>

#include "okap-provider.h"

#define NO_MODEL "MODEL"

static const struct
{
  const char *title;
  const char *path;      /* (nullable) that the provider must answer POST at */
  const char *text;
} table[] = {
  { N_("OpenAI SDK, Python"), "/chat/completions",
    "import os\n"
    "from openai import OpenAI\n"
    "\n"
    "client = OpenAI(base_url=\"{base}\", api_key=os.environ[\"OKAP_TOKEN\"])\n"
    "answer = client.chat.completions.create(\n"
    "    model=\"{model}\",\n"
    "    messages=[{\"role\": \"user\", \"content\": \"Hello\"}],\n"
    ")\n"
    "print(answer.choices[0].message.content)\n" },
  { N_("OpenAI SDK, JavaScript"), "/chat/completions",
    "import OpenAI from \"openai\";\n"
    "\n"
    "const client = new OpenAI({ baseURL: \"{base}\", apiKey: process.env.OKAP_TOKEN });\n"
    "const answer = await client.chat.completions.create({\n"
    "  model: \"{model}\",\n"
    "  messages: [{ role: \"user\", content: \"Hello\" }],\n"
    "});\n"
    "console.log(answer.choices[0].message.content);\n" },
  { N_("Anthropic SDK, Python"), "/v1/messages",
    "import os\n"
    "from anthropic import Anthropic\n"
    "\n"
    "client = Anthropic(base_url=\"{base}\", api_key=os.environ[\"OKAP_TOKEN\"])\n"
    "answer = client.messages.create(\n"
    "    model=\"{model}\",\n"
    "    max_tokens=500,\n"
    "    messages=[{\"role\": \"user\", \"content\": \"Hello\"}],\n"
    ")\n"
    "print(answer.content[0].text)\n" },
  { N_("Anthropic SDK, JavaScript"), "/v1/messages",
    "import Anthropic from \"@anthropic-ai/sdk\";\n"
    "\n"
    "const client = new Anthropic({ baseURL: \"{base}\", apiKey: process.env.OKAP_TOKEN });\n"
    "const answer = await client.messages.create({\n"
    "  model: \"{model}\",\n"
    "  max_tokens: 500,\n"
    "  messages: [{ role: \"user\", content: \"Hello\" }],\n"
    "});\n"
    "console.log(answer.content[0].text);\n" },
  { N_("curl"), "/chat/completions",
    "curl {base}/chat/completions \\\n"
    "  -H \"Authorization: Bearer $OKAP_TOKEN\" \\\n"
    "  -H \"Content-Type: application/json\" \\\n"
    "  -d '{\"model\": \"{model}\", \"messages\": "
    "[{\"role\": \"user\", \"content\": \"Hello\"}]}'\n" },
  { N_("curl, Messages"), "/v1/messages",
    "curl {base}/v1/messages \\\n"
    "  -H \"x-api-key: $OKAP_TOKEN\" \\\n"
    "  -H \"anthropic-version: 2023-06-01\" \\\n"
    "  -H \"Content-Type: application/json\" \\\n"
    "  -d '{\"model\": \"{model}\", \"max_tokens\": 500, \"messages\": "
    "[{\"role\": \"user\", \"content\": \"Hello\"}]}'\n" },
  { N_("Environment"), NULL, "{environment}" },
  { N_("okap run"), NULL, "okap run --provider {provider} -- COMMAND\n" },
};

static void
snippet_free (gpointer data)
{
  OkapSnippet *snippet = data;

  g_free (snippet->title);
  g_free (snippet->text);
  g_free (snippet);
}

/* The first that is a name and no beginning of names. */
static const char *
find_model (const OkapScope *scope)
{
  for (char **model = scope->models; *model != NULL; model++)
    if (!g_str_has_suffix (*model, "*") && strpbrk (*model, "\"'\\\n") == NULL)
      return *model;
  return NO_MODEL;
}

/* The variables in which the provider's own libraries look for a key and an address. */
static char *
dup_environment (const OkapProvider *provider, const char *base)
{
  GString *text = g_string_new (NULL);
  const GPtrArray *bases = okap_provider_get_base_variables (provider);
  const GPtrArray *keys = okap_provider_get_key_variables (provider);

  for (guint i = 0; i < bases->len; i++)
    {
      const OkapProviderVariable *variable = g_ptr_array_index (bases, i);

      g_string_append_printf (text, "export %s=\"%s%s\"\n", variable->name, base,
                              variable->suffix != NULL ? variable->suffix : "");
    }
  for (guint i = 0; i < keys->len; i++)
    g_string_append_printf (text, "export %s=\"$OKAP_TOKEN\"\n",
                            (const char *) g_ptr_array_index (keys, i));
  return g_string_free (text, FALSE);
}

static char *
fill (const char *text, const char *const *pairs)
{
  GString *filled = g_string_new (text);

  for (; *pairs != NULL; pairs += 2)
    g_string_replace (filled, pairs[0], pairs[1], 0);
  return g_string_free (filled, FALSE);
}

static gboolean
answers (const OkapProvider *provider, const char *path)
{
  g_auto (OkapRoute) route = { 0 };

  return path == NULL || okap_provider_resolve (provider, "POST", path, &route, NULL);
}

GPtrArray *
okap_snippets_list (const OkapScope *scope, const char *origin, const char *token)
{
  GPtrArray *snippets = g_ptr_array_new_with_free_func (snippet_free);
  g_autoptr (OkapProvider) provider = okap_provider_lookup (scope->provider);
  g_autofree char *base = g_strconcat (origin, "/v1/", scope->provider, NULL);
  g_autofree char *environment = NULL;
  g_autofree char *export = NULL;

  if (provider == NULL)
    return snippets;
  environment = dup_environment (provider, base);
  export = token != NULL ? g_strdup_printf ("export OKAP_TOKEN=\"%s\"\n", token) : NULL;
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      const char *pairs[] = { "{environment}", environment, "{base}", base, "{model}",
                              find_model (scope), "{provider}", scope->provider, NULL };
      OkapSnippet *snippet;
      gboolean is_shell = g_str_has_prefix (table[i].text, "curl")
                          || g_str_has_prefix (table[i].text, "{environment}");

      if (!answers (provider, table[i].path) || (*environment == '\0'
                                                 && g_str_has_prefix (table[i].text, "{env")))
        continue;
      snippet = g_new0 (OkapSnippet, 1);
      snippet->title = g_strdup (_(table[i].title));
      snippet->text = fill (table[i].text, pairs);
      if (is_shell && export != NULL)
        {
          char *text = g_strconcat (export, snippet->text, NULL);

          g_free (snippet->text);
          snippet->text = text;
        }
      g_ptr_array_add (snippets, snippet);
    }
  return snippets;
}
