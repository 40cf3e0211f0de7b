/** One job and many subscribers. */
import { rmSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { computedTicks, pin, residentBytes } from './processes.js';
import type { Service } from './service.js';
import { busy, nothing } from './specs.js';
import { readStamps } from './stamps.js';
import { type Delivery, Subscribers } from './subscribers.js';

/** A step of the job that is followed. */
const stepMs = 50;

/** What subscribers get of real training, and what it costs the training. */
export interface Watched extends Delivery {
  alone: Pace;
  watched: Pace;
  /** The cores of the trainer, of the rest of the service, and of the subscribers. */
  cores: { trainer: string; service: string; subscribers: string };
}

/** How fast it trains. Processor time does not count what others take of the trainer's core. */
export interface Pace {
  steps_per_second: number;
  processor_ms_per_step: number;
}

/** Real training, some 20 steps a second on a core of its own: without subscribers, and then with them. */
export async function measureWatched(service: Service, count: number, seconds: number): Promise<Watched> {
  const cores = shareCores();
  await service.warm();
  for (const pid of [service.pid, ...service.processes('')]) pin(pid, cores.service);
  const batch = await batchThatTakes(service, cores.trainer);
  const stamps = join(service.folder, 'stamps');
  rmSync(stamps, { force: true });
  const { id } = await start(service, cores.trainer, busy(batch, 1000, stamps));
  await service.warm(); // the next trainer loads its engine while the first one trains
  const trainer = service.processes('trainer')[0];
  const alone = await pace(trainer, stamps, seconds);
  const subscribers = await Subscribers.open(service, id, count);
  pin(subscribers.pid, cores.subscribers);
  const watched = await pace(trainer, stamps, seconds);
  await service.json('POST', `/jobs/${id}/cancel`);
  const delivery = await subscribers.ended(() => readStamps(stamps));
  return { ...delivery, alone, watched, cores };
}

async function pace(trainer: number, stamps: string, seconds: number): Promise<Pace> {
  const [steps, ticks, begun] = [readStamps(stamps).size, computedTicks(trainer), performance.now()];
  await sleep(seconds * 1000);
  const done = readStamps(stamps).size - steps;
  return {
    steps_per_second: (done / (performance.now() - begun)) * 1000,
    processor_ms_per_step: ((computedTicks(trainer) - ticks) * 10) / done,
  };
}

/** The trainer's core is the first; where there are but two, the service and its subscribers share the second. */
function shareCores(): Watched['cores'] {
  const last = cpus().length - 1;
  return { trainer: '0', service: '1', subscribers: last > 1 ? `2-${last}` : '1' };
}

/** How many rows a step takes 50 ms with, on the trainer's core. */
async function batchThatTakes(service: Service, core: string): Promise<number> {
  const rows = 512;
  const { id } = await start(service, core, busy(rows, 5, join(service.folder, 'stamps')));
  const { throughput } = await service.completed(id);
  return Math.max(1, Math.round((rows * stepMs) / throughput!.step_ms));
}

/** Posts a job to the warm trainer, which runs on a core of its own from then on. */
async function start(service: Service, core: string, spec: unknown): Promise<{ id: string }> {
  await service.warm();
  for (const pid of service.processes('trainer')) pin(pid, core);
  return service.submit(spec);
}

/** How fast messages go out at most. */
export interface Saturation {
  steps_per_second: number;
  delivery: Delivery;
}

/** Doubles the steps a second until a subscriber gets them late: the last rate is too much. Nothing is trained. */
export async function measureSaturation(
  service: Service,
  count: number,
  seconds: number,
  limitMs: number,
): Promise<Saturation[]> {
  const rates: Saturation[] = [];
  for (let rate = 20; rate <= 5120; rate *= 2) {
    await service.warm();
    const stamps = join(service.folder, `stamps-${rate}`);
    // They need a while to connect, and as long as that is they are not all there.
    const { id } = await service.submit(nothing({ batches: rate * 600, rate, stamps }));
    const subscribers = await Subscribers.open(service, id, count);
    await sleep(seconds * 1000);
    await service.json('POST', `/jobs/${id}/cancel`);
    const delivery = await subscribers.ended(() => readStamps(stamps));
    rates.push({ steps_per_second: rate, delivery });
    if (!delivery.complete || delivery.latency_ms.p99 > limitMs) break;
  }
  return rates;
}

/** What subscribers that read nothing cost. */
export interface Silent {
  subscribers: number;
  /** What each of them was to get. */
  log_bytes: number;
  /** The API's memory before they came, and at its highest with them, less what the same job cost without them. */
  resident_bytes: { before: number; peak: number };
  bytes_per_subscriber: number;
}

/** A long log that one client reads and others do not. */
export async function measureSilent(service: Service, count: number, points: number): Promise<Silent> {
  const alone = await peakDuring(service, 0, points);
  const before = residentBytes(service.pid);
  const { peak, logBytes } = await peakDuring(service, count, points);
  const cost = Math.max(0, peak - Math.max(before, alone.peak));
  return {
    subscribers: count,
    log_bytes: logBytes,
    resident_bytes: { before, peak },
    bytes_per_subscriber: cost / count,
  };
}

async function peakDuring(
  service: Service,
  silent: number,
  points: number,
): Promise<{ peak: number; logBytes: number }> {
  await service.warm();
  const { id } = await service.submit(nothing({ batches: points }));
  const url = `${service.url.replace('http', 'ws')}/jobs/${id}/stream`;
  const deaf = Array.from({ length: silent }, () => {
    const socket = new WebSocket(url);
    socket.on('open', () => socket.pause());
    socket.on('error', () => undefined); // it is terminated while it connects
    return socket;
  });
  let [peak, logBytes] = [0, 0];
  const sampling = setInterval(() => (peak = Math.max(peak, residentBytes(service.pid))), 20);
  const reader = new WebSocket(url);
  reader.on('message', (data: Buffer) => (logBytes += data.length));
  await new Promise((resolve) => reader.once('close', resolve));
  clearInterval(sampling);
  for (const socket of deaf) socket.terminate();
  return { peak, logBytes };
}
