/**
 * Lists of jobs. In the order of their creation an index is read from where the page begins until the page is full.
 * Words, and any other order, take a look at some fields of every job with the status, type and tag: a pipeline for each
 * `pageJobs` of them.
 */
import { OnecycleError } from '../../errors.js';
import { matches, isListed, listOrder, type JobFacts, type ListOptions, type ListOrder } from '../list-query.js';
import type { JobRecord } from '../record.js';
import type { Client } from './client.js';
import { decodeRecord } from './fields.js';
import type { Indexes, Source } from './indexes.js';
import { keys } from './keys.js';
import { answers } from './records.js';
import { tenantOfJob } from './tenants.js';

/** Jobs that are looked at in one go. */
const pageJobs = 500;
/** The most ids of one index that are looked for in another one in one go. */
const mostIds = 4000;

/**
 * A page of jobs, read with one more than is asked for to know whether more follow.
 * @throws OnecycleError `invalid_request` where `after` is no job
 */
export async function readPage(
  redis: Client,
  indexes: Indexes,
  options: ListOptions,
): Promise<{ data: JobRecord[]; has_more: boolean }> {
  const { limit } = options;
  const data: JobRecord[] = [];
  for await (const ids of candidates(redis, indexes, options)) {
    for (let next = 0; next < ids.length && data.length <= limit;) {
      const some = ids.slice(next, next + limit + 1 - data.length);
      next += some.length;
      const records = await readRecords(redis, some);
      // A job may have changed since the index was read, or is gone.
      data.push(...records.filter((record) => matches(record, options)));
    }
    if (data.length > limit) break;
  }
  return { data: data.slice(0, limit), has_more: data.length > limit };
}

/** The ids of the jobs of a list, behind `after`, in order. */
async function* candidates(redis: Client, indexes: Indexes, options: ListOptions): AsyncGenerator<string[]> {
  const order = listOrder(options.sort);
  const after = options.after === undefined ? undefined : await factsOf(redis, options.after, options.tenant);
  const source = await indexes.source(options);
  // The indexes have all that this list needs to know.
  const isPlain = order.isCreation && source.exact && options.q === undefined;
  const size = isPlain ? Math.min(pageJobs, options.limit + 1) : pageJobs;
  const pages = scan(redis, source, order.isCreation ? { ...order, after } : newestFirst, size);
  if (isPlain) {
    yield* pages;
    return;
  }
  const found: JobFacts[] = [];
  for await (const ids of pages) {
    const listed = (await readFacts(redis, ids)).filter((facts) => isListed(facts, options));
    if (order.isCreation) yield listed.map(({ id }) => id);
    else found.push(...listed.filter((each) => after === undefined || order.compare(each, after) > 0));
  }
  if (!order.isCreation) yield found.sort(order.compare).map(({ id }) => id);
}

const newestFirst = { descending: true };

/** The ids in an index, and in the one beside it, some at a time, in the order of their creation. */
async function* scan(
  redis: Client,
  { index, within }: Source,
  { descending, after }: Pick<ListOrder, 'descending'> & { after?: JobFacts },
  first: number,
): AsyncGenerator<string[]> {
  let size = first;
  for (let from: string | number | undefined = after?.order; ;) {
    const edge = from === undefined ? undefined : `(${from}`;
    const found: string[] = descending
      ? await redis.zrevrangebyscore(index, edge ?? '+inf', '-inf', 'WITHSCORES', 'LIMIT', 0, size)
      : await redis.zrangebyscore(index, edge ?? '-inf', '+inf', 'WITHSCORES', 'LIMIT', 0, size);
    from = found.at(-1);
    if (from === undefined) return;
    const ids = found.filter((_, i) => i % 2 === 0);
    if (within === undefined) {
      yield ids;
      continue;
    }
    const places = await redis.zmscore(within, ...ids);
    yield ids.filter((_, i) => places[i] !== null);
    // The more are not in it, the more are looked for.
    size = Math.min(2 * size, mostIds);
  }
}

const fields = ['status', '_order', 'type', 'name', 'tags', '_words', 'finished_at', 'result'] as const;

/** The facts of those jobs that are still there. */
async function readFacts(redis: Client, ids: readonly string[]): Promise<JobFacts[]> {
  const pipeline = redis.pipeline();
  for (const id of ids) pipeline.hmget(keys.record(id), ...fields);
  return (await answers<(string | null)[]>(pipeline)).flatMap((values, i) => {
    const [status, order, type, name, tags, words, finished_at, result] = values;
    if (status === null) return [];
    // Only newRecord and the scripts write these fields.
    const facts = {
      id: ids[i],
      order: Number(order),
      status,
      type: parsed(type),
      name: parsed(name),
      tags: parsed(tags) ?? {},
      words: words ?? '',
      finished_at: parsed(finished_at),
      result: parsed(result),
    };
    return [facts as JobFacts];
  });
}

const parsed = (json: string | null): unknown => JSON.parse(json ?? 'null');

async function factsOf(redis: Client, id: string, tenant: string): Promise<JobFacts> {
  const isOwn = (await tenantOfJob(redis, id)) === tenant;
  const facts = isOwn ? (await readFacts(redis, [id])).at(0) : undefined;
  if (facts === undefined) throw new OnecycleError('invalid_request', `There is no job ${id} to list from.`);
  return facts;
}

async function readRecords(redis: Client, ids: readonly string[]): Promise<JobRecord[]> {
  const pipeline = redis.pipeline();
  for (const id of ids) pipeline.hgetall(keys.record(id));
  return (await answers<Record<string, string>>(pipeline)).map(decodeRecord).filter((record) => record !== null);
}
