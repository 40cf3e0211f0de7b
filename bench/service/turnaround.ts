/** How long a job takes to begin, and small jobs from their posting to their end. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { Frame } from '../../src/jobs/frames.js';
import type { Columns } from '../../src/api/columns.js';
import { spread } from './numbers.js';
import type { Service } from './service.js';
import { tiny } from './specs.js';

/** From posting a job to its first batch at a WebSocket, the trainer being warm. */
export async function measureFirstFrame(service: Service, jobs: number): Promise<{ median: number; p99: number }> {
  const took: number[] = [];
  while (took.length < jobs) {
    await service.warm();
    const started = performance.now();
    const { id } = await service.submit(tiny);
    const socket = new WebSocket(`${service.url.replace('http', 'ws')}/jobs/${id}/stream`);
    const closed = once(socket, 'close');
    await new Promise<void>((resolve) =>
      socket.on('message', (data: Buffer) => {
        if ((JSON.parse(data.toString()) as Frame).type === 'batches') resolve();
      }),
    );
    took.push(performance.now() - started);
    await closed;
  }
  return spread(took);
}

/** Small jobs, one worker. */
export interface TinyJobs {
  jobs: number;
  /** From the first posting to the last end. */
  seconds: number;
  /** Of a job, on average: all its time, and the time in which it trained and validated. */
  job_ms: number;
  training_ms: number;
}

/** Posts small jobs all at once and waits for the last to end. */
export async function measureTinyJobs(service: Service, jobs: number): Promise<TinyJobs> {
  await service.warm();
  const started = performance.now();
  const posted = await Promise.all(Array.from({ length: jobs }, () => service.submit(tiny)));
  for (const { id } of posted) await service.completed(id);
  const seconds = (performance.now() - started) / 1000;
  let training = 0;
  for (const { id } of posted) {
    const { epochs } = await service.json<Columns>('GET', `/jobs/${id}/metrics`);
    for (const epoch of epochs) training += epoch.seconds;
  }
  return { jobs, seconds, job_ms: (seconds / jobs) * 1000, training_ms: (training / jobs) * 1000 };
}
