/** The jobs that the page has: read every two seconds where they are seen, and further ones when they are scrolled to. */
import { signal } from '@preact/signals';
import type { JobQuery, JobRecord } from '../../../src/client/index.js';
import { client } from '../state/client.js';
import { withPage, type Rows } from '../state/job-list.js';

/** Which jobs, and in what order. */
export type JobFilter = Omit<JobQuery, 'limit' | 'after'>;

const headRows = 60;
const pageRows = 200;

/** A list of jobs by one filter. */
export class JobList {
  /** null until the first page is there. */
  readonly state = signal<Rows<JobRecord> | null>(null);
  #more: Promise<void> | null = null;

  constructor(readonly filter: JobFilter) {}

  /** Reads anew the first rows, where new jobs appear, and those from `first` to `last`, which are seen. */
  async refresh({ first, last }: { first: number; last: number }): Promise<void> {
    await this.#read(headRows);
    const { rows } = this.state.value ?? { rows: [] };
    if (last > headRows && first > 0 && first <= rows.length) await this.#read(last - first + 1, rows[first - 1].id);
  }

  /** Reads the rows behind the last one; once, however often it is asked. */
  more(): Promise<void> {
    const { rows, hasMore } = this.state.value ?? { rows: [], hasMore: false };
    if (!hasMore) return Promise.resolve();
    this.#more ??= this.#read(pageRows, rows.at(-1)?.id).finally(() => (this.#more = null));
    return this.#more;
  }

  async #read(limit: number, after?: string): Promise<void> {
    const page = await client.jobs.list({ ...this.filter, limit, ...(after !== undefined && { after }) });
    this.state.value = withPage(this.state.value ?? { rows: [], hasMore: false }, page, after);
  }
}
