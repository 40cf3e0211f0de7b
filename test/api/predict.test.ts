/** Predictions over HTTP: real workers, real trainers, real predictors. */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import sharp from 'sharp';
import { ZipFile } from 'yazl';
import type { Problem } from '../../src/api/schemas/problem.js';
import type { Answers } from '../../src/models/index.js';
import { readSafetensors } from '../../src/models/safetensors.js';
import { descendants } from '../e2e/processes.js';
import { childrenOf, end, lives, reaches, realTrainer, trains, until } from '../jobs/harness.js';
import { runOnnx } from '../onnx-runtime.js';
import { documentedFetch } from '../openapi.js';
import { unzip } from '../zip.js';
import { api, job, pointers, type Api } from './harness.js';

/** The first rows of the digits, as the data set has them. */
const digits = (count: number): number[][] =>
  readFileSync(new URL('../../../datasets/digits.csv', import.meta.url), 'utf8')
    .split('\n')
    .slice(1, count + 1)
    .map((line) =>
      line
        .split(',')
        .slice(0, 64)
        .map((pixel) => Number(pixel) / 16),
    );

const fit = (more: object = {}) =>
  job({ policy: { name: 'fit_one_cycle', n_epoch: 2, lr_max: 0.01 }, metrics: ['accuracy'], ...more });

interface Trained {
  on: Api;
  worker: ChildProcess;
  /** A job that has trained. */
  id: string;
}

/** A service with a job that a real trainer has trained. */
async function trained(t: TestContext, body: object = fit(), env: NodeJS.ProcessEnv = {}): Promise<Trained> {
  const on = await api(t);
  const worker = await on.worker({ trainer: realTrainer, env });
  return { on, worker, id: await train(on, body) };
}

async function train(on: Api, body: object): Promise<string> {
  const { id } = await on.submit(body);
  await reaches(on.jobs, id, 'completed');
  return id;
}

const predictions = async (on: Api, path: string, body: object): Promise<Answers> => {
  const answer = await on.post(path, body);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body as Answers;
};
const probabilities = ({ data }: Answers): number[][] =>
  data.map((each) => ('probabilities' in each ? each.probabilities : assert.fail('these are values')));

async function download(on: Api, path: string): Promise<{ type: string | null; name: string; bytes: Buffer }> {
  const response = await documentedFetch(on.url + path);
  assert.equal(response.status, 200, path);
  const name = /filename="(.*)"/.exec(response.headers.get('content-disposition') ?? '')?.[1] ?? '';
  return { type: response.headers.get('content-type'), name, bytes: Buffer.from(await response.arrayBuffer()) };
}

function assertClose(actual: readonly number[], wanted: readonly number[]): void {
  assert.equal(actual.length, wanted.length);
  actual.forEach((value, i) => assert.ok(Math.abs(value - wanted[i]) < 1e-5, `${value} where it is ${wanted[i]}`));
}

async function takenAway({ on, id }: Trained): Promise<void> {
  const x = digits(12);
  const answer = await predictions(on, `/jobs/${id}/predict`, { x });
  assert.deepEqual(answer.classes, ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
  assert.equal(answer.data.length, 12);
  const found = probabilities(answer);
  for (const [i, row] of found.entries()) {
    assert.ok(Math.abs(row.reduce((sum, value) => sum + value, 0) - 1) < 1e-9);
    const [each] = answer.data.slice(i);
    assert.equal('class' in each && each.class, String(row.indexOf(Math.max(...row))));
  }

  const onnx = await download(on, `/jobs/${id}/model?format=onnx`);
  assert.deepEqual([onnx.type, onnx.name], ['application/octet-stream', `${id}.onnx`]);
  const other = await runOnnx(onnx.bytes, Float32Array.from(x.flat()), [12, 64]);
  assertClose(found.flat(), [...other.probabilities.data]);

  const all = await on.post(`/jobs/${id}/evaluate`, { dataset: { builtin: 'digits' } });
  const { loss, metrics, rows } = all.body as { loss: number; metrics: { accuracy: number }; rows: number };
  assert.deepEqual([all.status, rows, Object.keys(metrics)], [200, 1797, ['accuracy']]);
  assert.ok(metrics.accuracy > 0.5 && metrics.accuracy <= 1 && loss > 0, `${metrics.accuracy}`);
  const y = found.map((row) => row.indexOf(Math.max(...row)));
  const inline = await on.post(`/jobs/${id}/evaluate`, { dataset: { inline: { x, y } } });
  const nll = found.reduce((sum, row) => sum - Math.log(Math.max(...row)), 0) / 12;
  const own = inline.body as { loss: number; metrics: { accuracy: number }; rows: number };
  assert.deepEqual([own.metrics.accuracy, own.rows], [1, 12]);
  assertClose([own.loss], [nll]);

  const layers = await download(on, `/jobs/${id}/model?format=layers-model`);
  const files = await unzip(layers.bytes);
  assert.deepEqual([layers.type, [...files.keys()]], ['application/zip', ['README.md', 'model.json', 'weights.bin']]);
  assert.match(files.get('README.md')!.toString(), /accuracy: 0\.\d+[^]*"builtin": "digits"[^]*"fit_one_cycle"/);
  const { tensors, metadata } = readSafetensors((await download(on, `/jobs/${id}/model?format=safetensors`)).bytes);
  assert.deepEqual([...tensors.keys()], ['hidden.0.kernel', 'hidden.0.bias', 'output.kernel', 'output.bias']);
  assert.match(metadata.card, new RegExp(id));
  const everything = await unzip((await download(on, `/jobs/${id}/model`)).bytes);
  assert.deepEqual([...everything.keys()], ['README.md', 'job.json', 'model.json', 'checkpoint.safetensors']);
  const checkpoint = readSafetensors(everything.get('checkpoint.safetensors')!);
  assert.ok([...checkpoint.tensors.keys()].some((name) => name.startsWith('optimizer/')));
  assert.deepEqual(
    (JSON.parse(everything.get('job.json')!.toString()) as { result: unknown }).result,
    (await on.jobs.get(id))?.result,
  );
}

async function wrong({ on, id }: Trained): Promise<void> {
  const [row] = digits(1);
  const table: [path: string, body: unknown, status: number, code: string, pointers: string[]][] = [
    ['predict', { x: [row, [...row.slice(0, 63), 'a']] }, 422, 'invalid_rows', ['/x/1/63']],
    ['predict', { x: [row.slice(1)] }, 422, 'invalid_rows', ['/x/0']],
    ['predict', { rows: [{ a: 1 }] }, 422, 'invalid_rows', ['/x']],
    ['predict', { y: [1] }, 400, 'invalid_request', ['/y']],
    ['predict', { x: [] }, 400, 'invalid_request', ['/x']],
    ['predict?checkpoint=ckpt_none', { x: [row] }, 404, 'checkpoint_not_found', []],
    ['evaluate', { dataset: { builtin: 'iris' } }, 422, 'invalid_spec', ['/dataset']],
    ['evaluate', { dataset: { builtin: 'none' } }, 422, 'invalid_spec', ['/dataset/builtin']],
    ['evaluate', { dataset: { inline: { x: [row], y: [12] } } }, 422, 'invalid_spec', ['/dataset']],
    ['evaluate', {}, 400, 'invalid_request', ['/dataset']],
  ];
  for (const [path, body, status, code, at] of table) {
    const answer = await on.post(`/jobs/${id}/${path}`, body);
    assert.deepEqual(
      [answer.status, (answer.body as Problem).code, pointers(answer.body)],
      [status, code, at],
      `${path} ${JSON.stringify(body).slice(0, 60)}`,
    );
  }
  const picture = await documentedFetch(`${on.url}/jobs/${id}/predict`, {
    method: 'POST',
    headers: { 'content-type': 'image/png' },
    body: Buffer.from('no picture'),
  });
  assert.deepEqual([picture.status, ((await picture.json()) as Problem).code], [422, 'invalid_rows']);
  assert.equal((await on.get(`/jobs/${id}/model?format=pickle`)).status, 400);
  assert.equal((await on.post('/jobs/job_none/predict', { x: [row] })).status, 404);
}

async function values({ on }: Trained): Promise<void> {
  const id = await train(on, fit({ dataset: { builtin: 'diabetes' }, model: { preset: 'linear' }, metrics: ['mae'] }));
  const x = [Array<number>(10).fill(0), Array<number>(10).fill(1)];
  const { classes, data } = await predictions(on, `/jobs/${id}/predict`, { x });
  assert.equal(classes, null);
  const onnx = await runOnnx(
    (await download(on, `/jobs/${id}/model?format=onnx`)).bytes,
    Float32Array.from(x.flat()),
    [2, 10],
  );
  assertClose(
    data.flatMap((each) => ('values' in each ? each.values : [])),
    [...onnx.values.data],
  );
}

async function many({ on, id }: Trained): Promise<void> {
  const x = digits(1700);
  const whole = probabilities(await predictions(on, `/jobs/${id}/predict`, { x: [...x, ...x] }));
  assert.equal(whole.length, 3400);
  const few = await Promise.all(x.slice(0, 40).map((row) => predictions(on, `/jobs/${id}/predict`, { x: [row] })));
  few.forEach((each, i) => assertClose(probabilities(each)[0], whole[i]));
  await until('inputs and answers are removed', async () =>
    (await on.storage.list('predictions')).length === 0 && (await on.redis.keys('onecycle:prediction*')).length === 0
      ? true
      : null,
  );
}

async function running({ on }: Trained): Promise<void> {
  const { id } = await on.submit(fit({ policy: { name: 'fit', n_epoch: 5000, lr: 0.001 }, timeout_seconds: 300 }));
  const body = { x: digits(1) };
  await trains(on, id);
  assert.equal((await on.post(`/jobs/${id}/checkpoints`, { name: 'early' })).status, 202);
  await until('the checkpoint is there', async () => ((await on.jobs.checkpoints(id)).length > 0 ? true : null));
  assert.equal(probabilities(await predictions(on, `/jobs/${id}/predict?checkpoint=early`, body)).length, 1);
  assert.equal((await on.jobs.get(id))?.status, 'running');
  await on.jobs.cancel(id);
  await reaches(on.jobs, id, 'cancelled');
  assert.equal(probabilities(await predictions(on, `/jobs/${id}/predict`, body)).length, 1);
}

async function replaced({ on, id, worker }: Trained): Promise<void> {
  const body = { x: digits(1) };
  const first = await predictions(on, `/jobs/${id}/predict`, body);
  const predictor = () => descendants(worker.pid!).find(({ command }) => command.includes('predictor'))!.pid;
  const pid = predictor();
  process.kill(pid, 'SIGKILL');
  await until('it is gone', () => (lives(pid) ? null : true));
  assert.deepEqual(await predictions(on, `/jobs/${id}/predict`, body), first);
  assert.notEqual(predictor(), pid);
}

async function unavailable({ on, id, worker }: Trained): Promise<void> {
  const children = childrenOf(worker.pid!);
  await end(worker, 'SIGKILL');
  await until('its predictor and its trainers have ended', () => (children.some(lives) ? null : true));
  await until('the worker counts as dead', async () => ((await on.jobs.workers()).length === 0 ? true : null));
  const { status, headers, body } = await on.post(`/jobs/${id}/predict`, { x: digits(1) });
  assert.deepEqual([status, headers.get('retry-after'), (body as Problem).code], [503, '5', 'unavailable']);
  // What is taken away needs none.
  assert.equal((await download(on, `/jobs/${id}/model?format=layers-model`)).name, `${id}.zip`);
}

/** People of a ship: who travels in the first cabins, or is young, is rescued. Some ages are missing. */
function passengers(from: number, to: number): string {
  const rows = Array.from({ length: to - from }, (_, i) => {
    const n = from + i;
    const [age, cabin] = [(n * 37) % 80, ['first', 'second', 'third'][n % 3]];
    const rescued = cabin === 'first' || age < 20 ? 'yes' : 'no';
    return `${n % 11 === 0 ? '' : age},${cabin},${(n * 13) % 50},${rescued}`;
  });
  return ['age,cabin,fare,rescued', ...rows, ''].join('\n');
}

async function upload(on: Api, file: string | Buffer, type = 'text/csv'): Promise<string> {
  const headers = { 'content-type': type };
  const answer = await documentedFetch(`${on.url}/datasets`, { method: 'POST', headers, body: file });
  const text = await answer.text();
  assert.equal(answer.status, 201, text);
  return (JSON.parse(text) as { id: string }).id;
}

async function tables({ on }: Trained): Promise<void> {
  const data = await upload(on, passengers(0, 600));
  const id = await train(
    on,
    fit({
      policy: { name: 'fit_one_cycle', n_epoch: 12, lr_max: 0.02 },
      dataset: { id: data, target: 'rescued' },
      model: { preset: 'tabular', layers: [32] },
    }),
  );
  const rows = [
    { age: 50, cabin: 'first', fare: 10 },
    { age: null, cabin: 'third', fare: 30 },
    { age: 60, cabin: 'third', fare: 20 },
    { age: 40, cabin: 'steerage', fare: 1 },
  ];
  const answer = await predictions(on, `/jobs/${id}/predict`, { rows });
  assert.deepEqual(answer.classes, ['no', 'yes']);
  const said = answer.data.map((each) => 'class' in each && each.class);
  assert.deepEqual([said[0], said[2]], ['yes', 'no']);

  const csv = 'cabin;age;fare\nfirst;50;10\nthird;;30\nthird;60;20\nsteerage;40;1\n';
  const headers = { 'content-type': 'text/csv' };
  const fromFile = await documentedFetch(`${on.url}/jobs/${id}/predict`, { method: 'POST', headers, body: csv });
  assert.deepEqual(await fromFile.json(), answer);

  const other = await upload(on, passengers(1000, 1100));
  const evaluated = await on.post(`/jobs/${id}/evaluate`, { dataset: { id: other } });
  const { metrics, rows: count } = evaluated.body as { metrics: { accuracy: number }; rows: number };
  assert.deepEqual([evaluated.status, count], [200, 100], JSON.stringify(evaluated.body));
  assert.ok(metrics.accuracy > 0.8, String(metrics.accuracy));

  const unknown = await upload(on, passengers(1000, 1050).replaceAll(',no', ',perhaps'));
  const refused = await on.post(`/jobs/${id}/evaluate`, { dataset: { id: unknown } });
  assert.deepEqual([refused.status, (refused.body as Problem).code], [422, 'invalid_dataset']);
  assert.match((refused.body as Problem).detail, /Row \d+ has "perhaps"/);
  const { status, body } = await on.post(`/jobs/${id}/predict`, { rows: [{ age: 'old', cabin: 'first', fare: 1 }] });
  assert.deepEqual([status, pointers(body)], [422, ['/rows/0/age']]);
}

/** A picture of one colour with some noise. */
const picture = (colour: 'red' | 'blue', seed: number): Promise<Buffer> => {
  const pixels = Buffer.alloc(16 * 16 * 3);
  for (let i = 0; i < pixels.length; i++)
    pixels[i] = i % 3 === (colour === 'red' ? 0 : 2) ? 200 : (i * 7919 * (seed + 1)) % 80;
  return sharp(pixels, { raw: { width: 16, height: 16, channels: 3 } })
    .png()
    .toBuffer();
};

async function pictures({ on }: Trained): Promise<void> {
  const zip = new ZipFile();
  for (let i = 0; i < 40; i++) {
    const colour = i % 2 === 0 ? 'red' : 'blue';
    zip.addBuffer(await picture(colour, i), `${colour}/${i}.png`);
  }
  zip.end();
  const data = await upload(on, await buffer(zip.outputStream), 'application/zip');
  const id = await train(
    on,
    fit({
      policy: { name: 'fit_one_cycle', n_epoch: 6, lr_max: 0.02 },
      dataset: { id: data, item_tfms: [{ name: 'resize', size: 12 }] },
      model: { preset: 'cnn', channels: [4, 8] },
      batch_size: 8,
    }),
  );
  const ask = async (body: Buffer) => {
    const headers = { 'content-type': 'image/png' };
    const answer = await documentedFetch(`${on.url}/jobs/${id}/predict`, { method: 'POST', headers, body });
    return { status: answer.status, body: (await answer.json()) as Answers & Problem };
  };
  for (const colour of ['red', 'blue'] as const) {
    const { status, body } = await ask(await picture(colour, 100));
    assert.deepEqual([status, body.classes], [200, ['blue', 'red']], JSON.stringify(body));
    const [answer] = body.data;
    assert.equal('class' in answer && answer.class, colour);
  }
  const { status, body } = await ask(Buffer.from('no picture'));
  assert.deepEqual([status, body.code], [422, 'invalid_rows']);
  const evaluated = await on.post(`/jobs/${id}/evaluate`, { dataset: { id: data } });
  const { metrics, rows } = evaluated.body as { metrics: { accuracy: number }; rows: number };
  assert.deepEqual([evaluated.status, rows, metrics.accuracy], [200, 40, 1], JSON.stringify(evaluated.body));
}

test('predictions', async (t) => {
  // Engines take seconds to load: one service for all, the worker's end last.
  const service = await trained(t);
  await t.test('a trained model predicts, is evaluated, and can be taken away', () => takenAway(service));
  await t.test('what is wrong with rows, data sets and checkpoints is said', () => wrong(service));
  await t.test('values are predicted as they are', () => values(service));
  await t.test('rows of a table are predicted through its processing, as JSON and as CSV', () => tables(service));
  await t.test('pictures are predicted as they come', () => pictures(service));
  await t.test('many at once, and large ones, are answered as one alone is; nothing is left behind', () =>
    many(service),
  );
  await t.test('a running job predicts from a checkpoint', () => running(service));
  await t.test('a predictor that dies is replaced', () => replaced(service));
  await t.test('without a worker, predictions are unavailable', () => unavailable(service));
});

test('on WebAssembly, too', async (t) => {
  const { on, id } = await trained(t, fit({ model: { preset: 'cnn', channels: [4, 4] } }), { ONECYCLE_ENGINE: 'wasm' });
  const x = digits(3);
  const found = probabilities(await predictions(on, `/jobs/${id}/predict`, { x }));
  const onnx = await runOnnx(
    (await download(on, `/jobs/${id}/model?format=onnx`)).bytes,
    Float32Array.from(x.flat()),
    [3, 64],
  );
  assertClose(found.flat(), [...onnx.probabilities.data]);
});
