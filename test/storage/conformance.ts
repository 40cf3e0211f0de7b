/** What every storage does alike. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import type { Storage } from '../../src/storage/index.js';

/** More than goes to S3 as one request, and no multiple of a part. */
const largeBytes = 35 * 2 ** 20 + 7;

/** Has these tests run on a storage; each uses names of its own. `conditional`: it keeps what was put once. */
export function conformance(kind: string, storageOf: () => Storage, { conditional }: { conditional: boolean }): void {
  test(`${kind}: what is put is read back, by every way`, async () => {
    const storage = storageOf();
    await storage.check();
    await storage.put('read/x.bin', Buffer.from('one'));
    await storage.put('read/x.bin', Buffer.from('other'));
    assert.equal(String(await storage.get('read/x.bin')), 'other');
    const stream = await storage.stream('read/x.bin');
    assert.equal(stream.size, 5);
    assert.equal(String(await buffer(stream)), 'other');
    assert.equal(String(await readFile(await storage.path('read/x.bin'))), 'other');
    assert.equal(await storage.exists('read/x.bin'), true);
    assert.equal(await storage.exists('read/y.bin'), false);
    assert.equal(await storage.exists('read'), kind === 'folder');
    await assert.rejects(storage.get('read/y.bin'), { code: 'ENOENT' });
    await assert.rejects(storage.stream('read/y.bin'), { code: 'ENOENT' });
    await assert.rejects(
      storage.path('read/y.bin').then((path) => readFile(path)),
      { code: 'ENOENT' },
    );
  });

  test(`${kind}: ranges, also of nothing and beyond the end`, async () => {
    const storage = storageOf();
    await storage.put('ranges/x', Buffer.from('0123456789'));
    await storage.put('ranges/empty', Buffer.from(''));
    const cases: [name: string, start: number, end: number, bytes: string][] = [
      ['ranges/x', 0, 10, '0123456789'],
      ['ranges/x', 0, 1, '0'],
      ['ranges/x', 3, 7, '3456'],
      ['ranges/x', 8, 20, '89'],
      ['ranges/x', 10, 20, ''],
      ['ranges/empty', 0, 5, ''],
    ];
    for (const [name, start, end, bytes] of cases) {
      const stream = await storage.stream(name, { start, end });
      assert.equal(String(await buffer(stream)), bytes, `${name} ${start} ${end}`);
      assert.equal(stream.size, name === 'ranges/x' ? 10 : 0);
    }
    assert.equal((await storage.get('ranges/empty')).length, 0);
  });

  test(`${kind}: a large file is taken over and comes back the same, whole and in part`, async () => {
    const storage = storageOf();
    const work = await storage.workFolder('a-1');
    const bytes = randomBytes(largeBytes);
    await writeFile(join(work, 'w'), bytes);
    await storage.put('large/w', { file: join(work, 'w') }, { once: true });
    assert.deepEqual(await readdir(work), []);
    const hash = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');
    assert.equal(hash(await storage.get('large/w')), hash(bytes));
    assert.equal(hash(await readFile(await storage.path('large/w'))), hash(bytes));
    const range = { start: largeBytes - 20_000_000, end: largeBytes - 5 };
    assert.ok((await buffer(await storage.stream('large/w', range))).equals(bytes.subarray(range.start, range.end)));
    await writeFile(join(work, 'old'), '');
    assert.deepEqual(await readdir(await storage.workFolder('a-1')), []);
    await storage.removeWorkFolder('a-1');
  });

  test(`${kind}: lists what lies directly below a name; removes it with all that does`, async () => {
    const storage = storageOf();
    assert.deepEqual(await storage.list('tree'), []);
    for (const name of ['tree/a/x', 'tree/a/y/z', 'tree/b', 'tree/ab']) await storage.put(name, Buffer.from('1'));
    assert.deepEqual((await storage.list('tree')).sort(), ['a', 'ab', 'b']);
    assert.deepEqual((await storage.list('tree/a')).sort(), ['x', 'y']);
    await storage.remove('tree/none');
    await storage.remove('tree/a');
    assert.deepEqual((await storage.list('tree')).sort(), ['ab', 'b']);
    await storage.remove('tree/b');
    await storage.remove('tree');
    assert.deepEqual(await storage.list('tree'), []);
  });

  test(`${kind}: names cannot lead out of it`, async () => {
    for (const name of ['../x', '/etc/x', 'a/../../x', ''])
      await assert.rejects(storageOf().put(name, Buffer.from('')), RangeError);
  });

  const why = 'this server knows no conditional writes; npm run s3 has one that does';
  test(`${kind}: what was put once stays`, { skip: !conditional && why }, async () => {
    const storage = storageOf();
    await storage.put('once/x', Buffer.from('first'), { once: true });
    await storage.put('once/x', Buffer.from('first'), { once: true });
    await assert.rejects(storage.put('once/x', Buffer.from('second'), { once: true }), { code: 'conflict' });
    const work = await storage.workFolder('a-2');
    await writeFile(join(work, 'w'), randomBytes(largeBytes));
    await assert.rejects(storage.put('once/x', { file: join(work, 'w') }, { once: true }), { code: 'conflict' });
    assert.equal(String(await storage.get('once/x')), 'first');
    const racing = await Promise.allSettled(
      Array.from({ length: 8 }, (_, i) => storage.put('once/y', Buffer.from(String(i)), { once: true })),
    );
    const stored = racing.flatMap(({ status }, i) => (status === 'fulfilled' ? [String(i)] : []));
    assert.deepEqual(stored, [String(await storage.get('once/y'))]);
  });
}
