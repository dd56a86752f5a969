// SPDX-License-Identifier: GPL-3.0-or-later
// What the tables of calls share: odd text, small files, and readers that keep all that came.
import { createHash } from 'node:crypto';

// Multi-byte text, quotes and a line separator, which JSON writers spell in different ways.
export const TEXT = 'Grüße, “world” \u2028!';
export const MESSAGES = [{ role: 'user', content: TEXT }];

export const wav = (more = 0) => new File(
  [Buffer.from('RIFF\u0024\0\0\0WAVEfmt not really sound'), Buffer.alloc(more, 'okay')],
  'speech.wav', { type: 'audio/wav' });
export const png = () => new File([Buffer.from('\x89PNG\r\n\x1a\nnot really a picture', 'latin1')],
                                  'picture.png', { type: 'image/png' });

// A file of requests, for a batch.
export const lines = (model) => new File([JSON.stringify({
  custom_id: 'one', method: 'POST', url: '/v1/chat/completions',
  body: { model, messages: MESSAGES } }) + '\n'], 'lines.jsonl', { type: 'application/jsonl' });

// Everything that an app sees of a stream or a paged list.
export const all = async (iterable) => {
  const seen = [];
  for await (const item of await iterable)
    seen.push(item);
  return seen;
};

// Bytes as their digest and length.
export const bytes = (buffer) => {
  const data = Buffer.from(buffer);
  return { length: data.length, sha256: createHash('sha256').update(data).digest('hex') };
};
export const body = async (response) => bytes(await (await response).arrayBuffer());

// The members that all of these packages' error classes made by one generator have.
export const stainless = (errors) => ({
  401: errors.AuthenticationError, 402: errors.APIError, 403: errors.PermissionDeniedError,
  429: errors.RateLimitError,
});
