/** Redis' silence as an error of ours. */
import { OnecycleError } from '../errors.js';

/** Says of a server that cannot be reached, or that takes nothing, that it cannot. */
export async function answered<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const silent =
      silences.test(error.message) || ['MaxRetriesPerRequestError', 'ClusterAllFailedError'].includes(error.name);
    const refuses = refusals.test(error.message);
    if (!silent && !refuses) throw error;
    if (error.message.startsWith('MISCONF '))
      throw new OnecycleError('disk_full', `Redis cannot write to its disk: ${error.message}`, [], { cause: error });
    const detail = refuses ? `Redis is not accepting writes: ${error.message}` : 'Redis does not answer.';
    throw new OnecycleError('unavailable', detail, [], { cause: error });
  }
}

/** It is gone, or a cluster or its Sentinels have no primary now. */
const silences =
  /^(Connection is closed\.|Command timed out|Too many Cluster redirections|All sentinels are unreachable|CLUSTERDOWN )/;

/** Memory is full, the disk fails, the append-only file is still read, or this server only follows another one. */
const refusals = /^(OOM|MISCONF|LOADING|READONLY|NOREPLICAS|MASTERDOWN) /;
