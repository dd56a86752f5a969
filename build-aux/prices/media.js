// SPDX-License-Identifier: GPL-3.0-or-later
//
// Reads ai-sdk-cost-calculator. A model whose tokens cost nothing in it is not free: it is charged
// by something else. A picture's price stands in the line itself only if the model has no price
// for tokens: otherwise the provider counts tokens, and the price of a picture is an estimate, a
// variant, before they are known.

'use strict';

const { pico, tierStart, defined, MILLION, THOUSAND, MINUTE_MS } = require('./units.js');

const SECOND_MS = 1e3;
const TOKENS = {
  cached: 'cacheReadPer1MTokens',
  cache_written: 'cacheWritePer1MTokens',
  audio_input: 'audioInputPer1MTokens',
  image_input: 'imageInputPer1MTokens',
  image_cached: 'imageCacheReadPer1MTokens',
  video_input: 'videoInputPer1MTokens',
  reasoning: 'reasoningPer1MTokens',
  audio_output: 'audioOutputPer1MTokens',
  image_output: 'imageOutputPer1MTokens',
  video_output: 'videoOutputPer1MTokens',
};
const LONG = {
  input: 'longContextInputPer1MTokens',
  output: 'longContextOutputPer1MTokens',
  cached: 'longContextCacheReadPer1MTokens',
  cache_written: 'longContextCacheWritePer1MTokens',
  reasoning: 'longContextReasoningPer1MTokens',
};
const TIME = ['transcriptionPerMinute', 'sessionPerMinute', 'audioOutputPerMinute'];

const tokens = (dollars) => dollars > 0 ? pico(dollars, MILLION) : undefined;

function hasTokens(model) {
  return [...Object.values(TOKENS), 'inputPer1MTokens', 'outputPer1MTokens']
    .some((name) => model[name] > 0);
}

function unitsOf(model) {
  const units = { input: tokens(model.inputPer1MTokens), output: tokens(model.outputPer1MTokens) };
  const minute = TIME.map((name) => model[name]).find((dollars) => dollars > 0);
  for (const [unit, name] of Object.entries(TOKENS)) units[unit] = tokens(model[name]);
  if (units.reasoning === units.output) delete units.reasoning;
  if (!hasTokens(model)) {
    if (model.imageGenerationPerImage > 0) units.images = pico(model.imageGenerationPerImage, 1);
    if (minute) units.milliseconds = pico(minute, MINUTE_MS);
    if (model.videoGenerationPerSecond > 0)
      units.milliseconds = pico(model.videoGenerationPerSecond, SECOND_MS);
  }
  if (model.speechPer1MCharacters > 0) units.characters = tokens(model.speechPer1MCharacters);
  if (model.webSearchPer1kRequests > 0)
    units.searches = pico(model.webSearchPer1kRequests, THOUSAND);
  return defined(units);
}

function longTier(provider, id, model) {
  const units = defined(Object.fromEntries(
    Object.entries(LONG).map(([unit, name]) => [unit, tokens(model[name])])));
  if (units.reasoning === units.output) delete units.reasoning;
  return { above: tierStart(provider, id, model.longContextThreshold),
           units: { ...unitsOf(model), ...units } };
}

// "hd-1024x1792" as "hd 1024x1792". Where tokens are counted, what leaves the quality open is left
// out, so that the dearest is found for it; where they are not, "standard" is what it stands for.
function variantsOf(model) {
  const sizes = Object.entries(model.imageGenerationPricing ?? {});
  const variants = {};
  for (const [name, dollars] of sizes) {
    const words = name.replace('-', ' ').toLowerCase();
    const images = pico(dollars, 1);
    const open = !words.includes(' ') && sizes.some(([other]) => other.endsWith(`-${name}`));
    if (hasTokens(model) && (open || name === 'auto')) continue;
    variants[words] = { images };
    if (open && sizes.some(([other]) => other.startsWith('hd-')))
      variants[`standard ${words}`] = { images };
  }
  return variants;
}

function describe(provider, id, model) {
  const tiers = [{ above: 0, units: unitsOf(model) }];
  if (model.longContextThreshold > 0) tiers.push(longTier(provider, id, model));
  return { facts: {}, parts: [{ tiers }], variants: variantsOf(model) };
}

function read(pricing, provider, theirs, add) {
  for (const [name, model] of Object.entries(pricing[theirs])) {
    const id = name.toLowerCase();
    const row = describe(provider, id, model);
    if (Object.keys(row.parts[0].units ?? row.parts[0].tiers[0].units).length > 0)
      add(id, false, 'c', row);
  }
}

module.exports = { read };
