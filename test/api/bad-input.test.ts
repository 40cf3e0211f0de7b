import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { Value } from 'typebox/value';
import { errorCodes, type ErrorCode } from '../../src/errors.js';
import { Problem } from '../../src/api/schemas/problem.js';
import { keys } from '../../src/jobs/redis/keys.js';
import { reaches, until } from '../jobs/harness.js';
import { api, job, pointers } from './harness.js';

const inline = (x: unknown, y: unknown) => ({ inline: { x, y } });
const rows = Array.from({ length: 8 }, (_, i) => [i, 2 * i]);
const classes = rows.map((_, i) => i % 3);
const small = { batch_size: 4, model: { preset: 'linear' } };
const layers = [{ type: 'dense', units: 3 }];
const policy = (more: object) => job({ policy: { name: 'fit_one_cycle', n_epoch: 1, ...more } });
const metric = (each: unknown) => job({ metrics: [each] });
const json = (body: unknown, from: string, to: string) => JSON.stringify(body).replace(from, to);

/** What is posted to /jobs, how it is answered, and the fields that are named. */
const cases: [name: string, body: unknown, code: ErrorCode, pointers: string[]][] = [
  ['not JSON', '{"policy": ', 'invalid_json', ['']],
  ['no body', '', 'invalid_request', ['']],
  ['lists within lists', '['.repeat(40_000), 'invalid_request', ['']],
  ['brackets in a word', JSON.stringify({ ...job(), nam: '[{\\"['.repeat(1000) }), 'invalid_request', ['/nam']],
  ['a list', [], 'invalid_request', ['']],
  ['nothing in it', {}, 'invalid_request', ['/dataset', '/policy']],
  ['no model', { ...job(), model: undefined }, 'invalid_spec', ['/model']],
  ['an unknown field', job({ batchsize: 3 }), 'invalid_request', ['/batchsize']],
  ['an unknown field of a policy', policy({ lr: 0.1 }), 'invalid_request', ['/policy/lr']],
  ['an unknown policy', job({ policy: { name: 'fit_two_cycle', n_epoch: 1 } }), 'invalid_request', ['/policy/name']],
  ['a policy without a name', job({ policy: { n_epoch: 1 } }), 'invalid_request', ['/policy/name']],
  ['an unknown preset', job({ model: { preset: 'vgg' } }), 'invalid_spec', ['/model/preset']],
  ['an unknown argument of a preset', job({ model: { preset: 'mlp', hiden: [3] } }), 'invalid_spec', ['/model/hiden']],
  ['an unknown data set', job({ dataset: { builtin: 'mnist' } }), 'invalid_spec', ['/dataset/builtin']],
  ['an unknown kind of data set', job({ dataset: { url: 'x' } }), 'invalid_request', ['/dataset/url']],
  [
    'two thousand layers',
    job({ model: { layers: Array.from({ length: 2000 }, () => layers[0]) } }),
    'invalid_spec',
    ['/model/layers'],
  ],
  [
    'ten thousand hidden layers',
    job({ model: { preset: 'mlp', hidden: Array.from({ length: 10_000 }, () => 8) } }),
    'invalid_spec',
    ['/model/hidden'],
  ],
  [
    'a suggestion twice',
    job({ policy: { name: 'lr_find', suggest_funcs: ['valley', 'valley'] } }),
    'invalid_request',
    ['/policy/suggest_funcs'],
  ],
  [
    'very many tags',
    job({ tags: Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`t${i}`, 'x'])) }),
    'invalid_request',
    ['/tags'],
  ],
  [
    'a long name of a tag',
    job({ tags: { ['x'.repeat(101)]: '' } }),
    'invalid_request',
    ['/tags', `/tags/${'x'.repeat(101)}`],
  ],
  ['an unknown optimizer', job({ optimizer: { name: 'adagrad' } }), 'invalid_request', ['/optimizer/name']],
  [
    "another optimizer's argument",
    job({ optimizer: { name: 'sgd', eps: 1e-5 } }),
    'invalid_request',
    ['/optimizer/eps'],
  ],
  [
    'a Lookahead of a Lookahead',
    job({ optimizer: { name: 'lookahead', of: { name: 'lookahead' } } }),
    'invalid_request',
    ['/optimizer/of/name'],
  ],
  [
    'an unknown callback',
    job({ callbacks: [{ name: 'early_stopping' }, { name: 'cutmix' }] }),
    'invalid_spec',
    ['/callbacks/1/name'],
  ],
  [
    'a callback that watches nothing',
    job({ callbacks: [{ name: 'early_stopping', monitor: 'r2' }] }),
    'invalid_spec',
    ['/callbacks/0/monitor'],
  ],
  [
    'a callback that watches a validation of no rows',
    job({ callbacks: [{ name: 'save_best' }], split: { valid_pct: 0 } }),
    'invalid_spec',
    ['/callbacks/0/monitor'],
  ],
  ['an unknown metric', job({ metrics: ['accuracy', 'f1'] }), 'invalid_request', ['/metrics/1']],
  ['an unknown metric in the long form', job({ metrics: [{ name: 'f1' }] }), 'invalid_request', ['/metrics/0/name']],
  ['an unknown argument of a metric', metric({ name: 'f1_score', k: 3 }), 'invalid_request', ['/metrics/0/k']],
  ['a metric twice', job({ metrics: ['accuracy', { name: 'accuracy' }] }), 'invalid_spec', ['/metrics/1']],
  ['the top 11 of 10 classes', metric({ name: 'top_k_accuracy', k: 11 }), 'invalid_spec', ['/metrics/0/k']],
  [
    'the F1 of two classes of ten',
    metric({ name: 'f1_score', average: 'binary' }),
    'invalid_spec',
    ['/metrics/0/average'],
  ],
  [
    'a class that only two classes have',
    metric({ name: 'recall', pos_label: 0 }),
    'invalid_spec',
    ['/metrics/0/pos_label'],
  ],
  ['a metric of values for classes', metric('rmse'), 'invalid_spec', ['/metrics/0']],
  [
    'more scores than a ROC curve is made of',
    job({ dataset: { random: { shape: [1], rows: 100_000_000, classes: 2 } }, metrics: ['roc_auc'] }),
    'invalid_spec',
    ['/metrics/0'],
  ],
  [
    'a confusion matrix of a thousand classes',
    job({ dataset: { random: { shape: [4], rows: 100, classes: 1000 } }, metrics: ['confusion_matrix'] }),
    'invalid_spec',
    ['/metrics/0'],
  ],
  [
    'a callback that watches a confusion matrix',
    job({ metrics: ['confusion_matrix'], callbacks: [{ name: 'save_best', monitor: 'confusion_matrix' }] }),
    'invalid_spec',
    ['/callbacks/0/monitor'],
  ],
  ['an unknown loss', job({ loss: 'nll' }), 'invalid_request', ['/loss']],
  ['an unknown loss in the long form', job({ loss: { name: 'nll' } }), 'invalid_request', ['/loss/name']],
  ["another loss's argument", job({ loss: { name: 'mse', eps: 0.1 } }), 'invalid_request', ['/loss/eps']],
  [
    'weights of three classes for ten',
    job({ loss: { name: 'cross_entropy', weight: [1, 2, 3] } }),
    'invalid_spec',
    ['/loss/weight'],
  ],
  [
    'a weight of nothing',
    job({ loss: { name: 'cross_entropy', weight: [0, 1, 1, 1, 1, 1, 1, 1, 1, 1] } }),
    'invalid_request',
    ['/loss/weight/0'],
  ],
  [
    'a word for weights',
    job({ loss: { name: 'label_smoothing', weight: 'even' } }),
    'invalid_request',
    ['/loss/weight'],
  ],
  [
    'integers that may be anything',
    job({ dataset: inline(rows, [10, 200, 35, 1, 2, 3, 4, 5]), ...small }),
    'invalid_spec',
    ['/dataset/inline/y'],
  ],
  ['a rate that is NaN', json(policy({ lr_max: 'X' }), '"X"', 'NaN'), 'invalid_json', ['/policy/lr_max']],
  [
    'a rate that is infinite',
    json(policy({ lr_max: [0.1, 'X'] }), '"X"', '-Infinity'),
    'invalid_json',
    ['/policy/lr_max/1'],
  ],
  [
    'a rate too large for a number',
    json(policy({ lr_max: 'X' }), '"X"', '1e999'),
    'invalid_request',
    ['/policy/lr_max'],
  ],
  ['a negative rate', policy({ lr_max: -0.1 }), 'invalid_request', ['/policy/lr_max']],
  ['a rate of zero', policy({ lr_max: 0 }), 'invalid_request', ['/policy/lr_max']],
  [
    'a negative rate in a slice',
    policy({ lr_max: { start: -1, stop: 1 } }),
    'invalid_request',
    ['/policy/lr_max/start'],
  ],
  ['a rate of null', policy({ lr_max: null }), 'invalid_request', ['/policy/lr_max']],
  ['pct_start 0', policy({ pct_start: 0 }), 'invalid_request', ['/policy/pct_start']],
  ['pct_start 1', policy({ pct_start: 1 }), 'invalid_request', ['/policy/pct_start']],
  ['no epochs', policy({ n_epoch: 0 }), 'invalid_request', ['/policy/n_epoch']],
  ['half an epoch', policy({ n_epoch: 1.5 }), 'invalid_request', ['/policy/n_epoch']],
  [
    'several at once',
    policy({ n_epoch: 0, div: 0, moms: [0.9] }),
    'invalid_request',
    ['/policy/div', '/policy/moms', '/policy/n_epoch'],
  ],
  ['as many rates as there are no groups', policy({ lr_max: [0.1, 0.2, 0.3] }), 'invalid_spec', ['/policy/lr_max']],
  [
    'start_lr above end_lr',
    job({ policy: { name: 'lr_find', start_lr: 1, end_lr: 0.1 } }),
    'invalid_spec',
    ['/policy/start_lr'],
  ],
  [
    'start_lr equal to end_lr',
    job({ policy: { name: 'lr_find', start_lr: 1, end_lr: 1 } }),
    'invalid_spec',
    ['/policy/start_lr'],
  ],
  [
    "a finder's start_lr above its end_lr",
    policy({ lr_max: { lr_find: { suggestion: 'valley', start_lr: 20 } } }),
    'invalid_spec',
    ['/policy/lr_max/lr_find/start_lr'],
  ],
  ['an unknown suggestion', policy({ lr_max: { lr_find: 'hill' } }), 'invalid_request', ['/policy/lr_max/lr_find']],
  [
    'schedules that leave a gap',
    job({
      policy: { name: 'fit', n_epoch: 1, schedules: { lr: { combine: [{ pct: 0.3, fn: 'sched_no', start: 1 }] } } },
    }),
    'invalid_spec',
    ['/policy/schedules/lr/combine'],
  ],
  [
    'a momentum of 1 in a schedule',
    job({ policy: { name: 'fit', n_epoch: 1, schedules: { mom: { fn: 'sched_no', start: 1 } } } }),
    'invalid_spec',
    ['/policy/schedules/mom/start'],
  ],
  [
    'an unknown annealer',
    job({ policy: { name: 'fit', n_epoch: 1, schedules: { lr: { fn: 'sched_tan', start: 1, end: 2 } } } }),
    'invalid_request',
    ['/policy/schedules/lr/fn'],
  ],
  ['a batch larger than the training rows', job({ batch_size: 1439 }), 'invalid_spec', ['/batch_size']],
  ['more training rows than rows', job({ split: { train_rows: 1798 } }), 'invalid_spec', ['/split/train_rows']],
  [
    'rows of different lengths',
    job({ ...small, dataset: inline([...rows.slice(1), [1, 2, 3]], classes) }),
    'invalid_spec',
    ['/dataset/inline/x/7'],
  ],
  [
    'fewer labels than rows',
    job({ ...small, dataset: inline(rows, classes.slice(1)) }),
    'invalid_spec',
    ['/dataset/inline/y'],
  ],
  [
    'no rows',
    job({ ...small, dataset: inline([], []) }),
    'invalid_request',
    ['/dataset/inline/x', '/dataset/inline/y'],
  ],
  [
    'a word among the numbers',
    job({ ...small, dataset: inline([...rows.slice(1), [1, 'x']], classes) }),
    'invalid_spec',
    ['/dataset/inline/x/7/1'],
  ],
  [
    'null among the numbers',
    job({ ...small, dataset: inline([...rows.slice(1), [1, null]], classes) }),
    'invalid_spec',
    ['/dataset/inline/x/7/1'],
  ],
  [
    'a negative class',
    job({
      ...small,
      dataset: inline(
        rows,
        classes.map((label) => -label),
      ),
    }),
    'invalid_spec',
    [1, 2, 4, 5, 7].map((i) => `/dataset/inline/y/${i}`),
  ],
  [
    'labels that the output layer has no unit for',
    job({
      ...small,
      dataset: inline(
        rows,
        rows.map((_, i) => i % 4),
      ),
      model: { layers },
    }),
    'invalid_spec',
    ['/model/layers/0/units'],
  ],
  [
    'values for a loss of classes',
    job({
      ...small,
      dataset: inline(
        rows,
        rows.map((_, i) => i / 3),
      ),
      loss: 'cross_entropy',
    }),
    'invalid_spec',
    ['/dataset/inline/y/1', '/dataset/inline/y/2', '/dataset/inline/y/4', '/dataset/inline/y/5', '/dataset/inline/y/7'],
  ],
  [
    'a loss that does not fit',
    job({ dataset: { builtin: 'diabetes' }, loss: 'cross_entropy' }),
    'invalid_spec',
    ['/loss'],
  ],
  ['a metric that does not fit', job({ metrics: ['accuracy', 'r2'] }), 'invalid_spec', ['/metrics/1']],
  ['an unknown layer', job({ model: { layers: [{ type: 'lstm' }] } }), 'invalid_request', ['/model/layers/0/type']],
  [
    'a layer that does not fit',
    job({
      model: {
        layers: [
          { type: 'conv2d', filters: 3, kernel: 3 },
          { type: 'dense', units: 10 },
        ],
      },
    }),
    'invalid_spec',
    ['/model/layers/0'],
  ],
  [
    'a layer in two groups',
    job({ model: { layers: [{ type: 'dense', units: 10 }], param_groups: [[0], [0]] } }),
    'invalid_spec',
    ['/model/param_groups/1/0'],
  ],
  [
    'weights of a wrong shape',
    job({
      ...small,
      dataset: inline(rows, classes),
      model: { layers, weights: [{ layer: 0, name: 'bias', value: [1, 2] }] },
    }),
    'invalid_spec',
    ['/model/weights/0/value'],
  ],
  [
    'weights of a layer that has none',
    job({
      ...small,
      dataset: inline(rows, classes),
      model: { layers, weights: [{ layer: 1, name: 'bias', value: [1] }] },
    }),
    'invalid_spec',
    ['/model/weights/0/layer'],
  ],
  ['freezing more groups than there are', job({ freeze_to: 3 }), 'invalid_spec', ['/freeze_to']],
  [
    'a job to continue from that does not exist',
    { ...job({ continue_from: { job: 'job_0' } }), model: undefined },
    'invalid_spec',
    ['/continue_from/job'],
  ],
  [
    'two parts at once',
    job({ batch_size: 5000, metrics: ['mae'], model: { preset: 'mlp', hidden: [0] } }),
    'invalid_spec',
    ['/batch_size', '/metrics/0', '/model/hidden'],
  ],
];

test('bad input is answered with the pointers of what is wrong, and nothing is stored', async (t) => {
  const on = await api(t, { maxBodyBytes: 100_000 });
  await until('the lists have their indexes', async () => ((await on.redis.exists(keys.indexed)) === 1 ? true : null));
  const keysBefore = await on.redis.keys('*');
  for (const [name, body, code, expected] of cases) {
    await t.test(name, async () => {
      const { status, headers, body: problem } = await on.post('/jobs', body);
      assert.equal((problem as Problem).code, code, JSON.stringify(problem));
      assert.equal(status, errorCodes[code].status);
      assert.equal(headers.get('content-type'), 'application/problem+json');
      assert.ok(Value.Check(Problem, problem));
      assert.deepEqual(pointers(problem), [...expected].sort());
      for (const { detail } of problem.errors ?? [])
        assert.ok(detail.length > 8 && !/undefined|\[object|anyOf/.test(detail), detail);
    });
  }
  await t.test('nothing is stored', async () => {
    assert.deepEqual(await on.redis.keys('*'), keysBefore);
    assert.deepEqual((await on.get('/jobs')).body, { object: 'list', data: [], has_more: false });
    assert.deepEqual(
      (await readdir(on.folder)).filter((name) => name !== 'redis.sock' && name !== 'appendonlydir'),
      [],
    );
  });
});

test('what is wrong with the request itself', async (t) => {
  const on = await api(t, { maxBodyBytes: 2000 });
  /** A request without a body. */
  const untyped = async (method: string, path: string, type?: string) => {
    const response = await fetch(on.url + path, { method, ...(type && { headers: { 'content-type': type } }) });
    return { status: response.status, body: await response.json() };
  };
  const table: [name: string, answer: Promise<{ status: number; body: unknown }>, code: ErrorCode][] = [
    ['a body over the limit', on.post('/jobs', job({ name: 'x'.repeat(3000) })), 'body_too_large'],
    [
      'another content type',
      on.post('/jobs', 'a=1', { 'content-type': 'application/x-www-form-urlencoded' }),
      'unsupported_media_type',
    ],
    ['no such job', on.get('/jobs/job_0'), 'job_not_found'],
    ['no such job to cancel', on.post('/jobs/job_0/cancel', {}), 'job_not_found'],
    ['no such job to read', on.get('/jobs/job_0/metrics'), 'job_not_found'],
    ['no such job to stream', on.get('/jobs/job_0/stream'), 'job_not_found'],
    ['no such job to hear of', on.get('/jobs/job_0/events'), 'job_not_found'],
    ['no such route', on.get('/job'), 'route_not_found'],
    ['no such method', on.post('/jobs/job_0', {}), 'method_not_allowed'],
    ['a query that is no number', on.get('/jobs?limit=many'), 'invalid_request'],
    ['an unknown query', on.get('/jobs?state=queued'), 'invalid_request'],
    ['an unknown status', on.get('/jobs?status=done'), 'invalid_request'],
    ['a page after no job', on.get('/jobs?after=job_0'), 'invalid_request'],
    ['a broken address', on.get('/jobs/%zz'), 'route_not_found'],
    ['a page after nothing', on.get('/jobs?after='), 'invalid_request'],
    ['a form without its boundary', untyped('POST', '/datasets', 'multipart/form-data'), 'invalid_request'],
    ['nothing to predict', untyped('POST', '/jobs/job_0/predict'), 'invalid_request'],
    ['a method that takes a body', untyped('QUERY', '/jobs'), 'method_not_allowed'],
    ['such a method elsewhere', untyped('QUERY', '/job'), 'route_not_found'],
    ['an empty key', on.post('/jobs', job(), { 'idempotency-key': '' }), 'invalid_request'],
    [
      'a preview of nothing',
      on.post('/schedules/preview', { policy: { name: 'fit', n_epoch: 1 }, n_iteration: 0 }),
      'invalid_request',
    ],
    [
      'a preview too large',
      on.post('/schedules/preview', { policy: { name: 'fit', n_epoch: 1 }, n_iteration: 100_000, param_groups: 100 }),
      'invalid_spec',
    ],
  ];
  for (const [name, answer, code] of table) {
    await t.test(name, async () => {
      const { status, body } = await answer;
      assert.deepEqual([status, (body as Problem).code], [errorCodes[code].status, code]);
      assert.ok(Value.Check(Problem, body));
    });
  }
});

test('a job to continue from must have completed, and what it fixed is not given again', async (t) => {
  const on = await api(t);
  const source = await on.submit(job({ optimizer: { name: 'sgd', mom: 0.5 } }));
  const from = (optimizer: boolean, more: object = {}) => ({
    ...job({ continue_from: { job: source.id, optimizer }, ...more }),
    model: undefined,
    ...more,
  });
  const early = await on.post('/jobs', from(true));
  assert.deepEqual([early.status, pointers(early.body)], [409, ['/continue_from/job']]);
  await on.worker();
  await reaches(on.jobs, source.id, 'completed');

  const again = await on.post(
    '/jobs',
    from(true, { model: { preset: 'mlp' }, optimizer: { name: 'adam' }, train_bn: false, wd_bn_bias: true }),
  );
  assert.deepEqual([again.status, pointers(again.body)], [422, ['/model', '/optimizer', '/train_bn', '/wd_bn_bias']]);
  const other = await on.post('/jobs', from(false, { dataset: { builtin: 'iris' } }));
  assert.deepEqual([other.status, pointers(other.body)], [422, ['/dataset']]);

  const { spec } = await on.submit(from(true));
  assert.deepEqual([spec.model, spec.optimizer], [source.spec.model, source.spec.optimizer]);
  const fresh = await on.submit(from(false, { optimizer: { name: 'lamb' } }));
  assert.deepEqual([fresh.spec.model, fresh.spec.optimizer.name], [source.spec.model, 'lamb']);
});
