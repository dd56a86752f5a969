// SPDX-License-Identifier: GPL-3.0-or-later
import { Ollama } from 'ollama';
import { MESSAGES, TEXT, all } from './common.mjs';

const model = 'llama3.2';

// The package has no option for a key; apps that need one set the header.
export const open = (host, key) =>
  new Ollama({ host, headers: { Authorization: `Bearer ${key}` } });
export const status = (error) => error.status_code;
// The package names its class of error, but does not export it.
class ResponseError {
  static [Symbol.hasInstance](error) {
    return error.name === 'ResponseError' && typeof error.status_code === 'number';
  }
}
export const typed = { 401: ResponseError, 402: ResponseError, 403: ResponseError,
                       429: ResponseError };
// What runs on the own machine costs nothing and is never too dear.
export const refused = (c) => c.chat({ model: 'gpt-oss:120b-cloud', messages: MESSAGES });
export const streamed = (c, text) => c.chat(
  { model, messages: [{ role: 'user', content: text }], stream: true });
export const broken = Error;

export const calls = {
  'chat': (c) => c.chat({ model, messages: MESSAGES }),
  'chat.stream': (c) => all(c.chat({ model, messages: MESSAGES, stream: true })),
  'generate': (c) => c.generate({ model, prompt: TEXT }),
  'generate.stream': (c) => all(c.generate({ model, prompt: TEXT, stream: true })),
  'embed': (c) => c.embed({ model: 'nomic-embed-text', input: [TEXT, 'two'] }),
  'embeddings': (c) => c.embeddings({ model: 'nomic-embed-text', prompt: TEXT }),
  'list': (c) => c.list(),
  'show': (c) => c.show({ model }),
  'ps': (c) => c.ps(),
  'version': (c) => c.version(),
};
