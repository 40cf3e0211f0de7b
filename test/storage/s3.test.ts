/** What S3 has of its own: errors, a server that goes away, the cache on this machine. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { buffer } from 'node:stream/consumers';
import { loadConfig } from '../../src/config.js';
import { OnecycleError } from '../../src/errors.js';
import { openStorage, PatientStorage, type Storage } from '../../src/storage/index.js';
import { conformance } from './conformance.js';
import { conditional, serverName, startS3, type S3Server } from './s3-server.js';

let server: S3Server;
let folder: string;
let storage: Storage;

const open = (env: Record<string, string> = {}, dataDir = folder): Promise<Storage> =>
  openStorage(
    dataDir,
    loadConfig({ ...server.env, ONECYCLE_STORAGE: `s3://${server.bucket}/some/where`, ...env }).storage,
  );

before(async () => {
  server = await startS3();
  Object.assign(process.env, server.env);
  folder = await mkdtemp(join(tmpdir(), 'onecycle-storage-'));
  storage = await open();
});

after(async () => {
  await server.remove();
  await rm(folder, { recursive: true, force: true });
});

conformance(serverName, () => storage, { conditional });

test('all that is stored lies below the prefix, and a check leaves nothing', async () => {
  await storage.check();
  for (const name of await server.objects()) assert.match(name, /^some\/where\/(?!check)/);
});

test('a server that is away: the error says what could not be done and where; who is patient gets it done', async () => {
  await storage.put('away/x', Buffer.from('here'));
  await server.stop();
  await assert.rejects(storage.get('away/x'), (error: unknown) => {
    assert.ok(error instanceof OnecycleError && error.code === 'storage_unavailable');
    assert.match(error.message, /^Could not read away\/x at s3:\/\/models\/some\/where \(http:.*ECONNREFUSED/);
    return true;
  });
  const giveUp = new AbortController();
  const patient = new PatientStorage(storage, 60_000, giveUp.signal);
  const waiting = patient.put('away/y', Buffer.from('later'));
  await server.start();
  await waiting;
  assert.equal(String(await patient.get('away/y')), 'later');
  giveUp.abort();
  await server.stop();
  await assert.rejects(patient.get('away/y'), { code: 'storage_unavailable' });
  await server.start();
});

test('a connection that breaks while an object is read is made anew', async () => {
  const bytes = randomBytes(24 * 2 ** 20);
  await storage.put('broken/x', bytes);
  const stream = await storage.stream('broken/x');
  const read = buffer(stream);
  await server.stop();
  await server.start();
  assert.ok((await read).equals(bytes));
});

test('what can never work is said by its name, without a secret', async () => {
  const cases: [env: Record<string, string>, says: RegExp][] = [
    [{ ONECYCLE_STORAGE: 's3://nowhere' }, /at s3:\/\/nowhere \(http.*: there is no such bucket\.$/],
    [{ AWS_ENDPOINT_URL: 'http://127.0.0.1:9' }, /\(http:\/\/127\.0\.0\.1:9\): .*ECONNREFUSED/],
  ];
  for (const [env, says] of cases)
    await assert.rejects((await open(env)).check(), (error: unknown) => {
      assert.ok(error instanceof OnecycleError && error.code === 'storage_unavailable');
      assert.match(error.message, says);
      return true;
    });
});

test('the cache: one copy of a content, bounded, and nothing goes that is in use', async (t) => {
  const own = await mkdtemp(join(tmpdir(), 'onecycle-cache-'));
  t.after(() => rm(own, { recursive: true, force: true }));
  const small = await open({ ONECYCLE_STORAGE_CACHE_BYTES: '250000' }, own);
  const cache = join(own, 'artifacts', 'cache');
  const content = [0, 1, 2, 3].map(() => randomBytes(100_000));
  for (const [i, bytes] of content.entries()) await small.put(`cache/${i}`, bytes);
  await small.put('cache/again', content[0]);
  const used = new AbortController();
  const [first, same] = await Promise.all([small.path('cache/0', used.signal), small.path('cache/0')]);
  assert.equal(first, same);
  await small.path('cache/again');
  assert.equal((await readdir(cache)).length, 1);
  await small.path('cache/1');
  const long = new Date(Date.now() - 3600_000);
  for (const name of await readdir(cache)) await utimes(join(cache, name), long, long);
  await small.path('cache/0', used.signal);
  await small.path('cache/2');
  assert.equal((await readdir(cache)).length, 2, 'the one that nobody has used for an hour went');
  await small.path('cache/3');
  assert.equal((await readdir(cache)).length, 3, 'what was used just now stays');
  used.abort();
});
