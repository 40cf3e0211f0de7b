/** The drawings alone: every curve that a run can leave behind, and none too long. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Columns } from '../../src/api/columns.js';
import { plotLoss, plotLrFind, plotSched, type Mark } from '../../src/plots/index.js';
import { curves, planPolicy } from '../../src/schedule/index.js';

const all = { skipStart: 0, withValid: true, log: false, showEpochs: true };

function columnsOf(raw: (number | null)[], perEpoch: number): Columns {
  const iteration = raw.map((_, i) => i);
  const epoch = iteration.map((i) => Math.floor(i / perEpoch));
  const epochs = [...new Set(epoch)].map((number) => ({
    epoch: number,
    phase: 0,
    train_loss: 1,
    valid_loss: 1 / (number + 1),
    metrics: {},
    seconds: 1,
  }));
  return {
    iteration,
    epoch,
    phase: iteration.map(() => 0),
    raw_loss: raw,
    seconds: raw,
    loss: raw,
    hypers: { lr: [iteration.map((i) => 0.1 / (i + 1))] },
    epochs,
  };
}

test('a long run is a small drawing, made in a moment, with its spike still on it', () => {
  const raw = Array.from({ length: 1_000_000 }, (_, i) => (i === 123_456 ? 50 : 1 + Math.sin(i / 1000)));
  const svg = plotLoss(columnsOf(raw, 10_000), all);
  assert.ok(svg.length < 300_000, `${svg.length} characters`);
  assert.ok(svg.includes('>50<') || svg.includes('>60<'), 'the axis reaches the spike');
});

test('on a logarithmic axis a spike stays too, beside losses that have no place there', () => {
  const raw = Array.from({ length: 100_000 }, (_, i) => (i === 12_345 ? 5000 : i % 3));
  const svg = plotLoss({ ...columnsOf(raw, 10_000), epochs: [] }, { ...all, log: true });
  assert.ok(svg.includes('>1000<'), 'the axis reaches the spike');
});

test('every hyper of every group has its line', () => {
  const hypers = curves(
    planPolicy({ name: 'fine_tune', epochs: 2, wd: [0.1, 0.2, 0.3] }, { groups: 3, batchesPerEpoch: 5 }),
  ) as Columns['hypers'];
  const svg = plotSched({ iteration: Array.from({ length: 15 }, (_, i) => i), hypers });
  for (const text of ['lr', 'mom', 'wd', 'group 0', 'group 2', 'groups 0-2'])
    assert.ok(svg.includes(`>${text}<`), text);
  assert.equal([...svg.matchAll(/clip-path="url/g)].length > 0, true);
  const strokes = ['#0969da', '#bc4c00', '#1a7f37'].map(
    (color) => [...svg.matchAll(new RegExp(`<path[^>]*fill="none"[^>]*stroke="${color}"`, 'g'))].length,
  );
  assert.ok(
    strokes.every((count) => count >= 2),
    `a line for each group's lr and wd: ${strokes.join(', ')}`,
  );
});

test('by default only hypers that vary are drawn, and groups with one curve share their line', () => {
  const iteration = [0, 1, 2];
  const hypers = {
    lr: [
      [1, 2, 3],
      [1, 2, 3],
      [3, 2, 1],
      [1, 2, 3],
    ],
    mom: [[0.9, 0.9, 0.9]],
    wd: [[0.1, 0.1, 0.1]],
  };
  const texts = (...of: Parameters<typeof plotSched>) => plotSched(...of);
  const varied = texts({ iteration, hypers: { ...hypers, mom: Array(4).fill(hypers.mom[0]) as number[][] } });
  for (const text of ['lr', 'groups 0, 1, 3', 'group 2']) assert.ok(varied.includes(`>${text}<`), text);
  for (const text of ['mom', 'wd', 'group 0']) assert.ok(!varied.includes(`>${text}<`), text);
  assert.ok(texts({ iteration, hypers: { wd: hypers.wd } }).includes('>wd<'), 'where none varies, all are drawn');
  assert.ok(texts({ iteration, hypers }, ['mom']).includes('>mom<'), 'what is asked for is drawn');
});

test("a suggestion's marker stands on the curve at the rate that the legend names", () => {
  const lrs = [0.01, 0.1, 1];
  const losses = [4, 3, 1];
  const mark = { name: 'minimum', suggested: 0.1, point: { lr: 1, loss: 1 } };
  const points = (marks: Mark[]) => [
    ...plotLrFind({ lrs, losses, marks }, { skipEnd: 0 }).matchAll(/<path[^>]*stroke="#ffffff"[^>]*>/g),
  ];
  const at = (suggested: number, lr: number, loss: number) => [{ ...mark, suggested, point: { lr, loss } }];
  const [found] = points([mark]);
  assert.ok(found, 'it is drawn');
  assert.equal(found[0], points(at(0.1, 0.1, 3))[0][0], 'as one that was read off there');
  assert.notEqual(found[0], points(at(1, 1, 1))[0][0]);
});

test('the same data make the same text: an ETag stays', () => {
  const columns = columnsOf([3, 2, 1], 3);
  assert.equal(plotLoss(columns, all), plotLoss(columns, all));
});

test('curves at their limits are drawn: one point, no number, negative losses, a logarithm of them', () => {
  for (const raw of [[1], [null], [null, 1, null], [-1, -2, 0], [1, 1, 1], [1e300, 1e-300], [0, 0]]) {
    for (const log of [false, true]) {
      const svg = plotLoss(columnsOf(raw, 2), { ...all, log });
      assert.match(svg, /<\/svg>$/);
      assert.doesNotMatch(svg, /NaN|undefined/, JSON.stringify({ raw, log }));
    }
    const svg = plotLrFind({ lrs: raw.map((_, i) => 1e-7 * 10 ** i), losses: raw, marks: [] }, { skipEnd: 0 });
    assert.doesNotMatch(svg, /NaN|undefined/, JSON.stringify(raw));
  }
});
