import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isMade } from '../../src/data/index.js';
import { openTable } from '../../src/data/processing/table/open.js';
import { table } from '../../src/data/processing/table.js';
import { createNativeEngine } from '../../src/engine/native/index.js';
import { embeddingSize } from '../../src/models/presets/tabular.js';
import { rowsOf, sourceOf } from '../data/tables.js';
import { absolute, Comparison } from './compare.js';
import { compareModel, compareRun, golden, planOf, rolesOf, type GoldenProcessing } from './tabular.js';

const engine = createNativeEngine();

test("embeddings are of fastai's size", () => {
  for (const [cardinality, size] of golden.emb_sz_rule)
    assert.equal(embeddingSize(cardinality), size, String(cardinality));
});

describe('a table becomes what TabularPandas makes of it', () => {
  for (const expected of golden.processing) {
    for (const rowsPerPart of [Infinity, 3])
      test(`${expected.name}, ${rowsPerPart} rows a part`, () => compareProcessing(expected, rowsPerPart));
  }
});

async function compareProcessing(expected: GoldenProcessing, rowsPerPart: number): Promise<void> {
  const roles = { ...rolesOf(expected, expected.vocab !== null), fill_missing: expected.fill_missing };
  const source = sourceOf(expected.columns, rowsPerPart);
  const { processing, dataset } = await openTable(source, Int32Array.from(expected.train), roles, {
    rows: expected.x.length,
  });
  const { features, x } = dataset;
  assert.ok(!isMade(x), 'the rows lie in memory');
  assert.deepEqual(features?.names, expected.cat_names);
  assert.deepEqual(
    features?.cardinalities,
    expected.classes.map((values) => values.length),
  );
  processing.categorical.forEach(({ values }, i) => {
    const numbers = values.every((value) => typeof value === 'number');
    const wanted = expected.classes[i].slice(1);
    assert.deepEqual(values, numbers ? wanted.map(Number) : wanted);
  });
  if (expected.vocab !== null) assert.deepEqual(table.vocabulary(processing).names, expected.vocab);
  const comparison = new Comparison();
  comparison.numbers(
    'mean',
    processing.continuous.map(({ mean }) => mean),
    expected.means,
    absolute,
    1e-3,
  );
  comparison.numbers(
    'std',
    processing.continuous.map(({ std }) => std),
    expected.stds,
    absolute,
    1e-3,
  );
  comparison.numbers('x', [...x], expected.x.flat(), absolute, 1e-6);
  comparison.numbers('y', [...dataset.y], expected.y.flat(), absolute, 0);
  const prepared = await table.prepare(processing, { rows: rowsOf(expected.columns) });
  assert.deepEqual(prepared, { rows: dataset.rows, x: Float32Array.from(x) });
  assert.deepEqual(comparison.failures, []);
}

describe("the preset is fastai's TabularModel", () => {
  for (const expected of golden.models) {
    const { cardinalities, continuous, arguments: given } = expected;
    test(`${JSON.stringify(cardinalities)} and ${continuous} numbers, ${JSON.stringify(given)}`, () =>
      assert.deepEqual(compareModel(engine, expected), { name: 'compiled' }));
  }
  for (const { arguments: given, modules } of golden.structures)
    test(JSON.stringify(given), () => {
      const { layers } = planOf({
        cardinalities: [4],
        continuous: 2,
        outputs: 3,
        classes: true,
        arguments: given,
        sizes: [3],
      });
      const joined = layers.findLastIndex(({ type }) => type === 'concatenate');
      assert.deepEqual(
        layers.slice(joined + 1).map(({ type }) => type),
        modules,
      );
      assert.deepEqual(
        layers.slice(0, joined).flatMap((layer) => (layer.type === 'dropout' ? [layer.rate] : [])),
        'embed_p' in given ? [given.embed_p] : [],
      );
    });
});

for (const expected of golden.runs)
  test(`a run of tabular_learner that predicts ${expected.targets.join(' and ')}`, async (t) => {
    t.diagnostic(`worst ${await compareRun(engine, expected)}`);
  });
