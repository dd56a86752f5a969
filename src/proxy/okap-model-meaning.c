/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The members by which providers and gateways are told a model, from all of them: a gateway speaks
 * several vendors' languages, and a member that means nothing to a provider does no harm where it
 * is judged, too. Constant. */
#include "config.h"

#include "okap-model-meaning.h"

#include <string.h>

static const struct
{
  const char *name;
  OkapMeaning member;
} members[] = {
  { "model", OKAP_MEANS_MODEL },
  { "models", OKAP_MEANS_MODELS },              /* openrouter, vercel, perplexity */
  { "fallbacks", OKAP_MEANS_MODELS },           /* anthropic, litellm */
  { "fallback_models", OKAP_MEANS_MODELS },
  { "context_window_fallbacks", OKAP_MEANS_MODELS },   /* litellm */
  { "content_policy_fallbacks", OKAP_MEANS_MODELS },   /* litellm */
  { "model_id", OKAP_MEANS_NAME },              /* together, batches */
  { "preset", OKAP_MEANS_NAME },                /* perplexity */
  { "agent", OKAP_MEANS_NAME },                 /* google */
  { "agent_id", OKAP_MEANS_NAME },              /* mistral */
  { "version", OKAP_MEANS_VERSION },            /* replicate */
  { "session", OKAP_MEANS_REQUEST },            /* openai, live */
  { "setup", OKAP_MEANS_REQUEST },              /* google, live */
  { "generateContentRequest", OKAP_MEANS_REQUEST },  /* google, counting */
  { "generate_content_request", OKAP_MEANS_REQUEST },
  { "requests", OKAP_MEANS_REQUESTS },          /* batches of anthropic, google and mistral */
  { "params", OKAP_MEANS_REQUEST },             /* anthropic, in them */
  { "request", OKAP_MEANS_REQUEST },            /* google, in them */
  { "body", OKAP_MEANS_REQUEST },               /* openai, mistral, in them */
  { "batch", OKAP_MEANS_REQUEST },              /* google */
  { "inputConfig", OKAP_MEANS_REQUEST },
  { "input_config", OKAP_MEANS_REQUEST },
  { "compound_custom", OKAP_MEANS_REQUEST },    /* groq */
  { "providerOptions", OKAP_MEANS_OPTIONS },    /* vercel */
  { "provider_options", OKAP_MEANS_OPTIONS },
  { "tools", OKAP_MEANS_TOOLS },                /* anthropic's adviser, openai's images */
  { "plugins", OKAP_MEANS_PLUGINS },            /* openrouter */
  { "input_file_id", OKAP_MEANS_FILES },        /* batches of openai and others */
  { "input_files", OKAP_MEANS_FILES },          /* mistral's */
  { "route", OKAP_MEANS_ROUTE },                /* openrouter */
  { "input_dataset_id", OKAP_MEANS_CHOICE },    /* cohere, batches */
  { "model_list", OKAP_MEANS_CHOICE },          /* litellm */
  { "user_config", OKAP_MEANS_CHOICE },         /* litellm */
  { "api_base", OKAP_MEANS_CHOICE },            /* litellm */
  { "fileName", OKAP_MEANS_CHOICE },            /* google, batches */
  { "file_name", OKAP_MEANS_CHOICE },
  { "endpoint", OKAP_MEANS_ENDPOINT },          /* batches of openai and others */
  { "webhook", OKAP_MEANS_WEBHOOK },            /* replicate */
};

/** okap_meaning_name_is: whether the last token is @text in any letter case: some servers do not
 *   tell them apart */
gboolean
okap_meaning_name_is (const OkapJsonScanner *scanner, const char *text)
{
  g_autofree char *decoded = NULL;

  if (!scanner->escaped)
    return scanner->length == strlen (text)
           && g_ascii_strncasecmp (scanner->text, text, scanner->length) == 0;
  decoded = okap_json_scanner_dup (scanner);
  return decoded != NULL && g_ascii_strcasecmp (decoded, text) == 0;
}

/* "draft_model", "embeddingModel": whatever it is for, it is one more. */
static gboolean
ends_in_model (const char *name, gsize length)
{
  const char *end = name + length;

  return length > 6
         && (memcmp (end - 6, "_model", 6) == 0
             || (memcmp (end - 5, "Model", 5) == 0 && g_ascii_islower (end[-6])));
}

/**
 * okap_meaning_from_name:
 * @scanner: whose last token is the name of a member of a request
 * @out_name: (out) (transfer none): the name for a message; untouched if it means nothing
 */
OkapMeaning
okap_meaning_from_name (const OkapJsonScanner *scanner, const char **out_name)
{
  g_autofree char *decoded = scanner->escaped ? okap_json_scanner_dup (scanner) : NULL;
  const char *name = decoded != NULL ? decoded : scanner->text;
  gsize length = decoded != NULL ? strlen (decoded) : scanner->length;

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    if (strlen (members[i].name) == length
        && g_ascii_strncasecmp (members[i].name, name, length) == 0)
      {
        *out_name = members[i].name;
        return members[i].member;
      }
  if (!ends_in_model (name, length))
    return OKAP_MEANS_OTHER;
  *out_name = "model";
  return OKAP_MEANS_MORE;
}

/* What a list or an object is that opens as a member of a request. */
static OkapInside
opens_in_request (OkapMeaning member, gboolean is_list)
{
  switch (member)
    {
    case OKAP_MEANS_MODELS:
      return is_list ? OKAP_INSIDE_MODELS : OKAP_INSIDE_REQUEST;
    case OKAP_MEANS_REQUESTS:
      return is_list ? OKAP_INSIDE_REQUESTS : OKAP_INSIDE_REQUEST;
    case OKAP_MEANS_REQUEST:
      return is_list ? OKAP_INSIDE_REQUESTS : OKAP_INSIDE_REQUEST;
    case OKAP_MEANS_OPTIONS:
      return is_list ? OKAP_INSIDE_NOTHING : OKAP_INSIDE_OPTIONS;
    case OKAP_MEANS_TOOLS:
      return is_list ? OKAP_INSIDE_TOOLS : OKAP_INSIDE_NOTHING;
    case OKAP_MEANS_PLUGINS:
      return is_list ? OKAP_INSIDE_PLUGINS : OKAP_INSIDE_PLUGIN;
    case OKAP_MEANS_FILES:
      return is_list ? OKAP_INSIDE_FILES : OKAP_INSIDE_NOTHING;
    case OKAP_MEANS_OTHER:
    case OKAP_MEANS_MODEL:
    case OKAP_MEANS_NAME:
    case OKAP_MEANS_MORE:
    case OKAP_MEANS_VERSION:
    case OKAP_MEANS_ROUTE:
    case OKAP_MEANS_CHOICE:
    case OKAP_MEANS_WEBHOOK:
    case OKAP_MEANS_ENDPOINT:
    default:
      return OKAP_INSIDE_NOTHING;
    }
}

/**
 * okap_inside_open:
 * @outer: what it opens in
 * @member: as a member of which name, if that is an object
 *
 * Returns: what a list or an object is that opens
 */
OkapInside
okap_inside_open (OkapInside outer, OkapMeaning member, gboolean is_list)
{
  switch (outer)
    {
    case OKAP_INSIDE_REQUEST:
      return opens_in_request (member, is_list);
    case OKAP_INSIDE_REQUESTS:
    case OKAP_INSIDE_OPTIONS:
      return is_list ? OKAP_INSIDE_NOTHING : OKAP_INSIDE_REQUEST;
    case OKAP_INSIDE_MODELS:
      return is_list ? OKAP_INSIDE_MODELS : OKAP_INSIDE_ENTRY;
    case OKAP_INSIDE_ENTRY:
      return is_list ? OKAP_INSIDE_MODELS : OKAP_INSIDE_NOTHING;
    case OKAP_INSIDE_TOOLS:
      return is_list ? OKAP_INSIDE_NOTHING : OKAP_INSIDE_TOOL;
    case OKAP_INSIDE_PLUGINS:
      return is_list ? OKAP_INSIDE_NOTHING : OKAP_INSIDE_PLUGIN;
    case OKAP_INSIDE_NOTHING:
    case OKAP_INSIDE_TOOL:
    case OKAP_INSIDE_PLUGIN:
    case OKAP_INSIDE_FILES:
    default:
      return OKAP_INSIDE_NOTHING;
    }
}
