// SPDX-License-Identifier: GPL-3.0-or-later
import Together from 'together-ai';
import { MESSAGES, TEXT, all, body, stainless, wav } from './common.mjs';

const model = 'openai/gpt-oss-120b';
const text = { model, messages: MESSAGES };

export const open = (baseURL, apiKey) => new Together({ baseURL, apiKey, maxRetries: 0 });
export const status = (error) => error.status;
export const typed = stainless(Together);
export const refused = (c) => c.chat.completions.create(text);
export const streamed = (c, text) => c.chat.completions.create(
  { model, messages: [{ role: 'user', content: text }], stream: true });
export const broken = Together.APIError;

export const calls = {
  'chat': (c) => c.chat.completions.create(text),
  'chat.stream': (c) => all(c.chat.completions.create({ ...text, stream: true })),
  'completions': (c) => c.completions.create({ model, prompt: TEXT }),
  'completions.stream': (c) => all(c.completions.create({ model, prompt: TEXT, stream: true })),
  'embeddings': (c) => c.embeddings.create(
    { model: 'intfloat/multilingual-e5-large-instruct', input: TEXT }),
  'images': (c) => c.images.generate(
    { model: 'black-forest-labs/FLUX.1-schnell', prompt: TEXT, steps: 4 }),
  'rerank': (c) => c.rerank.create(
    { model: 'Salesforce/Llama-Rank-V1', query: TEXT, documents: ['one', 'two'] }),
  'speech': (c) => body(c.audio.speech.create(
    { model: 'cartesia/sonic', voice: 'calm', input: TEXT })),
  'transcription': (c) => c.audio.transcriptions.create(
    { model: 'openai/whisper-large-v3', file: wav() }),
  'translation': (c) => c.audio.translations.create(
    { model: 'openai/whisper-large-v3', file: wav() }),
  'models': (c) => c.models.list(),
};
