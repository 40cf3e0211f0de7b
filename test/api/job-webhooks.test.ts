/** Webhooks that a job names: they are told of that job alone, and come and go with it. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { JobRecord } from '../../src/jobs/index.js';
import type { Webhook } from '../../src/jobs/webhooks/webhook.js';
import { documentedFetch } from '../openapi.js';
import { reaches, until } from '../jobs/harness.js';
import { api, job, pointers, type Answer } from './harness.js';
import { receiver, verified, type Received } from './receiver.js';

const key = (letter: string) => `oc_${letter.repeat(40)}`;
const [operator, acme] = [key('o'), key('a')];
const access = { apiKeys: [operator, `acme:${acme}`], insecure: false, allowedHosts: [], corsOrigins: [] };
const webhooks = { allowed: ['127.0.0.1'], retryMs: [30, 30], timeoutMs: 5000, pollMs: 20 };
const madeSecret = () => `whsec_${randomBytes(32).toString('base64')}`;
const rates = { policy: { name: 'fit_one_cycle', n_epoch: 1, lr_max: { lr_find: 'valley' } } };

test('webhooks of jobs', async (t) => {
  const on = await api(t, { webhooks, access });
  await on.worker();

  async function ask(method: string, path: string, body?: object, by = operator, more = {}): Promise<Answer> {
    const response = await documentedFetch(on.url + path, {
      method,
      headers: { authorization: `Bearer ${by}`, ...(body && { 'content-type': 'application/json' }), ...more },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
  }
  async function made(body: object, by = operator, more = {}): Promise<JobRecord> {
    const { status, body: record } = await ask('POST', '/jobs', body, by, more);
    assert.equal(status, 201, JSON.stringify(record));
    return record as JobRecord;
  }
  const arrive = (id: string, count: number) =>
    until(`${count} deliveries of ${id} are delivered`, async () => {
      const { body } = await ask('GET', `/webhooks/${id}/deliveries?status=delivered`);
      const { data } = body as { data: { id: string }[] };
      return data.length === count ? data : null;
    });
  const told = (received: readonly Received[], secret: string) =>
    received.map((each) => {
      const { type, data } = verified(each, secret);
      return `${type} ${data.job}`;
    });
  const ends = (id: string, status = 'completed') => reaches(on.jobs, id, status);

  await t.test('the posted job speaks, its finder and others do not; a generated secret is told once', async (t) => {
    const [all, some] = [await receiver(t, () => 204), await receiver(t, () => 204)];
    const own = madeSecret();
    const asked = [
      { url: all.url, events: ['job.completed', 'job.epoch', 'job.checkpoint'] },
      { url: some.url, secret: own },
    ];
    const body = job({ ...rates, tags: { batches: '100' }, webhooks: asked });
    const fit = await made(body, operator, { 'idempotency-key': 'once' });
    const [{ id, secret = '' }, other] = fit.webhooks!;
    assert.match(secret, /^whsec_/);
    assert.ok(!('secret' in other), 'one that was given is not repeated');
    assert.deepEqual(other.events, ['job.completed', 'job.failed', 'job.cancelled', 'job.paused']);
    const again = await made(body, operator, { 'idempotency-key': 'once' });
    assert.equal(again.id, fit.id);
    await ends((await made(job())).id);
    await ends(fit.id);
    await arrive(id, 3);
    await arrive(other.id, 1);
    assert.deepEqual(
      told(all.received, secret).sort(),
      ['checkpoint', 'completed', 'epoch'].map((event) => `job.${event} ${fit.id}`),
    );
    assert.deepEqual(told(some.received, own), [`job.completed ${fit.id}`]);

    const finder = fit.lr_find!.job;
    const shown = [
      again,
      ...(await Promise.all(
        [
          '/jobs',
          `/jobs/${fit.id}`,
          `/jobs/${finder}`,
          `/webhooks/${id}`,
          `/webhooks/${id}/deliveries`,
          '/webhooks',
        ].map(async (path) => (await ask('GET', path)).body),
      )),
    ];
    assert.doesNotMatch(JSON.stringify(shown), /whsec_|secret/);
    const read = (await ask('GET', `/jobs/${fit.id}`)).body as JobRecord;
    assert.deepEqual(read.webhooks?.[0], { id, url: all.url, events: asked[0].events, enabled: true });
    assert.ok(!('webhooks' in read.spec) && !('webhooks' in (await on.jobs.existing(finder))));
    assert.equal(((await ask('GET', `/webhooks/${id}`)).body as Webhook).job, fit.id);
    assert.deepEqual((await ask('GET', '/webhooks')).body, { object: 'list', data: [] });
  });

  await t.test('a resumed job goes on to speak, and so does a retry, with the same secrets', async (t) => {
    const { url, received } = await receiver(t, () => 204);
    const gate = join(on.folder, 'gate');
    const paused = await made(job({ tags: { gate }, webhooks: [{ url }] }));
    const [{ id, secret = '' }] = paused.webhooks!;
    await ends(paused.id, 'running');
    await ask('POST', `/jobs/${paused.id}/pause`);
    await ends(paused.id, 'paused');
    writeFileSync(gate, '');
    await ask('POST', `/jobs/${paused.id}/resume`);
    await ends(paused.id);
    await arrive(id, 2);
    assert.deepEqual(told(received.splice(0), secret).sort(), [
      `job.completed ${paused.id}`,
      `job.paused ${paused.id}`,
    ]);

    const failing = await made(job({ tags: { ending: 'failed' }, webhooks: [{ url }] }));
    await ends(failing.id, 'failed');
    const { status, body } = await ask('POST', `/jobs/${failing.id}/retry`);
    assert.equal(status, 201);
    const retry = body as JobRecord;
    assert.deepEqual(
      retry.webhooks?.map((each) => [each.url, 'secret' in each]),
      [[url, false]],
    );
    await ends(retry.id, 'failed');
    await arrive(retry.webhooks[0].id, 1);
    await arrive(failing.webhooks![0].id, 1);
    const expected = [failing, retry].map((each) => `job.failed ${each.id}`);
    assert.deepEqual(told(received, failing.webhooks![0].secret ?? '').sort(), expected.sort());
  });

  await t.test('what was given up is replayed; who is gone hears no more; all goes with the job', async (t) => {
    let works = false;
    const broken = await receiver(t, () => (works ? 200 : 500));
    const gone = await receiver(t, () => 410);
    const { id, webhooks: hooks = [] } = await made(job({ webhooks: [{ url: broken.url }, { url: gone.url }] }), acme);
    await ends(id);
    const [dead, left] = hooks;
    const isDead = (hook: string) =>
      until(`${hook} has given up`, async () => {
        const { body } = await ask('GET', `/webhooks/${hook}`, undefined, acme);
        return (body as Webhook).dead === 1 ? (body as Webhook) : null;
      });
    await isDead(dead.id);
    assert.equal((await isDead(left.id)).enabled, false);
    assert.deepEqual(
      (await on.jobs.existing(id)).webhooks?.map(({ enabled }) => enabled),
      [true, false],
    );
    const { webhooks: counted } = await on.jobs.figures();
    assert.equal(counted.dead, 2);
    for (const [method, path] of [
      ['GET', `/webhooks/${dead.id}`],
      ['DELETE', `/webhooks/${dead.id}`],
      ['POST', `/webhooks/${dead.id}/replay`],
      ['POST', `/webhooks/${dead.id}/test`],
    ])
      assert.equal((await ask(method, path)).status, 404, `${method} ${path} by another tenant`);

    works = true;
    assert.deepEqual((await ask('POST', `/webhooks/${dead.id}/replay`, undefined, acme)).body, { replayed: 1 });
    assert.equal((await ask('POST', `/webhooks/${dead.id}/test`, undefined, acme)).status, 202);
    await until('both arrive', () =>
      told(broken.received, dead.secret ?? '').includes('webhook.test undefined') && broken.received.length === 5
        ? true
        : null,
    );
    assert.equal((await ask('DELETE', `/webhooks/${left.id}`, undefined, acme)).status, 204);
    assert.deepEqual(
      (await on.jobs.existing(id)).webhooks?.map((each) => each.id),
      [dead.id],
    );
    assert.equal((await ask('DELETE', `/jobs/${id}`, undefined, acme)).status, 204);
    assert.equal((await ask('GET', `/webhooks/${dead.id}`, undefined, acme)).status, 404);
    assert.deepEqual(
      (await on.redis.keys(`*${id.slice(4)}_*`)).concat(await on.redis.smembers('onecycle:job-webhooks:dead')),
      [],
    );
  });

  await t.test('a job deleted before its end takes with it what is still to be told', async (t) => {
    const { url, received } = await receiver(t, () => 500);
    const record = await made(job({ requires: { zone: 'nowhere' }, webhooks: [{ url }] }));
    assert.equal((await ask('POST', `/webhooks/${record.webhooks![0].id}/test`)).status, 202);
    await until('it is tried', () => (received.length > 0 ? true : null));
    assert.equal((await ask('DELETE', `/jobs/${record.id}`)).status, 204);
    await until('nothing is due', async () =>
      (await on.redis.zcard('onecycle:job-webhooks:due')) === 0 ? true : null,
    );
    assert.deepEqual(await on.redis.keys(`*${record.id.slice(4)}_*`), []);
  });

  await t.test('what cannot be told is refused, where it stands, and nothing is stored', async () => {
    const url = 'https://8.8.8.8/hook';
    const before = ((await ask('GET', '/jobs?limit=100')).body as { data: object[] }).data.length;
    const table: [unknown, string][] = [
      [[{ url }, { url: 'http://10.0.0.1/x' }], '/webhooks/1/url'],
      [[{ url: 'http://localhost:1/x' }], '/webhooks/0/url'],
      [[{ url: 'https://me:hush@8.8.8.8/' }], '/webhooks/0/url'],
      [[{ url: 'http://[1' }], '/webhooks/0/url'],
      [[{ url: 'ftp://8.8.8.8/' }], '/webhooks/0/url'],
      [[{ url, events: ['job.exploded'] }], '/webhooks/0/events/0'],
      [[{ url, events: [] }], '/webhooks/0/events'],
      [[{ url, secret: 'whsec_c2hvcnQ=' }], '/webhooks/0/secret'],
      [[{ url, more: 1 }], '/webhooks/0/more'],
      [[{}], '/webhooks/0/url'],
      [Array(11).fill({ url }), '/webhooks'],
      [{ url, secret: 'whsec_c2hvcnQ=' }, '/webhooks'],
    ];
    for (const [wrong, pointer] of table) {
      const { status, body } = await ask('POST', '/jobs', job({ webhooks: wrong }));
      assert.deepEqual([status, pointers(body)], [400, [pointer]], JSON.stringify([wrong, body]));
      assert.doesNotMatch(JSON.stringify(body), /c2hvcnQ|hush/);
    }
    // Of a job that is wrong by itself no name is looked up.
    const twice = job({ split: { train_rows: 1_000_000 }, webhooks: [{ url: 'https://nobody.invalid/x' }] });
    const { status, body } = await ask('POST', '/jobs', twice);
    assert.deepEqual([status, pointers(body)], [422, ['/split/train_rows']]);
    assert.equal(((await ask('GET', '/jobs?limit=100')).body as { data: object[] }).data.length, before);
  });
});
