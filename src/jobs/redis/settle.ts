/** What becomes of a fit when its finder has ended: it gets the suggested rate, or it ends as well. */
import { encodeFields } from './fields.js';
import { keys } from './keys.js';
import type { Line } from './lines.js';
import type { FoundRate, JobError, JobRecord } from '../record.js';
import type { Queues } from './queues.js';
import { readRecord } from './records.js';
import type { Client } from './client.js';
import type { JobSpec } from '../../request/spec.js';
import { isFromLrFind } from '../../schedule/index.js';

/**
 * Settles a waiting fit whose finder has ended: it is queued, before all others as it has waited already, or it ends.
 * Changes nothing for any other job. Should this process end between the record and the queue, `reconcile` finds it.
 */
export async function settleFit(redis: Client, queues: Queues, id: string): Promise<void> {
  const fit = await readRecord(redis, id);
  if (fit?.status !== 'waiting' || !fit.lr_find) return;
  const finder = await readRecord(redis, fit.lr_find.job);
  const value = finder?.result?.suggestions?.[fit.lr_find.suggestion] ?? null;
  const { spec, lr_find } = encodeFields({ spec: withRate(fit.spec, value), lr_find: { ...fit.lr_find, value } });
  const [record, log] = [keys.record(id), keys.log(id)];
  const drop = async (status: 'failed' | 'cancelled', error?: JobError): Promise<void> => {
    const now = new Date().toISOString();
    await redis.dropJob(2, record, log, status, now, error ? JSON.stringify(error) : '', lr_find);
  };
  switch (finder?.status) {
    case 'completed': {
      if (value === null) return drop('failed', noSuggestion(finder, fit.lr_find));
      const line = (await redis.releaseJob(2, record, log, spec, lr_find)) as Line | '';
      if (line !== '') await queues.add(line, id, { next: true });
      return;
    }
    case 'cancelled':
      return drop('cancelled');
    case 'failed':
    case undefined:
      return drop('failed', finderFailed(finder, fit.lr_find));
  }
}

/** The spec with the rate that was to be found. */
function withRate(spec: JobSpec, rate: number | null): JobSpec {
  const fields = Object.entries(spec.policy).map(([name, value]: [string, unknown]) => [
    name,
    isFromLrFind(value) ? rate : value,
  ]);
  return { ...spec, policy: Object.fromEntries(fields) as JobSpec['policy'] };
}

function noSuggestion(finder: JobRecord, { job, suggestion }: FoundRate): JobError {
  const reason = finder.result?.reasons?.[suggestion] ?? 'the curve has none';
  return { code: 'no_suggestion', message: `Finder ${job} could not suggest '${suggestion}': ${reason}.` };
}

const finderFailed = (finder: JobRecord | null, { job }: FoundRate): JobError => ({
  code: 'finder_failed',
  message: `Finder ${job} failed: ${finder?.error?.message ?? 'its record no longer exists'}`,
});
