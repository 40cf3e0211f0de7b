import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import fc from 'fast-check';
import { FrameQueue } from '../../src/jobs/log/frame-queue.js';

const tiny = { memoryBytes: 100, chunkBytes: 30 };

async function temporary(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'onecycle-queue-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Takes all that waits. */
function drain(queue: FrameQueue): string[] {
  const frames: string[] = [];
  while (!queue.empty) frames.push(...queue.take());
  return frames;
}

test('whatever is put in comes out once and in order, between memory and file', async (t) => {
  const folder = await temporary(t);
  let most = 0;
  const frame = fc.string({ unit: 'binary', maxLength: 60 }).map((text) => JSON.stringify(text));
  const step = fc.oneof({ weight: 8, arbitrary: frame }, { weight: 3, arbitrary: fc.constant(null) });
  fc.assert(
    fc.property(fc.array(step, { size: '+2' }), (steps) => {
      const queue = new FrameQueue(folder, tiny);
      const taken = steps.flatMap((frame) => {
        if (frame === null) return queue.take();
        queue.push(frame);
        most = Math.max(most, queue.fileBytes);
        return [];
      });
      taken.push(...drain(queue));
      assert.deepEqual(
        taken,
        steps.filter((frame) => frame !== null),
      );
      assert.equal(queue.fileBytes, 0);
    }),
  );
  assert.ok(most > 0, 'the file was never used');
});

test('what is over the limit goes to the file, which is gone when it was read, and when it is let go', async (t) => {
  const disk = await temporary(t);
  const queue = new FrameQueue(join(disk, 'frames'), tiny);
  const frames = Array.from({ length: 100 }, (_, i) => `{"frame":${String(i).padStart(3, '0')}}`);
  for (const frame of frames) queue.push(frame);
  // Chunks of three, each 42 bytes with its line ends: two wait in memory, and the last frame.
  assert.equal(queue.fileBytes, 31 * 41);
  // Neither it nor its folder has a name that somebody would have to remove.
  assert.deepEqual(await readdir(disk), []);
  assert.deepEqual(drain(queue), frames);
  assert.equal(queue.fileBytes, 0);
  for (const frame of frames) queue.push(frame);
  queue.clear();
  assert.deepEqual([queue.fileBytes, queue.empty, queue.take()], [0, true, []]);
});

test('a disk that takes no more is told of, and what waits stays whole', async (t) => {
  const inTheWay = join(await temporary(t), 'file');
  await writeFile(inTheWay, '');
  const queue = new FrameQueue(join(inTheWay, 'folder'), tiny);
  const frames = Array.from({ length: 20 }, (_, i) => `{"frame":${String(i).padStart(3, '0')}}`);
  let failures = 0;
  for (const [i, frame] of frames.entries()) {
    if (i === 15) await rm(inTheWay);
    try {
      queue.push(frame);
    } catch (error) {
      assert.match(String(error), /ENOTDIR/);
      failures++;
    }
  }
  assert.ok(failures > 0);
  assert.deepEqual(drain(queue), frames);
});
