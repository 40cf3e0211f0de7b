/**
 * Jobs that go on: killed, paused, cancelled and branched, each ends with the bits of one that was left alone. Real
 * training on the native engine, over HTTP.
 */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Server, type JobRecord } from './harness.js';
import { descendants } from './processes.js';

interface Checkpoint {
  id: string;
  iteration: number;
  epoch: number;
  reason: string;
  name: string | null;
  metrics: Record<string, number | null>;
}

interface ResumedRecord extends JobRecord {
  resumed?: { attempt: number; from: string; iteration: number; equality: string; damaged?: string[] }[];
  retry_of?: string;
}

const spec = {
  // Seconds of training: whoever stops it must not come too late.
  policy: { name: 'fit_one_cycle', n_epoch: 300, lr_max: 0.003 },
  dataset: { builtin: 'digits' },
  model: { preset: 'mlp', dropout: 0.2 },
  callbacks: [{ name: 'save_best' }],
  checkpoint_seconds: 0.1,
};

describe('a job that goes on has the bits of one that was left alone', () => {
  let server: Server;
  let reference: unknown;

  const checkpoints = async (id: string): Promise<Checkpoint[]> =>
    ((await server.get(`/jobs/${id}/checkpoints`)).body as { data: Checkpoint[] }).data;
  const record = async (id: string): Promise<ResumedRecord> => (await server.get(`/jobs/${id}`)).body as ResumedRecord;
  const hasCheckpoint = (id: string): Promise<Checkpoint> =>
    server.until('it has a checkpoint', async () => (await checkpoints(id)).at(0));
  const weights = async (path: string): Promise<string> =>
    Buffer.from(await (await fetch(server.url + path)).arrayBuffer()).toString('base64');
  const outcome = async (id: string): Promise<unknown> => {
    const { iteration, raw_loss, loss, seconds, hypers, epochs } = await server.metrics(id);
    assert.ok(
      seconds.every((each, i) => each !== null && each >= (seconds[i - 1] ?? 0)),
      'time goes on',
    );
    const ends = epochs.map(({ train_loss, valid_loss, metrics }) => ({ train_loss, valid_loss, metrics }));
    return { iteration, raw_loss, loss, hypers, ends, weights: await weights(`/jobs/${id}/weights`) };
  };
  const trainers = (): number[] =>
    descendants(server.pid)
      .filter(({ command }) => command.includes('trainer/main.js'))
      .map(({ pid }) => pid);

  before(async () => {
    server = await Server.start({ env: { ONECYCLE_ENGINE: 'tensorflow', ONECYCLE_DEVICES: 'cpu' } });
    const { id } = await server.submit(spec);
    await server.completed(id);
    reference = await outcome(id);
  });
  after(() => server.stop());

  test('kill -9 of the trainer: it goes on from its last checkpoint', async () => {
    const { id } = await server.submit(spec);
    await hasCheckpoint(id);
    assert.equal((await record(id)).status, 'running');
    // The warm one, which would be given the job before its end was noticed, is younger.
    process.kill(Math.min(...trainers()), 'SIGKILL');
    await server.completed(id);
    const { attempt, resumed } = await record(id);
    assert.equal(attempt, 2);
    assert.equal(resumed?.[0].equality, 'exact');
    assert.ok(resumed[0].iteration > 0);
    assert.deepEqual(await outcome(id), reference);
  });

  test('pause, resume, and pause again', async () => {
    const { id } = await server.submit(spec);
    for (let i = 0; i < 2; i++) {
      await server.until('it trains', async () => (await record(id)).status === 'running');
      const { iteration } = (await record(id)).progress;
      await server.until('it goes on', async () => (await record(id)).progress.iteration > iteration);
      assert.equal((await server.post(`/jobs/${id}/pause`)).status, 200);
      await server.until('it rests', async () => (await record(id)).status === 'paused');
      assert.equal((await server.post(`/jobs/${id}/resume`)).status, 200);
    }
    await server.completed(id);
    assert.equal((await record(id)).resumed?.length, 2);
    assert.deepEqual(await outcome(id), reference);
  });

  test('cancel and retry: a new job ends with the same weights, the old one stays as it was', async () => {
    const { id } = await server.submit(spec);
    await hasCheckpoint(id);
    await server.post(`/jobs/${id}/cancel`);
    await server.until('it is cancelled', async () => (await record(id)).status === 'cancelled');
    const last = (await checkpoints(id)).at(-1)!;
    assert.equal(last.reason, 'cancelled');
    const answer = await server.post(`/jobs/${id}/retry`);
    assert.equal(answer.status, 201);
    const again = answer.body as ResumedRecord;
    assert.deepEqual([again.retry_of, again.progress.iteration], [id, last.iteration]);
    await server.completed(again.id);
    const { weights: expected } = reference as { weights: string };
    assert.equal(await weights(`/jobs/${again.id}/weights`), expected);
    assert.equal((await server.metrics(again.id)).iteration[0], last.iteration);
    assert.equal((await record(id)).status, 'cancelled');
  });

  test('a checkpoint has a name, its parameters can be fetched, and others branch off it', async () => {
    const { id } = await server.submit(spec);
    await hasCheckpoint(id);
    assert.equal((await server.post(`/jobs/${id}/checkpoints`, { name: 'branch' })).status, 202);
    const named = await server.until('it is made', async () =>
      (await checkpoints(id)).find(({ name }) => name === 'branch'),
    );
    const path = `/jobs/${id}/checkpoints/${named.id}/weights`;
    assert.equal(await weights(path), await weights(`/jobs/${id}/checkpoints/branch/weights`));
    const cooldown = { name: 'fit', n_epoch: 1, lr: 0.001 };
    const branch = { ...spec, policy: cooldown, model: undefined, callbacks: [] };
    const { id: child } = await server.submit({ ...branch, continue_from: { job: id, checkpoint: 'branch' } });
    const spawned = (await server.get(`/jobs/${child}`)).body as { spec: { continue_from: { checkpoint: string } } };
    assert.equal(spawned.spec.continue_from.checkpoint, named.id);
    await server.completed(child);
    await server.completed(id);
    assert.ok((await checkpoints(id)).some((each) => each.id === named.id));
    const best = (await checkpoints(id)).findLast(({ reason }) => reason === 'best')!;
    assert.equal(typeof best.metrics.valid_loss, 'number');
    // save_best: the final parameters are those of the best epoch.
    assert.equal(await weights(`/jobs/${id}/checkpoints/best/weights`), await weights(`/jobs/${id}/weights`));
  });

  test('a damaged checkpoint is noticed, the one before it is used, and the record says so', async () => {
    const { id } = await server.submit(spec);
    await server.until('it has two', async () => (await checkpoints(id)).length >= 2);
    await server.post(`/jobs/${id}/pause`);
    await server.until('it rests', async () => (await record(id)).status === 'paused');
    const [before, last] = (await checkpoints(id)).slice(-2);
    const file = join(server.dataDir, 'artifacts', 'jobs', id, 'checkpoints', `${last.id}.safetensors`);
    const bytes = await readFile(file);
    bytes[bytes.length - 100] ^= 1;
    await writeFile(file, bytes);
    await server.post(`/jobs/${id}/resume`);
    await server.completed(id);
    const [resumed] = (await record(id)).resumed ?? [];
    assert.deepEqual([resumed.from, resumed.iteration, resumed.damaged], [before.id, before.iteration, [last.id]]);
    assert.deepEqual(await outcome(id), reference);
  });

  test('finish: the schedule is left, and a job with the spec that says so has the same bits', async () => {
    const long = { ...spec, policy: { ...spec.policy, n_epoch: 3000 }, callbacks: [] };
    const { id } = await server.submit(long);
    await hasCheckpoint(id);
    assert.equal((await server.post(`/jobs/${id}/finish`, { cooldown: 2 })).status, 200);
    await server.completed(id);
    const finished = (await record(id)) as unknown as {
      spec: { finish: { iteration: number; cooldown: number } };
      progress: { iteration: number; n_iteration: number };
      phases: { phase: number; n_epoch: number }[];
    };
    const { finish } = finished.spec;
    assert.equal(finish.cooldown, 2);
    assert.ok(finish.iteration > 0 && finish.iteration < 3000 * 22);
    assert.equal(finished.progress.iteration, finish.iteration + 2 * 22);
    assert.equal(finished.progress.n_iteration, finished.progress.iteration);
    assert.deepEqual(
      finished.phases.map(({ phase, n_epoch }) => [phase, n_epoch]),
      [
        [0, 3000],
        [1, 2],
      ],
    );
    const { id: again } = await server.submit({ ...long, finish });
    await server.completed(again);
    assert.deepEqual(await outcome(again), await outcome(id));
    assert.equal((await server.post(`/jobs/${id}/finish`, { cooldown: 2 })).status, 409);
    assert.equal((await server.post(`/jobs/${id}/finish`, { cooldown: 0 })).status, 400);
  });

  test('what cannot be: 404, 409 and 422, with what would be right', async () => {
    const { id } = await server.submit({ ...spec, policy: { ...spec.policy, n_epoch: 1 } });
    await server.completed(id);
    const statuses = [
      await server.post(`/jobs/${id}/pause`),
      await server.post(`/jobs/${id}/resume`),
      await server.post(`/jobs/${id}/retry`),
      await server.post(`/jobs/${id}/checkpoints`, { name: 'late' }),
      await server.post(`/jobs/${id}/checkpoints`, { name: 'last' }),
      await server.get(`/jobs/${id}/checkpoints/ckpt_none/weights`),
      await server.post('/jobs/job_none/pause'),
      await server.post('/jobs', { ...spec, model: undefined, continue_from: { job: id, checkpoint: 'none' } }),
    ].map(({ status }) => status);
    assert.deepEqual(statuses, [409, 409, 409, 409, 400, 404, 404, 422]);
  });
});
