/** The formats that a job's curves can be had in, beside JSON. */
import { Readable } from 'node:stream';
import type { Curves } from '../history/curves.js';
import { tablesOf } from './table.js';
import { csv, jsonl } from './text.js';

/** A format. A new one is a file beside this and a line below. */
interface CurveFormat {
  /** Its media type, which `Accept` may ask for. */
  type: string;
  description: string;
  /** How a file's name ends. */
  ending: string;
  /** `startSeconds`: when the job began, in seconds since 1970. */
  make: (curves: Curves, startSeconds: number) => Readable | Promise<Readable>;
}

const stream = (parts: AsyncIterable<string | Uint8Array>): Readable => Readable.from(parts, { objectMode: false });

/** Every format by its name. What takes a library loads it when it is asked for: the API starts without. */
export const curveFormats = {
  csv: {
    type: 'text/csv',
    description: 'one row per iteration; the values of an epoch are in the row of its last iteration',
    ending: '.csv',
    make: (curves) => stream(csv(tablesOf(curves))),
  },
  jsonl: {
    type: 'application/jsonl',
    description: 'the same rows, one JSON object per line',
    ending: '.jsonl',
    make: (curves) => stream(jsonl(tablesOf(curves))),
  },
  parquet: {
    type: 'application/vnd.apache.parquet',
    description: 'the same rows',
    ending: '.parquet',
    make: async (curves) => stream((await import('./parquet.js')).parquet(tablesOf(curves))),
  },
  tensorboard: {
    type: 'application/octet-stream',
    description: 'an event file, for a TensorBoard log folder',
    ending: '',
    make: async (curves, startSeconds) => stream((await import('./tensorboard.js')).tensorboard(curves, startSeconds)),
  },
} as const satisfies Record<string, CurveFormat>;

/** The name of a format. */
export type CurveFormatName = keyof typeof curveFormats;

/** The names of all. */
export const curveFormatNames = Object.keys(curveFormats) as CurveFormatName[];

/** What a client asks for by its `Accept` header, where it names no format otherwise. */
export function acceptedFormat(accept = ''): CurveFormatName | undefined {
  const types = accept.split(',').map((each) => each.split(';')[0].trim());
  return curveFormatNames.find((name) => name !== 'tensorboard' && types.includes(curveFormats[name].type));
}

/** A job's curves in a format. */
export async function exportCurves(
  name: CurveFormatName,
  job: { id: string; started_at: string | null; created_at: string },
  curves: Curves,
): Promise<{ type: string; filename: string; stream: Readable }> {
  const { type, ending, make }: CurveFormat = curveFormats[name];
  const start = Date.parse(job.started_at ?? job.created_at) / 1000;
  // TensorBoard takes files by 'tfevents' in their name, whose next part is a number.
  const filename = name === 'tensorboard' ? `events.out.tfevents.${Math.floor(start)}.${job.id}` : `${job.id}${ending}`;
  return { type, filename, stream: await make(curves, start) };
}
