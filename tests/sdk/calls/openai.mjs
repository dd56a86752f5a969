// SPDX-License-Identifier: GPL-3.0-or-later
import OpenAI from 'openai';
import { MESSAGES, TEXT, all, body, lines, png, stainless, wav } from './common.mjs';

const model = 'gpt-4o-mini';
const text = { model, messages: MESSAGES };
const response = { model, input: TEXT };

export const open = (baseURL, apiKey) => new OpenAI({ baseURL, apiKey, maxRetries: 0 });
export const status = (error) => error.status;
export const typed = stainless(OpenAI);
export const refused = (c) => c.chat.completions.create(text);
export const streamed = (c, text) => c.chat.completions.create(
  { model, messages: [{ role: 'user', content: text }], stream: true });
export const responses = (c, text) => c.responses.create({ model, input: text, stream: true });
export const broken = OpenAI.APIError;

export const calls = {
  'chat': (c) => c.chat.completions.create(text),
  'chat.stream': (c) => all(c.chat.completions.create({ ...text, stream: true })),
  'chat.stream.usage': (c) => all(c.chat.completions.create(
    { ...text, stream: true, stream_options: { include_usage: true } })),
  'chat.stream.helper': async (c) => c.chat.completions.stream(text).finalChatCompletion(),
  'completions': (c) => c.completions.create({ model: 'gpt-3.5-turbo-instruct', prompt: TEXT }),
  'completions.stream': (c) => all(c.completions.create(
    { model: 'gpt-3.5-turbo-instruct', prompt: TEXT, stream: true })),
  'responses': (c) => c.responses.create(response),
  'responses.stream': (c) => all(c.responses.create({ ...response, stream: true })),
  'responses.count': (c) => c.responses.inputTokens.count(response),
  'responses.compact': (c) => c.responses.compact(response),
  'responses.retrieve': (c) => c.responses.retrieve('resp_1'),
  'responses.cancel': (c) => c.responses.cancel('resp_1'),
  'responses.input_items': (c) => all(c.responses.inputItems.list('resp_1')),
  'responses.delete': (c) => c.responses.delete('resp_1'),
  'embeddings': (c) => c.embeddings.create({ model: 'text-embedding-3-small', input: TEXT }),
  'images.generate': (c) => c.images.generate({ model: 'gpt-image-1', prompt: TEXT }),
  'images.stream': (c) => all(c.images.generate(
    { model: 'gpt-image-1', prompt: TEXT, stream: true, partial_images: 1 })),
  'images.edit': (c) => c.images.edit({ model: 'gpt-image-1', image: png(), prompt: TEXT }),
  'speech': (c) => body(c.audio.speech.create(
    { model: 'gpt-4o-mini-tts', voice: 'alloy', input: TEXT })),
  'transcription': (c) => c.audio.transcriptions.create(
    { model: 'gpt-4o-mini-transcribe', file: wav() }),
  'transcription.long': (c) => c.audio.transcriptions.create(
    { model: 'gpt-4o-mini-transcribe', file: wav(3 << 20) }),
  'transcription.stream': (c) => all(c.audio.transcriptions.create(
    { model: 'gpt-4o-mini-transcribe', file: wav(), stream: true })),
  'translation': (c) => c.audio.translations.create({ model: 'whisper-1', file: wav() }),
  'moderation': (c) => c.moderations.create({ model: 'omni-moderation-latest', input: TEXT }),
  'files': (c) => c.files.create({ purpose: 'batch', file: lines(model) }),
  'batches.create': (c) => c.batches.create({ input_file_id: 'file-1', completion_window: '24h',
                                              endpoint: '/v1/chat/completions' }),
  'batches.retrieve': (c) => c.batches.retrieve('batch_1'),
  'batches.cancel': (c) => c.batches.cancel('batch_1'),
  'files.content': async (c) => (await c.files.content('file-2')).text(),
  'videos.create': (c) => c.videos.create({ model: 'sora-2', prompt: TEXT, seconds: '4' }),
  'videos.retrieve': (c) => c.videos.retrieve('video_1'),
  'models': (c) => all(c.models.list()),
  'models.retrieve': (c) => c.models.retrieve(model),
};
