// @ts-check
/** Your own table: a CSV to a model that tells what its columns say, as fastai's tabular learner does. */
import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Learner } from 'onecycle/learner';

// A file to show it with: houses, their price a sum of what they have.
const path = join(mkdtempSync(join(tmpdir(), 'houses-')), 'houses.csv');
const kinds = ['flat', 'house', 'villa'];
const rows = Array.from({ length: 300 }, (_, i) => {
  const [rooms, kind, age] = [2 + (i % 7), i % 3, (i * 37) % 50];
  return [rooms, kinds[kind], i % 11 === 0 ? '' : age, 40 * rooms + 60 * kind - age].join(',');
});
writeFileSync(path, ['rooms,kind,age,price', ...rows].join('\n'));

const learn = await Learner.create({
  data: { path, target: 'price' }, // which columns are categories and which are numbers is guessed as fastai does
  model: { preset: 'tabular', layers: [50, 25] },
  metrics: ['rmse', 'r2'],
  batchSize: 32,
});
await learn.fitOneCycle(30, 0.1);
const { metrics } = await learn.validate();
console.log(metrics);
assert.ok(metrics.r2 > 0.8);

const [answer] = await learn.predict([{ rooms: 5, kind: 'house', age: null }]);
if ('values' in answer) console.log(`A house with five rooms: ${answer.values[0].toFixed(0)}`);

// The same rows without a file: numbers in, numbers out.
const inMemory = await Learner.create({
  data: { x: [[0], [1], [2], [3]], y: [1.5, 3.5, 5.5, 7.5] },
  model: 'linear',
  split: { valid_pct: 0 },
  batchSize: 4,
  optimizer: 'sgd',
  logging: false,
});
await inMemory.fit(200, 0.05);
const [line] = await inMemory.predict([[10]]);
if ('values' in line) assert.ok(Math.abs(line.values[0] - 21.5) < 0.5);

learn.dispose();
inMemory.dispose();
