// SPDX-License-Identifier: GPL-3.0-or-later
import { OpenRouter } from '@openrouter/sdk';
import * as errors from '@openrouter/sdk/models/errors';
import { MESSAGES, TEXT, all, bytes } from './common.mjs';

const model = 'openai/gpt-4o-mini';
const text = { model, messages: MESSAGES };

export const open = (serverURL, apiKey) =>
  new OpenRouter({ serverURL, apiKey, retryConfig: { strategy: 'none' } });
export const status = (error) => error.statusCode;
export const typed = {
  401: errors.UnauthorizedResponseError, 402: errors.PaymentRequiredResponseError,
  403: errors.ForbiddenResponseError, 429: errors.TooManyRequestsResponseError,
};
export const refused = (c) => c.chat.send({ chatRequest: text });
export const streamed = (c, text) => c.chat.send(
  { chatRequest: { model, messages: [{ role: 'user', content: text }], stream: true } });
export const responses = (c, text) => c.responses.send(
  { responsesRequest: { model, input: text, stream: true } });
// Its chunks have a member for an error, its responses an event; it throws none itself.
export const told = (part) => part.error?.message ?? (part.type === 'error' && part.message);

export const calls = {
  'chat': (c) => c.chat.send({ chatRequest: text }),
  'chat.stream': (c) => all(c.chat.send({ chatRequest: { ...text, stream: true } })),
  'responses': (c) => c.responses.send({ responsesRequest: { model, input: TEXT } }),
  'responses.stream': (c) => all(c.responses.send(
    { responsesRequest: { model, input: TEXT, stream: true } })),
  'embeddings': (c) => c.embeddings.generate(
    { requestBody: { model: 'openai/text-embedding-3-small', input: TEXT } }),
  'rerank': (c) => c.rerank.rerank({ requestBody: {
    model: 'cohere/rerank-v3.5', query: TEXT, documents: ['one', 'two'] } }),
  'images': (c) => c.images.generate({ imageGenerationRequest: {
    model: 'google/gemini-2.5-flash-image', prompt: TEXT } }),
  'speech': async (c) => bytes(Buffer.concat(await all(c.tts.createSpeech(
    { speechRequest: { model: 'openai/gpt-4o-mini-tts', voice: 'alloy', input: TEXT } })))),
  'transcription': (c) => c.stt.createTranscription({ sttRequest: {
    model: 'openai/whisper-1', inputAudio: { data: 'UklGRg==', format: 'wav' } } }),
  'models': (c) => all(c.models.list()),
  'models.count': (c) => c.models.count(),
  'key': (c) => c.apiKeys.getCurrentKeyMetadata(),
};
