/** Jobs of several tenants, each tenant's posted at once: what share of the workers each has. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Service } from './service.js';
import { tiny } from './specs.js';

/** What tenants get of the workers. */
export interface Turns {
  tenants: number;
  jobs: number;
  /** The least and the most that a tenant had of its fair share, each time somebody looked from the 100th job on: 1 is fair. */
  least: number;
  most: number;
  /** From the first job to the last. */
  seconds: number;
}

const secret = (name: string): string => `oc_${name}${'x'.repeat(40)}`.slice(0, 43);
const names = (tenants: number): string[] =>
  Array.from({ length: tenants }, (_, i) => `tenant${String.fromCharCode(97 + i)}`);
/** The default tenant's, which operates the queue. */
const operator = secret('operator');

/** The keys that the service is started with. */
export const keysOf = (tenants: number): string =>
  [operator, ...names(tenants).map((name) => `${name}:${secret(name)}`)].join(',');

/** Posts them tenant by tenant to a queue that waits, lets them run, and looks on until all are completed. */
export async function measureTurns({ url }: Service, tenants: number, jobs: number): Promise<Turns> {
  const ask = async (key: string, path: string, body?: object): Promise<unknown> => {
    const response = await fetch(url + path, {
      method: body ? 'POST' : 'GET',
      headers: { authorization: `Bearer ${key}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${path} was answered with ${response.status}: ${await response.text()}`);
    return response.json();
  };
  await ask(operator, '/queue/pause', {});
  for (const name of names(tenants)) for (let i = 0; i < jobs / tenants; i++) await ask(secret(name), '/jobs', tiny);
  const doneOf = async (name: string): Promise<number> =>
    ((await ask(secret(name), '/jobs?status=completed&limit=1000')) as { data: unknown[] }).data.length;

  const begun = performance.now();
  await ask(operator, '/queue/resume', {});
  let [least, most] = [1, 1];
  for (;;) {
    const shares = await Promise.all(names(tenants).map(doneOf));
    const done = shares.reduce((sum, count) => sum + count, 0);
    if (done >= 100) {
      least = Math.min(least, (Math.min(...shares) * tenants) / done);
      most = Math.max(most, (Math.max(...shares) * tenants) / done);
    }
    if (done === jobs) return { tenants, jobs, least, most, seconds: (performance.now() - begun) / 1000 };
    await sleep(200);
  }
}
