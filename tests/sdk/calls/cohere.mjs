// SPDX-License-Identifier: GPL-3.0-or-later
import { Cohere, CohereClient, CohereClientV2, CohereError } from 'cohere-ai';
import { MESSAGES, TEXT, all, wav } from './common.mjs';

const model = 'command-r7b-12-2024';
const text = { model, messages: MESSAGES };

// One package, two clients: the second version of the API, and the first for what only it has.
export const open = (baseUrl, token) => ({
  v2: new CohereClientV2({ baseUrl, token, maxRetries: 0 }),
  v1: new CohereClient({ baseUrl, token, maxRetries: 0 }),
});
export const status = (error) => error.statusCode;
export const typed = { 401: Cohere.UnauthorizedError, 402: CohereError,
                       403: Cohere.ForbiddenError, 429: Cohere.TooManyRequestsError };
export const refused = (c) => c.v2.chat(text);
export const streamed = (c, text) => c.v2.chatStream(
  { model, messages: [{ role: 'user', content: text }] });
export const v1 = (c, text) => c.v1.chatStream({ model, message: text });
// Its last event has a member for an error; it throws none itself.
export const told = (event) => event.delta?.error
  ?? (event.finishReason === 'ERROR' && event.response.text);

export const calls = {
  'chat': (c) => c.v2.chat(text),
  'chat.stream': (c) => all(c.v2.chatStream(text)),
  'embed': (c) => c.v2.embed({ model: 'embed-v4.0', inputType: 'search_document',
                               embeddingTypes: ['float'], texts: [TEXT] }),
  'rerank': (c) => c.v2.rerank(
    { model: 'rerank-v3.5', query: TEXT, documents: ['one', 'two'] }),
  'transcription': (c) => c.v2.audio.transcriptions.create(
    wav(), { model: 'cohere-transcribe-03-2026', language: 'en' }),
  'v1.chat': (c) => c.v1.chat({ model, message: TEXT }),
  'v1.chat.stream': (c) => all(c.v1.chatStream({ model, message: TEXT })),
  'v1.embed': (c) => c.v1.embed(
    { model: 'embed-v4.0', inputType: 'search_query', texts: [TEXT] }),
  'v1.rerank': (c) => c.v1.rerank(
    { model: 'rerank-v3.5', query: TEXT, documents: ['one', 'two'] }),
  'tokenize': (c) => c.v1.tokenize({ model, text: TEXT }),
  'detokenize': (c) => c.v1.detokenize({ model, tokens: [1, 2] }),
  'models': (c) => c.v1.models.list(),
  'models.get': (c) => c.v1.models.get(model),
};
