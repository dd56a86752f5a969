// SPDX-License-Identifier: GPL-3.0-or-later
import Cerebras from '@cerebras/cerebras_cloud_sdk';
import { MESSAGES, TEXT, all, stainless } from './common.mjs';

const model = 'gpt-oss-120b';
const text = { model, messages: MESSAGES };

// Its constructor makes a call that warms the connection, which nobody waits for.
export const open = (baseURL, apiKey) => new Cerebras({ baseURL, apiKey, maxRetries: 0 });
export const status = (error) => error.status;
export const typed = stainless(Cerebras);
export const refused = (c) => c.chat.completions.create(text);
export const streamed = (c, text) => c.chat.completions.create(
  { model, messages: [{ role: 'user', content: text }], stream: true });
export const broken = Cerebras.APIError;

export const calls = {
  'chat': (c) => c.chat.completions.create(text),
  'chat.stream': (c) => all(c.chat.completions.create({ ...text, stream: true })),
  'chat.stream.usage': (c) => all(c.chat.completions.create(
    { ...text, stream: true, stream_options: { include_usage: true } })),
  'completions': (c) => c.completions.create({ model, prompt: TEXT }),
  'completions.stream': (c) => all(c.completions.create({ model, prompt: TEXT, stream: true })),
  'models': (c) => c.models.list(),
  'models.retrieve': (c) => c.models.retrieve(model),
  'warm': (c) => c.get('/v1/tcp_warming'),
};
