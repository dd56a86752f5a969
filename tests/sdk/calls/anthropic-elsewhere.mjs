// SPDX-License-Identifier: GPL-3.0-or-later
// Anthropic's package at vendors that speak its API, too.
import Anthropic from '@anthropic-ai/sdk';
import { MESSAGES, all, stainless } from './common.mjs';

const message = (model) => ({ model, max_tokens: 64, messages: MESSAGES });

export const open = (baseURL, apiKey, { model }) => ({
  model, api: new Anthropic({ baseURL, apiKey, maxRetries: 0 }),
});
export const status = (error) => error.status;
export const typed = stainless(Anthropic);
export const refused = ({ api, model }) => api.messages.create(message(model));

export const calls = {
  'message': ({ api, model }) => api.messages.create(message(model)),
  'message.stream': ({ api, model }) => all(api.messages.create(
    { ...message(model), stream: true })),
};
