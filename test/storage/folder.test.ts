import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import { FolderStorage } from '../../src/storage/index.js';

async function storageIn(t: TestContext): Promise<{ folder: string; storage: FolderStorage }> {
  const folder = await mkdtemp(join(tmpdir(), 'onecycle-storage-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return { folder, storage: new FolderStorage(folder) };
}

test('what is put is read back, by every way', async (t) => {
  const { storage } = await storageIn(t);
  await storage.put('jobs/a/x.bin', Buffer.from('one'));
  await storage.put('jobs/a/x.bin', Buffer.from('other'));
  assert.equal(String(await storage.get('jobs/a/x.bin')), 'other');
  const stream = await storage.stream('jobs/a/x.bin');
  assert.equal(stream.size, 5);
  assert.equal(String(await buffer(stream)), 'other');
  assert.equal(await storage.exists('jobs/a/x.bin'), true);
  assert.equal(await storage.exists('jobs/a/y.bin'), false);
  await assert.rejects(storage.get('jobs/a/y.bin'), { code: 'ENOENT' });
  await assert.rejects(storage.stream('jobs/a/y.bin'), { code: 'ENOENT' });
});

test('files are taken over, and leave nothing behind', async (t) => {
  const { storage, folder } = await storageIn(t);
  const work = await storage.workFolder('a-1');
  await writeFile(join(work, 'w'), 'weights');
  await storage.put('jobs/a/w', { file: join(work, 'w') });
  assert.deepEqual(await readdir(work), []);
  assert.equal(String(await storage.get('jobs/a/w')), 'weights');
  await storage.put('jobs/b/w', Buffer.from('b'));
  await storage.remove('jobs/a');
  await storage.remove('jobs/none');
  assert.deepEqual(await readdir(join(folder, 'jobs')), ['b']);
  await writeFile(join(work, 'old'), '');
  assert.deepEqual(await readdir(await storage.workFolder('a-1')), []);
});

test('lists what lies directly below a name', async (t) => {
  const { storage } = await storageIn(t);
  assert.deepEqual(await storage.list('jobs'), []);
  for (const name of ['jobs/a/x', 'jobs/a/y', 'jobs/b', 'other']) await storage.put(name, Buffer.from(''));
  assert.deepEqual((await storage.list('jobs')).sort(), ['a', 'b']);
  assert.deepEqual((await storage.list('jobs/a')).sort(), ['x', 'y']);
});

test('readers see the old bytes or the new ones, never a part', async (t) => {
  const { storage, folder } = await storageIn(t);
  const versions = ['a', 'b'].map((letter) => Buffer.alloc(3_000_000, letter));
  await storage.put('big', versions[0]);
  const state = { done: false };
  const writes = (async () => {
    for (let i = 0; i < 10; i++) await storage.put('big', versions[i % 2]);
    state.done = true;
  })();
  while (!state.done) {
    const bytes = await storage.get('big');
    assert.ok(versions.some((version) => version.equals(bytes)));
  }
  await writes;
  assert.deepEqual(await readdir(join(folder, 'tmp')), []);
});

test('names cannot lead out of the folder', async (t) => {
  const { storage } = await storageIn(t);
  for (const name of ['../x', '/etc/x', 'a/../../x', ''])
    await assert.rejects(storage.put(name, Buffer.from('')), RangeError);
});
