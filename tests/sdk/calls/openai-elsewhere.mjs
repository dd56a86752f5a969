// SPDX-License-Identifier: GPL-3.0-or-later
// OpenAI's package at other vendors, where it is the usual one or one of the usual.
import OpenAI, { AzureOpenAI } from 'openai';
import { MESSAGES, TEXT, all, stainless } from './common.mjs';

export const open = (baseURL, apiKey, { model, azure = false }) => ({
  model,
  api: azure ? new AzureOpenAI({ baseURL, apiKey, apiVersion: '2024-10-21', maxRetries: 0 })
    : new OpenAI({ baseURL, apiKey, maxRetries: 0 }),
});
export const status = (error) => error.status;
export const typed = stainless(OpenAI);
export const refused = ({ api, model }) =>
  api.chat.completions.create({ model, messages: MESSAGES });

export const calls = {
  'chat': ({ api, model }) => api.chat.completions.create({ model, messages: MESSAGES }),
  'chat.stream': ({ api, model }) => all(api.chat.completions.create(
    { model, messages: MESSAGES, stream: true })),
  'chat.stream.usage': ({ api, model }) => all(api.chat.completions.create(
    { model, messages: MESSAGES, stream: true, stream_options: { include_usage: true } })),
  'embeddings': ({ api, model }) => api.embeddings.create({ model, input: TEXT }),
  'models': ({ api }) => all(api.models.list()),
};
