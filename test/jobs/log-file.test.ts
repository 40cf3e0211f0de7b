import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import fc from 'fast-check';
import { parseFrame, type StoredFrame } from '../../src/jobs/frames.js';
import { LogFile, writeLogFile } from '../../src/jobs/log/log-file.js';
import { pagesBack } from '../../src/jobs/log/pages.js';
import { FolderStorage } from '../../src/storage/index.js';
import { columnsOf } from '../api/curve-stores.js';

const iterationsPerEpoch = 7;

/** The frames of a run whose attempts begin again where they are told to, without their numbers. */
function run(attempts: readonly { length: number; per_frame: number; rewind: number }[]): string[] {
  const frames: object[] = [{ type: 'status', status: 'queued', attempt: 1 }];
  let next = 0;
  for (const [i, { length, per_frame, rewind }] of attempts.entries()) {
    const attempt = i + 1;
    const add = (frame: object): number => frames.push({ ...frame, attempt });
    if (i > 0) add({ type: 'rewind', iteration: (next = Math.floor(rewind * next)) });
    for (const end = next + length; next < end;) {
      const epoch = Math.floor(next / iterationsPerEpoch);
      const stop = Math.min(next + per_frame, (epoch + 1) * iterationsPerEpoch);
      const iteration = Array.from({ length: stop - next }, (_, j) => next + j);
      const loss = iteration.map((each) => each + attempt / 10);
      const columns = { epoch: iteration.map(() => epoch), iteration, raw_loss: loss, loss, hypers: { lr: [loss] } };
      add({ type: 'batches', phase: 0, ...columns });
      next = stop;
      if (next % iterationsPerEpoch !== 0) continue;
      add({ type: 'epoch', epoch, phase: 0, train_loss: attempt, valid_loss: null, metrics: {}, seconds: 1 });
    }
  }
  return frames.map((frame) => JSON.stringify(frame));
}

async function* inPages(lines: readonly string[]): AsyncGenerator<readonly string[]> {
  for (let i = 0; i < lines.length; i += 3) yield await Promise.resolve(lines.slice(i, i + 3));
}

async function stored(t: TestContext): Promise<(lines: readonly string[], chunkBytes?: number) => Promise<LogFile>> {
  const folder = await mkdtemp(join(tmpdir(), 'onecycle-log-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const storage = new FolderStorage(folder);
  let files = 0;
  return async (lines, chunkBytes) => {
    const name = `log-${files++}`;
    assert.equal(await writeLogFile(join(folder, name), inPages(lines), chunkBytes), lines.length);
    return (await LogFile.open(storage, name))!;
  };
}

const attempt = fc.record({
  length: fc.integer({ min: 0, max: 30 }),
  per_frame: fc.integer({ min: 1, max: 5 }),
  rewind: fc.double({ min: 0, max: 1, noNaN: true }),
});
const logs = fc.array(attempt, { minLength: 1, maxLength: 5 }).map(run);

test('any part of a stored log is what the log has there', async (t) => {
  const store = await stored(t);
  await fc.assert(
    fc.asyncProperty(logs, fc.nat(2000), fc.nat(60), fc.nat(60), async (lines, chunkBytes, from, count) => {
      const file = await store(lines, chunkBytes);
      const part = await file.read(from, count);
      assert.deepEqual(
        part.map(({ seq }) => seq),
        lines.map((_, seq) => seq).slice(from, from + count),
      );
      const withoutSeq = part.map(({ json, seq }) => json.replace(`,"seq":${seq}`, ''));
      assert.deepEqual(withoutSeq, lines.slice(from, from + count));
    }),
    { numRuns: 60 },
  );
});

test('pages from the end have each frame once, and none before where they are to stop', async (t) => {
  const file = await (await stored(t))(run([{ length: 500, per_frame: 2, rewind: 0 }]), 300);
  const all = await file.read(0, file.frames);
  for (const from of [0, 1, 150, file.frames - 1, file.frames]) {
    const back: StoredFrame[] = [];
    const pages = pagesBack((...part) => file.read(...part), from, file.frames, { characters: 2000, frames: 12 });
    for await (const page of pages) back.unshift(...page);
    assert.deepEqual(back, all.slice(from));
  }
});

test('from any iteration on the curves are those of the whole log, whatever was taken back', async (t) => {
  const store = await stored(t);
  let skipped = 0;
  await fc.assert(
    fc.asyncProperty(logs, fc.nat(1000), fc.nat(120), async (lines, chunkBytes, iteration) => {
      const file = await store(lines, chunkBytes);
      const start = file.before(iteration);
      skipped += start;
      const from = async (seq: number) => columnsOf((await file.read(seq, 1e6)).map(parseFrame), { from: iteration });
      const [late, rows] = [await from(start), await from(0)];
      // Columns without a row may lack their names.
      assert.deepEqual({ ...late, hypers: rows.hypers }, rows);
      if (rows.iteration.length > 0) assert.deepEqual(late.hypers, rows.hypers);
    }),
    { numRuns: 200 },
  );
  assert.ok(skipped > 0);
});
