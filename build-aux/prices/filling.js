// SPDX-License-Identifier: GPL-3.0-or-later
//
// Reads @earendil-works/pi-ai. A zero in it says that the price is not known, or that nothing is
// kept; so do models that cost nothing at all.

'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { pico, tierStart, defined, MILLION } = require('./units.js');

function dataFile(folder, name) {
  return path.join(folder, 'dist', 'providers', 'data', name);
}

function unitsOf(cost) {
  const price = (dollars) => dollars > 0 ? pico(dollars, MILLION) : undefined;
  return defined({ input: price(cost.input), cached: price(cost.cacheRead),
                   cache_written: price(cost.cacheWrite), output: price(cost.output) });
}

function describe(provider, model) {
  const tiers = (model.cost.tiers ?? []).map((t) => ({
    above: tierStart(provider, model.id.toLowerCase(), t.inputTokensAbove), units: unitsOf(t) }));
  tiers.sort((a, b) => a.above - b.above);
  return {
    facts: defined({ max_output: model.maxTokens, context: model.contextWindow,
                     thinks: model.reasoning || undefined }),
    parts: [{ tiers: [{ above: 0, units: unitsOf(model.cost) }, ...tiers] }],
    variants: {},
  };
}

function read(folder, provider, theirs, add) {
  const groups = Object.values(JSON.parse(fs.readFileSync(dataFile(folder, `${theirs}.json`))));
  for (const model of groups.flatMap((g) => Object.values(g)))
    if (model.type === 'chat' && model.cost?.input > 0)
      add(model.id.toLowerCase(), false, 'p', describe(provider, model));
}

function dateOf(folder) {
  return JSON.parse(fs.readFileSync(dataFile(folder, '.manifest.json'))).generatedAt.slice(0, 10);
}

module.exports = { read, dateOf };
