// SPDX-License-Identifier: GPL-3.0-or-later
// The same calls for both majors of Anthropic's package: they differ in version header and in where
// they put the key.
import { MESSAGES, all, stainless } from './common.mjs';

const model = 'claude-sonnet-4-5';
const message = { model, max_tokens: 64, messages: MESSAGES };
const tool = { name: 'weather', description: 'Tells the weather',
               input_schema: { type: 'object', properties: { city: { type: 'string' } } } };

export const table = (Anthropic) => ({
  open: (baseURL, apiKey) => new Anthropic({ baseURL, apiKey, maxRetries: 0 }),
  status: (error) => error.status,
  typed: { ...stainless(Anthropic),
           402: Anthropic.PaymentRequiredError ?? Anthropic.APIError },
  refused: (c) => c.messages.create(message),
  streamed: (c, text) => c.messages.create(
    { ...message, messages: [{ role: 'user', content: text }], stream: true }),
  broken: Anthropic.APIError,
  calls: {
    'message': (c) => c.messages.create(message),
    'message.cached': (c) => c.messages.create({ ...message, tools: [tool], system: [
      { type: 'text', text: 'Be brief', cache_control: { type: 'ephemeral' } }] }),
    'message.stream': (c) => all(c.messages.create({ ...message, stream: true })),
    'message.stream.helper': (c) => c.messages.stream(message).finalMessage(),
    'count_tokens': (c) => c.messages.countTokens({ model, messages: MESSAGES }),
    'batches.create': (c) => c.messages.batches.create(
      { requests: [{ custom_id: 'one', params: message }] }),
    'batches.retrieve': (c) => c.messages.batches.retrieve('msgbatch_1'),
    'batches.list': (c) => all(c.messages.batches.list()),
    // This asks for the batch, then for the address that stands in it.
    'batches.results': async (c) => all(await c.messages.batches.results('msgbatch_1')),
    'batches.cancel': (c) => c.messages.batches.cancel('msgbatch_1'),
    'models': (c) => all(c.models.list()),
    'models.retrieve': (c) => c.models.retrieve(model),
  },
});
