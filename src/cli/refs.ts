/** What commands take for an id: the whole id, the beginning of one, `@last` and `@last~N`. */
import type { JobRecord, Onecycle } from '../client/index.js';
import { CliError, exitCodes } from './exit-codes.js';

const wholeJob = /^job_[0-9A-Za-z]{20}$/;
const wholeDataset = /^ds_[0-9a-f]{20}$/;
const shownMatches = 10;

/** The id that is meant. @throws CliError where no job has it, or several do */
export async function jobId(client: Onecycle, ref: string): Promise<string> {
  if (wholeJob.test(ref)) return ref;
  const back = /^@last(?:~(\d+))?$/.exec(ref);
  if (back) return newest(client, Number(back.at(1) ?? 0));
  if (!/^[\w-]+$/.test(ref))
    throw new CliError(`${ref} is not the id of a job: give an id, a prefix of one, or @last.`);
  return only(ref, 'job', matching(client.jobs.all({ q: ref, limit: 1000 }), ref, 'job_'));
}

/** The ids that are meant, each once. @throws CliError as `jobId` */
export async function jobIds(client: Onecycle, refs: readonly string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const ref of refs) ids.push(await jobId(client, ref));
  return [...new Set(ids)];
}

/** The records of jobs, in the order of their ids. */
export const recordsOf = (client: Onecycle, ids: readonly string[]): Promise<JobRecord[]> =>
  Promise.all(ids.map(async (id) => (await client.jobs.get(id)).record));

/** The id of a data set that is meant. @throws CliError as `jobId` */
export async function datasetId(client: Onecycle, ref: string): Promise<string> {
  if (wholeDataset.test(ref)) return ref;
  const { data } = await client.datasets.list({ limit: 1000 });
  return only(ref, 'data set', matching(data, ref, 'ds_'));
}

/** The `back`-th job before the newest. */
async function newest(client: Onecycle, back: number): Promise<string> {
  let left = back;
  for await (const { id } of client.jobs.all({ limit: Math.min(back + 1, 1000) })) if (left-- === 0) return id;
  throw new CliError(
    back === 0 ? 'There are no jobs yet.' : `There are fewer than ${back + 1} jobs.`,
    exitCodes.conflict,
  );
}

async function matching(
  things: AsyncIterable<{ id: string }> | Iterable<{ id: string }>,
  ref: string,
  prefix: string,
): Promise<string[]> {
  const beginning = ref.startsWith(prefix) ? ref : `${prefix}${ref}`;
  const ids: string[] = [];
  for await (const { id } of things) if (id.startsWith(beginning)) ids.push(id);
  return ids;
}

async function only(ref: string, noun: string, matches: Promise<string[]>): Promise<string> {
  const ids = await matches;
  const id = ids.at(0);
  if (id === undefined) throw new CliError(`No ${noun}'s id begins with ${ref}.`, exitCodes.conflict);
  if (ids.length === 1) return id;
  const listed = ids.slice(0, shownMatches).map((each) => `\n  ${each}`);
  const more = ids.length - listed.length;
  throw new CliError(
    `${ids.length} ${noun}s have ids that begin with ${ref}:${listed.join('')}${more > 0 ? `\n  and ${more} more` : ''}`,
    exitCodes.conflict,
  );
}
