// SPDX-License-Identifier: GPL-3.0-or-later
//
// Reads @pydantic/genai-prices. Its rules for names ("begins with …") are taken for the ids that
// they name in full, never for more: "begins with claude-sonnet-5" also fits the next model.

'use strict';

const { pico, tierStart, defined, MILLION, THOUSAND, HOUR_MS } = require('./units.js');

// Theirs: ours, and for how many of ours they give dollars.
const UNITS = {
  input_mtok: ['input', MILLION],
  cache_read_mtok: ['cached', MILLION],
  cache_write_mtok: ['cache_written', MILLION],
  cache_write_1h_mtok: ['cache_written_1h', MILLION],
  input_audio_mtok: ['audio_input', MILLION],
  cache_audio_read_mtok: ['audio_cached', MILLION],
  input_image_mtok: ['image_input', MILLION],
  cache_image_read_mtok: ['image_cached', MILLION],
  input_video_mtok: ['video_input', MILLION],
  output_mtok: ['output', MILLION],
  output_reasoning_mtok: ['reasoning', MILLION],
  output_audio_mtok: ['audio_output', MILLION],
  output_image_mtok: ['image_output', MILLION],
  output_video_mtok: ['video_output', MILLION],
  audio_hours: ['milliseconds', HOUR_MS],
  input_audio_hours: ['milliseconds', HOUR_MS],
  requests_kcount: ['requests', THOUSAND],
  web_searches_kcount: ['searches', THOUSAND],
  input_document_kpages: ['pages', THOUSAND],
};
// Asked for by the request, at another price.
const ANNOTATED = 'input_annotated_document_kpages';
// A search in stored files has no unit of its own: one of the web costs more, or as much.
const IGNORED = new Set([ANNOTATED, 'storage_searches_kcount']);

// Weekends are off-peak, in Beijing: where peak hours are day in UTC too. The package says so in a
// comment, having no way to say it in a rule.
const WEEKDAYS = { deepseek: /^deepseek-v4/ };

function matches(rule, id) {
  if (rule.or) return rule.or.some((r) => matches(r, id));
  if (rule.and) return rule.and.every((r) => matches(r, id));
  if (rule.equals !== undefined) return id === rule.equals.toLowerCase();
  if (rule.starts_with !== undefined) return id.startsWith(rule.starts_with.toLowerCase());
  if (rule.ends_with !== undefined) return id.endsWith(rule.ends_with.toLowerCase());
  if (rule.contains !== undefined) return id.includes(rule.contains.toLowerCase());
  if (rule.regex !== undefined) return new RegExp(rule.regex).test(id);
  return false;
}

// The ids that a rule names in full, and whether dated ones follow them: [id, dated].
function named(rule) {
  const text = (rule.starts_with ?? rule.contains ?? rule.ends_with ?? '').toLowerCase();
  const id = text.replace(/-$/, '');
  if (rule.or || rule.and) return (rule.or || rule.and).flatMap(named);
  if (rule.equals !== undefined) return [[rule.equals.toLowerCase(), false]];
  if (!/[a-z0-9]$/.test(id) || id.startsWith('ft:')) return [];
  if (rule.ends_with !== undefined || /-(latest|preview)$/.test(id)) return [[id, true]];
  return [[id, true], [`${id}-latest`, false],
          ...(id.startsWith('gemini') ? [[`${id}-preview`, true]] : [])];
}

function priceAt(price, from) {
  if (typeof price === 'number') return price;
  return price.tiers.filter((t) => t.start <= from).at(-1)?.price ?? price.base;
}

function starts(price) {
  return typeof price === 'object' ? price.tiers.map((t) => t.start) : [];
}

function tiersOf(provider, id, prices) {
  const froms = [...new Set([0, ...Object.values(prices).flatMap(starts)])].sort((a, b) => a - b);
  return froms.map((from) => {
    const units = {};
    for (const [name, price] of Object.entries(prices)) {
      const [unit, many] = UNITS[name] ?? [];
      if (unit) units[unit] = pico(priceAt(price, from), many);
    }
    return { above: tierStart(provider, id, from), units };
  });
}

function conditionOf(provider, id, constraint) {
  if (constraint === undefined) return {};
  if (constraint.type === 'start_date') return { since: constraint.start_date };
  return defined({
    hours: `${constraint.start_time.slice(0, 5)}-${constraint.end_time.slice(0, 5)}`,
    days: WEEKDAYS[provider]?.test(id) ? '12345' : undefined,
  });
}

// All that is known of a model; null if it also charges for what we cannot count.
function describe(provider, id, model) {
  const sets = Array.isArray(model.prices) ? model.prices : [{ prices: model.prices }];
  const names = sets.flatMap((s) => Object.keys(s.prices));
  if (names.length === 0 || names.some((n) => !UNITS[n] && !IGNORED.has(n))) return null;
  const annotated = sets.at(-1).prices[ANNOTATED];
  return {
    facts: defined({ context: model.context_window }),
    parts: sets.map((s) => ({ ...conditionOf(provider, id, s.constraint),
                              tiers: tiersOf(provider, id, s.prices) })),
    variants: annotated === undefined ? {} : { annotated: { pages: pico(annotated, THOUSAND) } },
  };
}

function read(genai, provider, theirs, add) {
  for (const name of theirs) {
    const { models } = genai.findProvider({ providerId: name });
    for (const [id, dated] of models.flatMap((m) => named(m.match))) {
      const model = models.find((m) => matches(m.match, id));
      const row = model && describe(provider, id, model);
      if (row) add(id, dated, 'g', row);
    }
  }
}

module.exports = { read };
