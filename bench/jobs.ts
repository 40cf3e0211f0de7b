/** What a job costs beside its training: small jobs, one after another and in a row, a finder and its fit, a repeat. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { Frame } from '../src/jobs/frames.js';
import { residentBytes } from './service/processes.js';
import { type Service, withService } from './service/service.js';
import { nothing, tiny } from './service/specs.js';
import { nowMs, readStamps } from './service/stamps.js';
import { fixed, median, megabytes, type Table } from './table.js';

/** One service's figures, in milliseconds where nothing else is said. */
export interface Jobs {
  /** Whether compiled graphs were kept. */
  kept: boolean;
  /** From POST until a warm trainer hears of the job, median; of a service whose trainer computes nothing. */
  start: number;
  /** From POST to the terminal frame, medians: a small job, and a finder with its fit. */
  tiny: number;
  find_and_fit: number;
  /** Of small jobs that were posted at once, each: where one runs at a time, and where a worker has its slots. */
  in_a_row: number;
  with_slots: number;
  /** From POST to the first loss of ResNet-18, once it has been trained before. */
  resnet18_first_loss: number;
  /** The trainer's memory after the first small jobs, and after many. */
  resident_bytes: [first: number, last: number];
  /** Whether the first and the last of these had the same losses and weights to the bit. */
  same_bits: boolean;
}

/** How often one job alone is measured. */
export const repeats = 10;
/** How many are posted at once. */
export const inARow = 30;
const starts = 40;
const many = 1000;

const findAndFit = {
  ...tiny,
  policy: { name: 'fit_one_cycle', n_epoch: 3, lr_max: { lr_find: 'valley' } },
  model: { preset: 'mlp', hidden: [64] },
};
const resnet18 = {
  policy: { name: 'fit_one_cycle', n_epoch: 1, lr_max: 0.001 },
  dataset: { random: { shape: [64, 64, 3], classes: 37, rows: 128, seed: 1 } },
  split: { train_rows: 96 },
  batch_size: 32,
  model: { preset: 'resnet18' },
};

/** Measures two services by turns: one that keeps compiled graphs, and one that does not. */
export async function measureJobs(): Promise<Jobs[]> {
  const measured: Jobs[] = [];
  for (const kept of [false, true]) {
    const env = kept ? {} : { ONECYCLE_GRAPH_CACHE_MB: '0' };
    const start = await withService({ env, trainsNothing: true }, measureStart);
    const in_a_row = await withService({ env: { ...env, ONECYCLE_SLOTS: '1' } }, measureRow);
    const others = await withService({ env }, measureService);
    measured.push({ kept, start, in_a_row, ...others });
  }
  return measured;
}

/** Each job finds the worker idle: what a job leaves to be done is done. */
async function measureStart(service: Service): Promise<number> {
  await service.warm();
  const took = await repeated(starts, async () => {
    const began = join(service.folder, 'began');
    await sleep(100);
    const posted = nowMs();
    const { id } = await service.submit(nothing({ batches: 1, began }));
    await sleep(50); // asking is in its way
    await service.completed(id);
    const [heard] = readStamps(began).values();
    rmSync(began);
    return heard - posted;
  });
  return median(took.slice(1));
}

/** Some jobs before, as in a service that has been up for a while. */
async function measureRow(service: Service): Promise<number> {
  await service.warm();
  await repeated(1 + repeats, () => follow(service, tiny));
  await service.warm(2);
  return postedAtOnce(service, inARow);
}

async function measureService(service: Service): Promise<Omit<Jobs, 'kept' | 'start' | 'in_a_row'>> {
  await service.warm();
  const first = await follow(service, tiny);
  const small = await repeated(repeats, () => follow(service, tiny));
  const memory = resident(service);
  await service.warm(2);
  const row = await postedAtOnce(service, inARow);
  await postedAtOnce(service, many - inARow - repeats - 2);
  const last = await follow(service, tiny);
  const grown = resident(service);
  const found = await repeated(repeats, () => follow(service, findAndFit));
  const resnets = await repeated(3, () => follow(service, resnet18));
  return {
    tiny: median(small.map(({ end }) => end)),
    find_and_fit: median(found.map(({ end }) => end)),
    with_slots: row,
    resnet18_first_loss: median(resnets.slice(1).map(({ loss }) => loss)),
    resident_bytes: [memory, grown],
    same_bits: (await bitsOf(service, first.id)) === (await bitsOf(service, last.id)),
  };
}

/** Posts a job and follows it to its end, once a trainer is warm: milliseconds from its POST. */
async function follow(service: Service, spec: unknown): Promise<{ id: string; loss: number; end: number }> {
  const started = performance.now();
  const { id } = await service.submit(spec);
  const socket = new WebSocket(`${service.url.replace('http', 'ws')}/jobs/${id}/stream`);
  let loss = NaN;
  socket.on('message', (data: Buffer) => {
    const { type } = JSON.parse(data.toString()) as Frame;
    if (type === 'batches' && Number.isNaN(loss)) loss = performance.now() - started;
  });
  await once(socket, 'close');
  return { id, loss, end: performance.now() - started };
}

async function postedAtOnce(service: Service, jobs: number): Promise<number> {
  const started = performance.now();
  const posted = await Promise.all(Array.from({ length: jobs }, () => service.submit(tiny)));
  for (const { id } of posted) await service.completed(id);
  return (performance.now() - started) / jobs;
}

async function repeated<T>(times: number, body: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  while (results.length < times) results.push(await body());
  return results;
}

/** Of the largest trainer: the one that runs the jobs. */
const resident = (service: Service): number => Math.max(...service.processes('trainer').map(residentBytes));

/** A job's losses, and the checksum of its weights. */
async function bitsOf(service: Service, id: string): Promise<string> {
  const { raw_loss } = await service.json<{ raw_loss: number[] }>('GET', `/jobs/${id}/metrics`);
  const weights = await fetch(`${service.url}/jobs/${id}/weights`);
  if (!weights.ok) throw new Error(`${id} has no weights: ${weights.status}`);
  const checksum = createHash('sha256').update(new Uint8Array(await weights.arrayBuffer()));
  return [...raw_loss, checksum.digest('hex')].join();
}

/** The figures as a table. */
export function jobsTable(measured: readonly Jobs[]): Table {
  const row = (what: string, value: (jobs: Jobs) => string) => [what, ...measured.map(value)];
  return {
    title: 'What a job costs beside its training, ms',
    head: ['', ...measured.map(({ kept }) => (kept ? 'graphs kept' : 'no graph kept'))],
    rows: [
      row('from POST to the trainer’s start', ({ start }) => fixed(start)),
      row('a tiny job, from POST to its end', ({ tiny: ms }) => fixed(ms)),
      row(`each of ${inARow} tiny jobs that were posted at once, one slot`, ({ in_a_row }) => fixed(in_a_row)),
      row(`each of ${inARow} tiny jobs that were posted at once, a slot a core`, ({ with_slots }) => fixed(with_slots)),
      row('find and fit on the digits', ({ find_and_fit }) => fixed(find_and_fit)),
      row('ResNet-18 again, from POST to its first loss', ({ resnet18_first_loss }) => fixed(resnet18_first_loss)),
      row(`a trainer’s memory before and after ${many} jobs, MB`, ({ resident_bytes }) =>
        resident_bytes.map(megabytes).join(', '),
      ),
      row(`losses and weights of the first and the ${many}th with the same bits`, ({ same_bits }) =>
        same_bits ? 'yes' : 'NO',
      ),
    ],
  };
}
