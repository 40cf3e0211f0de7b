/** MLflow: what a server gets of jobs, told by its REST requests, each held against MLflow's documented limits. */
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { createFastify } from '../../src/api/fastify.js';
import type { KeyValue, Metric } from '../../src/api/mlflow/client.js';
import { metricsOf } from '../../src/api/mlflow/points.js';
import { Pusher, type PusherSettings } from '../../src/api/mlflow/pusher.js';
import { loadConfig } from '../../src/config.js';
import { nobody } from '../../src/jobs/create.js';
import type { Frame } from '../../src/jobs/index.js';
import { gate, reaches, spec, trainersOf, trains, until } from '../jobs/harness.js';
import { lint, scrape, value } from './exposition.js';
import { api, job, type Api } from './harness.js';

interface Run {
  name: string;
  tags: Record<string, string>;
  params: Record<string, string>;
  /** As SQL stores have it: a metric that is the same in every field is there once. */
  metrics: Map<string, Metric>;
  statuses: string[];
  ended: number | undefined;
}

interface Body {
  name: string;
  run_id: string;
  run_name: string;
  status: string;
  end_time?: number;
  filter: string;
  metrics?: Metric[];
  params?: KeyValue[];
  tags?: KeyValue[];
}

/** Records what it is sent. `answer` says how a request is answered in place of its own way; null: in that. */
class Recorder {
  readonly runs: Run[] = [];
  readonly requests: string[] = [];
  authorization: string | undefined;
  answer: (path: string, body: Body) => [status: number, body: string] | null = () => null;
  experiment = false;
  url = '';

  async listen(t: TestContext): Promise<this> {
    const server = createServer((request, response) => {
      let text = '';
      request.setEncoding('utf8').on('data', (part: string) => (text += part));
      request.on('end', () => {
        const [status, answer] = this.#handle(request, text);
        response.writeHead(status, { 'content-type': 'application/json' }).end(answer);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return this;
  }

  of(job: string): Run | undefined {
    const found = this.runs.filter(({ tags }) => tags['onecycle.job'] === job);
    assert.ok(found.length <= 1, 'a job has one run');
    return found.at(0);
  }

  #handle({ url = '', method, headers }: IncomingMessage, text: string): [number, string] {
    const path = url.replace('/api/2.0/mlflow/', '').replace(/\?.*/, '');
    this.requests.push(path);
    this.authorization = headers.authorization;
    assert.ok(method === 'GET' || headers['content-type'] === 'application/json');
    assert.ok(text.length < 1_000_000);
    const body = JSON.parse(text === '' ? '{}' : text) as Body;
    const own = this.answer(path, body);
    return own ?? this.#obey(path, body);
  }

  #obey(path: string, body: Body): [number, string] {
    const experiment = { experiment_id: '7', lifecycle_stage: 'active' };
    const ok = (answer: object = {}): [number, string] => [200, JSON.stringify(answer)];
    const info = (run: Run) => ({ info: { run_id: String(this.runs.indexOf(run)) } });
    const run = this.runs[Number(body.run_id)];
    switch (path) {
      case 'experiments/get-by-name':
        return this.experiment ? ok({ experiment }) : [404, '{"error_code":"RESOURCE_DOES_NOT_EXIST"}'];
      case 'experiments/create':
        this.experiment = true;
        return ok(experiment);
      case 'runs/search': {
        const found = this.of(/'(.*)'/.exec(body.filter)?.[1] ?? '');
        return ok(found ? { runs: [info(found)] } : {});
      }
      case 'runs/create': {
        const made = { name: body.run_name, tags: asObject(body.tags), params: {}, metrics: new Map(), statuses: [] };
        this.runs.push({ ...made, ended: undefined });
        return ok({ run: info(this.runs.at(-1)!) });
      }
      case 'runs/update':
        run.statuses.push(body.status);
        run.ended = body.end_time;
        return ok();
      case 'runs/log-batch':
        logged(run, body);
        return ok();
      default:
        throw new Error(`MLflow knows no ${path}`);
    }
  }
}

const asObject = (pairs: KeyValue[] = []): Record<string, string> =>
  Object.fromEntries(pairs.map(({ key, value }) => [key, value]));

/** Takes a batch as MLflow does, whose limits these are. */
function logged(run: Run, { metrics = [], params = [], tags = [] }: Body): void {
  assert.ok(metrics.length <= 1000 && params.length <= 100 && tags.length <= 100);
  assert.ok(metrics.length + params.length + tags.length <= 1000);
  for (const { key } of [...metrics, ...params, ...tags]) assert.match(key, /^[\w\-. /:]{1,250}$/);
  for (const { key, value } of params) {
    assert.ok(value.length <= 500);
    assert.equal(run.params[key] ?? value, value, 'a parameter keeps its value');
    run.params[key] = value;
  }
  Object.assign(run.tags, asObject(tags));
  for (const each of metrics) {
    const { timestamp, step } = each;
    const value: unknown = each.value;
    assert.ok(Number.isInteger(timestamp) && Number.isInteger(step) && (typeof value === 'number' || value === 'NaN'));
    run.metrics.set(JSON.stringify(each), each);
  }
}

const curve = (run: Run | undefined, key: string): [step: number, value: number | string][] =>
  [...(run?.metrics.values() ?? [])].flatMap((each) => (each.key === key ? [[each.step, each.value]] : []));

const quick = { pollMs: 20, backoffMs: [20, 40], leaseMs: 400 } as const;
const settingsOf = (recorder: Recorder, more: Partial<PusherSettings> = {}): PusherSettings => ({
  url: recorder.url,
  authorization: null,
  experiment: 'onecycle',
  tenants: ['default'],
  ...quick,
  ...more,
});
const ended = (recorder: Recorder, id: string): Promise<Run> =>
  until(`the run of ${id} has ended`, () => {
    const run = recorder.of(id);
    return run?.ended === undefined ? null : run;
  });

/** The whole curve, each iteration once, as the service itself has it. */
async function assertWhole(on: Api, id: string, run: Run): Promise<void> {
  const { body } = await on.get(`/jobs/${id}/metrics`);
  const { iteration, raw_loss, hypers } = body as {
    iteration: number[];
    raw_loss: (number | null)[];
    hypers: { lr: number[][] };
  };
  const expected = (values: (number | null)[]) => iteration.map((each, i) => [each, values[i] ?? 'NaN']);
  assert.deepEqual(curve(run, 'train/raw_loss'), expected(raw_loss));
  assert.deepEqual(curve(run, 'hypers/lr'), expected(hypers.lr[0]));
}

test('a job is a run: its name, tags, parameters, curves and end; other tenants’ jobs are not shown', async (t) => {
  const recorder = await new Recorder().listen(t);
  const on = await api(t, { mlflow: settingsOf(recorder, { authorization: 'Bearer secret' }) });
  await on.worker();
  const tags = {
    team: 'vision',
    'odd name!': 'x',
    accuracy: '0.9',
    batches: '2500',
    per_frame: '700',
    loss: 'nan_at_3',
  };
  const done = await on.submit(job({ name: 'first', tags }));
  const failed = await on.submit(job({ tags: { ending: 'failed' } }));
  const foreign = await on.jobs.create({ type: 'fit', spec: spec() }, { ...nobody, tenant: 'acme' });
  const found = await on.submit(job({ policy: { name: 'lr_find' } }));
  await reaches(on.jobs, foreign.record.id, 'completed');
  const run = await ended(recorder, done.id);
  assert.equal(recorder.authorization, 'Bearer secret');
  assert.deepEqual([run.name, run.statuses.at(-1)], ['first', 'FINISHED']);
  assert.equal(run.ended, Date.parse((await on.jobs.existing(done.id)).finished_at ?? ''));
  const { team, 'odd name_': odd } = run.tags;
  assert.deepEqual([team, odd, run.tags['onecycle.tenant']], ['vision', 'x', 'default']);
  const { 'policy.name': policy, 'policy.lr_max': rate, batch_size, 'model.hidden': hidden } = run.params;
  assert.deepEqual([policy, rate, batch_size, hidden], ['fit_one_cycle', '0.01', '64', '[64]']);
  assert.deepEqual(
    Object.keys(run.params).filter((name) => /^(tags|name|priority|device|webhooks)/.test(name)),
    [],
  );
  await assertWhole(on, done.id, run);
  assert.deepEqual(curve(run, 'epoch/accuracy'), [[2499, 0.9]]);
  assert.deepEqual(curve(run, 'epoch/valid_loss'), []);
  const second = await ended(recorder, failed.id);
  assert.equal(second.statuses.at(-1), 'FAILED');
  assert.match(second.tags['onecycle.error'], /^diverged: /);
  assert.deepEqual(curve(await ended(recorder, found.id), 'suggestions/valley'), [[0, 0.01]]);
  assert.equal(recorder.of(foreign.record.id), undefined);
  const left = await until('nothing is left of them in Redis', async () =>
    (await on.redis.hlen('onecycle:mlflow:jobs')) +
      (await on.redis.zcard('onecycle:mlflow:due')) +
      (await on.redis.zcard('onecycle:mlflow:waiting')) ===
    0
      ? true
      : null,
  );
  assert.ok(left);
});

test('an MLflow that is away, a pusher that dies, an attempt that starts again: all is there in the end, once', async (t) => {
  const recorder = await new Recorder().listen(t);
  const on = await api(t);
  const log = createFastify().log;
  const start = (more: Partial<PusherSettings> = {}): Pusher => {
    const pusher = new Pusher(on.jobs, settingsOf(recorder, more), log);
    t.after(() => pusher.close());
    return pusher;
  };
  const first = start();
  const worker = await on.worker();
  const hold = gate(on);
  const { id } = await on.submit(
    job({ tags: { ...hold.tags, checkpoint_every: '50', batches: '400' }, max_attempts: 5 }),
  );
  await until('it is pushed', () => (curve(recorder.of(id), 'train/loss').length > 60 ? true : null));
  await until('a checkpoint is stored', async () => ((await on.jobs.checkpoints(id)).length > 0 ? true : null));
  // It is away; of one batch it tells nobody that it has taken it.
  recorder.answer = (path, { run_id, metrics = [] }) => {
    if (path !== 'runs/log-batch') return [503, 'away'];
    for (const each of metrics) recorder.runs[Number(run_id)].metrics.set(JSON.stringify(each), each);
    recorder.answer = () => [503, 'away'];
    return [500, '{"error_code":"INTERNAL_ERROR"}'];
  };
  for (const trainer of trainersOf(worker.pid ?? 0)) process.kill(trainer, 'SIGKILL');
  await trains(on, id, 2);
  const asked = recorder.requests.length;
  await until('it is asked again and again', () => (recorder.requests.length > asked + 2 ? true : null));
  // A process that dies leaves its lease; another takes it over, and a third waits.
  await first.close();
  const gone = { token: 'gone', leaseMs: 300 };
  const dead = await on.jobs.pushes.take(gone, 1, ['default']);
  assert.deepEqual(
    dead?.map((each) => each.id),
    [id],
  );
  recorder.answer = () => null;
  start();
  start();
  await hold.open();
  const run = await ended(recorder, id);
  await assertWhole(on, id, run);
  const record = await on.jobs.existing(id);
  assert.equal(run.statuses.at(-1), 'FINISHED');
  assert.equal(run.tags['onecycle.resumed'], `exact from ${record.resumed?.[0].iteration}`);
  assert.equal(await on.jobs.pushes.note(gone, { id, state: null }, 0), false);
});

test('what MLflow refuses for good is given up, and other jobs go on; a wrong key is asked with again', async (t) => {
  const recorder = await new Recorder().listen(t);
  let refused = '';
  recorder.answer = () => [401, '{"error_code":"UNAUTHENTICATED"}'];
  const on = await api(t, { mlflow: settingsOf(recorder) });
  const bad = await on.submit();
  const good = await on.submit();
  await on.post(`/jobs/${bad.id}/cancel`, '');
  await on.post(`/jobs/${good.id}/cancel`, '');
  const figures = async () => {
    const metrics = await scrape(on.url);
    assert.deepEqual(lint(metrics, [bad.id, good.id]), []);
    const counts = ['pushed', 'refused', 'failed'].map((outcome) => value(metrics, 'mlflow_pushes_total', { outcome }));
    return { counts, pending: value(metrics, 'mlflow_jobs_pending'), age: value(metrics, 'mlflow_oldest_age_seconds') };
  };
  await until('it is asked, in vain, and how long that goes on is told', async () => {
    const { counts, pending, age = 0 } = await figures();
    return counts[2] !== undefined && counts[2] > 3 && pending === 2 && age > 0.1 ? true : null;
  });
  recorder.answer = (path, { run_id }) => {
    if (path !== 'runs/log-batch' || recorder.runs[Number(run_id)].tags['onecycle.job'] !== bad.id) return null;
    refused = run_id;
    return [400, '{"error_code":"INVALID_PARAMETER_VALUE","message":"The run must be in the active state."}'];
  };
  assert.equal((await ended(recorder, good.id)).statuses.at(-1), 'KILLED');
  await until('the other is given up', async () =>
    refused !== '' && (await on.redis.zcard('onecycle:mlflow:due')) === 0 ? true : null,
  );
  const { counts, ...left } = await figures();
  assert.deepEqual([counts.slice(0, 2), left], [[1, 1], { pending: 0, age: 0 }]);
});

test('what an attempt repeats is left out, and of a hyperparameter that stays the first and the last of a frame', () => {
  const of = { seq: 0, attempt: 1, progress: { percent: 0, estimated_finish: null, seconds: 2 } };
  const batches = (...iteration: number[]): Frame => ({
    ...{ ...of, type: 'batches', phase: 0, epoch: iteration.map(() => 0), iteration },
    ...{ raw_loss: iteration, loss: iteration.map(() => null) },
    hypers: { wd: [iteration.map((each) => (each === 2 ? 0.5 : 0.1))], lr: [iteration, iteration] },
  });
  const epoch: Frame = {
    ...{ ...of, type: 'epoch', epoch: 0, phase: 0, train_loss: 1, valid_loss: null, seconds: 1 },
    metrics: { 'f1 (ö)': 0.5 },
  };
  const position = { at: -1, iteration: 0, epoch: 0 };
  const frames = [
    batches(0, 1, 2, 3, 4, 5),
    epoch,
    { ...of, type: 'rewind', iteration: 4 } as Frame,
    batches(4),
    batches(5, 6),
    epoch,
  ];
  const metrics = frames.flatMap((frame) => [...metricsOf(frame, position, 1000)]);
  const of2 = (key: string) => metrics.flatMap((each) => (each.key === key ? [[each.step, each.value]] : []));
  assert.deepEqual(
    of2('train/raw_loss'),
    [0, 1, 2, 3, 4, 5, 6].map((each) => [each, each]),
  );
  assert.deepEqual(of2('train/loss')[0], [0, 'NaN']);
  assert.deepEqual(of2('hypers/wd'), [
    [0, 0.1],
    [1, 0.1],
    [2, 0.5],
    [3, 0.1],
    [5, 0.1],
    [6, 0.1],
  ]);
  assert.equal(of2('hypers/lr/1').length, 7);
  assert.deepEqual(of2('epoch/f1 (_)'.replace(/[()]/g, '_')), [[5, 0.5]]);
  assert.deepEqual(position, { at: 6, iteration: 7, epoch: 1 });
  assert.ok(metrics.every(({ timestamp }) => timestamp === 3000));
});

test('the environment says which MLflow, by the names of its own client', () => {
  const of = (env: NodeJS.ProcessEnv) => loadConfig(env).mlflow;
  const url = 'https://mlflow.example.com/base';
  assert.equal(of({}), null);
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
  const plain = { url, authorization: null, experiment: 'onecycle', tenants: ['default'] };
  assert.deepEqual(of({ MLFLOW_TRACKING_URI: `${url}/` }), plain);
  const user = { MLFLOW_TRACKING_USERNAME: 'me', MLFLOW_TRACKING_PASSWORD: 'pa:ss' };
  assert.equal(of({ MLFLOW_TRACKING_URI: url, ...user })?.authorization, basic('me:pa:ss'));
  assert.deepEqual(of({ MLFLOW_TRACKING_URI: 'https://me:p%40@mlflow.example.com/base' }), {
    ...plain,
    authorization: basic('me:p@'),
  });
  const all = of({
    ...{ MLFLOW_TRACKING_URI: url, ...user, MLFLOW_TRACKING_TOKEN: 'tok' },
    ...{ MLFLOW_EXPERIMENT_NAME: 'digits', ONECYCLE_MLFLOW_TENANTS: 'default,acme,acme' },
  });
  assert.deepEqual(all, { url, authorization: 'Bearer tok', experiment: 'digits', tenants: ['default', 'acme'] });
  assert.equal(of({ MLFLOW_TRACKING_URI: 'sqlite:///mlflow.db' })?.url, 'sqlite:///mlflow.db');
  assert.throws(() => loadConfig({ ONECYCLE_MLFLOW_TENANTS: 'A' }), { code: 'invalid_configuration' });
});
