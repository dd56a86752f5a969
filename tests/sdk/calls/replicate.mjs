// SPDX-License-Identifier: GPL-3.0-or-later
import Replicate from 'replicate';
import { TEXT, all } from './common.mjs';

const model = 'meta/meta-llama-3-8b-instruct';
const input = { prompt: TEXT };

export const open = (baseUrl, auth) => new Replicate({ baseUrl, auth, useFileOutput: false });
// The package names its class of error, but does not export it.
export const status = (error) => error.response?.status;
class ApiError {
  static [Symbol.hasInstance](error) {
    return error.name === 'ApiError' && error.response instanceof Response;
  }
}
export const typed = { 401: ApiError, 402: ApiError, 403: ApiError, 429: ApiError };
export const refused = (c) => c.predictions.create({ model, input });

export const calls = {
  'run': (c) => c.run(model, { input }),
  'run.poll': (c) => c.run(model, { input, wait: { mode: 'poll', interval: 20 } }),
  'stream': async (c) => (await all(c.stream(model, { input })))
    .map(({ event, data, id }) => ({ event, data, id })),
  'predictions.create': (c) => c.predictions.create({ model, input }),
  'predictions.get': (c) => c.predictions.get('p1'),
  'predictions.cancel': (c) => c.predictions.cancel('p1'),
  'predictions.list': (c) => c.predictions.list(),
  'deployment': (c) => c.deployments.predictions.create('acme', 'summaries', { input }),
  'models.get': (c) => c.models.get('meta', 'meta-llama-3-8b-instruct'),
  'account': (c) => c.accounts.current(),
};
