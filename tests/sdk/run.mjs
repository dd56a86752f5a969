// SPDX-License-Identifier: GPL-3.0-or-later
// Runs one vendor's table of calls (calls/VENDOR.mjs) for each pass of the plan on stdin, as an app
// would: only base URL and key differ. Prints one JSON object a line.
//
// usage: run.mjs VENDOR <<< [{"pass": "direct", "base": URL, "key": KEY}, …]
// "only" names some of the calls, "options" is what else the table wants to know.
// Calls that failed in one pass come last in the next, so that the others keep their order.
// A pass with "refusal": STATUS makes the vendor's one refused call instead, after it was let
// through "before" times, and tells whether the package raised the class it has for that status.
// One with "revoke": URL gives its token back, there, when the first part of a stream has come.
import { readFileSync } from 'node:fs';

const vendor = process.argv[2];
const table = await import(`./calls/${vendor}.mjs`);
const plan = JSON.parse(readFileSync(0, 'utf8'));

const say = (record) => console.log(JSON.stringify(record));
const describe = (error) => ({ class: error.constructor.name, status: table.status(error),
                               message: String(error.message), stack: error.stack,
                               cause: error.cause && String(error.cause.message) });

const failed = new Set();
for (const { pass, base, key, refusal, before = 0, revoke, only, options } of plan) {
  const client = table.open(base, key, options);
  if (refusal) {
    try {
      for (let i = 0; i < before; i++)
        await table.refused(client);
    } catch (error) {
      say({ pass, failed: describe(error), before: true });
      continue;
    }
    try {
      say({ pass, value: await table.refused(client) });
    } catch (error) {
      say({ pass, failed: describe(error), typed: error instanceof table.typed[refusal] });
    }
    continue;
  }
  if (revoke) {
    const parts = [];
    try {
      for await (const part of await table.streamed(client)) {
        if (parts.push(part) === 1)
          await fetch(revoke, { method: 'POST', headers: { authorization: `Bearer ${key}` } });
      }
      say({ pass, told: table.told?.(parts.at(-1)), parts });
    } catch (error) {
      const typed = Boolean(table.broken) && error instanceof table.broken;
      say({ pass, failed: describe(error), typed, parts });
    }
    continue;
  }
  const late = new Set(failed);
  failed.clear();
  const names = only ?? Object.keys(table.calls);
  for (const name of [...names.filter((n) => !late.has(n)), ...names.filter((n) => late.has(n))]) {
    try {
      say({ pass, name, value: await table.calls[name](client) ?? null });
    } catch (error) {
      failed.add(name);
      say({ pass, name, failed: describe(error) });
    }
  }
}
process.exit(0); // some packages keep connections open
