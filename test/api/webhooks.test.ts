/** Webhooks: what a receiver gets, however it behaves, and where none may be. */
import assert from 'node:assert/strict';
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import { test, type TestContext } from 'node:test';
import type { AppOptions } from '../../src/api/app.js';
import { Addresses } from '../../src/api/webhooks/address.js';
import { defaultRetryMs, Dispatcher } from '../../src/api/webhooks/dispatcher.js';
import { createFastify } from '../../src/api/fastify.js';
import { keys } from '../../src/jobs/redis/keys.js';
import type { Webhook } from '../../src/jobs/webhooks/webhook.js';
import { reaches, spec, until } from '../jobs/harness.js';
import { api, job, pointers, type Api } from './harness.js';
import { lint, scrape, value } from './exposition.js';
import { count, receiver, verified } from './receiver.js';

const webhooks = { allowed: ['127.0.0.1'], retryMs: [30, 30], timeoutMs: 5000, pollMs: 20 };
const start = (t: TestContext, more: Partial<typeof webhooks & { lookupMs: number }> = {}): Promise<Api> => {
  const config: AppOptions['config'] = { webhooks: { ...webhooks, ...more } };
  return api(t, config);
};

async function hook(on: Api, url: string, events?: string[]): Promise<Webhook & { secret: string }> {
  const { status, body } = await on.post('/webhooks', { url, ...(events && { events }) });
  assert.equal(status, 201, JSON.stringify(body));
  return body as Webhook & { secret: string };
}

test('what happens to a job is told once each, signed, though the receiver fails at first; others are not disturbed', async (t) => {
  const on = await start(t);
  const good = await receiver(t, (all) => (all.length <= 2 ? 503 : 204));
  const picky = await receiver(t, () => 200);
  const all = ['job.completed', 'job.failed', 'job.cancelled', 'job.paused', 'job.checkpoint', 'job.epoch'];
  const { id, secret } = await hook(on, good.url, all);
  const other = await hook(on, picky.url);
  await on.worker();
  const done = await on.submit(job({ name: 'first', tags: { accuracy: '0.9' } }));
  await reaches(on.jobs, done.id, 'completed');
  const failed = await on.submit(job({ tags: { ending: 'failed' } }));
  await reaches(on.jobs, failed.id, 'failed');
  await count(on, id, 'delivered', 4);
  await count(on, other.id, 'delivered', 2);

  const told = new Map(good.received.map((each) => [String(each.headers['webhook-id']), verified(each, secret)]));
  assert.equal(told.size, 4, 'each attempt at a delivery has the same id');
  assert.ok(good.received.length > 4);
  const of = (type: string) => [...told.values()].find((each) => each.type === type)?.data;
  assert.deepEqual(
    [of('job.completed')?.job, of('job.completed')?.name, of('job.completed')?.status],
    [done.id, 'first', 'completed'],
  );
  assert.deepEqual(of('job.completed')?.result, (await on.jobs.existing(done.id)).result);
  assert.equal((of('job.failed')?.error as { code: string }).code, 'diverged');
  assert.deepEqual((of('job.epoch')?.epoch as { metrics: object }).metrics, { accuracy: 0.9 });
  assert.equal((of('job.checkpoint')?.checkpoint as { reason: string }).reason, 'final');
  assert.deepEqual(picky.received.map((each) => verified(each, other.secret).type).sort(), [
    'job.completed',
    'job.failed',
  ]);
  assert.throws(() => verified(good.received[0], other.secret), /signature/i);
});

test('what is not taken is given up after its last attempt, told so, and replayed; no redirect is followed', async (t) => {
  const on = await start(t);
  let works = false;
  const target = await receiver(t, () => 200);
  const moved = await receiver(t, () => (works ? 200 : { location: target.url }));
  const { id } = await hook(on, moved.url, ['job.cancelled']);
  const { id: job } = await on.submit();
  await on.post(`/jobs/${job}/cancel`, '');
  const [dead] = await count(on, id, 'dead', 1);
  const { event, status, attempts, response, error, next_attempt_at } = dead;
  assert.deepEqual(
    [event, dead.job, status, attempts, response, error, next_attempt_at],
    ['job.cancelled', job, 'dead', 3, 302, 'redirects are not followed', null],
  );
  assert.equal(target.received.length, 0);
  assert.deepEqual(((await on.get(`/webhooks/${id}`)).body as Webhook).dead, 1);
  works = true;
  assert.deepEqual((await on.post(`/webhooks/${id}/replay`, '')).body, { replayed: 1 });
  const [delivered] = await count(on, id, 'delivered', 1);
  assert.deepEqual([delivered.id, delivered.attempts], [dead.id, 1]);
  assert.deepEqual((await on.post(`/webhooks/${id}/deliveries/${dead.id}/replay`, '')).body, { replayed: 0 });

  works = false;
  const gone = await receiver(t, () => 410);
  const left = await hook(on, gone.url);
  assert.equal((await on.post(`/webhooks/${left.id}/test`, '')).status, 202);
  await count(on, left.id, 'dead', 1);
  assert.equal(((await on.get(`/webhooks/${left.id}`)).body as Webhook).enabled, false);
  assert.equal(gone.received.length, 1);
  assert.equal((await on.delete(`/webhooks/${left.id}`)).status, 204);
  assert.equal((await on.get(`/webhooks/${left.id}`)).status, 404);
  assert.deepEqual(
    (await on.redis.keys('onecycle:webhook*')).filter((key) => key.includes(left.id)),
    [],
  );
  const listed = (await on.get('/webhooks')).body as { data: object[] };
  assert.deepEqual(
    listed.data.map((each) => 'secret' in each),
    [false],
  );
  const hours = defaultRetryMs.reduce((sum, ms) => sum + ms, 0) / 3_600_000;
  assert.ok(hours > 71 && hours < 73, `${hours} h`);
});

test('what happened while no API ran is told later, and by another process where one died over it', async (t) => {
  const on = await start(t, { timeoutMs: 150 });
  const slow = await receiver(t, () => 200);
  const { webhook } = await on.jobs.webhooks.create({ url: slow.url, events: ['job.cancelled'] }, 'default');
  await on.app.close();
  const { record } = await on.jobs.create({ type: 'fit', spec: spec() });
  await on.jobs.cancel(record.id);
  // A process that takes it and is gone.
  assert.equal((await on.jobs.webhooks.take(300, 4, new Map())).length, 1);
  assert.equal((await on.jobs.webhooks.take(300, 4, new Map())).length, 0);
  const again = new Dispatcher(on.jobs.webhooks, webhooks, createFastify().log);
  t.after(() => again.close());
  await until('it is told', async () =>
    (await on.jobs.webhooks.deliveries(webhook.id, 'delivered', 10)).length === 1 ? true : null,
  );
  assert.equal(slow.received.length, 1);
});

test('private addresses are refused, when a webhook is made and when it is sent to', async (t) => {
  const on = await start(t, { allowed: ['hooks.internal', '10.1.0.0/16'] });
  const inside = await receiver(t, () => 200);
  for (const url of [
    inside.url,
    'http://localhost/x',
    'http://169.254.169.254/latest/meta-data',
    'http://[::1]/x',
    'http://[::ffff:127.0.0.1]/x',
    'http://0x7f.1/x',
    'http://2130706433/x',
    'http://10.2.0.1/x',
    'https://user:pass@example.com/',
  ]) {
    const { status, body } = await on.post('/webhooks', { url });
    assert.deepEqual([status, pointers(body)], [400, ['/url']], url);
  }
  assert.equal((await on.post('/webhooks', { url: 'ftp://example.com' })).status, 400);
  await hook(on, 'http://10.1.2.3/x');
  // Made where it was allowed, or before its name led inside.
  const { webhook } = await on.jobs.webhooks.create({ url: inside.url }, 'default');
  await on.jobs.webhooks.test(webhook.id);
  const [dead] = await count(on, webhook.id, 'dead', 1);
  assert.match(dead.error ?? '', /not a public address/);
  assert.equal(inside.received.length, 0);

  const addresses = new Addresses(['10.1.0.0/16', '192.0.2.7', 'fd00::/8']);
  const table: [address: string, allowed: boolean][] = [
    ['93.184.216.34', true],
    ['2606:2800:220:1:248:1893:25c8:1946', true],
    ['10.1.255.1', true],
    ['::ffff:10.1.255.1', true],
    ['fd00::1', true],
    ['192.0.2.7', true],
    ...['10.2.0.1', '192.168.1.1', '172.16.0.1', '100.64.0.1', '0.0.0.0', '127.0.0.1', '224.0.0.1'].map(
      (each) => [each, false] as [string, boolean],
    ),
    ...['::', '::1', 'fe80::1', 'fc00::1', '::ffff:192.168.0.1', '64:ff9b::7f00:1', '2002:7f00:1::'].map(
      (each) => [each, false] as [string, boolean],
    ),
  ];
  for (const [address, allowed] of table) assert.equal(addresses.allows(address), allowed, address);
  const looked = await new Promise<Error | null>((resolve) => addresses.lookup('localhost', { all: true }, resolve));
  assert.match(looked?.message ?? '', /not a public address/);
});

test('a name that cannot be looked up for the moment is taken, and told once it can be; others are refused', async (t) => {
  let away = true;
  const failed = (code: string) => Object.assign(new Error(`getaddrinfo ${code}`), { code });
  const leadsTo = (address: string) => [null, [{ address, family: 4 }]] as const;
  const { lookup } = dns;
  // The resolver of the machine, which a test cannot have fail otherwise.
  const resolver = (name: string, ...rest: unknown[]): void => {
    if (!name.endsWith('.example')) {
      Reflect.apply(lookup, dns, [name, ...rest]);
      return;
    }
    const answers: Record<string, readonly unknown[]> = {
      'away.example': away ? [failed('EAI_AGAIN')] : leadsTo('127.0.0.1'),
      'inside.example': leadsTo('10.2.0.1'),
    };
    const done = rest.at(-1);
    if (name !== 'slow.example' && typeof done === 'function')
      process.nextTick(done, ...(answers[name] ?? [failed('ENOTFOUND')]));
  };
  const on = await start(t, { lookupMs: 20, retryMs: Array<number>(2000).fill(30) });
  const mocked = t.mock.method(dns, 'lookup', resolver as typeof lookup);
  syncBuiltinESMExports();
  t.after(() => {
    mocked.mock.restore();
    syncBuiltinESMExports();
  });
  const asked = async (name: string) => {
    const url = `https://${name}/x`;
    const answers = [await on.post('/webhooks', { url }), await on.post('/jobs', job({ webhooks: [{ url }] }))];
    return answers.map(({ status, body }) => [status, ...pointers(body)]);
  };
  for (const name of ['away.example', 'slow.example']) assert.deepEqual(await asked(name), [[201], [201]], name);
  for (const name of ['typo.example', 'inside.example'])
    assert.deepEqual(
      await asked(name),
      [
        [400, '/url'],
        [400, '/webhooks/0/url'],
      ],
      name,
    );

  const { url, received } = await receiver(t, () => 204);
  const { id } = await hook(on, url.replace('127.0.0.1', 'away.example'));
  await on.post(`/webhooks/${id}/test`, '');
  await until('it is tried', async () => {
    const [{ attempts, error }] = await count(on, id, 'pending', 1);
    return attempts > 0 && /EAI_AGAIN/.test(error ?? '') ? true : null;
  });
  const waiting = await until('its age shows', async () => {
    const metrics = await scrape(on.url);
    return (value(metrics, 'webhook_oldest_age_seconds') ?? 0) > 0 ? metrics : null;
  });
  assert.deepEqual(lint(waiting, [id, 'away.example']), []);
  assert.equal(value(waiting, 'webhook_deliveries_pending'), 1);
  const ofDeliveries = (metrics: typeof waiting) =>
    ['failed', 'delivered'].map((outcome) => (value(metrics, 'webhook_deliveries_total', { outcome }) ?? 0) > 0);
  assert.deepEqual(ofDeliveries(waiting), [true, false]);
  away = false;
  await count(on, id, 'delivered', 1);
  assert.equal(received.length, 1);
  const told = await scrape(on.url);
  assert.deepEqual(ofDeliveries(told), [true, true]);
  const gauges = (metrics: typeof waiting) =>
    ['deliveries_pending', 'oldest_age_seconds'].map((name) => value(metrics, `webhook_${name}`));
  assert.deepEqual(gauges(told), [0, 0]);
  // What goes with its webhook waits no longer.
  away = true;
  await on.post(`/webhooks/${id}/test`, '');
  assert.equal(await on.redis.zcard(keys.webhooksWaiting), 1);
  await on.delete(`/webhooks/${id}`);
  assert.equal(await on.redis.zcard(keys.webhooksWaiting), 0);
});
