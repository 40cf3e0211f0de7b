/**
 * A record ↔ the fields of its Redis hash: JSON each, `status` bare. Fields that begin with `_` are the scripts' own.
 */
import { wordsOf } from '../list-query.js';
import { noProgress, progressOf, type StoredProgress } from '../progress.js';
import type { JobRecord, JobStatus, JobType } from '../record.js';
import { bandOf } from './places.js';
import { jobProtocol, poolText } from '../pools.js';
import { told, webhooksIn } from '../webhooks/of-job.js';
import type { JobSpec } from '../../request/spec.js';

/**
 * A record as it is stored: without `status`, which the scripts set, `queue`, which is found out anew, and `webhooks`,
 * which stand in fields of their own; of `progress` what the rest follows from.
 */
type StoredRecord = Omit<JobRecord, 'status' | 'queue' | 'webhooks' | 'progress'> & { progress: StoredProgress };
/** Fields of a record that are stored as they are. */
export type RecordFields = Partial<StoredRecord>;

/** Fields as a hash holds them; what is undefined is left out. */
export const encodeFields = (fields: RecordFields): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]: [string, unknown]) =>
      value === undefined ? [] : [[name, JSON.stringify(value)]],
    ),
  );

/** What a new job's hash holds before anything has happened to it. */
export function newRecord(
  id: string,
  type: JobType,
  spec: JobSpec,
  now: string,
  protocol = jobProtocol,
): Record<string, string> {
  const { name, tags } = spec;
  const pool = poolText({ requires: spec.requires ?? {}, protocol });
  const record: StoredRecord = {
    id,
    object: 'job',
    type,
    attempt: 1,
    created_at: now,
    started_at: null,
    finished_at: null,
    progress: noProgress,
    engine: null,
    throughput: null,
    phases: [],
    result: null,
    error: null,
    spec,
    ...(name === undefined ? {} : { name }),
    tags,
  };
  return {
    ...encodeFields(record),
    _max_attempts: String(spec.max_attempts),
    _ran_ms: '0',
    _band: String(bandOf(spec.priority)),
    _words: wordsOf(spec),
    ...(pool !== '' && { _pool: pool }),
    // `_concurrency_key` is of the tenant: create.ts.
    ...(spec.concurrency_key !== undefined && { _concurrency_limit: String(spec.concurrency_limit) }),
  };
}

/** A record as Redis has it. */
export type Hash = Partial<Record<string, string>>;

/** The hash as a record; null for a hash that is not there. */
export function decodeRecord(hash: Hash): JobRecord | null {
  const { status, ...rest } = hash;
  if (status === undefined) return null;
  const fields = Object.entries(rest).filter(([name]) => !name.startsWith('_'));
  const decoded: unknown = Object.fromEntries(
    fields.map(([name, json]) => [name, JSON.parse(json ?? 'null') as unknown]),
  );
  // Only newRecord and the scripts write these fields.
  const [record, current] = [decoded as StoredRecord, status as JobStatus];
  const webhooks = webhooksIn(hash).map(told);
  return ordered({
    ...record,
    status: current,
    progress: progressOf(record.progress, current),
    ...(webhooks.length > 0 && { webhooks }),
  });
}

/** Redis keeps a hash's fields in no order; people read records in one. */
function ordered(record: JobRecord): JobRecord {
  const { id, object, type, status, attempt, created_at, started_at, finished_at, ...rest } = record;
  const { progress, engine, throughput, phases, n_row, lr_find, webhooks, retry_of, resumed } = rest;
  const { result, error, name, tags, spec } = rest;
  return {
    id,
    object,
    type,
    status,
    ...(name === undefined ? {} : { name }),
    tags,
    attempt,
    created_at,
    started_at,
    finished_at,
    progress,
    engine,
    throughput,
    phases,
    ...(n_row === undefined ? {} : { n_row }),
    ...(lr_find === undefined ? {} : { lr_find }),
    ...(webhooks === undefined ? {} : { webhooks }),
    ...(retry_of === undefined ? {} : { retry_of }),
    ...(resumed === undefined ? {} : { resumed }),
    result,
    error,
    spec,
  };
}
