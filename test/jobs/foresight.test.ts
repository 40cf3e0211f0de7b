/** A job is queued in the write that stores it, by a guess where it will wait: what becomes of wrong guesses. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { defaultLimits } from '../../src/config.js';
import { Jobs } from '../../src/jobs/index.js';
import { keys } from '../../src/jobs/redis/keys.js';
import { Queues } from '../../src/jobs/redis/queues.js';
import { spec, world } from './harness.js';
import { writesTo } from './writes.js';

test('a guess that was wrong leaves nothing where the job is not', async (t) => {
  const w = await world(t);
  const { path, writes } = await writesTo(t, w);
  const jobs = await Jobs.connect({ path }, w.storage, { ...defaultLimits, maxQueued: 4 });
  t.after(() => jobs.close());
  const queues = new Queues(w.redis);
  t.after(() => queues.close());
  const inLine = (line: 'cpu' | 'gpu') => w.redis.zrange(queues.places(line), '0', '-1');
  const post = async () => (await jobs.create({ type: 'fit', spec: spec() })).record.id;
  const together = () => writes.filter(({ scripts }) => scripts.join().includes('createJobs,bullmq')).length;

  const [first, second] = [await post(), await post()];
  assert.deepEqual(await inLine('cpu'), [first, second]);
  assert.equal(together(), 1, 'the first teaches, the second is queued as it is stored');

  await t.test('a worker with a GPU has come: the job is in its line alone', async () => {
    const said = { id: 'w', kind: 'gpu', device: 'cuda:0', protocol: 1, labels: {}, job: null, usage: { cpus: 1 } };
    await w.redis.multi().set(keys.worker('w'), JSON.stringify(said)).sadd(keys.workers, 'w').exec();
    const third = await post();
    assert.equal(together(), 2);
    assert.deepEqual([await inLine('cpu'), await inLine('gpu')], [[first, second], [third]]);
  });

  await t.test('the queue is full: nothing is in it of the job that was refused', async () => {
    await post();
    const before = [await inLine('cpu'), await inLine('gpu')];
    await assert.rejects(post(), { code: 'queue_full' });
    assert.equal(together(), 4);
    assert.deepEqual([await inLine('cpu'), await inLine('gpu')], before);
    // The next one is not guessed: it would be refused as well.
    await assert.rejects(post(), { code: 'queue_full' });
    assert.equal(together(), 4);
  });
});
