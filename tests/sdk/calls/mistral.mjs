// SPDX-License-Identifier: GPL-3.0-or-later
import { Mistral } from '@mistralai/mistralai';
import { MistralError } from '@mistralai/mistralai/models/errors';
import { MESSAGES, TEXT, all, wav } from './common.mjs';

const model = 'mistral-small-latest';
const text = { model, messages: MESSAGES };
const fim = { model: 'codestral-latest', prompt: `// ${TEXT}`, suffix: '}' };

export const open = (serverURL, apiKey) => new Mistral({ serverURL, apiKey });
export const status = (error) => error.statusCode;
export const typed = { 401: MistralError, 402: MistralError, 403: MistralError,
                       429: MistralError };
export const refused = (c) => c.chat.complete(text);
export const streamed = (c, text) => c.chat.stream(
  { model, messages: [{ role: 'user', content: text }] });
// It has no form for an error in a stream: that of its check of chunks is raised.
export const broken = Error;

export const calls = {
  'chat': (c) => c.chat.complete(text),
  'chat.stream': (c) => all(c.chat.stream(text)),
  'fim': (c) => c.fim.complete(fim),
  'fim.stream': (c) => all(c.fim.stream(fim)),
  'embeddings': (c) => c.embeddings.create({ model: 'mistral-embed', inputs: [TEXT, 'two'] }),
  'moderation': (c) => c.classifiers.moderate(
    { model: 'mistral-moderation-latest', inputs: [TEXT] }),
  'moderation.chat': (c) => c.classifiers.moderateChat(
    { model: 'mistral-moderation-latest', inputs: [MESSAGES] }),
  'ocr': (c) => c.ocr.process({ model: 'mistral-ocr-latest', document: {
    type: 'document_url', documentUrl: 'https://example.com/paper.pdf' } }),
  'speech': (c) => c.audio.speech.complete(
    { model: 'voxtral-mini-tts-latest', input: TEXT, voiceId: 'one' }),
  'transcription': (c) => c.audio.transcriptions.complete(
    { model: 'voxtral-mini-latest', file: wav() }),
  'transcription.stream': (c) => all(c.audio.transcriptions.stream(
    { model: 'voxtral-mini-latest', file: wav() })),
  'conversation': (c) => c.beta.conversations.start({ model, inputs: TEXT }),
  'batch': (c) => c.batch.jobs.create({ model, endpoint: '/v1/chat/completions', requests: [
    { customId: 'one', body: { messages: MESSAGES } }] }),
  'batch.get': (c) => c.batch.jobs.get({ jobId: 'b1' }),
  'models': (c) => c.models.list(),
  'models.retrieve': (c) => c.models.retrieve({ modelId: model }),
};
