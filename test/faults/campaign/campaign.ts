/** A campaign: reference runs, then faults by turns while jobs train, then all that must hold nevertheless. */
import { setTimeout as sleep } from 'node:timers/promises';
import { whenStopped } from '../../../src/cli/signals.js';
import type { JobRecord } from '../../e2e/harness.js';
import { check, type Finished, type Reference } from './check.js';
import { Dice } from './dice.js';
import { faultsOf, type Fault } from './faults.js';
import { CampaignJobs } from './jobs.js';
import { outcomeOf } from './outcome.js';
import { Resources } from './resources.js';
import { specs } from './specs.js';
import { World } from './world.js';

/** The share of faults that the next one follows before anything has recovered. */
const hurry = 0.2;

/** Between one fault's end and the next. */
const longestPauseMs = 1000;

/** A fault that was inflicted. */
export interface Inflicted {
  fault: string;
  /** Until a job trained again, the fault's own duration included; null where the next one came before that. */
  recoveredMs: number | null;
}

/** How it went. */
export interface Report {
  seed: number;
  seconds: number;
  inflicted: Inflicted[];
  jobs: Finished[];
  before: Resources;
  during: Resources;
  /** What does not hold; nothing, if all is well. */
  problems: string[];
}

/** What to do. */
export interface Plan {
  seed: number;
  /** How many faults. */
  kills: number;
  /** Gets a line for the seed, for each fault, and for what this machine does not allow. */
  say: (line: string) => void;
  /** Ends it before its time. */
  signal?: AbortSignal;
}

/** The logs of jobs stay in Valkey for ten minutes after they have ended: some hundred jobs of two megabytes each. */
const diskBytes = (kills: number): number => Math.min(2048, 256 + 16 * kills) * 1024 * 1024;

/** Runs it, and leaves nothing behind. @throws where something does not recover, or the signal aborts it */
export async function campaign(plan: Plan): Promise<Report> {
  plan.say(`seed ${plan.seed}`);
  const world = await World.start(diskBytes(plan.kills));
  try {
    return await Promise.race([run(world, plan), aborted(plan.signal)]);
  } catch (error) {
    plan.say(await world.describe());
    throw error;
  } finally {
    await world.remove();
  }
}

async function run(world: World, { seed, kills, say }: Plan): Promise<Report> {
  const startedMs = performance.now();
  if (typeof world.disk === 'string') say(`no full disk: this machine lets us mount none (${world.disk})`);
  const before = new Resources();
  const references = await referenceRuns(world, before);
  say(`${references.size} jobs ran uninterrupted in ${elapsed(startedMs)}`);
  const jobs = new CampaignJobs(world);
  const during = new Resources();
  const inflicted = await inflictAll(world, jobs, new Dice(seed), kills, during, say);
  const records = await jobs.end();
  say(`${records.length} jobs have ended after ${elapsed(startedMs)}`);
  during.look(world);
  const problems = during.problemsBeside(before);
  const finished: Finished[] = [];
  for (const [i, record] of records.entries()) {
    const { spec } = jobs.posted[i];
    const checked = await check(world, record, spec, references.get(spec)!);
    finished.push(checked.finished);
    problems.push(...checked.problems.map((problem) => `${record.id} (${spec}): ${problem}`));
  }
  problems.push(...(await world.stop()).map(({ pid, role }) => `an orphan is left: ${role} ${pid}`));
  const seconds = (performance.now() - startedMs) / 1000;
  return { seed, seconds, inflicted, jobs: finished, before, during, problems };
}

async function aborted(signal: AbortSignal | undefined): Promise<never> {
  if (signal === undefined) return new Promise(() => undefined);
  await whenStopped(signal);
  throw new Error('The campaign was stopped.');
}

/** Each spec once, two at a time, as the workers take them. */
async function referenceRuns(world: World, resources: Resources): Promise<Map<string, Reference>> {
  const { server } = world;
  const posted: [string, JobRecord][] = [];
  for (const [name, spec] of Object.entries(specs)) posted.push([name, await server.submit(spec)]);
  const references = new Map<string, Reference>();
  for (const [name, { id }] of posted) {
    const record = await server.completed(id);
    resources.look(world);
    if (record.attempt !== 1) throw new Error(`The reference run of ${name} was interrupted.`);
    references.set(name, { outcome: await outcomeOf(server, id, record.type === 'lr_find'), stepMs: stepMs(record) });
  }
  return references;
}

/** The faults by turns, each kind once before any comes again. */
async function inflictAll(
  world: World,
  jobs: CampaignJobs,
  dice: Dice,
  kills: number,
  resources: Resources,
  say: (line: string) => void,
): Promise<Inflicted[]> {
  const inflicted: Inflicted[] = [];
  let turn: Fault[] = [];
  await jobs.train();
  for (let i = 1; i <= kills; i++) {
    if (turn.length === 0) turn = dice.shuffled(faultsOf(world));
    const fault = turn.pop()!;
    const waits = dice.between(0, 1) > hurry || fault.storesNothing;
    await sleep(dice.between(0, longestPauseMs));
    const beganMs = performance.now();
    const what = await fault.inflict(world, dice);
    if (waits) await jobs.train();
    inflicted.push({ fault: fault.name, recoveredMs: waits ? performance.now() - beganMs : null });
    const after = waits ? `trains again ${elapsed(beganMs)} after it began` : 'the next one comes at once';
    say(`${i}/${kills} ${fault.name}: ${what}; ${after}`);
    // What dies right after nothing could be stored may have lost more than an interval: the limit is not for that.
    if (fault.storesNothing) await jobs.keep();
    resources.look(world);
  }
  return inflicted;
}

const stepMs = ({ throughput }: JobRecord): number => throughput?.step_ms ?? 1;
const elapsed = (sinceMs: number): string => `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;
