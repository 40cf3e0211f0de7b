import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoredFrame } from '../../src/jobs/frames.js';
import { storedFrame } from '../../src/jobs/log/entries.js';
import { SharedPages } from '../../src/jobs/log/shared-pages.js';

const frame = (seq: number, length = 10): StoredFrame =>
  storedFrame(seq, JSON.stringify({ type: 'epoch', text: 'x'.repeat(length) }));

/** Pages of a log that grows, with the reads that reached it. */
function log(frames: StoredFrame[]): { pages: SharedPages; reads: string[] } {
  const reads: string[] = [];
  const read = (id: string, from: number, count: number): Promise<StoredFrame[]> => {
    reads.push(`${id} ${from} ${count}`);
    return Promise.resolve(frames.slice(from, from + count));
  };
  return { pages: new SharedPages(read, { characters: 1000, frames: 100 }), reads };
}

test('readers of the same page share it, and others have their own', async () => {
  const { pages, reads } = log([0, 1, 2, 3].map((seq) => frame(seq)));
  const [one, two] = await Promise.all([pages.read('a', 0, 2), pages.read('a', 0, 2)]);
  assert.equal(one, two);
  assert.equal(await pages.read('a', 0, 2), one);
  assert.deepEqual(
    (await pages.read('a', 2, 2)).map(({ seq }) => seq),
    [2, 3],
  );
  await pages.read('b', 0, 2);
  assert.deepEqual(reads, ['a 0 2', 'a 2 2', 'b 0 2']);
});

test('a page that is not full is read again, and so is one that is very large, or that could not be read', async () => {
  const frames = [frame(0)];
  const { pages, reads } = log(frames);
  assert.equal((await pages.read('a', 0, 2)).length, 1);
  frames.push(frame(1, 5000));
  assert.equal((await pages.read('a', 0, 2)).length, 2);
  await pages.read('a', 0, 2);
  assert.equal(reads.length, 3);

  let fails = true;
  const flaky = new SharedPages(() => (fails ? Promise.reject(new Error('away')) : Promise.resolve([frame(0)])), {
    characters: 1000,
    frames: 100,
  });
  await assert.rejects(flaky.read('a', 0, 1), /away/);
  fails = false;
  assert.equal((await flaky.read('a', 0, 1)).length, 1);
});
