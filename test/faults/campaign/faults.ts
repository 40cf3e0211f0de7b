/** What a campaign does to the service, by turns. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Dice } from './dice.js';
import { signal, type Role } from './processes.js';
import type { World } from './world.js';

/** One kind of fault. */
export interface Fault {
  name: string;
  /** Nothing can be stored while it lasts, checkpoints included. */
  storesNothing: boolean;
  /** Does it, ends it where it lasts, and says what it did. */
  inflict(world: World, dice: Dice): Promise<string>;
}

const killed = (role: Exclude<Role, 'service'>): Fault => ({
  name: `${role} killed`,
  storesNothing: role === 'valkey',
  inflict: (world, dice) => {
    const pid = oneOf(world, role, dice);
    if (pid !== null) signal(pid, 'SIGKILL');
    return Promise.resolve(pid === null ? 'none was there' : `pid ${pid}`);
  },
});

/** Now and then for longer than a worker's lock on its job lasts (5 s). */
const stopped = (role: Role): Fault => ({
  name: `${role} stopped`,
  storesNothing: role === 'valkey',
  inflict: async (world, dice) => {
    const lastsMs = dice.between(0, 1) < 0.2 ? dice.between(6000, 9000) : dice.between(200, 2500);
    const pid = oneOf(world, role, dice);
    if (pid === null) return 'none was there';
    signal(pid, 'SIGSTOP');
    await sleep(lastsMs);
    signal(pid, 'SIGCONT');
    return `pid ${pid} for ${(lastsMs / 1000).toFixed(1)} s`;
  },
});

/** The API lives in the process that supervises the others: they end with it, Valkey stays. */
const apiKilled: Fault = {
  name: 'API killed',
  storesNothing: false,
  inflict: async (world) => {
    const { pid } = world.server;
    signal(pid, 'SIGKILL');
    await world.restart();
    return `pid ${pid}`;
  },
};

const allKilled: Fault = {
  name: 'all killed at once',
  storesNothing: false,
  inflict: async (world) => {
    const all = world.running();
    for (const { pid } of all) signal(pid, 'SIGKILL');
    await world.restart();
    return `${all.length} processes`;
  },
};

const diskFull: Fault = {
  name: 'disk full',
  storesNothing: true,
  inflict: async ({ disk }, dice) => {
    const lastsMs = dice.between(500, 4000);
    if (typeof disk === 'string') throw new Error('There is no disk to fill.');
    disk.fill();
    await sleep(lastsMs);
    disk.free();
    return `for ${(lastsMs / 1000).toFixed(1)} s`;
  },
};

/** Those that this machine allows. */
export const faultsOf = ({ disk }: World): Fault[] => [
  killed('trainer'),
  killed('worker'),
  killed('valkey'),
  apiKilled,
  allKilled,
  stopped('trainer'),
  stopped('worker'),
  stopped('valkey'),
  ...(typeof disk === 'string' ? [] : [diskFull]),
];

function oneOf(world: World, role: Role, dice: Dice): number | null {
  // Drawn in any case, so that what comes after does not depend on it.
  const place = dice.between(0, 1);
  const pids = world.running(role).map(({ pid }) => pid);
  return pids.at(Math.floor(place * pids.length)) ?? null;
}
