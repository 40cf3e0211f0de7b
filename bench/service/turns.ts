/** Jobs of several tenants, each tenant's posted at once: what share of the workers each has. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Service } from './service.js';
import { tiny } from './specs.js';

/** What tenants get of the workers while all of them have jobs that wait. */
export interface Turns {
  tenants: number;
  jobs: number;
  /** Jobs that were done when it was looked at. */
  done: number;
  /** The least and the most that a tenant had of its fair share: 1 is fair. */
  least: number;
  most: number;
  seconds: number;
}

const key = (tenant: string): string => `oc_${tenant}${'x'.repeat(40)}`.slice(0, 43);
const names = (tenants: number): string[] =>
  Array.from({ length: tenants }, (_, i) => `tenant${String.fromCharCode(97 + i)}`);

/** The keys that the service is started with. */
export const keysOf = (tenants: number): string =>
  names(tenants)
    .map((name) => `${name}:${key(name)}`)
    .join(',');

/** Posts them tenant by tenant, and looks when so many are done. */
export async function measureTurns({ url }: Service, tenants: number, jobs: number, enough: number): Promise<Turns> {
  const as = (name: string, path: string, body?: object) =>
    fetch(url + path, {
      method: body ? 'POST' : 'GET',
      headers: { authorization: `Bearer ${key(name)}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
  for (const name of names(tenants))
    for (let i = 0; i < jobs / tenants; i++) {
      const { status } = await as(name, '/jobs', tiny);
      if (status !== 201) throw new Error(`A job was answered with ${status}.`);
    }
  const doneOf = async (name: string): Promise<number> =>
    ((await (await as(name, '/jobs?status=completed&limit=1000')).json()) as { data: unknown[] }).data.length;
  const begun = performance.now();
  const before = await Promise.all(names(tenants).map(doneOf));
  for (;;) {
    const now = await Promise.all(names(tenants).map(doneOf));
    const shares = now.map((count, i) => count - before[i]);
    const done = shares.reduce((sum, count) => sum + count, 0);
    const fair = done / tenants;
    if (done >= enough)
      return {
        tenants,
        jobs,
        done,
        least: Math.min(...shares) / fair,
        most: Math.max(...shares) / fair,
        seconds: (performance.now() - begun) / 1000,
      };
    await sleep(200);
  }
}
