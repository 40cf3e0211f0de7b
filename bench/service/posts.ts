/** Jobs that are posted, one after another and many at once. Each 201 says that the job is on disk. */
import { spread } from './numbers.js';
import type { Service } from './service.js';
import { tiny } from './specs.js';

/** How fast jobs are taken. */
export interface Posts {
  clients: number;
  jobs_per_second: number;
  answered_ms: { median: number; p99: number };
}

/** Posts jobs for so long, each client one after another on a connection of its own. */
export async function measurePosts(service: Service, clients: number, seconds: number): Promise<Posts> {
  const took: number[] = [];
  const begun = performance.now();
  const end = begun + seconds * 1000;
  const client = async (): Promise<void> => {
    while (performance.now() < end) {
      const started = performance.now();
      await service.submit(tiny);
      took.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const jobs_per_second = took.length / ((performance.now() - begun) / 1000);
  return { clients, jobs_per_second, answered_ms: spread(took) };
}
