/** Jobs beside one another on one worker: what holds for a job that is alone holds for each of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobRecord, WorkerInfo } from '../../src/jobs/index.js';
import { end, gate, outline, reaches, trains, until, wholeLog } from '../jobs/harness.js';
import { documentedFetch } from '../openapi.js';
import { api, job, type Api } from './harness.js';
import { sharedCard } from './shared-card.js';

const secret = (letter: string) => `oc_${letter.repeat(40)}`;
const operator = secret('o');
const acme = secret('a');
const beta = secret('b');
const apiKeys = [operator, `acme:${acme}`, `beta:${beta}`];
const access = { apiKeys, insecure: false, allowedHosts: [], corsOrigins: [] };
const env = { ONECYCLE_THREADS: '3', ONECYCLE_SLOTS: '3', ONECYCLE_LABELS: 'zone=a' };

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

async function ask<T>(on: Api, key: string, method: string, path: string, body?: object): Promise<T> {
  const headers = { ...bearer(key), 'content-type': 'application/json' };
  const response = await documentedFetch(on.url + path, {
    method,
    headers,
    ...(body && { body: JSON.stringify(body) }),
  });
  const answer: unknown = await response.json();
  assert.ok(response.ok, `${method} ${path}: ${JSON.stringify(answer)}`);
  return answer as T;
}

const workers = async (on: Api) => (await ask<{ data: WorkerInfo[] }>(on, operator, 'GET', '/workers')).data;

/** Waits until the workers say that they run these jobs and no others. */
const run = async (on: Api, ...jobs: JobRecord[]): Promise<void> => {
  const ids = jobs.map(({ id }) => id).sort();
  await until(`the workers run ${ids.join()}`, async () => {
    const found = (await workers(on)).flatMap((worker) => worker.jobs.map((each) => each.job));
    return found.sort().join() === ids.join() ? true : null;
  });
};

/** Posts jobs that go on until they are cancelled, or `open`. */
function posting(on: Api, name: string) {
  const g = gate(on, name);
  const post = (more: object = {}, key = operator, tags: object = {}): Promise<JobRecord> =>
    ask<JobRecord>(on, key, 'POST', '/jobs', job({ ...more, tags: { ...g.tags, ...tags } }));
  const cancel = (made: JobRecord, key = operator) => ask(on, key, 'POST', `/jobs/${made.id}/cancel`);
  return { post, cancel, open: g.open };
}

async function ownLimits(on: Api): Promise<void> {
  const { post, open } = posting(on, 'limits');
  const stays = await post();
  await trains(on, stays.id);
  const hangs = await post({ stall_seconds: 2, max_attempts: 10 }, operator, { hang_until: '2' });
  const late = await post({ timeout_seconds: 1 });
  assert.equal((await reaches(on.jobs, late.id, 'failed')).error?.code, 'timeout');
  // Its trainer is killed, and another goes on with it.
  await until('the one that hung trains again', async () =>
    (await on.jobs.existing(hangs.id)).attempt > 1 ? true : null,
  );
  await open();
  await reaches(on.jobs, hangs.id, 'completed');
  assert.equal((await reaches(on.jobs, stays.id, 'completed')).attempt, 1);
  assert.deepEqual(outline(await wholeLog(on.jobs, stays.id)), ['queued', 'running', 'batches', 'epoch', 'completed']);
}

async function concurrency(on: Api): Promise<void> {
  const { post, cancel } = posting(on, 'concurrency');
  const shared = { concurrency_key: 'k', concurrency_limit: 2 };
  const [first, second, third] = [await post(shared), await post(shared), await post(shared)];
  const other = await post();
  await run(on, first, second, other);
  await cancel(other);
  await run(on, first, second);
  assert.equal((await on.jobs.existing(third.id)).status, 'queued', 'a slot is free, and the key’s limit holds');
  await cancel(first);
  await run(on, second, third);
  for (const each of [second, third]) await cancel(each);
}

async function turns(on: Api): Promise<void> {
  const { post, cancel } = posting(on, 'turns');
  await ask(on, operator, 'PUT', '/tenants/beta', { running: 1 });
  const holds = [await post(), await post(), await post()];
  await run(on, ...holds);
  const ofAcme = [await post({}, acme), await post({}, acme), await post({}, acme)];
  const ofBeta = [await post({}, beta), await post({}, beta)];
  await cancel(holds[0]);
  await cancel(holds[1]);
  await run(on, holds[2], ofAcme[0], ofBeta[0]);
  await cancel(holds[2]);
  await run(on, ofAcme[0], ofBeta[0], ofAcme[1]);
  await cancel(ofAcme[0], acme);
  // It would be beta's turn, but it runs as many as it may.
  await run(on, ofBeta[0], ofAcme[1], ofAcme[2]);
  await cancel(ofBeta[0], beta);
  await run(on, ofAcme[1], ofAcme[2], ofBeta[1]);
  for (const each of [ofAcme[1], ofAcme[2]]) await cancel(each, acme);
  await cancel(ofBeta[1], beta);
}

async function ofOneKey(on: Api): Promise<void> {
  const { post, cancel } = posting(on, 'key');
  const { id, key } = await ask<{ id: string; key: string }>(on, operator, 'POST', '/keys', {
    ...{ name: 'small', tenant: 'acme', limits: { running: 1 } },
  });
  const usage = async () =>
    (await ask<{ data: { id: string; usage: object }[] }>(on, operator, 'GET', '/keys')).data.find(
      (each) => each.id === id,
    )?.usage;
  const shared = { concurrency_key: 'k' };
  const [first, second] = [await post({}, key), await post({}, key)];
  const [other, sharing] = [await post({}, acme), await post(shared, acme)];
  await run(on, first, other, sharing);
  await cancel(other, acme);
  await run(on, first, sharing);
  const waits = await on.jobs.existing(second.id);
  assert.match(`${waits.status}: ${waits.queue?.reason}`, /^queued: .*of the key that posted it/);
  assert.deepEqual(await usage(), { queued: 1, running: 1, stored_bytes: 0 });
  const both = await post(shared, key);
  await cancel(first, acme);
  await run(on, second, sharing);
  await cancel(second, acme);
  await run(on, sharing);
  assert.equal((await on.jobs.existing(both.id)).status, 'queued', 'its key may run it, its concurrency key may not');
  await cancel(sharing, acme);
  await run(on, both);
  await cancel(both, acme);
  await run(on);
  assert.deepEqual(await usage(), { queued: 0, running: 0, stored_bytes: 0 });
  assert.deepEqual(await on.redis.keys('onecycle:concurrency:*'), []);
}

async function pools(on: Api): Promise<void> {
  const { post, cancel } = posting(on, 'pools');
  const requires = { zone: 'a' };
  const first = [await post({ requires }), await post(), await post({ requires })];
  await run(on, ...first);
  const low = await post({ priority: 1 });
  const high = await post({ priority: 2, requires });
  const top = await post({ priority: 3 });
  // Whichever of its lines has the highest priority goes first, a job for each that ends.
  for (const [i, next] of [top, high, low].entries()) {
    await cancel(first[i]);
    await run(on, ...first.slice(i + 1), ...[top, high, low].slice(0, i + 1));
    await trains(on, next.id);
  }
  for (const each of [top, high, low]) await cancel(each);
}

async function draining(on: Api, worker: Awaited<ReturnType<Api['worker']>>): Promise<void> {
  const { post, open } = posting(on, 'draining');
  const both = [await post({}, operator, { checkpoint_every: '5' }), await post()];
  for (const { id } of both) await trains(on, id);
  const [{ id }] = await workers(on);
  assert.equal((await ask<WorkerInfo>(on, operator, 'POST', `/workers/${id}/drain`)).status, 'draining');
  const after = await post();
  await run(on, ...both);
  assert.equal((await on.jobs.existing(after.id)).status, 'queued', 'it takes no third one');
  await end(worker, 'SIGTERM');
  for (const each of both) {
    const { status, attempt } = await on.jobs.existing(each.id);
    assert.deepEqual([status, attempt], ['queued', 2], 'it is handed back');
  }
  await on.worker({ env });
  await run(on, ...both, after);
  await open();
  for (const each of both) {
    const { resumed } = await reaches(on.jobs, each.id, 'completed');
    assert.ok(resumed?.[0].iteration, 'it has gone on from the checkpoint that the shutdown has made');
    assert.deepEqual(
      outline(await wholeLog(on.jobs, each.id)).filter((name) => name !== 'batches'),
      ['queued', 'running', 'queued', 'running', 'rewind', 'epoch', 'completed'],
    );
  }
}

test('jobs beside one another', async (t) => {
  const on = await api(t, { access });
  await t.test('those that state their memory share a card while it is enough; one that states none has it alone', () =>
    sharedCard(on, bearer(operator)),
  );
  const worker = await on.worker({ env });
  await t.test('one that takes too long, or hangs, is ended alone', () => ownLimits(on));
  await t.test('no more of a concurrency key run than may', () => concurrency(on));
  // Before there are tenants: then a priority is one among the jobs of a tenant in one line.
  await t.test('jobs of two pools run at once, the highest priority of both first', () => pools(on));
  await t.test('tenants take turns at each slot, and run no more than they may', () => turns(on));
  await t.test('a key runs no more than it may; what others of its tenant post passes by', () => ofOneKey(on));
  await t.test('a worker that drains takes no other; one that ends hands all back, with checkpoints', () =>
    draining(on, worker),
  );
});
