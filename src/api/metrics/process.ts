/** What Prometheus is told of one API process. */
import type { Exposed } from './exposed.js';
import type { Meters, Transport } from './meters.js';
import type { Counts, Tally } from './tally.js';

const histogram = <Labels extends Record<string, string>>(
  name: string,
  help: string,
  labels: readonly (keyof Labels & string)[],
  { bounds, samples }: Tally<Labels>,
): Exposed => ({ name: `onecycle_${name}`, help, labels, values: { type: 'histogram', bounds, samples } });

const byTransport = (type: 'gauge' | 'counter', name: string, help: string, counts: Counts<Transport>): Exposed => ({
  name: `onecycle_${name}`,
  help,
  labels: ['transport'],
  values: { type, samples: counts.entries.map(([transport, value]) => [{ transport }, value] as const) },
});

/** All of them. `behind`: frames that are stored and that this process has not read yet, of the log where it is most. */
export const processMetrics = (meters: Meters, behind: number): Exposed[] => [
  byTransport('gauge', 'stream_subscribers', 'Jobs that clients follow', meters.subscribers),
  byTransport('counter', 'stream_frames_sent_total', 'Frames that were passed on to clients', meters.framesSent),
  histogram(
    'stream_lag_seconds',
    'Time from the arrival of a live frame in this process until it is passed on to a client',
    ['transport'],
    meters.lag,
  ),
  {
    name: 'onecycle_stream_behind_frames',
    help: 'Frames that are stored and not yet read by this process, of the log that it follows where it is most',
    values: { type: 'gauge', samples: [[{}, behind]] },
  },
  histogram('redis_command_seconds', 'How long Redis took to answer the commands of this process', [], meters.redis),
  {
    name: 'onecycle_redis_command_failures_total',
    help: 'Commands of this process that Redis did not answer, or refused',
    values: { type: 'counter', samples: meters.redisFailures.entries.map(([, value]) => [{}, value] as const) },
  },
  histogram('storage_operation_seconds', 'How long operations of the storage took', ['operation'], meters.storage),
  histogram(
    'http_request_seconds',
    'How long requests took, streams left out; `route` is the pattern',
    ['method', 'route', 'status'],
    meters.http,
  ),
];
