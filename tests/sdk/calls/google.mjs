// SPDX-License-Identifier: GPL-3.0-or-later
import { ApiError, GoogleGenAI } from '@google/genai';
import { TEXT, all, wav } from './common.mjs';

const model = 'gemini-2.5-flash';
const generate = { model, contents: TEXT };

export const open = (baseUrl, apiKey) => new GoogleGenAI({ apiKey, httpOptions: { baseUrl } });
export const status = (error) => error.status;
export const typed = { 401: ApiError, 402: ApiError, 403: ApiError, 429: ApiError };
export const refused = (c) => c.models.generateContent(generate);
export const streamed = (c, text) => c.models.generateContentStream({ model, contents: text });
export const interactions = (c, text) => c.interactions.create(
  { model, input: text, stream: true });
export const broken = ApiError;
// An event of interactions; the others are thrown.
export const told = (event) => event.event_type === 'error' && event.error.message;

export const calls = {
  'generate': (c) => c.models.generateContent(generate),
  'generate.stream': (c) => all(c.models.generateContentStream(generate)),
  'chat': (c) => c.chats.create({ model }).sendMessage({ message: TEXT }),
  'image': (c) => c.models.generateContent({ ...generate, model: 'gemini-2.5-flash-image' }),
  'count_tokens': (c) => c.models.countTokens(generate),
  'embed': (c) => c.models.embedContent({ model: 'gemini-embedding-001', contents: TEXT }),
  'embed.batch': (c) => c.models.embedContent(
    { model: 'gemini-embedding-001', contents: [TEXT, 'two'] }),
  'interactions': (c) => c.interactions.create({ model, input: TEXT }),
  'interactions.stream': (c) => all(c.interactions.create({ model, input: TEXT, stream: true })),
  // This asks where to upload to, then uploads to the address that it was told.
  'files.upload': (c) => c.files.upload({ file: wav(), config: { mimeType: 'audio/wav' } }),
  'files.get': (c) => c.files.get({ name: 'files/f1' }),
  'files.delete': (c) => c.files.delete({ name: 'files/f1' }),
  'models': async (c) => all(await c.models.list()),
  'models.get': (c) => c.models.get({ model }),
};
