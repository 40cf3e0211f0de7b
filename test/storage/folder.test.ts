import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test, type TestContext } from 'node:test';
import { FolderStorage } from '../../src/storage/index.js';
import { conformance } from './conformance.js';

async function storageIn(t: TestContext): Promise<{ folder: string; storage: FolderStorage }> {
  const folder = await mkdtemp(join(tmpdir(), 'onecycle-storage-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return { folder, storage: new FolderStorage(folder) };
}

const shared = await mkdtemp(join(tmpdir(), 'onecycle-storage-'));
after(() => rm(shared, { recursive: true, force: true }));
conformance('folder', () => new FolderStorage(shared), { conditional: true });

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
