/** A job comes into being: its files first, then its record, then its place in the queue. */
import type { JobLimits } from '../config.js';
import { OnecycleError } from '../errors.js';
import { defaultTenant } from '../schema/tenant.js';
import type { NewWebhook } from '../schema/webhook.js';
import type { JobSpec } from '../request/spec.js';
import { namedUploads } from '../request/uploads/upload.js';
import type { SuggestionName } from '../schedule/index.js';
import type { Storage } from '../storage/storage.js';
import { tracing } from '../telemetry/tracing.js';
import { artifacts } from './artifacts.js';
import type { ResumableCheckpoint } from './log/attempt.js';
import { useModel } from './models.js';
import { noProgress } from './progress.js';
import type { JobRecord, JobType } from './record.js';
import type { Client } from './redis/client.js';
import { decodeRecord, encodeFields, newRecord } from './redis/fields.js';
import { keys, newJobId } from './redis/keys.js';
import { webhookFields, type SignedWebhook } from './webhooks/of-job.js';
import type { Line } from './redis/lines.js';
import { pinCheckpoint, unpinCheckpoint } from './redis/checkpoints.js';
import { QueueEntry, type Foresight } from './redis/foresight.js';
import type { Queues } from './redis/queues.js';
import { hashOf } from './redis/records.js';

/** What a job goes on from that does another one again, and where that is. */
export type RetryFrom = ResumableCheckpoint & { position: { phase: number; epoch: number; iteration: number } };

/** Who posts a job, and how many more they may. */
export interface Poster {
  tenant: string;
  /** The id of the API key; null without. */
  key: string | null;
  /** How many jobs of the tenant, and of the key, may wait; null: any number. */
  queued: { tenant: number | null; key: number | null };
  /** How many of the tenant, and of the key, may run at once; null: any number. */
  running: { tenant: number | null; key: number | null };
}

/** Whoever uses a service without keys. */
export const nobody: Poster = {
  tenant: defaultTenant,
  key: null,
  queued: { tenant: null, key: null },
  running: { tenant: null, key: null },
};

/** What a job is made from. */
export interface NewJob {
  type: JobType;
  spec: JobSpec;
  files?: { dataset?: Uint8Array; weights?: Uint8Array };
  /** The finder that must suggest a rate before this job can run. */
  finder?: { spec: JobSpec; suggestion: SuggestionName };
  idempotency?: { key: string; bodyHash: string };
  /** The job protocol that its worker must know: pools.ts. Left out: this version's. */
  protocol?: number;
  /** Who is told of it beside the tenant's webhooks. */
  webhooks?: readonly SignedWebhook[];
  /** The job that this one does again, and the checkpoint that it goes on from. */
  retry?: { of: string; from: RetryFrom | null };
}

/** The same, where a webhook that has no secret gets one. */
export type PostedJob = Omit<NewJob, 'webhooks'> & { webhooks?: readonly NewWebhook[] };

/**
 * A job that was created, with its record; `queued` settles when it is in the queue. Or the id of an earlier job that
 * the idempotency key stands for.
 */
export type Creation = { created: true; record: JobRecord; queued: Promise<void> } | { created: false; id: string };

/** What `createJobs` answers. */
type Inserted =
  | ['created', line: Line, aside: 0 | 1, fair: 0 | 1, hash: string[]]
  | ['quota', of: 'tenant' | 'key', name: string]
  | ['known', id: string, bodyHash: string]
  | ['gone', dataset: string]
  | ['abandoned' | 'full'];

/** What a job is stored with. */
interface Stores {
  redis: Client;
  queues: Queues;
  foresight: Foresight;
  storage: Storage;
  limits: JobLimits;
}

/**
 * Stores a job, and its finder, at once or not at all, and begins to queue it.
 * @throws OnecycleError `idempotency_mismatch`, `queue_full`, `quota_reached`, `unavailable`; Redis' error where that does not answer.
 */
export async function createJob(
  { redis, queues, foresight, storage, limits }: Stores,
  job: NewJob,
  poster: Poster,
): Promise<Creation> {
  const { idempotency, files = {} } = job;
  if (idempotency) {
    const [earlier, bodyHash] = await redis.hmget(keys.idempotency(idempotency.key, poster.tenant), 'job', 'body');
    if (earlier) return repeated(job, earlier, bodyHash ?? '');
  }
  const id = newJobId();
  const finder = job.finder && newJobId();
  // A fit is queued when its finder has ended.
  const { spec } = job.finder ?? job;
  const limited = poster.running.tenant !== null || poster.running.key !== null;
  const entry = new QueueEntry(queues, foresight, finder ?? id, spec, limited, job.protocol);
  const answer = await withPins(redis, id, job, () =>
    withFiles(storage, id, files, () => entry.with(redis, () => insert(redis, limits, job, poster, id, finder))),
  );
  if (answer[0] !== 'created') await entry.dropped();
  switch (answer[0]) {
    case 'known':
      return repeated(job, answer[1], answer[2]);
    case 'abandoned':
      throw new OnecycleError('unavailable', 'Storing the job took too long, and nothing was stored. Send it again.');
    case 'full':
      throw new OnecycleError('queue_full', `${limits.maxQueued} jobs are waiting already. Send this one again later.`);
    case 'quota':
      throw new OnecycleError(
        'quota_reached',
        `As many jobs of the ${answer[1]} ${answer[2]} wait already as may. Send this one again later.`,
      );
    case 'gone':
      throw new OnecycleError('conflict', `The data set ${answer[1]}, which the job needs, has been deleted.`);
    case 'created': {
      const record = decodeRecord(hashOf(answer[4]));
      if (!record) throw new Error(`Job ${id} was created without a record.`);
      const [, line, aside, fair] = answer;
      const queued = entry.created({ line, aside: aside === 1, fair: fair === 1 });
      return { created: true, record, queued };
    }
  }
}

/** Holds on to the checkpoints and the model that the job needs, unless it is not created. */
async function withPins(
  redis: Client,
  id: string,
  { spec, spec: { continue_from }, retry }: NewJob,
  insert: () => Promise<Inserted>,
): Promise<Inserted> {
  const needed = [
    ...(continue_from ? [{ job: continue_from.job, id: continue_from.checkpoint }] : []),
    ...(retry?.from ? [retry.from] : []),
  ];
  for (const each of needed) {
    if (!(await pinCheckpoint(redis, each.job, each.id, id)))
      throw new OnecycleError('conflict', `Checkpoint ${each.id} of job ${each.job} no longer exists.`);
  }
  const { model } = spec;
  const posted = model.stored && ('id' in model ? model.id : model.pretrained);
  if (typeof posted === 'string') await useModel(redis, posted, id);
  const answer = await insert();
  if (answer[0] !== 'created') for (const each of needed) await unpinCheckpoint(redis, each.job, each.id, id);
  return answer;
}

/** Stores the files while the job is inserted, and removes them again unless it was created. */
async function withFiles(
  storage: Storage,
  id: string,
  { dataset, weights }: NonNullable<NewJob['files']>,
  insert: () => Promise<Inserted>,
): Promise<Inserted> {
  if (!dataset && !weights) return insert();
  let created = false;
  // Should this process end before the record is there, a worker finds the marker and removes the files: sweep.ts.
  await storage.put(artifacts.creation(id), Buffer.from(String(Date.now())));
  try {
    if (dataset) await storage.put(artifacts.dataset(id), dataset, { once: true });
    if (weights) await storage.put(artifacts.weightsBefore(id), weights, { once: true });
    const answer = await insert();
    created = answer[0] === 'created';
    return answer;
  } finally {
    // Where Redis did not answer in time, no job is to be there either: should it have stored one after all, that fails
    // for want of files.
    if (!created) await storage.remove(artifacts.folder(id));
    await storage.remove(artifacts.creation(id));
  }
}

/** Writes the records. */
async function insert(
  redis: Client,
  limits: JobLimits,
  job: NewJob,
  poster: Poster,
  id: string,
  finder: string | undefined,
): Promise<Inserted> {
  const now = new Date().toISOString();
  const posted = { ...fieldsOf(poster, job.spec), ...traced() };
  const own = webhookFields(id, poster.tenant, now, job.webhooks);
  const fit = { ...newRecord(id, job.type, job.spec, now, job.protocol), ...posted, ...retried(job), ...own };
  const records = [{ id, status: finder ? 'waiting' : 'queued', fields: fit }];
  if (job.finder && finder) {
    const found = { job: finder, suggestion: job.finder.suggestion, value: null };
    Object.assign(fit, encodeFields({ lr_find: found }));
    const fields = { ...newRecord(finder, 'lr_find', job.finder.spec, now, job.protocol), ...posted, _fit: id };
    records.push({ id: finder, status: 'queued', fields });
  }
  const names = [
    // Without a key a name that stands for none: in a cluster all names must be of one place.
    job.idempotency ? keys.idempotency(job.idempotency.key, poster.tenant) : keys.idempotency(''),
    ...records.flatMap((each) => [keys.record(each.id), keys.log(each.id)]),
  ];
  const values = records.flatMap((each) => [
    each.id,
    each.status,
    Object.keys(each.fields).length,
    ...Object.entries(each.fields).flat(),
  ]);
  const idempotency = [job.idempotency?.bodyHash ?? '', limits.idempotencyHours * 3600];
  const { tenant, key, queued } = poster;
  const asker = [tenant, key ?? '', queued.tenant ?? '', queued.key ?? ''];
  const common = [...idempotency, limits.maxQueued, job.spec.device, namedUploads(job.spec).join(' '), ...asker];
  return (await redis.createJobs(names.length, ...names, ...common, ...values)) as Inserted;
}

/** What a record has of whoever posted the job. A tenant's concurrency keys are its own. */
function fieldsOf({ tenant, key, running }: Poster, { concurrency_key }: JobSpec): Record<string, string> {
  const isDefault = tenant === defaultTenant;
  return {
    ...(!isDefault && { _tenant: tenant }),
    ...(key !== null && { _key: key }),
    ...(running.tenant !== null && { _most_running: String(running.tenant) }),
    ...(running.key !== null && { _most_running_of_key: String(running.key) }),
    ...(concurrency_key !== undefined && {
      _concurrency_key:
        isDefault && !concurrency_key.startsWith('@') ? concurrency_key : `@${tenant}:${concurrency_key}`,
    }),
  };
}

/** What the spans of its attempts are children of: the request that posts it. */
function traced(): Record<string, string> {
  const { traceparent, tracestate } = tracing().carrier();
  return { ...(traceparent && { _traceparent: traceparent }), ...(tracestate && { _tracestate: tracestate }) };
}

/** What a retry's record has from the start: its position is that of the checkpoint. */
function retried({ retry }: NewJob): Record<string, string> {
  if (!retry) return {};
  const { of, from } = retry;
  if (!from) return encodeFields({ retry_of: of });
  const progress = { ...noProgress, ...from.position };
  return {
    ...encodeFields({ retry_of: of, progress }),
    _at: JSON.stringify(from.position),
    _from: JSON.stringify(from),
  };
}

function repeated({ idempotency }: NewJob, id: string, bodyHash: string): Creation {
  if (idempotency?.bodyHash !== bodyHash) {
    throw new OnecycleError(
      'idempotency_mismatch',
      `The Idempotency-Key '${idempotency?.key ?? ''}' was used with a different body, for job ${id}.`,
    );
  }
  return { created: false, id };
}
