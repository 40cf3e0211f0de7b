/** The whole service with its files in S3: real training, on a data folder that holds nothing that would be missed. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { conditional, startS3, type S3Server } from '../storage/s3-server.js';
import { Server, type JobRecord } from './harness.js';
import { descendants } from './processes.js';

let s3: S3Server;
let server: Server;

before(async () => {
  s3 = await startS3();
  const env = { ...s3.env, ONECYCLE_STORAGE: `s3://${s3.bucket}/team`, ONECYCLE_ENGINE: 'tensorflow' };
  server = await Server.start({ env: { ...env, ONECYCLE_DEVICES: 'cpu' } });
});
after(async () => {
  await server.stop();
  await s3.remove();
});

const stored = async (part: string): Promise<string[]> =>
  (await s3.objects()).filter((name) => name.startsWith(`team/${part}`));

/** Rows of two classes that are told apart by a line. */
const csv = ['a,b,class', ...Array.from({ length: 400 }, (_, i) => `${i % 20},${i % 7},${i % 20 > i % 7 ? 'x' : 'y'}`)];

async function upload(): Promise<string> {
  const response = await fetch(`${server.url}/datasets`, {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body: csv.join('\n'),
  });
  assert.equal(response.status, 201);
  return ((await response.json()) as { id: string }).id;
}

const remove = async (path: string): Promise<void> => {
  assert.equal((await fetch(server.url + path, { method: 'DELETE' })).status, 204);
};

const hasCheckpoint = (id: string): Promise<unknown> =>
  server.until('a checkpoint is stored', async () => {
    const { data } = (await server.ok(`/jobs/${id}/checkpoints`)) as { data: unknown[] };
    return data.at(0);
  });

test('a job trains, survives a kill, gives all that it has made, and leaves nothing in the bucket', async () => {
  const dataset = await upload();
  const { id } = await server.submit({
    policy: { name: 'fit_one_cycle', n_epoch: 500, lr_max: 0.01 },
    dataset: { id: dataset, target: 'class' },
    model: { preset: 'tabular' },
    checkpoint_seconds: 0.1,
  });
  await hasCheckpoint(id);
  // A worker is missed after some seconds: that is for npm run s3. Its trainer's end is noticed at once.
  const victim = conditional ? 'worker/main.js' : 'trainer/main.js';
  const victims = descendants(server.pid).filter(({ command }) => command.includes(victim));
  // The warm trainer, which would be given the job before its end was noticed, is younger.
  process.kill(Math.min(...victims.map(({ pid }) => pid)), 'SIGKILL');
  const record = (await server.completed(id)) as JobRecord & { resumed: { iteration: number; equality: string }[] };
  assert.equal(record.attempt, 2);
  assert.deepEqual([record.resumed[0].equality, record.resumed[0].iteration > 0], ['exact', true]);

  await server.until('the log is in the bucket', async () => (await stored(`jobs/${id}/log`)).length === 1);
  assert.equal((await server.metrics(id)).iteration.length, record.progress.n_iteration);
  for (const path of ['weights', 'model?format=layers-model', 'model?format=onnx', 'checkpoints/last/weights']) {
    const response = await fetch(`${server.url}/jobs/${id}/${path}`);
    assert.equal(response.status, 200, path);
    assert.ok((await response.arrayBuffer()).byteLength > 1000, path);
  }
  const { status, body } = await server.post(`/jobs/${id}/predict`, { rows: [{ a: 19, b: 0 }] });
  assert.equal(status, 200, JSON.stringify(body));
  assert.ok(!existsSync(join(server.dataDir, 'artifacts', 'jobs')), 'nothing is kept in the data folder');

  await remove(`/jobs/${id}`);
  await remove(`/datasets/${dataset}`);
  await server.until('only its name is left', async () => (await stored('')).join() === 'team/owner');
});

test('the bucket is away while a job trains: requests that need it are told, and nothing is lost', async () => {
  const { id } = await server.submit({
    policy: { name: 'fit_one_cycle', n_epoch: 400, lr_max: 0.003 },
    dataset: { builtin: 'digits' },
    model: { preset: 'mlp' },
    checkpoint_seconds: 0.1,
  });
  await hasCheckpoint(id);
  await s3.stop();
  const inline = { x: [[1], [2], [3], [4]], y: [0, 1, 0, 1] };
  const refused = await server.post('/jobs', {
    policy: { name: 'fit', n_epoch: 1, lr: 0.1 },
    dataset: { inline },
    model: { preset: 'mlp' },
    batch_size: 2,
    split: { valid_pct: 0.5 },
  });
  assert.deepEqual([refused.status, (refused.body as { code: string }).code], [503, 'storage_unavailable']);
  await server.until('all is trained and only the end is to be stored', async () => {
    const { progress } = await server.job(id);
    return progress.iteration === progress.n_iteration;
  });
  assert.equal((await server.job(id)).status, 'running');
  await s3.start();
  assert.equal((await server.completed(id)).attempt, 1);
  assert.equal((await fetch(`${server.url}/jobs/${id}/weights`)).status, 200);
});
