/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The names of a request's members that say something of its size and price, in all families. Where
 * a name stands decides whether it does; that is for okap-body-facts.c. Safe from any thread. */
#include "config.h"

#include "okap-body-names.h"

#include <string.h>

static const struct
{
  const char *text;
  guint8 name;
} names[] = {
  { "max_tokens", OKAP_NAME_MAX_TOKENS },
  { "max_completion_tokens", OKAP_NAME_MAX_COMPLETION_TOKENS },
  { "max_output_tokens", OKAP_NAME_MAX_OUTPUT_TOKENS },
  { "maxOutputTokens", OKAP_NAME_MAX_OUTPUT_TOKENS },
  { "num_predict", OKAP_NAME_NUM_PREDICT },
  { "budget_tokens", OKAP_NAME_BUDGET },
  { "n", OKAP_NAME_N },
  { "num_generations", OKAP_NAME_N },
  { "best_of", OKAP_NAME_BEST_OF },
  { "candidateCount", OKAP_NAME_CANDIDATES },
  { "candidate_count", OKAP_NAME_CANDIDATES },
  { "sampleCount", OKAP_NAME_SAMPLES },
  { "stream", OKAP_NAME_STREAM },
  { "stream_options", OKAP_NAME_STREAM_OPTIONS },
  { "include_usage", OKAP_NAME_INCLUDE_USAGE },
  { "generationConfig", OKAP_NAME_GENERATION_CONFIG },
  { "generation_config", OKAP_NAME_GENERATION_CONFIG },
  { "options", OKAP_NAME_OPTIONS },
  { "thinking", OKAP_NAME_THINKING },
  { "service_tier", OKAP_NAME_TIER },
  { "serviceTier", OKAP_NAME_TIER },
  { "speed", OKAP_NAME_SPEED },
  { "inference_geo", OKAP_NAME_GEO },
  { "size", OKAP_NAME_SIZE },
  { "quality", OKAP_NAME_QUALITY },
  { "cache_control", OKAP_NAME_CACHE },
  { "ttl", OKAP_NAME_TTL },
  { "modalities", OKAP_NAME_MODALITIES },
  { "responseModalities", OKAP_NAME_MODALITIES },
  { "response_modalities", OKAP_NAME_MODALITIES },
  { "response_modality", OKAP_NAME_MODALITIES },
  { "audio", OKAP_NAME_MODALITIES },
  { "speechConfig", OKAP_NAME_MODALITIES },
  { "speech_config", OKAP_NAME_MODALITIES },
  { "previous_response_id", OKAP_NAME_HIDDEN },
  { "previous_interaction_id", OKAP_NAME_HIDDEN },
  { "conversation", OKAP_NAME_HIDDEN },
  { "conversation_id", OKAP_NAME_HIDDEN },
  { "cachedContent", OKAP_NAME_HIDDEN },
  { "cached_content", OKAP_NAME_HIDDEN },
  { "container", OKAP_NAME_HIDDEN },
  { "mcp_servers", OKAP_NAME_HIDDEN },
  { "connectors", OKAP_NAME_SEARCH_OPTIONS },
  { "web_search_options", OKAP_NAME_SEARCH_OPTIONS },
  { "search_parameters", OKAP_NAME_SEARCH_SOURCES },
  { "plugins", OKAP_NAME_SEARCH_OPTIONS },
  { "prompt", OKAP_NAME_PROMPT },
  { "prediction", OKAP_NAME_PREDICTION },
  { "id", OKAP_NAME_ID },
  { "input", OKAP_NAME_INPUT },
  { "tools", OKAP_NAME_TOOLS },
  { "type", OKAP_NAME_TYPE },
  { "mimeType", OKAP_NAME_MIME },
  { "mime_type", OKAP_NAME_MIME },
  { "media_type", OKAP_NAME_MIME },
  { "max_uses", OKAP_NAME_MAX_USES },
  { "googleSearch", OKAP_NAME_SEARCH_TOOL },
  { "google_search", OKAP_NAME_SEARCH_TOOL },
  { "googleSearchRetrieval", OKAP_NAME_SEARCH_TOOL },
  { "google_search_retrieval", OKAP_NAME_SEARCH_TOOL },
  { "googleMaps", OKAP_NAME_SEARCH_TOOL },
  { "google_maps", OKAP_NAME_SEARCH_TOOL },
  { "enterpriseWebSearch", OKAP_NAME_SEARCH_TOOL },
  { "urlContext", OKAP_NAME_SERVER_TOOL },
  { "url_context", OKAP_NAME_SERVER_TOOL },
  { "codeExecution", OKAP_NAME_SERVER_TOOL },
  { "code_execution", OKAP_NAME_SERVER_TOOL },
  { "fileSearch", OKAP_NAME_SERVER_TOOL },
  { "file_search", OKAP_NAME_SERVER_TOOL },
  { "retrieval", OKAP_NAME_SERVER_TOOL },
  { "mcpServers", OKAP_NAME_SERVER_TOOL },
  { "file_id", OKAP_NAME_FILE },
  { "fileUri", OKAP_NAME_FILE },
  { "file_uri", OKAP_NAME_FILE },
  { "file_url", OKAP_NAME_FILE },
  { "document_url", OKAP_NAME_FILE },
  { "video_url", OKAP_NAME_FILE },
  { "image_url", OKAP_NAME_IMAGE_URL },
  { "url", OKAP_NAME_URL },
  { "source", OKAP_NAME_SOURCE },
  { "data", OKAP_NAME_DATA },
  { "inlineData", OKAP_NAME_INLINE_DATA },
  { "inline_data", OKAP_NAME_INLINE_DATA },
  { "file_data", OKAP_NAME_FILE_DATA },
  { "images", OKAP_NAME_IMAGES },
  { "input_audio", OKAP_NAME_INPUT_AUDIO },
  { "parameters", OKAP_NAME_PARAMETERS },
  { "params", OKAP_NAME_PARAMS },
  { "args", OKAP_NAME_OPAQUE },
  { "arguments", OKAP_NAME_OPAQUE },
  { "schema", OKAP_NAME_OPAQUE },
  { "input_schema", OKAP_NAME_OPAQUE },
  { "response_format", OKAP_NAME_OPAQUE },
  { "functionCall", OKAP_NAME_OPAQUE },
  { "function_call", OKAP_NAME_OPAQUE },
  { "functionResponse", OKAP_NAME_OPAQUE },
  { "function_response", OKAP_NAME_OPAQUE },
  { "metadata", OKAP_NAME_OPAQUE },
};

/* The rows of the table by the length of their text, made once: a name is compared with few. */
#define LONGEST 32

static guint8 by_length[LONGEST + 1][16];

static gpointer
sort_names (gpointer data)
{
  guint8 used[LONGEST + 1] = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      gsize length = strlen (names[i].text);

      g_assert (length <= LONGEST && used[length] + 1u < G_N_ELEMENTS (by_length[0]));
      by_length[length][used[length]++] = (guint8) (i + 1);
    }
  return NULL;
}

/* Go's servers take the long s and the sign of Kelvin for s and k. */
static char *
fold (const char *text, gsize length)
{
  GString *folded = g_string_new_len (text, (gssize) length);

  g_string_replace (folded, "\xC5\xBF", "s", 0);
  g_string_replace (folded, "\xE2\x84\xAA", "k", 0);
  return g_string_free (folded, FALSE);
}

/* (transfer full) (nullable): what is not written as it is read */
static char *
decode (const OkapJsonScanner *scanner, gboolean *out_folded)
{
  g_autofree char *plain = scanner->escaped ? okap_json_scanner_dup (scanner) : NULL;
  const char *text = plain != NULL ? plain : scanner->text;
  gsize length = plain != NULL ? strlen (plain) : scanner->length;

  for (gsize i = 0; i < length; i++)
    if ((guchar) text[i] >= 0x80)
      {
        *out_folded = TRUE;
        return fold (text, length);
      }
  return g_steal_pointer (&plain);
}

/**
 * okap_body_name_find:
 * @scanner: stands at a name
 * @out_text: (out): how it should be written; not set if it means nothing
 * @out_exact: (out): whether it is; some servers do not mind letter case
 */
OkapBodyName
okap_body_name_find (const OkapJsonScanner *scanner, const char **out_text, gboolean *out_exact)
{
  static GOnce sorted = G_ONCE_INIT;
  gboolean folded = FALSE;
  g_autofree char *decoded = decode (scanner, &folded);
  const char *text = decoded != NULL ? decoded : scanner->text;
  gsize length = decoded != NULL ? strlen (decoded) : scanner->length;

  g_once (&sorted, sort_names, NULL);
  if (length > LONGEST)
    return OKAP_NAME_NONE;
  for (const guint8 *row = by_length[length]; *row != 0; row++)
    if (g_ascii_strncasecmp (names[*row - 1].text, text, length) == 0)
      {
        *out_text = names[*row - 1].text;
        *out_exact = !folded && memcmp (*out_text, text, length) == 0;
        return (OkapBodyName) names[*row - 1].name;
      }
  return OKAP_NAME_NONE;
}
