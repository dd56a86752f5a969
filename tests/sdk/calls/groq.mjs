// SPDX-License-Identifier: GPL-3.0-or-later
import Groq from 'groq-sdk';
import { MESSAGES, TEXT, all, body, stainless, wav } from './common.mjs';

const model = 'openai/gpt-oss-20b';
const text = { model, messages: MESSAGES };

export const open = (baseURL, apiKey) => new Groq({ baseURL, apiKey, maxRetries: 0 });
export const status = (error) => error.status;
export const typed = stainless(Groq);
export const refused = (c) => c.chat.completions.create(text);
export const streamed = (c, text) => c.chat.completions.create(
  { model, messages: [{ role: 'user', content: text }], stream: true });
export const broken = Groq.APIError;

export const calls = {
  'chat': (c) => c.chat.completions.create(text),
  'chat.stream': (c) => all(c.chat.completions.create({ ...text, stream: true })),
  'embeddings': (c) => c.embeddings.create({ model: 'nomic-embed-text-v1_5', input: TEXT }),
  'speech': (c) => body(c.audio.speech.create(
    { model: 'canopylabs/orpheus-v1-english', voice: 'autumn', input: TEXT })),
  'transcription': (c) => c.audio.transcriptions.create(
    { model: 'whisper-large-v3-turbo', file: wav() }),
  'translation': (c) => c.audio.translations.create({ model: 'whisper-large-v3', file: wav() }),
  'models': (c) => c.models.list(),
  'models.retrieve': (c) => c.models.retrieve('whisper-large-v3'),
};
