import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keys } from '../../src/jobs/redis/keys.js';
import { isTerminal, jobStatuses, transitions, type JobStatus } from '../../src/jobs/record.js';
import { spec, world } from './harness.js';

const pick = (frame: unknown): unknown => {
  const { type, status } = frame as Record<string, unknown>;
  return { type, status };
};

const died = '{"code":"trainer_crashed","message":"m"}';

/**
 * What a script does to a job that holds attempt 1 and lease `l`, and where it leads from each status; elsewhere it
 * must change nothing.
 */
const scripts: [
  name: string,
  call: (redis: Awaited<ReturnType<typeof world>>['redis'], id: string) => Promise<unknown>,
  leads: Partial<Record<JobStatus, JobStatus>>,
][] = [
  [
    'takeJob',
    (redis, id) => redis.takeJob(2, keys.record(id), keys.log(id), 'new', 'w', 'now', died, 'cpu'),
    { queued: 'running', running: 'running', pausing: 'running' },
  ],
  [
    'retryJob',
    (redis, id) =>
      redis.retryJob(
        2,
        keys.record(id),
        keys.log(id),
        '1',
        'l',
        'new',
        'w',
        'now',
        '{"code":"trainer_crashed","message":"m"}',
      ),
    { running: 'running', pausing: 'running' },
  ],
  [
    'takeJob from a queue whose entry is void',
    (redis, id) => redis.takeJob(2, keys.record(id), keys.log(id), 'new', 'w', 'now', died, 'gpu'),
    {},
  ],
  [
    'endJob completed',
    (redis, id) => redis.endJob(2, keys.record(id), keys.log(id), '1', 'l', 'completed', 'now', '', '{}'),
    { running: 'completed', pausing: 'completed', completed: 'completed' },
  ],
  [
    'endJob failed',
    (redis, id) =>
      redis.endJob(
        2,
        keys.record(id),
        keys.log(id),
        '1',
        'l',
        'failed',
        'now',
        '{"code":"diverged","message":"m"}',
        '{}',
      ),
    { running: 'failed', pausing: 'failed', failed: 'failed' },
  ],
  [
    'handBackJob',
    (redis, id) => redis.handBackJob(2, keys.record(id), keys.log(id), '1', 'l', 'now'),
    { running: 'queued', pausing: 'queued' },
  ],
  ['releaseJob', (redis, id) => redis.releaseJob(2, keys.record(id), keys.log(id), '{}', '{}'), { waiting: 'queued' }],
  [
    'dropJob',
    (redis, id) =>
      redis.dropJob(2, keys.record(id), keys.log(id), 'failed', 'now', '{"code":"finder_failed","message":"m"}', '{}'),
    { waiting: 'failed' },
  ],
  [
    'cancelJob, its worker dead',
    (redis, id) => redis.cancelJob(2, keys.record(id), keys.log(id), 'now'),
    { queued: 'cancelled', waiting: 'cancelled', running: 'cancelled', pausing: 'cancelled', paused: 'cancelled' },
  ],
];

test('each script leads from each status where it should, and elsewhere changes nothing', async (t) => {
  const w = await world(t);
  for (const [name, call, leads] of scripts) {
    for (const from of jobStatuses) {
      const { id } = (await w.jobs.create({ type: 'fit', spec: spec() })).record;
      await w.redis.hset(keys.record(id), { status: from, _lease: 'l', _worker: 'none', _message: 0 });
      await w.redis.zrem(keys.index('queued'), id);
      await w.redis.zadd(keys.index(from), 0, id);
      const before = {
        hash: await w.redis.hgetall(keys.record(id)),
        log: await w.redis.xrange(keys.log(id), '-', '+'),
      };
      await call(w.redis, id);
      const after = { hash: await w.redis.hgetall(keys.record(id)), log: await w.redis.xrange(keys.log(id), '-', '+') };
      const to = leads[from];
      assert.equal(after.hash.status, to ?? from, `${name} from ${from}`);
      if (!to || (to === from && isTerminal(from)))
        assert.deepEqual(after, before, `${name} from ${from} changes nothing`);
      else {
        assert.ok(transitions[from].includes(to));
        assert.deepEqual(pick(JSON.parse(after.log.at(-1)![1][1])), { type: 'status', status: to });
        assert.equal(isTerminal(to), after.hash.finished_at !== 'null');
        const indexed = await Promise.all(jobStatuses.map((status) => w.redis.zscore(keys.index(status), id)));
        assert.deepEqual(
          jobStatuses.filter((_, i) => indexed[i] !== null),
          [to],
          `${name}: it stands in one index`,
        );
      }
    }
  }
});
