/** Points into the log, and out of it. A point: one iteration with its two losses and its five hypers. */
import { spread } from './numbers.js';
import type { Service } from './service.js';
import { nothing } from './specs.js';

/** How fast points are stored. */
export interface Ingest {
  points: number;
  points_per_second: number;
}

/** Points of one trainer, from the first to the job's end, by when all are stored. The trainer computes nothing. */
export async function measureIngest(service: Service, points: number): Promise<Ingest> {
  await service.warm();
  const { id } = await service.submit(nothing({ batches: points }));
  const { started_at, finished_at, progress } = await service.completed(id);
  if (progress.iteration !== points) throw new Error(`Of ${points} points ${progress.iteration} were stored.`);
  const ms = Date.parse(finished_at ?? '') - Date.parse(started_at ?? '');
  return { points, points_per_second: (points / ms) * 1000 };
}

/** How fast points are answered. */
export interface History {
  points: number;
  bytes: number;
  /** Of `GET /jobs/:id/metrics`, to the last byte: the whole curves, and 1,000 points of them. */
  whole_ms: { median: number; p99: number };
  thinned_ms: { median: number; p99: number };
}

/** The curves of a job whose batches took a millisecond each. */
export async function measureHistory(service: Service, points: number, requests: number): Promise<History> {
  const { id } = await service.submit(nothing({ batches: points, rate: 1000 }));
  await service.completed(id);
  const path = `/jobs/${id}/metrics`;
  const text = (await service.ask('GET', path)).text;
  const { iteration } = JSON.parse(text) as { iteration: number[] };
  if (iteration.length !== points) throw new Error(`Of ${points} points ${iteration.length} were answered.`);
  return {
    points,
    bytes: Buffer.byteLength(text),
    whole_ms: spread(await times(service, path, requests)),
    thinned_ms: spread(await times(service, `${path}?points=1000`, requests)),
  };
}

async function times(service: Service, path: string, requests: number): Promise<number[]> {
  const took: number[] = [];
  while (took.length < requests) {
    const started = performance.now();
    await service.ask('GET', path);
    took.push(performance.now() - started);
  }
  return took;
}
