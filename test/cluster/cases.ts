/** What goes wrong between machines, each while a job trains; what the job comes to must be as if nothing had been. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobRecord } from '../e2e/harness.js';
import { until } from '../e2e/processes.js';
import { logProblems } from '../faults/campaign/log.js';
import { difference, outcomeOf, type Outcome } from '../faults/campaign/outcome.js';
import { specs } from '../faults/campaign/specs.js';
import type { Cluster } from './cluster.js';
import { faketime } from './host.js';

/** What every case trains: with dropout, so that a wrong position shows in every bit, and longer than three short cuts. */
const spec = { ...specs['one cycle, dropout'], policy: { name: 'fit_one_cycle', n_epoch: 1200, lr_max: 0.003 } };
/** A worker that is silent for so long is dead to the others: heartbeats.ts. */
const silenceMs = 6000;

/** A case: what it lacks on this machine, or null; what it does to the job that runs, and what is wrong then. */
export interface Case {
  name: string;
  missing?: () => string | null;
  /** The attempts that the job may have taken. */
  attempts: [least: number, most: number];
  inflict: (cluster: Cluster, job: string) => Promise<string[]>;
  /** Puts everything back. */
  mend?: (cluster: Cluster) => Promise<void>;
}

const nothing = (): Promise<string[]> => Promise.resolve([]);

/** In this order. */
export const cases: Case[] = [
  { name: 'two hosts, two APIs, nothing goes wrong', attempts: [1, 1], inflict: nothing },
  {
    name: 'the host that trains is cut off, and comes back when another has taken over',
    attempts: [2, 4],
    inflict: async (cluster, job) => {
      const host = await cluster.hostOf(job);
      host.cut();
      await until('another host has the job', async () => (await cluster.hostOf(job)) !== host, 120_000);
      await trains(cluster, job);
      host.mend();
      const { output } = cluster.workers.get(host.name)!;
      const heardFrom = output.length;
      // It hears that it has lost the job by the first write that is refused.
      await until(
        'the host that was cut off finds its writes refused',
        () => /taken over by another worker/.test(cluster.workers.get(host.name)!.output.slice(heardFrom)),
        120_000,
      );
      return [];
    },
  },
  {
    name: 'short cuts, each over before the host is given up',
    attempts: [1, 4],
    inflict: async (cluster, job) => {
      for (let i = 0; i < 3; i++) {
        const host = await cluster.hostOf(job);
        host.cut();
        await sleep(1500);
        host.mend();
        await sleep(1500);
      }
      return [];
    },
  },
  {
    name: 'both hosts are cut off for longer than the silence that means death',
    attempts: [1, 6],
    inflict: async (cluster) => {
      for (const host of cluster.hosts) host.cut();
      await sleep(silenceMs + 4000);
      for (const host of cluster.hosts) host.mend();
      return [];
    },
  },
  {
    name: 'a slow link: 100 ms each way',
    attempts: [1, 1],
    inflict: (cluster) => {
      for (const relay of cluster.relays) relay.delayMs = 100;
      return nothing();
    },
    mend: (cluster) => {
      for (const relay of cluster.relays) relay.delayMs = 0;
      return Promise.resolve();
    },
  },
  {
    name: 'the clock of one host is an hour ahead; the other is killed',
    missing: () => (faketime() === null ? 'libfaketime (Debian: apt-get install faketime)' : null),
    attempts: [1, 4],
    inflict: async (cluster, job) => {
      const [left, right] = cluster.hosts;
      await cluster.stop(left);
      await cluster.work(left, '+1h');
      await trains(cluster, job);
      // The other's job, if it has it, must come to the one whose clock is wrong at once, not in an hour.
      await cluster.stop(right);
      await trains(cluster, job);
      return [];
    },
    mend: async (cluster) => {
      const [left, right] = cluster.hosts;
      await cluster.stop(left);
      await cluster.work(left);
      await cluster.work(right);
    },
  },
];

/** Runs the job with nothing done to it, for the others to be compared with. */
export async function referenceOf(cluster: Cluster): Promise<Outcome> {
  const { id } = await cluster.apis[0].run(spec);
  return outcomeOf(cluster.apis[0], id, false);
}

/** Runs a case; returns what is wrong after it, and the job. */
export async function run(
  cluster: Cluster,
  { attempts, inflict, mend }: Case,
  reference: Outcome,
): Promise<{ problems: string[]; record: JobRecord }> {
  const [one, two] = cluster.apis;
  const { id } = await one.submit(spec);
  try {
    await trains(cluster, id);
    const problems = await inflict(cluster, id);
    const record = await ended(cluster, id);
    if (record.status !== 'completed') problems.push(`it is ${record.status}: ${JSON.stringify(record.error)}`);
    const [least, most] = attempts;
    if (record.attempt < least || record.attempt > most) problems.push(`it took ${record.attempt} attempts`);
    problems.push(...(await bothLogs(cluster, id)));
    const differs = difference(reference, await outcomeOf(two, id, false));
    if (differs !== null) problems.push(differs);
    return { problems, record };
  } finally {
    await mend?.(cluster);
  }
}

/** Both APIs tell the same log, without a hole, and no attempt writes once a later one has. */
async function bothLogs(cluster: Cluster, id: string): Promise<string[]> {
  const streams = await Promise.all(cluster.apis.map((api) => api.stream(id)));
  await Promise.all(streams.map(({ closed }) => closed));
  const [first, second] = streams.map(({ frames }) => frames);
  const differs = difference(first, second);
  const late = first.findIndex(({ attempt }, i) => i > 0 && attempt < first[i - 1].attempt);
  return [
    ...logProblems(first),
    ...(differs === null ? [] : [`the APIs tell different logs: ${differs}`]),
    ...(late === -1 ? [] : [`frame ${late} is of attempt ${first[late].attempt}, which had lost the job`]),
  ];
}

/** Waits until the job has trained on from now. */
async function trains(cluster: Cluster, id: string): Promise<void> {
  const position = async (): Promise<[attempt: number, iteration: number, status: string]> => {
    const { attempt, progress, status } = await cluster.apis[1].job(id);
    return [attempt, progress.iteration, status];
  };
  const [attempt, iteration] = await position();
  await until(
    `${id} trains on`,
    async () => {
      const now = await position();
      return now[2] === 'completed' || now[0] > attempt ? now[1] > 0 : now[1] > Math.max(iteration, 1);
    },
    120_000,
  );
}

const ended = (cluster: Cluster, id: string): Promise<JobRecord> =>
  until(
    `${id} has ended`,
    async () => {
      const record = await cluster.apis[0].job(id);
      return ['completed', 'failed', 'cancelled'].includes(record.status) ? record : null;
    },
    300_000,
  );
