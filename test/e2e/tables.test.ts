/** Tables over HTTP, from a CSV to a trained model: what fastai's tabular_learner comes to, and rows drawn for the test. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { UploadedSpec } from '../../src/data/sources/uploaded.js';
import { planModel, readSafetensors, type GivenWeight, type NestedNumbers } from '../../src/models/index.js';
import { uniform } from '../../src/numbers/random.js';
import { csvOf, rowsOf, type PlainColumns } from '../data/tables.js';
import { absolute, Comparison, relative } from '../golden/compare.js';
import { golden, type GoldenRun } from '../golden/tabular.js';
import { Server, type JobRecord } from './harness.js';

let server: Server;
before(async () => {
  server = await Server.start();
});
after(() => server.stop());

async function upload(csv: string): Promise<string> {
  const response = await fetch(`${server.url}/datasets`, { method: 'POST', body: csv });
  const { id } = (await response.json()) as { id: string };
  assert.equal(response.status, 201);
  return id;
}

interface Prediction {
  probabilities?: number[];
  values?: number[];
}

async function predict(id: string, rows: object[]): Promise<{ data: Prediction[] }> {
  const { status, body } = await server.post(`/jobs/${id}/predict`, { rows });
  assert.equal(status, 200, JSON.stringify(body));
  return body as { data: Prediction[] };
}

/** What the record says of the data. */
const datasetOf = (record: JobRecord): UploadedSpec =>
  (record as JobRecord & { spec: { dataset: UploadedSpec } }).spec.dataset;

for (const expected of golden.runs) {
  test(`a CSV trains as tabular_learner does: ${expected.targets.join(', ')}`, async (t) => {
    const classes = expected.targets.length === 1;
    const record = await server.run({
      policy: { name: 'fit_one_cycle', n_epoch: expected.epochs.length, lr_max: 0.01 },
      dataset: {
        id: await upload(csvOf(expected.columns)),
        target: expected.targets,
        categorical: expected.categorical,
        continuous: expected.continuous,
      },
      split: { train_rows: expected.train },
      model: { preset: 'tabular', layers: [20, 10], ...expected.arguments, weights: weightsOf(expected) },
      batch_size: 32,
      shuffle: false,
      metrics: [],
    });
    assert.equal(datasetOf(record).task, classes ? 'classification' : 'regression');
    const { raw_loss, epochs } = await server.metrics(record.id);
    const comparison = new Comparison();
    comparison.numbers('raw loss', raw_loss, expected.raw_losses, relative, 1e-4);
    const valid = expected.epochs.map(([, loss]) => loss);
    comparison.numbers(
      'valid loss',
      epochs.map((epoch) => epoch.valid_loss),
      valid,
      relative,
      1e-4,
    );
    const { data } = await predict(record.id, rowsOf(expected.held_out));
    const said = data.flatMap(({ probabilities, values }) => probabilities ?? values ?? []);
    comparison.numbers('prediction', said, expected.predictions.flat(), absolute, 1e-4);
    t.diagnostic(comparison.summary());
    assert.deepEqual(comparison.failures, []);
  });
}

/** The golden weights by layer and name; the plan says which they are. */
function weightsOf(expected: GoldenRun): GivenWeight[] {
  const marks = expected.continuous.filter((name) => expected.columns[name].slice(0, expected.train).includes(null));
  const valuesOf = (name: string) =>
    new Set(expected.columns[name].slice(0, expected.train).filter((value) => value !== null)).size + 1;
  const cardinalities = [...expected.categorical.map(valuesOf), ...marks.map(() => 3)];
  const { parameters } = planModel(
    { preset: 'tabular', layers: [20, 10], ...expected.arguments },
    {
      x_shape: [cardinalities.length + expected.continuous.length],
      target: { kind: 'values', outputs: expected.predictions[0].length },
      features: { cardinalities, continuous: expected.continuous.length },
    },
  );
  return parameters.map(({ layer, name, shape }, i) => ({ layer, name, value: nested(expected.weights[i], shape) }));
}

function nested(values: number[], [first, ...rest]: number[]): NestedNumbers {
  if (rest.length === 0) return values;
  const each = values.length / first;
  return Array.from({ length: first }, (_, i) => nested(values.slice(i * each, (i + 1) * each), rest));
}

/** As of the Titanic: women and children first, rich ones before poor ones; some ages are not known. */
function passengers(rows: number): PlainColumns {
  const draw = (index: number) => uniform(new Float32Array(rows), { seed: 7, purpose: 'inputs', index });
  const [sexes, classes, ages, gaps, chances, fares] = [1, 2, 3, 4, 5, 6].map(draw);
  const all = Array.from({ length: rows }, (_, i) => {
    const [sex, pclass, age] = [sexes[i] < 0.6 ? 'male' : 'female', 1 + Math.floor(3 * classes[i]), 1 + 70 * ages[i]];
    const score = (sex === 'female' ? 2.2 : -1) + (age < 14 ? 2 : 0) - 0.7 * (pclass - 2) + 3 * (chances[i] - 0.5);
    const fare = Math.round((100 / pclass) * (0.5 + fares[i]) * 100) / 100;
    return { sex, pclass, age: gaps[i] < 0.2 ? null : Math.round(age), fare, survived: score > 0.5 ? 'yes' : 'no' };
  });
  const column = <Name extends keyof (typeof all)[number]>(name: Name) => all.map((row) => row[name]);
  return {
    sex: column('sex'),
    pclass: column('pclass'),
    age: column('age'),
    fare: column('fare'),
    survived: column('survived'),
  };
}

describe('a table as of the Titanic', () => {
  let id: string;
  before(async () => {
    id = await upload(csvOf(passengers(800)));
  });
  const job = (dataset: object, more: object = {}) => ({
    policy: { name: 'fit_one_cycle', n_epoch: 8, lr_max: 0.01 },
    dataset: { id, ...dataset },
    model: { preset: 'tabular' },
    ...more,
  });

  test('its columns are guessed, and who survives is learned', async () => {
    const record = await server.run(
      job({ target: 'survived' }, { metrics: ['accuracy'], split: { stratified: true, valid_pct: 0.2, seed: 1 } }),
    );
    const { categorical, continuous, guessed, fill_missing, stored } = datasetOf(record);
    assert.deepEqual(
      [categorical, continuous],
      [
        ['sex', 'pclass'],
        ['age', 'fare'],
      ],
    );
    assert.deepEqual(guessed, ['categorical', 'continuous', 'task']);
    assert.deepEqual(fill_missing, { fill_strategy: 'median', fill_vals: {}, add_col: true });
    assert.deepEqual(stored.features, {
      cardinalities: [3, 4, 3],
      continuous: 2,
      names: ['sex', 'pclass', 'age_na'],
    });
    const accuracy = record.result!.metrics.accuracy;
    assert.ok(accuracy > 0.8, `more than the 0.6 or so of a guess: ${accuracy}`);
  });

  test('a regression on it, a column of which has gaps', async () => {
    const record = await server.run(
      job(
        { target: 'fare', continuous: ['age'], categorical: ['pclass', 'sex'] },
        {
          model: { preset: 'tabular', layers: [50], y_range: [0, 200], emb_szs: { pclass: 2 } },
          metrics: ['r2'],
          batch_size: 16,
          split: { column: 'survived', on: ['yes'] },
        },
      ),
    );
    assert.ok(record.result!.metrics.r2 > 0.5, String(record.result!.metrics.r2));
    const weights = await fetch(`${server.url}/jobs/${record.id}/weights`);
    const { tensors } = readSafetensors(new Uint8Array(await weights.arrayBuffer()));
    assert.deepEqual(tensors.get('embeds.0.embeddings')?.shape, [4, 2]);
  });

  test('a model that goes on with another table keeps the places of its categories', async () => {
    const first = await server.run(
      job({ target: 'survived' }, { model: { preset: 'tabular', use_bn: false, bn_cont: false } }),
    );
    // Fitted anew, `male` would have the place that `female` had.
    const other = await upload(
      csvOf(passengers(800)).replaceAll(',female,', ',xena,').replaceAll('\nfemale,', '\nxena,'),
    );
    const second = await server.run({
      policy: { name: 'fit', n_epoch: 1, lr: 1e-9 },
      dataset: { id: other, target: 'survived' },
      continue_from: { job: first.id },
    });
    const rows = [{ sex: 'male', pclass: 1, age: 30, fare: 80 }];
    const [before, after] = await Promise.all(
      [first, second].map(async ({ id }) => {
        const { data } = await predict(id, rows);
        return data[0].probabilities ?? [];
      }),
    );
    assert.ok(Math.abs(before[0] - after[0]) < 1e-4, `${before.join()} and ${after.join()}`);
  });

  test('what does not fit the table is refused, with its place', async () => {
    const { status, body } = await server.post(
      '/jobs',
      job({ target: 'survived', fill_missing: { fill_vals: { pclass: 1 } } }),
    );
    const pointers = (answer: unknown) =>
      (answer as { errors: { pointer: string }[] }).errors.map((each) => each.pointer);
    assert.deepEqual([status, pointers(body)], [422, ['/dataset/fill_missing/fill_vals/pclass']]);
    const other = await server.post(
      '/jobs',
      job({ target: 'survived' }, { model: { preset: 'tabular', emb_szs: { age: 3 }, ps: [0.1] } }),
    );
    assert.deepEqual([other.status, pointers(other.body)], [422, ['/model/ps', '/model/emb_szs/age']]);
  });
});
