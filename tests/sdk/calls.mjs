// SPDX-License-Identifier: GPL-3.0-or-later
// Calls the vendors' own packages as an app would: only base URL and key differ. Prints one JSON
// object a line. usage: calls.mjs BASE_OPENAI BASE_ANTHROPIC BASE_GOOGLE (keys: environment)
import OpenAI from 'openai';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';

const [openaiBase, anthropicBase, googleBase] = process.argv.slice(2);
const say = (name, value) => console.log(JSON.stringify({ name, value }));
const attempt = async (name, run) => {
  try {
    say(name, await run());
  } catch (error) {
    say(name, { failed: error.constructor.name, status: error.status, message: error.message });
  }
};

const openai = new OpenAI({ baseURL: openaiBase, apiKey: process.env.KEY_OPENAI });
const chat = { model: 'gpt-4o-mini',
  messages: [{ role: 'user', content: 'Grüße, “world” \u2028!' }] };

await attempt('openai.chat', async () =>
  (await openai.chat.completions.create(chat)).choices[0].message.content);
await attempt('openai.stream', async () => {
  let text = '';
  for await (const chunk of await openai.chat.completions.create({ ...chat, stream: true }))
    text += chunk.choices[0].delta.content ?? '';
  return text;
});
await attempt('openai.stream.usage', async () => {
  let tokens = 0;
  const stream = await openai.chat.completions.create(
    { ...chat, stream: true, stream_options: { include_usage: true } });
  for await (const chunk of stream)
    tokens = chunk.usage?.total_tokens ?? tokens;
  return tokens;
});
await attempt('openai.responses', async () =>
  (await openai.responses.create({ model: 'gpt-4o-mini', input: 'Hi' })).output_text);
await attempt('openai.models', async () => {
  const ids = [];
  for await (const model of openai.models.list())
    ids.push(model.id);
  return ids;
});
await attempt('openai.refused', async () =>
  openai.chat.completions.create({ ...chat, model: 'gpt-forbidden' }));

const anthropic = new Anthropic({ baseURL: anthropicBase, apiKey: process.env.KEY_ANTHROPIC });
const message = { model: 'claude-sonnet-4-5', max_tokens: 64,
                  messages: [{ role: 'user', content: 'Hi' }] };

await attempt('anthropic.message', async () =>
  (await anthropic.messages.create(message)).content[0].text);
await attempt('anthropic.stream', async () => {
  let text = '';
  const stream = anthropic.messages.stream(message).on('text', (part) => { text += part; });
  const final = await stream.finalMessage();
  return [text, final.usage.output_tokens];
});
await attempt('anthropic.models', async () => {
  const ids = [];
  for await (const model of anthropic.models.list())
    ids.push(model.id);
  return ids;
});
await attempt('anthropic.refused', async () =>
  anthropic.messages.create({ ...message, model: 'claude-forbidden' }));

const google = new GoogleGenAI({ apiKey: process.env.KEY_GOOGLE,
                                 httpOptions: { baseUrl: googleBase } });
const generate = { model: 'gemini-2.5-flash', contents: 'Hi' };

await attempt('google.generate', async () => (await google.models.generateContent(generate)).text);
await attempt('google.stream', async () => {
  let text = '';
  for await (const chunk of await google.models.generateContentStream(generate))
    text += chunk.text;
  return text;
});
await attempt('google.models', async () => {
  const names = [];
  for await (const model of await google.models.list())
    names.push(model.name);
  return names;
});
await attempt('google.refused', async () =>
  google.models.generateContent({ ...generate, model: 'gemini-forbidden' }));
