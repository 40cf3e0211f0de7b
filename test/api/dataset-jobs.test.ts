/** Jobs on uploaded data: what is guessed, what is refused, and what a job keeps. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Problem } from '../../src/api/schemas/problem.js';
import type { UploadedSpec } from '../../src/data/sources/uploaded.js';
import type { JobRecord } from '../../src/jobs/index.js';
import type { DatasetRecord } from '../../src/request/uploads/record.js';
import { npy, pictures, zip } from '../data/files/made.js';
import { documentedFetch } from '../openapi.js';
import { api, type Api } from './harness.js';

async function upload({ url }: Api, body: string | Uint8Array<ArrayBuffer>): Promise<DatasetRecord> {
  const response = await documentedFetch(`${url}/datasets`, { method: 'POST', body });
  const record = (await response.json()) as DatasetRecord;
  assert.equal(response.status, 201, JSON.stringify(record));
  return record;
}

const job = (dataset: object, more: object = {}) => ({
  policy: { name: 'fit', n_epoch: 1, lr: 0.01 },
  model: { preset: 'linear' },
  batch_size: 4,
  dataset,
  ...more,
});

async function submitted(
  on: Api,
  dataset: object,
  more: object = {},
): Promise<JobRecord & { spec: { dataset: UploadedSpec } }> {
  return (await on.submit(job(dataset, more))) as JobRecord & { spec: { dataset: UploadedSpec } };
}

/** What is wrong, by its pointers. */
async function problems(on: Api, dataset: object, more: object = {}): Promise<Partial<Record<string, string>>> {
  const { status, body } = await on.post('/jobs', job(dataset, more));
  assert.equal(status, 422, JSON.stringify(body));
  return Object.fromEntries(((body as Problem).errors ?? []).map(({ pointer, detail }) => [pointer, detail]));
}

/** 24 passengers; `age` has gaps, `class` is whole numbers, `id` all different. */
const titanic = [
  'id,sex,age,class,fare,is_valid,survived',
  ...Array.from({ length: 24 }, (_, i) => {
    const sex = i % 2 ? 'male' : 'female';
    return `${i + 100},${sex},${i % 5 === 0 ? '' : 20 + i},${(i % 3) + 1},${10 + i / 2},${i % 4 === 0},${i % 2 ? 'no' : 'yes'}`;
  }),
].join('\n');

void test('columns and the task are guessed as fastai does, and the record says so', async (t) => {
  const on = await api(t);
  const { id, sha256 } = await upload(on, titanic);
  const { spec } = await submitted(on, { id, target: 'survived' });
  const { stored, ...dataset } = spec.dataset;
  assert.deepEqual(dataset, {
    id,
    target: ['survived'],
    // 24 values are more than max_card: `id` is a number, `class` is none.
    categorical: ['sex', 'class', 'is_valid'],
    continuous: ['id', 'age', 'fare'],
    fill_missing: { fill_strategy: 'median', fill_vals: {}, add_col: true },
    task: 'classification',
    guessed: ['categorical', 'continuous', 'task'],
  });
  const { reading, ...known } = stored;
  assert.deepEqual(known, {
    sha256,
    kind: 'table',
    rows: 24,
    // Each category has one value more, for missing ones; `age` has gaps, and so a category that says where.
    x_shape: [7],
    predicts: { kind: 'classes', classes: 2 },
    classes: ['no', 'yes'],
    features: { cardinalities: [3, 4, 3, 3], continuous: 3, names: ['sex', 'class', 'is_valid', 'age_na'] },
  });
  assert.deepEqual(reading?.columns.map(({ name, type }) => `${name} ${type}`).slice(0, 3), [
    'id number',
    'sex text',
    'age number',
  ]);
  assert.equal(spec.loss, 'cross_entropy');

  const regression = await submitted(on, {
    id,
    target: ['fare', 'age'].slice(0, 1),
    categorical: ['sex'],
    continuous: ['class'],
  });
  assert.deepEqual([regression.spec.dataset.task, regression.spec.loss], ['regression', 'mse']);
  assert.deepEqual(regression.spec.dataset.guessed, ['task']);
  const byLoss = await submitted(on, { id, target: 'class' }, { loss: 'cross_entropy' });
  assert.deepEqual(byLoss.spec.dataset.stored.classes, ['1', '2', '3']);
});

void test('what does not fit the data set is refused, and says what would', async (t) => {
  const on = await api(t);
  const { id } = await upload(on, titanic);
  const all = 'id, sex, age, class, fare, is_valid, survived';
  for (const [dataset, more, pointer, detail] of [
    [{ id: 'ds_none', target: 'x' }, {}, '/dataset/id', 'there is no data set ds_none'],
    [{ id }, {}, '/dataset/target', all],
    [{ id, target: 'alive' }, {}, '/dataset/target', `not "alive"; there are ${all}`],
    [{ id, target: 'survived', categorical: ['sexe'] }, {}, '/dataset/categorical/0', all],
    [{ id, target: 'survived', continuous: ['sex'] }, {}, '/dataset/continuous/0', '"sex" is category'],
    [{ id, target: 'survived', continuous: ['survived'] }, {}, '/dataset/continuous/0', 'is the target'],
    [
      { id, target: 'survived', categorical: ['class'], continuous: ['class'] },
      {},
      '/dataset/continuous/0',
      'categorical as well',
    ],
    [{ id, target: 'age' }, {}, '/dataset/target', '5 rows without a value'],
    [{ id, target: 'sex', task: 'regression' }, {}, '/dataset/target', 'column of numbers'],
    [{ id, target: 'sex', task: 'classification' }, { loss: 'mse' }, '/dataset/task', 'must be regression'],
    [{ id, target: ['sex', 'survived'], task: 'classification' }, {}, '/dataset/target', 'one column'],
    [{ id, target: 'sex', label: { folder: true } }, {}, '/dataset/label', 'is a table'],
    [{ id, target: 'sex' }, { split: { column: 'valid' } }, '/split/column', all],
    [{ id, target: 'sex' }, { split: { column: 'class' } }, '/split/column', 'there is "2"'],
    [{ id, target: 'sex' }, { split: { column: 'class', on: ['7'] } }, '/split/on', 'there are none'],
    [{ id, target: 'sex' }, { split: { files: ['a.png'] } }, '/split', 'has none'],
    [{ id, target: 'fare' }, { split: { stratified: true, valid_pct: 0.2 } }, '/split/stratified', 'not classes'],
    [
      { id, target: 'id', task: 'classification' },
      { split: { stratified: true, valid_pct: 0.2 } },
      '/split/stratified',
      'one row only',
    ],
    [{ id, target: 'sex' }, { split: { dataset: 'ds_none' } }, '/split/dataset', 'ds_none'],
    [{ builtin: 'iris' }, { split: { column: 'x' } }, '/split', 'need an uploaded data set'],
  ] as const) {
    const found = await problems(on, dataset, more);
    assert.ok(found[pointer]?.includes(detail), `${JSON.stringify([dataset, more])}: ${JSON.stringify(found)}`);
  }
});

void test('a target of one class, and numbers that are infinite as float32, are refused', async (t) => {
  const on = await api(t);
  const { id } = await upload(on, 'n,far,kind\n1,-1e39,a\n2,3,a\n3,4,a\n4,5,a\n5,6,a\n');
  const table = async (dataset: object) => problems(on, { id, ...dataset });
  assert.match((await table({ target: 'kind', continuous: ['n'] }))['/dataset/target'] ?? '', /"a" in every row/);
  assert.match((await table({ target: 'far', continuous: ['n'] }))['/dataset/target'] ?? '', /"far" has -1e\+39/);
  assert.match(
    (await table({ target: 'n', continuous: ['far'] }))['/dataset/continuous/0'] ?? '',
    /3\.4e38; "far" has/,
  );
  const { id: shown } = await upload(on, await zip(await pictures()));
  const found = await problems(on, { id: shown, label: { upper: true } });
  assert.match(found['/dataset/label'] ?? '', /every picture the label "False"/);
  const y = npy('<i8', [3], BigInt64Array.of(0n, 0n, 0n));
  const { id: arrays } = await upload(
    on,
    await zip({ 'x.npy': npy('<f4', [3], Float32Array.of(1, 2, 3)), 'y.npy': y }),
  );
  assert.match((await problems(on, { id: arrays }))['/dataset/task'] ?? '', /0 in every row/);
});

void test('splits that the data say are counted when the job is posted', async (t) => {
  const on = await api(t);
  const { id } = await upload(on, titanic);
  const byColumn = await submitted(on, { id, target: 'sex' }, { split: { column: 'is_valid' } });
  assert.deepEqual(byColumn.spec.split, { column: 'is_valid', sizes: { train: 18, valid: 6 } });
  assert.ok(!byColumn.spec.dataset.categorical?.includes('is_valid'), 'what splits the rows is not learned from');
  const on3 = await submitted(on, { id, target: 'sex' }, { split: { column: 'class', on: ['3'] } });
  assert.deepEqual(on3.spec.split, { column: 'class', on: ['3'], sizes: { train: 16, valid: 8 } });
  const stratified = await submitted(on, { id, target: 'survived' }, { split: { stratified: true, valid_pct: 0.25 } });
  assert.deepEqual(stratified.spec.split, { valid_pct: 0.25, seed: 42, stratified: true });

  const other = await upload(on, titanic.split('\n').slice(0, 9).join('\n'));
  const second = await submitted(on, { id, target: 'survived' }, { split: { dataset: other.id } });
  assert.deepEqual('sizes' in second.spec.split && second.spec.split.sizes, { train: 24, valid: 8 });
  const narrow = await upload(on, 'id,sex\n1,male\n2,female\n');
  assert.match(
    (await problems(on, { id, target: 'survived' }, { split: { dataset: narrow.id } }))['/split/dataset'] ?? '',
    /must fit the first data set: must be a column/,
  );
  const odd = await upload(on, titanic.replaceAll('yes', 'maybe'));
  assert.match(
    (await problems(on, { id, target: 'survived' }, { split: { dataset: odd.id } }))['/split/dataset'] ?? '',
    /"maybe"/,
  );
});

void test('pictures are normalized as the weights of a pretrained body want it, unless the request says how', async (t) => {
  const on = await api(t);
  const { id } = await upload(on, await zip(await pictures()));
  const normalized = async (model: object, batch_tfms?: object[]) => {
    const dataset = { id, item_tfms: [{ name: 'resize', size: 64 }], ...(batch_tfms && { batch_tfms }) };
    const { spec } = await submitted(on, dataset, { batch_size: 1, model: { preset: 'vision', ...model } });
    return [spec.dataset.batch_tfms, spec.dataset.guessed];
  };
  const [flip, cifar] = [{ name: 'aug_transforms' }, { name: 'normalize', stats: 'cifar' }];
  const own = { name: 'normalize', stats: { mean: Array(3).fill(127 / 255), std: Array(3).fill(128 / 255) } };
  assert.deepEqual(await normalized({}), [[own], ['label', 'normalize']]);
  assert.deepEqual((await normalized({}, [flip]))[0]?.at(-1), own);
  assert.deepEqual(await normalized({}, [cifar]), [[cifar], ['label']]);
  assert.deepEqual(await normalized({ body: 'mobilenet_v2' }), [[], ['label']]);
  assert.deepEqual(await normalized({ body: 'resnet18', pretrained: false }), [[], ['label']]);
});

void test('labels and splits of pictures', async (t) => {
  const on = await api(t);
  const made = await pictures();
  const { id } = await upload(on, await zip(made));
  const classes = async (label?: object) =>
    (await submitted(on, { id, ...(label && { label }) }, { batch_size: 1 })).spec.dataset.stored.classes;
  assert.deepEqual(await classes(), ['cat', 'dog']);
  assert.deepEqual(await classes({ regex: '^\\d(b?)\\.png$' }), ['', 'b']);
  assert.deepEqual(await classes({ csv: 'labels.csv', file: 'name', column: 'kind' }), ['blue', 'red']);
  const { spec } = await submitted(on, { id, item_tfms: [{ name: 'resize', size: 8 }] }, { batch_size: 1 });
  assert.deepEqual(spec.dataset.stored.x_shape, [8, 8, 3]);
  const { spec: listed } = await submitted(on, { id }, { batch_size: 1, split: { files: ['dog/1b.png', '2.png'] } });
  assert.deepEqual(listed.split, { files: ['dog/1b.png', '2.png'], sizes: { train: 2, valid: 2 } });

  for (const [label, pointer, detail] of [
    [{ regex: '^(x)' }, '/dataset/label/regex', 'cat/1.png'],
    [{ regex: '(' }, '/dataset/label/regex', 'regular expression'],
    [{ csv: 'l.csv', file: 'a', column: 'b' }, '/dataset/label/csv', 'labels.csv'],
    [{ csv: 'labels.csv', file: 'a', column: 'kind' }, '/dataset/label/file', 'name, kind'],
    [{ csv: 'labels.csv', file: 'kind', column: 'kind' }, '/dataset/label/file', '"red"'],
  ] as const) {
    const found = await problems(on, { id, label });
    assert.ok(found[pointer]?.includes(detail), `${JSON.stringify(label)}: ${JSON.stringify(found)}`);
  }

  const folders = Object.fromEntries(
    ['train', 'valid', 'test'].flatMap((side) =>
      ['cat', 'dog'].map((kind) => [`${side}/${kind}/1.png`, made[`${kind}/1${kind === 'dog' ? 'b' : ''}.png`]]),
    ),
  );
  const sides = await upload(on, await zip(folders));
  const { spec: byFolder } = await submitted(
    on,
    { id: sides.id },
    { batch_size: 1, split: { folder: { train: 'train', valid: 'valid' } } },
  );
  assert.deepEqual('sizes' in byFolder.split && byFolder.split.sizes, { train: 2, valid: 2 });
  const found = await problems(on, { id: sides.id }, { split: { folder: { train: 'training', valid: 'valid' } } });
  assert.match(found['/split/folder/train'] ?? '', /train, valid|test, train, valid/);
  const mixed = await upload(on, await zip({ ...made, 'cat/3.png': (await pictures(30))['cat/1.png'] }));
  assert.match((await problems(on, { id: mixed.id }))['/dataset/item_tfms'] ?? '', /20 × 10 and 30 × 10/);
});

void test('an expression that never ends is refused in time', async (t) => {
  const on = await api(t);
  const [picture] = Object.values(await pictures());
  const { id } = await upload(on, await zip({ [`a/${'a'.repeat(40)}!.png`]: picture }));
  assert.match((await problems(on, { id, label: { regex: '^(a+)+$' } }))['/dataset/label/regex'] ?? '', /simpler/);
});

void test('whole numbers as y are classes only where they look like it, or are said to be', async (t) => {
  const on = await api(t);
  const x = npy('<f4', [10, 3], new Float32Array(30));
  const y = npy('<i8', [10], BigInt64Array.from([10, 200, 35, 10, 200, 35, 10, 200, 35, 10], BigInt));
  const { id } = await upload(on, await zip({ 'x.npy': x, 'y.npy': y }));
  assert.match((await problems(on, { id }))['/dataset/task'] ?? '', /"classification" .* "regression"/);
  const { spec } = await submitted(on, { id, task: 'regression' });
  assert.deepEqual(spec.dataset.stored.predicts, { kind: 'values', outputs: 1 });
});

void test('a data set stays while a job that has not ended needs it', async (t) => {
  const on = await api(t);
  const { id } = await upload(on, titanic);
  const other = await upload(on, titanic.split('\n').slice(0, 9).join('\n'));
  const { id: first } = await submitted(on, { id, target: 'survived' }, { split: { dataset: other.id } });
  for (const each of [id, other.id]) {
    const { status, body } = await on.delete(`/datasets/${each}`);
    assert.deepEqual([status, (body as Problem).code], [409, 'dataset_in_use']);
    assert.match((body as Problem).detail, new RegExp(first));
  }
  assert.equal((await on.post(`/jobs/${first}/cancel`, {})).status, 200);
  assert.equal((await on.delete(`/datasets/${id}`)).status, 204);
  assert.match((await problems(on, { id, target: 'survived' }))['/dataset/id'] ?? '', /no data set/);
  const retried = await on.post(`/jobs/${first}/retry`, {});
  assert.equal(retried.status, 409);
  assert.match((retried.body as Problem).detail, /has been deleted/);
  assert.equal((await on.delete(`/jobs/${first}`)).status, 204);
  assert.deepEqual(await on.redis.keys('onecycle:dataset-jobs:*'), []);
});
