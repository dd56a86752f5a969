// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the readers of the packages share: money as whole pico-dollars, and where tiers begin.

'use strict';

// Dollars for so many units as whole pico-dollars a unit, never rounded down. What a float holds
// behind the ninth place of a dollar is noise.
function pico(dollars, units) {
  return Math.ceil(Number((dollars * 1e12 / units).toFixed(3)));
}

const MILLION = 1e6;
const THOUSAND = 1e3;
const MINUTE_MS = 60e3;
const HOUR_MS = 3600e3;

// "From" says: more than. These two vendors say: this many or more, also where others resell them.
function tierStart(provider, id, start) {
  const inclusive = /^(openai|azure-openai|xai)$/.test(provider) || /^~?(openai|x-ai)\//.test(id);
  return inclusive && start > 0 && start % 1000 === 0 ? start - 1 : start;
}

// Without what a package leaves open.
function defined(object) {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

module.exports = { pico, tierStart, defined, MILLION, THOUSAND, MINUTE_MS, HOUR_MS };
