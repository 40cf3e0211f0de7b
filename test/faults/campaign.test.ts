/** A short part of `npm run faults`: the same faults, a different seed each time. SEED=… repeats one. */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { campaign } from './campaign/campaign.js';
import { summary } from './campaign/report.js';

test('ten faults by turns while jobs train: nothing is lost, all ends with the bits of uninterrupted runs', async (t) => {
  const seed = Number(process.env.SEED ?? randomInt(2 ** 32));
  const report = await campaign({ seed, kills: 10, say: (line) => t.diagnostic(line) });
  for (const line of summary(report).split('\n')) t.diagnostic(line);
  assert.deepEqual(report.problems, []);
  assert.equal(report.inflicted.length, 10);
});
