/** Which jobs a list has, and in what order: pure, of the few facts that a record's fields tell. */
import { isObject } from '../schema/json.js';
import { jobStatuses, type JobStatus, type JobType } from './record.js';

/** Which jobs are listed, and how. */
export interface ListOptions {
  /** Whose. */
  tenant: string;
  status?: JobStatus;
  type?: JobType;
  /** A tag's name, or `name:value`. */
  tag?: string;
  /** Words that must all be in a job's name, id, tags, policy or preset. */
  q?: string;
  /** One of `sortFields`, or `metrics.NAME`; `-` before it: descending. Newest first unless it is said. */
  sort?: string;
  limit: number;
  /** The last job of the page before. */
  after?: string;
}

/** What jobs can be sorted by, beside `metrics.NAME`. */
export const sortFields = ['created_at', 'finished_at', 'name', 'status', 'train_loss', 'valid_loss'] as const;

/** A query's `sort`. */
export const sortPattern = `^-?(${sortFields.join('|')}|metrics\\..+)$`;

/** What is read of a job to filter and sort it: fields of its hash, as they are stored. */
export interface JobFacts {
  id: string;
  /** Its place among all jobs, in the order of their creation. */
  order: number;
  status: JobStatus;
  type: JobType;
  name: string | null;
  tags: Record<string, string>;
  /** Its policy and preset. */
  words: string;
  finished_at: string | null;
  result: { train_loss: number | null; valid_loss: number | null; metrics: Record<string, number | null> } | null;
}

/** Whether a job has the status, the type and the tag that are asked for: what indexes tell too. */
export function matches(
  job: Pick<JobFacts, 'status' | 'type' | 'tags'>,
  { status, type, tag }: Pick<ListOptions, 'status' | 'type' | 'tag'>,
): boolean {
  if (status !== undefined && job.status !== status) return false;
  if (type !== undefined && job.type !== type) return false;
  // A tag's name may have a colon itself.
  return tag === undefined || Object.hasOwn(job.tags, tag) || texts(job.tags).includes(tag);
}

const texts = (tags: Record<string, string>): string[] =>
  Object.entries(tags).map(([name, value]) => `${name}:${value}`);

/** Whether a job is one of those that are asked for. */
export function isListed(facts: JobFacts, options: Omit<ListOptions, 'limit' | 'tenant'>): boolean {
  if (!matches(facts, options)) return false;
  const { q } = options;
  if (q === undefined) return true;
  const text = [facts.name ?? '', facts.id, ...texts(facts.tags), facts.words].join('\n').toLowerCase();
  return q
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** An order of jobs. */
export interface ListOrder {
  /** Whether it is that of their creation, which the indexes have. */
  isCreation: boolean;
  descending: boolean;
  compare: (a: JobFacts, b: JobFacts) => number;
}

type Key = string | number | null;

// 'run 10' comes after 'run 9'.
const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/**
 * The order that a query's `sort` asks for. Jobs without a value come last either way; those with the same one are
 * sorted newest first, so that each job has one place.
 */
export function listOrder(sort = '-created_at'): ListOrder {
  const descending = sort.startsWith('-');
  const field = descending ? sort.slice(1) : sort;
  const isCreation = field === 'created_at';
  const compare = (a: JobFacts, b: JobFacts): number => {
    if (isCreation) return descending ? b.order - a.order : a.order - b.order;
    const [left, right] = [keyOf(a, field), keyOf(b, field)];
    if (left === null || right === null)
      return left === right ? b.order - a.order : Number(left === null) - Number(right === null);
    const ascending = compareKeys(left, right);
    return (descending ? -ascending : ascending) || b.order - a.order;
  };
  return { isCreation, descending, compare };
}

function keyOf({ name, status, finished_at, result }: JobFacts, field: string): Key {
  if (field === 'name') return name;
  if (field === 'status') return jobStatuses.indexOf(status);
  if (field === 'finished_at') return finished_at;
  if (field === 'train_loss' || field === 'valid_loss') return result?.[field] ?? null;
  return result?.metrics[field.slice('metrics.'.length)] ?? null;
}

const compareKeys = (a: string | number, b: string | number): number =>
  typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b));

/** A job's policy and preset, as a search finds them. */
export function wordsOf({ policy, model }: { policy: { name: string }; model: object }): string {
  const preset: unknown = isObject(model) ? model.preset : undefined;
  return typeof preset === 'string' ? `${policy.name} ${preset}` : policy.name;
}
