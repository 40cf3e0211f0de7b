/**
 * The package as a library: a script of somebody else's, in a folder of its own, that imports it by name and trains
 * without a server.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'onecycle-library-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const script = `
import { BatchLoader, fitOneCycle, Learner, loadDataset, loadEngine } from 'onecycle/learner';
import { lrFind, planModel, splitRows } from 'onecycle/learner';
import { combinedCos } from 'onecycle/schedule';

const dataset = loadDataset({ builtin: 'digits' });
const rows = splitRows(dataset.rows, { valid_pct: 0.2, seed: 42 });
const learn = new Learner({
  engine: await loadEngine(),
  model: planModel({ preset: 'mlp', hidden: [64] }, dataset),
  data: {
    dataset,
    train: new BatchLoader({ dataset, rows: rows.train, batchSize: 64, shuffle: true, dropLast: true, seed: 1 }),
    valid: new BatchLoader({ dataset, rows: rows.valid, batchSize: 64 }),
  },
  loss: 'cross_entropy',
  metrics: ['accuracy'],
});
const { suggestions } = await lrFind(learn);
await fitOneCycle(learn, { n_epoch: 5, lr_max: suggestions.valley });
console.log(JSON.stringify({
  valley: suggestions.valley,
  peak: Math.max(...learn.recorder.lrs.slice(-110)),
  accuracy: learn.lastEpoch.metrics.accuracy,
  middle: combinedCos(0.25, 0, 1, 0)(0.25),
}));
learn.dispose();
`;

test('a script imports onecycle/learner and onecycle/schedule, finds a rate and trains', async () => {
  await run(process.execPath, ['scripts/build.js'], { cwd: root });
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(root, join(folder, 'node_modules', 'onecycle'), 'dir');
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  writeFileSync(join(folder, 'train.js'), script);
  const { stdout } = await run(process.execPath, ['train.js'], { cwd: folder });
  const { valley, peak, accuracy, middle } = JSON.parse(stdout.trim().split('\n').at(-1)!) as Record<string, number>;
  assert.ok(valley > 1e-4 && valley < 1);
  assert.ok(Math.abs(peak / valley - 1) < 0.05);
  assert.ok(accuracy > 0.8, `accuracy ${accuracy}`);
  assert.equal(middle, 1);
});
