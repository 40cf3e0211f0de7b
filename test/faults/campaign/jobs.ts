/** The jobs of a campaign: some are always open, and one that has completed is followed by the next. */
import { until } from '../../e2e/processes.js';
import type { JobRecord } from '../../e2e/harness.js';
import { specs } from './specs.js';
import type { World } from './world.js';

/** How long the service may need until it trains again. */
const recoveryLimitMs = 60_000;
/** How many are open at a time: those that run, and as many that wait. */
const openJobs = 4;

/** A job that was posted. */
export interface Posted {
  id: string;
  spec: string;
}

export class CampaignJobs {
  readonly posted: Posted[] = [];
  #open = new Set<string>();

  constructor(private readonly world: World) {}

  /** Waits until a job trains: its progress has changed from one look to another. Posts what is missing meanwhile. */
  async train(): Promise<void> {
    const seen = new Map<string, number>();
    await until(
      'a job trains',
      async () => {
        const running = (await this.#look()).filter(({ status }) => status === 'running');
        const moved = running.some(({ id, progress }) => progress.iteration > (seen.get(id) ?? Infinity));
        for (const { id, progress } of running) seen.set(id, progress.iteration);
        return moved;
      },
      recoveryLimitMs,
    );
  }

  /** Waits until each job that runs has a checkpoint of where it is now, or another attempt. */
  async keep(): Promise<void> {
    const begun = await until('the service answers', () => answered(() => this.#records()), recoveryLimitMs);
    for (const { id, attempt, progress } of begun.filter(({ status }) => status === 'running'))
      await until(
        `${id} has a checkpoint`,
        () =>
          answered(async () => {
            const record = await this.world.server.job(id);
            if (record.status !== 'running' || record.attempt !== attempt) return true;
            const { data } = (await this.world.server.ok(`/jobs/${id}/checkpoints`)) as {
              data: { iteration: number }[];
            };
            return (data.at(-1)?.iteration ?? -1) >= progress.iteration;
          }),
        recoveryLimitMs,
      );
  }

  /** Waits until all have ended, none being posted any more, and returns their records in the order of `posted`. */
  async end(): Promise<JobRecord[]> {
    const limitMs = this.#open.size * recoveryLimitMs;
    await until('all jobs have ended', async () => (await this.#look(0), this.#open.size === 0), limitMs);
    const records: JobRecord[] = [];
    for (const { id } of this.posted) records.push(await this.world.server.job(id));
    return records;
  }

  async #look(open = openJobs): Promise<JobRecord[]> {
    const records = (await answered(() => this.#records())) ?? [];
    for (const { id, status } of records) if (isEnd(status)) this.#open.delete(id);
    if (this.#open.size < open) await answered(() => this.#post());
    return records;
  }

  async #records(): Promise<JobRecord[]> {
    const records: JobRecord[] = [];
    for (const id of this.#open) records.push(await this.world.server.job(id));
    return records;
  }

  /** Posts the next one. The key sees to it that one whose answer got lost is not posted twice. */
  async #post(): Promise<void> {
    const names = Object.keys(specs);
    const spec = names[this.posted.length % names.length];
    const headers = { 'idempotency-key': `campaign-${this.posted.length}` };
    const { status, body } = await this.world.server.post('/jobs', specs[spec], headers);
    if (status !== 201) throw new Error(`POST /jobs answered ${status}: ${JSON.stringify(body)}`);
    const { id } = body as JobRecord;
    this.posted.push({ id, spec });
    this.#open.add(id);
  }
}

const isEnd = (status: string): boolean => ['completed', 'failed', 'cancelled'].includes(status);

/** null where there was no good answer: the service is down, or its Valkey. */
async function answered<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch {
    return null;
  }
}
