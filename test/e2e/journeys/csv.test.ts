/** From a person's CSV to predictions, over HTTP alone. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Server } from '../harness.js';
import {
  assertClose,
  classesOf,
  evaluate,
  predict,
  predictFile,
  shareOf,
  upload,
  valuesOf,
  type File,
} from './client.js';
import { csvOf, houses, passengers, without, type Row } from './drawn-tables.js';

let server: Server;
before(async () => {
  server = await Server.start();
});
after(() => server.stop());

describe('the Titanic', () => {
  const [train, held] = [passengers(700, 1), passengers(200, 2)];
  const survived = held.map((row) => String(row.Survived));
  let id: string;
  before(async () => {
    const data = await upload(server, csvOf(train), '?name=titanic.csv');
    assert.deepEqual([data.rows, data.columns?.find(({ name }) => name === 'Name')?.unique], [700, 700]);
    const dataset = {
      id: data.id,
      target: 'Survived',
      task: 'classification',
      categorical: ['Pclass', 'Sex', 'Embarked'],
      continuous: ['Age', 'Fare'],
    };
    const policy = { name: 'fit_one_cycle', n_epoch: 6, lr_max: 0.01 };
    const record = await server.run({ policy, dataset, model: { preset: 'tabular' }, metrics: ['accuracy'] });
    assert.ok(record.result!.metrics.accuracy > 0.75, String(record.result!.metrics.accuracy));
    ({ id } = record);
  });

  test('passengers of another list are predicted as evaluation says, as rows and as a CSV', async (t) => {
    const { accuracy } = await evaluate(server, id, { id: (await upload(server, csvOf(held))).id });
    const rows = without(held, 'Survived');
    const answer = await predict(server, id, { rows });
    assert.deepEqual(answer.classes, ['0', '1']);
    assert.equal(shareOf(classesOf(answer), survived), accuracy);
    t.diagnostic(`accuracy ${accuracy}`);
    assert.ok(accuracy > 0.75, String(accuracy));
    assert.deepEqual(await predictFile(server, id, 'text/csv', csvOf(rows)), answer);
    // The column that is predicted may stand in the file: nothing is learned from it.
    assert.deepEqual(await predictFile(server, id, 'text/csv', csvOf(held)), answer);
  });

  test('one passenger, without an age, from a port that nobody embarked at', async () => {
    const rows = [{ Pclass: 1, Sex: 'female', Age: null, Fare: 80, Embarked: 'Cork' }];
    assert.deepEqual(classesOf(await predict(server, id, { rows })), ['1']);
  });
});

test('what was learned of a table goes on with another target of the same table', async () => {
  const dataset = {
    id: (await upload(server, csvOf(passengers(300, 5)))).id,
    categorical: ['Pclass', 'Sex'],
    continuous: ['Age', 'Fare'],
  };
  const policy = { name: 'fit', n_epoch: 1, lr: 0.01 };
  const model = { preset: 'tabular', layers: [8] };
  const first = await server.run({
    policy,
    model,
    dataset: { ...dataset, target: 'Survived', task: 'classification' },
  });
  const rows = passengers(3, 6);
  const next = async (target: object) => {
    const { id, spec } = await server.run({
      policy,
      continue_from: { job: first.id },
      dataset: { ...dataset, ...target },
    });
    return { drawn: spec.weights?.drawn, answer: await predict(server, id, { rows }) };
  };
  const ports = await upload(
    server,
    csvOf(passengers(300, 5).map((row) => ({ ...row, Embarked: row.Embarked ?? 'S' }))),
  );
  const other = await next({ id: ports.id, target: 'Embarked' });
  assert.deepEqual(other.drawn, ['layers.1.0.kernel', 'layers.1.0.bias']);
  assert.deepEqual(other.answer.classes, ['C', 'Q', 'S']);
  const named = await next({ id: ports.id, target: 'Survived', task: 'regression', categorical: ['Pclass', 'Sex'] });
  assert.deepEqual([named.answer.classes, named.answer.targets], [null, ['Survived']]);
});

test('houses: prices by a column with gaps, between two bounds', async (t) => {
  const [train, held] = [houses(600, 3), houses(100, 4)];
  const y_range = [0, 800];
  const { id } = await server.run({
    policy: { name: 'fit_one_cycle', n_epoch: 8, lr_max: 0.02 },
    dataset: { id: (await upload(server, csvOf(train))).id, target: 'price' },
    model: { preset: 'tabular', layers: [50], y_range },
    metrics: ['mae', 'r2'],
    batch_size: 32,
  });
  const { mae, r2 } = await evaluate(server, id, { id: (await upload(server, csvOf(held))).id });
  const answer = await predict(server, id, { rows: without(held, 'price') });
  assert.deepEqual([answer.classes, answer.targets], [null, ['price']]);
  const values = valuesOf(answer);
  const errors = values.map((value, i) => Math.abs(value - Number(held[i].price)));
  assertClose([errors.reduce((sum, error) => sum + error) / errors.length], [mae], 1e-2);
  t.diagnostic(`R² ${r2}`);
  assert.ok(r2 > 0.7, String(r2));
  assert.ok(values.every((value) => value > y_range[0] && value < y_range[1]));
  assert.deepEqual(await predictFile(server, id, 'text/csv', csvOf(held)), answer);
});

describe('CSVs that are broken', () => {
  /** Forty towns, as they are meant. */
  const towns: Row[] = Array.from({ length: 40 }, (_, i) => ({
    city: ['München', 'Köln', 'Zürich'][i % 3],
    seen: new Date(Date.UTC(2024, i % 12, 1 + i)).toISOString().slice(0, 10),
    area: i % 5 === 0 ? null : i + 0.25,
    people: 1000 * i + 7,
    big: i % 2 === 0 ? 'yes' : 'no',
  }));
  const clean = csvOf(towns);
  const cells = (change: (cell: string) => string, delimiter: string): string =>
    clean
      .trimEnd()
      .split('\n')
      .map((line) => line.split(',').map(change).join(delimiter))
      .join('\n');
  const dotted = (cell: string) => cell.replace(/^(\d{4})-(\d\d)-(\d\d)$/, '$3.$2.$1');
  const decimalComma = (cell: string) => cell.replace(/^(\d+)\.(\d+)$/, '$1,$2');
  const indexed = clean
    .trimEnd()
    .split('\n')
    .map((line, i) => (i === 0 ? `,${line}` : `${i - 1},${line}`))
    .join('\n');
  const meant: [what: string, file: File, query?: string][] = [
    ['a byte order mark, and lines that end as on Windows', `\ufeff${clean.replaceAll('\n', '\r\n')}`],
    ['semicolons and decimal commas', cells(decimalComma, ';')],
    ['a decimal comma between commas, which is said', cells((cell) => `"${decimalComma(cell)}"`, ','), '?decimal=,'],
    ['Latin-1', new Uint8Array(Buffer.from(clean, 'latin1'))],
    ['an index column', indexed],
    ['words for what is missing', cells((cell) => cell || 'NA', ',')],
    ['tabs, and dates with points', cells(dotted, '\t')],
  ];
  const job = (id: string) => ({
    policy: { name: 'fit', n_epoch: 2, lr: 0.01 },
    dataset: { id, target: 'big', categorical: ['city', 'seen'], continuous: ['area', 'people'] },
    model: { preset: 'tabular', layers: [8] },
    batch_size: 8,
  });

  test('but can be read train to the bit as what is meant', async (t) => {
    const curve = async (file: File, query?: string) => {
      const { id } = await server.run(job((await upload(server, file, query)).id));
      return (await server.metrics(id)).raw_loss;
    };
    const expected = await curve(clean);
    assert.equal(expected.length, 8);
    for (const [what, ...sent] of meant)
      await t.test(what, async () => assert.deepEqual(await curve(...sent), expected));
  });

  test('a class that is seen once trains, and is one of those that are predicted', async () => {
    const { id } = await upload(server, `${clean}Bonn,2024-05-05,3,4,perhaps\n`);
    const { id: trained } = await server.run(job(id));
    const answer = await predict(server, trained, { rows: without(towns.slice(0, 2), 'big') });
    assert.deepEqual(answer.classes, ['no', 'perhaps', 'yes']);
    const { status, body } = await server.post('/jobs', { ...job(id), split: { stratified: true, valid_pct: 0.2 } });
    assert.equal(status, 422);
    assert.match(JSON.stringify(body), /"perhaps\\" has one row/);
  });
});
