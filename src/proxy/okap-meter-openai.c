/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two families of text of OpenAI, which most other providers speak too. Chat, completions,
 * embeddings: prompt_tokens and completion_tokens; responses: input_tokens and output_tokens. In
 * both, what the details tell is part of the totals; predictions that were accepted or rejected are
 * billed as what they are part of. */
#include "config.h"

#include "okap-meter-family.h"

static const char *const chat_roots[] = { "", "x_groq.", NULL };

static const OkapMeterPath chat_usage[] = {
  { "usage.prompt_tokens", OKAP_METER_FIELD_INPUT },
  { "usage.completion_tokens", OKAP_METER_FIELD_OUTPUT },
  { "usage.total_tokens", OKAP_METER_FIELD_TOTAL },
  { "usage.prompt_tokens_details.cached_tokens", OKAP_METER_FIELD_CACHED },
  { "usage.prompt_tokens_details.cache_write_tokens", OKAP_METER_FIELD_CACHE_WRITTEN },
  { "usage.prompt_tokens_details.audio_tokens", OKAP_METER_FIELD_AUDIO_INPUT },
  { "usage.prompt_tokens_details.image_tokens", OKAP_METER_FIELD_IMAGE_INPUT },
  { "usage.prompt_tokens_details.video_tokens", OKAP_METER_FIELD_VIDEO_INPUT },
  { "usage.completion_tokens_details.reasoning_tokens", OKAP_METER_FIELD_REASONING },
  { "usage.completion_tokens_details.audio_tokens", OKAP_METER_FIELD_AUDIO_OUTPUT },
  { "usage.completion_tokens_details.image_tokens", OKAP_METER_FIELD_IMAGE_OUTPUT },
  { "usage.service_tier", OKAP_METER_FIELD_TIER },
  { "usage.num_cached_tokens", OKAP_METER_FIELD_CACHED },              /* Mistral */
  { "usage.prompt_audio_seconds", OKAP_METER_FIELD_SECONDS },
  { "usage.connector_tokens", OKAP_METER_FIELD_INPUT_MORE },
  { "usage.cached_tokens", OKAP_METER_FIELD_CACHED },                  /* Together */
  { "usage.prompt_cache_hit_tokens", OKAP_METER_FIELD_CACHED },        /* DeepSeek */
  { "usage.prompt_cache_miss_tokens", OKAP_METER_FIELD_CACHE_MISSED },
  { "usage.image_tokens", OKAP_METER_FIELD_IMAGE_INPUT },              /* Cerebras */
  { "usage.reasoning_tokens", OKAP_METER_FIELD_REASONING_FLAT },       /* Perplexity */
  { "usage.citation_tokens", OKAP_METER_FIELD_INPUT_MORE },
  { "usage.num_search_queries", OKAP_METER_FIELD_SEARCHES },
  { "usage.num_sources_used", OKAP_METER_FIELD_SEARCHES },             /* xAI */
  { "usage.server_tool_use.web_search_requests", OKAP_METER_FIELD_SEARCHES },  /* OpenRouter */
  { "usage.server_tool_use_details.web_search_requests", OKAP_METER_FIELD_SEARCHES },
  /* Groq's systems that ask several models */
  { "usage_breakdown.models", OKAP_METER_FIELD_PARTS },
  { "usage_breakdown.models.model", OKAP_METER_PART (MODEL) },
  { "usage_breakdown.models.usage.prompt_tokens", OKAP_METER_PART (INPUT) },
  { "usage_breakdown.models.usage.completion_tokens", OKAP_METER_PART (OUTPUT) },
  { "usage_breakdown.models.usage.total_tokens", OKAP_METER_PART (TOTAL) },
  { "usage_breakdown.models.usage.prompt_tokens_details.cached_tokens",
    OKAP_METER_PART (CACHED) },
  { "usage_breakdown.models.usage.completion_tokens_details.reasoning_tokens",
    OKAP_METER_PART (REASONING) },
};

static const OkapMeterPath chat_others[] = {
  { "model", OKAP_METER_FIELD_MODEL },
  { "service_tier", OKAP_METER_FIELD_TIER },

  { "choices.delta.content", OKAP_METER_FIELD_TEXT },
  { "choices.delta.content.text", OKAP_METER_FIELD_TEXT },
  { "choices.delta.content.thinking.text", OKAP_METER_FIELD_TEXT },
  { "choices.delta.reasoning", OKAP_METER_FIELD_TEXT },
  { "choices.delta.reasoning_content", OKAP_METER_FIELD_TEXT },
  { "choices.delta.refusal", OKAP_METER_FIELD_TEXT },
  { "choices.delta.audio.transcript", OKAP_METER_FIELD_TEXT },
  { "choices.delta.function_call.arguments", OKAP_METER_FIELD_TEXT },
  { "choices.delta.tool_calls.function.name", OKAP_METER_FIELD_TEXT },
  { "choices.delta.tool_calls.function.arguments", OKAP_METER_FIELD_TEXT },
  { "choices.delta.tool_calls.custom.input", OKAP_METER_FIELD_TEXT },
  { "choices.message.content", OKAP_METER_FIELD_TEXT },
  { "choices.message.content.text", OKAP_METER_FIELD_TEXT },
  { "choices.message.content.thinking.text", OKAP_METER_FIELD_TEXT },
  { "choices.message.reasoning", OKAP_METER_FIELD_TEXT },
  { "choices.message.reasoning_content", OKAP_METER_FIELD_TEXT },
  { "choices.message.refusal", OKAP_METER_FIELD_TEXT },
  { "choices.message.audio.transcript", OKAP_METER_FIELD_TEXT },
  { "choices.message.function_call.arguments", OKAP_METER_FIELD_TEXT },
  { "choices.message.tool_calls.function.name", OKAP_METER_FIELD_TEXT },
  { "choices.message.tool_calls.function.arguments", OKAP_METER_FIELD_TEXT },
  { "choices.message.tool_calls.custom.input", OKAP_METER_FIELD_TEXT },
  { "choices.text", OKAP_METER_FIELD_TEXT },
  /* Mistral's conversations */
  { "content", OKAP_METER_FIELD_TEXT },
  { "content.text", OKAP_METER_FIELD_TEXT },
  { "arguments", OKAP_METER_FIELD_TEXT },
  { "outputs.model", OKAP_METER_FIELD_MODEL },
  { "outputs.content", OKAP_METER_FIELD_TEXT },
  { "outputs.content.text", OKAP_METER_FIELD_TEXT },
  { "outputs.arguments", OKAP_METER_FIELD_TEXT },
};

static const char *const responses_roots[] = { "", "response.", NULL };

static const OkapMeterPath responses_usage[] = {
  { "model", OKAP_METER_FIELD_MODEL },
  { "service_tier", OKAP_METER_FIELD_TIER },
  { "usage.input_tokens", OKAP_METER_FIELD_INPUT },
  { "usage.output_tokens", OKAP_METER_FIELD_OUTPUT },
  { "usage.total_tokens", OKAP_METER_FIELD_TOTAL },
  { "usage.input_tokens_details.cached_tokens", OKAP_METER_FIELD_CACHED },
  { "usage.input_tokens_details.cache_write_tokens", OKAP_METER_FIELD_CACHE_WRITTEN },
  { "usage.input_tokens_details.cache_write_tokens_details.ttl_30m_tokens",
    OKAP_METER_FIELD_CACHE_WRITTEN_SHORT },
  { "usage.input_tokens_details.cache_write_tokens_details.ttl_12h_tokens",
    OKAP_METER_FIELD_CACHE_WRITTEN_LONG },
  { "usage.input_tokens_details.audio_tokens", OKAP_METER_FIELD_AUDIO_INPUT },
  { "usage.input_tokens_details.image_tokens", OKAP_METER_FIELD_IMAGE_INPUT },
  { "usage.output_tokens_details.reasoning_tokens", OKAP_METER_FIELD_REASONING },
  { "usage.output_tokens_details.audio_tokens", OKAP_METER_FIELD_AUDIO_OUTPUT },
  { "usage.output_tokens_details.image_tokens", OKAP_METER_FIELD_IMAGE_OUTPUT },
  { "usage.num_sources_used", OKAP_METER_FIELD_SEARCHES },             /* xAI */
  /* Perplexity */
  { "usage.input_tokens_details.cache_read_input_tokens", OKAP_METER_FIELD_CACHED },
  { "usage.input_tokens_details.cache_creation_input_tokens", OKAP_METER_FIELD_CACHE_WRITTEN },
  /* what the tools used */
  { "tool_usage.web_search.num_requests", OKAP_METER_FIELD_SEARCHES },
  { "output.type", OKAP_METER_FIELD_CALL_TYPE },
  { "tools.model", OKAP_METER_FIELD_TOOL_MODEL },
  { "tool_usage.image_gen", OKAP_METER_FIELD_PART_PICTURES },
  { "tool_usage.image_gen.input_tokens", OKAP_METER_PART (INPUT) },
  { "tool_usage.image_gen.input_tokens_details.image_tokens", OKAP_METER_PART (IMAGE_INPUT) },
  { "tool_usage.image_gen.cached_tokens", OKAP_METER_PART (CACHED) },
  { "tool_usage.image_gen.cached_tokens_details.cached_image_tokens",
    OKAP_METER_PART (IMAGE_CACHED) },
  { "tool_usage.image_gen.output_tokens", OKAP_METER_PART (OUTPUT) },
  { "tool_usage.image_gen.output_tokens_details.image_tokens", OKAP_METER_PART (IMAGE_OUTPUT) },
  { "tool_usage.image_gen.total_tokens", OKAP_METER_PART (TOTAL) },
};

static const OkapMeterPath responses_others[] = {
  { "type", OKAP_METER_FIELD_EVENT },
  { "item", OKAP_METER_FIELD_CALL },
  { "item.type", OKAP_METER_FIELD_CALL_KIND },
  { "item.status", OKAP_METER_FIELD_CALL_STATE },

  { "delta", OKAP_METER_FIELD_TEXT },
  { "output.content.text", OKAP_METER_FIELD_TEXT },
  { "output.content.refusal", OKAP_METER_FIELD_TEXT },
  { "output.summary.text", OKAP_METER_FIELD_TEXT },
  { "output.arguments", OKAP_METER_FIELD_TEXT },
  { "output.input", OKAP_METER_FIELD_TEXT },
};

const OkapMeterFamily okap_meter_family_openai_chat = {
  .usage = chat_usage, .n_usage = G_N_ELEMENTS (chat_usage), .roots = chat_roots,
  .others = chat_others, .n_others = G_N_ELEMENTS (chat_others),
  .sum = okap_meter_sum_inside, .cheap = OKAP_METER_CHEAP_INSIDE,
};

const OkapMeterFamily okap_meter_family_openai_responses = {
  .usage = responses_usage, .n_usage = G_N_ELEMENTS (responses_usage), .roots = responses_roots,
  .others = responses_others, .n_others = G_N_ELEMENTS (responses_others),
  .sum = okap_meter_sum_inside, .cheap = OKAP_METER_CHEAP_INSIDE,
};
