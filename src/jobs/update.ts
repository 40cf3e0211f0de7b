/** The name and tags of a job change, whatever its status. */
import { OnecycleError } from '../errors.js';
import { maxTags } from '../request/body.js';
import { notFound } from './cancel.js';
import type { Client } from './redis/client.js';
import { keys } from './redis/keys.js';

/** What is to change: null takes a name, or a tag, away; tags that are not named stay. */
export interface JobChange {
  name?: string | null;
  tags?: Record<string, string | null>;
}

/** Changes a job, all of it at once. @throws OnecycleError `job_not_found`, `invalid_request` for more tags than a job may have */
export async function updateJob(redis: Client, id: string, change: JobChange): Promise<void> {
  for (;;) {
    const [name, json] = await redis.hmget(keys.record(id), 'name', 'tags');
    if (json === null) throw notFound(id);
    const tags = changed(JSON.parse(json) as Record<string, string>, change.tags ?? {});
    checkCount(tags);
    const newName = change.name === undefined ? (name ?? '') : change.name === null ? '' : JSON.stringify(change.name);
    const answer = await redis.updateJob(
      2,
      keys.record(id),
      keys.log(id),
      name ?? '',
      json,
      newName,
      JSON.stringify(tags),
    );
    if (answer === 'missing') throw notFound(id);
    if (answer === 'updated') return;
  }
}

function checkCount(tags: Record<string, string>): void {
  const count = Object.keys(tags).length;
  if (count <= maxTags) return;
  const detail = `must leave the job with ${maxTags} tags at most; it would have ${count}`;
  throw new OnecycleError('invalid_request', `/tags ${detail}`, [{ pointer: '/tags', detail }]);
}

const changed = (tags: Record<string, string>, change: Record<string, string | null>): Record<string, string> =>
  Object.fromEntries(
    Object.entries({ ...tags, ...change }).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
  );
