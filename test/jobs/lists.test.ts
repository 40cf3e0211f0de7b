/** The indexes that lists are read from: kept, completed for earlier versions' jobs, and left by those that are deleted. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Jobs } from '../../src/jobs/index.js';
import { keys } from '../../src/jobs/redis/keys.js';
import { nobody, type Poster } from '../../src/jobs/create.js';
import type { ListOptions } from '../../src/jobs/list-query.js';
import { spec, until, world, type World } from './harness.js';

type Query = Omit<ListOptions, 'tenant' | 'limit'>;
const acme: Poster = { ...nobody, tenant: 'acme' };

async function post(w: World, type: 'fit' | 'lr_find', tags: Record<string, string>, poster = nobody): Promise<string> {
  // What is searched for is of the fits alone.
  const policy = type === 'fit' ? undefined : ({ name: 'lr_find' } as const);
  return (await w.jobs.create({ type, spec: spec(tags, policy && { policy }) }, poster)).record.id;
}

/** All ids of a list, page by page. */
async function listed(jobs: Jobs, query: Query, tenant?: string): Promise<string[]> {
  const found: string[] = [];
  for (let after: string | undefined; ;) {
    const { data, has_more } = await jobs.list({ ...query, limit: 2, after }, tenant);
    found.push(...data.map(({ id }) => id));
    if (!has_more) return found;
    after = found.at(-1);
  }
}

/** What the indexes of lists hold, by their keys. */
async function indexed({ redis }: World): Promise<Record<string, string[]>> {
  const names = [...(await redis.keys('onecycle:jobs*')), ...(await redis.keys('onecycle:tagged*'))].sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await redis.zrange(name, '0', '-1')] as const)),
  );
}

const completed = ({ redis }: World): Promise<true> =>
  until('the indexes are complete', async () => (await redis.exists(keys.indexed)) === 1 || null);

test('lists by status, type and tag', async (t) => {
  const w = await world(t);
  await completed(w);
  const [a, b, c, d, e] = [
    await post(w, 'fit', { team: 'x', 'a:b': 'c' }),
    await post(w, 'lr_find', { team: 'y', a: 'b' }),
    await post(w, 'fit', { team: 'x:1' }),
    await post(w, 'fit', {}),
    await post(w, 'lr_find', { team: 'x', 'a\\ud800': '\ud800' }),
  ];
  const own = await post(w, 'fit', { team: 'x' }, acme);
  await w.jobs.cancel(c);
  await w.jobs.cancel(b);
  const table: [Query, string[]][] = [
    [{}, [e, d, c, b, a]],
    [{ type: 'fit' }, [d, c, a]],
    [{ type: 'fit', sort: 'created_at' }, [a, c, d]],
    [{ type: 'fit', status: 'queued' }, [d, a]],
    [{ type: 'lr_find', status: 'cancelled' }, [b]],
    [{ type: 'lr_find', status: 'running' }, []],
    [{ tag: 'team' }, [e, c, b, a]],
    [{ tag: 'team', sort: 'created_at' }, [a, b, c, e]],
    [{ tag: 'team:x' }, [e, a]],
    [{ tag: 'a\\ud800' }, [e]],
    [{ tag: 'team:x:1' }, [c]],
    [{ tag: 'a:b' }, [b, a]],
    [{ tag: 'none' }, []],
    [{ tag: 'team', type: 'fit' }, [c, a]],
    [{ tag: 'team', status: 'cancelled' }, [c, b]],
    [{ tag: 'team', status: 'queued', type: 'fit' }, [a]],
    [{ tag: 'team', q: 'one_cycle' }, [c, a]],
    [{ tag: 'team', sort: '-status' }, [c, b, e, a]],
  ];
  const allListed = async (jobs: Jobs): Promise<void> => {
    for (const [query, ids] of table) assert.deepEqual(await listed(jobs, query), ids, JSON.stringify(query));
    for (const query of [{}, { type: 'fit' }, { tag: 'team:x' }] as Query[])
      assert.deepEqual(await listed(jobs, query, 'acme'), [own]);
  };
  const another = async (): Promise<Jobs> => {
    const jobs = await Jobs.connect(w.address, w.storage);
    t.after(() => jobs.close());
    return jobs;
  };
  const whole = await indexed(w);

  await t.test('are right in every combination, a tenant by itself', () => allListed(w.jobs));

  await t.test(
    'are right while jobs of an earlier version are put into the indexes, which end up the same',
    async () => {
      const later = Object.keys(whole).filter((name) => /tagged|:(fit|lr_find)$/.test(name));
      assert.ok(later.length > 10);
      await w.redis.del(keys.indexed, ...later);
      const [one, other] = await Promise.all([another(), another()]);
      await Promise.all([allListed(one), allListed(other)]);
      await completed(w);
      assert.deepEqual(await indexed(w), whole);
      await allListed(one);
      // Only the tags are still to come.
      await w.redis.del(keys.indexed, ...later.filter((name) => name.includes('tagged')));
      await allListed(await another());
      await completed(w);
      assert.deepEqual(await indexed(w), whole);
    },
  );

  await t.test('are right where a process of an earlier version has created, moved and deleted jobs', async () => {
    await w.redis.zrem(keys.index(undefined, undefined, 'fit'), d);
    await w.redis.zadd(keys.index('running', undefined, 'fit'), 1, a);
    await w.redis.zadd(keys.index('queued', undefined, 'lr_find'), 99, 'job_gone');
    await w.redis.zrem(keys.index('queued', undefined, 'fit'), d);
    await w.redis.zrem(keys.tagged('team'), a);
    const jobs = await another();
    assert.deepEqual(await listed(jobs, { tag: 'team' }), [e, c, b, a]);
    await until('they are put right', async () => {
      const now = await indexed(w);
      return JSON.stringify(now) === JSON.stringify(whole) || null;
    });
    await allListed(jobs);
  });

  await t.test('follow a change of tags', async () => {
    await w.jobs.update(a, { tags: { team: null, new: 'tag' } });
    assert.deepEqual(await listed(w.jobs, { tag: 'team' }), [e, c, b]);
    assert.deepEqual(await listed(w.jobs, { tag: 'new:tag', status: 'queued' }), [a]);
    assert.deepEqual(await w.redis.zrange(keys.tagged('team:x'), '0', '-1'), [e]);
  });

  await t.test('know nothing of deleted jobs', async () => {
    for (const id of [a, b, c, d, own]) await w.jobs.remove(id);
    const left = new Set(Object.values(await indexed(w)).flat());
    assert.deepEqual([...left], [e]);
  });
});
