/** The server of the log is away while a job trains: its frames wait, in memory and then on disk. */
import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import { describe, test } from 'node:test';
import { queueName, queuePrefix } from '../../src/jobs/redis/keys.js';
import {
  gate,
  iterations,
  outline,
  reaches,
  readFrames,
  spec,
  until,
  wholeLog,
  world,
  type World,
} from '../jobs/harness.js';

/** Whether a process has a file open that has no name any more, somewhere below a folder. */
function spills(pid: number, folder: string): boolean {
  const links = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return '';
    }
  });
  return links.some((link) => link.startsWith(folder) && link.endsWith(' (deleted)'));
}

const outages: { what: string; begin: (w: World) => Promise<void> | void; end: (w: World) => Promise<void> | void }[] =
  [
    { what: 'stopped by SIGSTOP', begin: (w) => w.signalRedis('SIGSTOP'), end: (w) => w.signalRedis('SIGCONT') },
    { what: 'killed and started again', begin: (w) => w.stopRedis('SIGKILL'), end: (w) => w.startRedis() },
  ];

// They mostly wait, each with processes of its own.
describe('an outage', { concurrency: 3 }, () => {
  for (const { what, begin, end } of outages) {
    test(`Valkey is ${what}: training goes on, and every frame is stored once and in order`, async (t) => {
      const w = await world(t);
      const worker = await w.worker();
      const hold = gate(w);
      const { record } = await w.jobs.create({ type: 'fit', spec: spec({ ...hold.tags, per_frame: '4000' }) });
      await until('it trains', async () => ((await readFrames(w.jobs, record.id, 3, 1)).length > 0 ? true : null));
      await begin(w);
      await until('frames wait on disk', () => (spills(worker.pid!, w.folder) ? true : null));
      await hold.open();
      await end(w);
      const { attempt } = await reaches(w.jobs, record.id, 'completed');
      assert.equal(attempt, 1);
      const frames = await wholeLog(w.jobs, record.id);
      assert.deepEqual(outline(frames), ['queued', 'running', 'batches', 'epoch', 'completed']);
      assert.ok(
        frames.every(({ seq }, i) => seq === i),
        'seq has no gap',
      );
      const trained = iterations(frames, 1);
      assert.ok(
        trained.every((iteration, i) => iteration === i),
        'each iteration once',
      );
      await until('the file is gone', () => (spills(worker.pid!, w.folder) ? null : true));
    });
  }

  for (const { what, begin, end } of outages) {
    test(`Valkey is ${what}, for longer than a worker may be silent: the job stays with its worker`, async (t) => {
      const w = await world(t);
      await w.worker();
      const hold = gate(w);
      const { record } = await w.jobs.create({ type: 'fit', spec: spec(hold.tags) });
      await until('it trains', async () => ((await readFrames(w.jobs, record.id, 3, 1)).length > 0 ? true : null));
      await w.worker();
      await begin(w);
      const begunMs = performance.now();
      await until('locks and heartbeats have expired', () => (performance.now() - begunMs > 7000 ? true : null));
      await end(w);
      const delayed = `${queuePrefix}:${queueName('cpu')}:delayed`;
      await until('the queue has taken the job for stalled, and another worker has looked at it', () =>
        w.redis.zscore(delayed, record.id),
      );
      await hold.open();
      const { attempt } = await reaches(w.jobs, record.id, 'completed');
      assert.equal(attempt, 1);
      const trained = iterations(await wholeLog(w.jobs, record.id), 1);
      assert.ok(trained.every((iteration, i) => iteration === i));
    });
  }
});
