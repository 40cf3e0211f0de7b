/** The job that is being written: in the address, so that it can be sent to a colleague. */
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { atRate, continued, requestOf } from '../form/request.js';
import type { Json } from '../form/schema.js';
import { jobFor, templates } from '../form/templates.js';
import { withAt, type Path } from '../form/value.js';
import { apiSchemas } from './api-schemas.js';
import { client } from './client.js';
import { route, setQuery } from './route.js';

/** What is written, and how to change it. */
export interface Draft {
  /** Null until it is known what the address asks for. */
  spec: Json | null;
  /** What went wrong on the way to it. */
  error: unknown;
  change: (path: Path, next: Json | undefined) => void;
}

const spec = signal<Json | null>(null);
const error = signal<unknown>(null);
let timer: ReturnType<typeof setTimeout> | undefined;

/** Browsers refuse many changes of the address in a short time. */
const settleMs = 300;

/** The draft that the address says; it is written back there as it changes. */
export function useDraft(): Draft {
  const query = route.value.query.toString();
  const written = useRef<string | null>(null);
  useEffect(() => {
    // What stands there is what was written from here.
    if (query === written.current) return;
    let gone = false;
    const show = (next: Json | null, cause: unknown): void => {
      if (gone) return;
      spec.value = next;
      error.value = cause;
    };
    show(null, null);
    specOf(new URLSearchParams(query)).then(
      (next) => show(next, null),
      (cause: unknown) => show(templates[0].spec, cause),
    );
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [query]);
  const change = (path: Path, next: Json | undefined): void => {
    spec.value = withAt(spec.value ?? {}, path, next) ?? {};
    clearTimeout(timer);
    timer = setTimeout(() => {
      const text = JSON.stringify(spec.value);
      written.current = new URLSearchParams({ spec: text }).toString();
      setQuery({ ...Object.fromEntries([...route.value.query.keys()].map((key) => [key, undefined])), spec: text });
    }, settleMs);
  };
  return { spec: spec.value, error: error.value, change };
}

/** What an address asks for: a spec, a finder's rate, a job to go on from, a data set, or a template. */
async function specOf(query: URLSearchParams): Promise<Json> {
  const given = query.get('spec');
  if (given !== null) return JSON.parse(given) as Json;
  const source = query.get('continue')?.split(',');
  if (source) return continued(await requestFrom(source[0]), source[0], source.at(1));
  const rate = query.get('lr');
  if (rate !== null) return atRate(await requestFrom(query.get('from') ?? ''), Number(rate));
  const from = query.get('from');
  if (from !== null) return requestFrom(from);
  const dataset = query.get('dataset');
  if (dataset !== null) return jobFor(await client.datasets.get(dataset));
  return templates[0].spec;
}

/** The request that makes a job again. */
export async function requestFrom(id: string): Promise<Json> {
  const [{ components, job: schema }, job] = await Promise.all([apiSchemas(), client.jobs.get(id)]);
  // Through JSON, as the record's type is narrower than any JSON.
  return requestOf(JSON.parse(JSON.stringify(job.record.spec)) as Json, schema, components);
}
