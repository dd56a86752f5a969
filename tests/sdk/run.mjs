// SPDX-License-Identifier: GPL-3.0-or-later
// Runs one vendor's table of calls (calls/VENDOR.mjs) for each pass of the plan on stdin, as an app
// would: only base URL and key differ. Prints one JSON object a line.
//
// usage: run.mjs VENDOR <<< [{"pass": "direct", "base": URL, "key": KEY}, …]
// "only" names some of the calls, "options" is what else the table wants to know.
// Calls that failed in one pass come last in the next, so that the others keep their order.
// A pass with "refusal": STATUS makes the vendor's one refused call instead, after it was let
// through "before" times, and tells whether the package raised the class it has for that status.
// One with "say": TEXT reads a stream of it, which is cut; with "revoke": URL it gives its token
// back, there, when the first part has come. "stream" names another stream than the usual one.
import { readFileSync, writeSync } from 'node:fs';

const vendor = process.argv[2];
const table = await import(`./calls/${vendor}.mjs`);
const plan = JSON.parse(readFileSync(0, 'utf8'));

// At once, since what is still in a queue is lost when the process exits.
const say = (record) => {
  for (let line = Buffer.from(`${JSON.stringify(record)}\n`); line.length > 0;)
    line = line.subarray(writeSync(1, line));
};
const describe = (error) => ({ class: error.constructor.name, status: table.status(error),
                               message: String(error.message), stack: error.stack,
                               cause: error.cause && String(error.cause.message) });

const failed = new Set();
for (const { pass, base, key, refusal, before = 0, say: text, stream = 'streamed', revoke, only,
             options } of plan) {
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
  if (text) {
    let parts = 0, last;
    try {
      for await (const part of await table[stream](client, text)) {
        last = part;
        if (++parts === 1 && revoke)
          await fetch(revoke, { method: 'POST', headers: { authorization: `Bearer ${key}` } });
      }
      say({ pass, told: table.told?.(last), parts });
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
