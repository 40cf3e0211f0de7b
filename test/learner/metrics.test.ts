/** What golden values leave open: no rows, one class, ties, numbers that are none, arguments that were left out. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completeMetric, type MetricSpec } from '../../src/learner/metrics/index.js';
import { Meters } from '../../src/learner/metrics/meters.js';

type Given = [outputs: number[][], labels: number[]];

function measured(spec: MetricSpec, [outputs, labels]: Given): number {
  const meters = new Meters([spec]);
  if (outputs.length > 0) {
    const batch = { rows: labels.length, x: new Float32Array(0), y: Int32Array.from(labels) };
    meters.update(Float32Array.from(outputs.flat()), batch);
  }
  return Object.values(meters.values().metrics)[0];
}

const two: Given = [
  [
    [0, 1],
    [1, 0],
    [0, 2],
    [0, 1],
  ],
  [1, 0, 1, 0],
];
const three: Given = [
  [
    [3, 0, 0],
    [0, 3, 0],
    [0, 3, 0],
  ],
  [0, 0, 1],
];
const none: Given = [[], []];

const cases: [what: string, spec: MetricSpec, given: Given, value: number][] = [
  ['accuracy of no rows', 'accuracy', none, NaN],
  ['F1 of no rows', 'f1_score', none, NaN],
  ['the area of no rows', 'roc_auc', none, NaN],
  ['of equal outputs the first counts', 'accuracy', [[[1, 1]], [0]], 1],
  ['of equal outputs the second does not', 'accuracy', [[[1, 1]], [1]], 0],
  ['of equal outputs the first k count', { name: 'top_k_accuracy', k: 2 }, [[[1, 1, 1]], [2]], 0],
  ['an output that is no number is not among the k', { name: 'top_k_accuracy', k: 1 }, [[[NaN, NaN]], [0]], 0],
  ['two classes: of the second', 'recall', two, 1],
  ['two classes: of the first', { name: 'recall', pos_label: 0 }, two, 1 / 2],
  ['more classes: the mean of those that occur', 'recall', three, (1 / 2 + 1) / 2],
  ['a class that nobody was predicted to be of', 'precision', [[[1, 0]], [1]], 0],
  ['a tie counts half', 'roc_auc', two, (1 + 1 / 2 + 1 + 1) / 4],
  ['one class alone has no area', 'roc_auc', [[[1, 2]], [1]], NaN],
  ['an output that is no number has no area', 'roc_auc', [[...two[0].slice(0, 3), [NaN, 0]], two[1]], NaN],
  ['an area of the classes that occur', 'roc_auc', three, (3 / 4 + 3 / 4) / 2],
];

for (const [what, spec, given, value] of cases) test(what, () => assert.equal(measured(spec, given), value));

test('what a record says of arguments that were left out', () => {
  const classes = (count: number) => ({ kind: 'classes', classes: count }) as const;
  const table: [MetricSpec, number, MetricSpec][] = [
    ['accuracy', 2, 'accuracy'],
    [{ name: 'accuracy' }, 2, 'accuracy'],
    ['f1_score', 2, { name: 'f1_score', average: 'binary', pos_label: 1 }],
    [{ name: 'f1_score', pos_label: 0 }, 2, { name: 'f1_score', average: 'binary', pos_label: 0 }],
    ['f1_score', 3, { name: 'f1_score', average: 'macro' }],
    [{ name: 'f1_score', average: 'micro' }, 2, { name: 'f1_score', average: 'micro' }],
    ['roc_auc', 2, 'roc_auc'],
    ['roc_auc', 3, { name: 'roc_auc', average: 'macro' }],
    ['top_k_accuracy', 9, { name: 'top_k_accuracy', k: 5 }],
  ];
  for (const [given, count, expected] of table) assert.deepEqual(completeMetric(given, classes(count)), expected);
});
