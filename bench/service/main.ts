/** `npm run bench:service`: what the service carries, by real processes over HTTP and WebSocket on this machine. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { writeDocs } from '../docs.js';
import { describeHardware, hardwareText } from '../machine.js';
import { list } from '../options.js';
import { forTerminal } from '../table.js';
import { measureSaturation, measureSilent, measureWatched } from './fan-out.js';
import { measureFlushing } from './flushing.js';
import { measureHistory, measureIngest } from './log.js';
import { measureLists } from './lists.js';
import { measurePosts } from './posts.js';
import { measurePredictions } from './predictions.js';
import { type Results, serviceTables } from './report.js';
import { withService } from './service.js';
import { measureFirstFrame, measureTinyJobs } from './turnaround.js';
import { keysOf, measureTurns } from './turns.js';

const program = new Command('npm run bench:service --').description(
  'what the service carries, by real processes over HTTP and WebSocket; run it while the machine does nothing else',
);

/** What can be measured, each with a service of its own: what one leaves behind does not burden the next. */
const parts: Record<string, () => Promise<Results>> = {
  ingest: () =>
    withService({ trainsNothing: true }, async (service) => ({ ingest: await measureIngest(service, 2_000_000) })),
  history: () =>
    withService({ trainsNothing: true }, async (service) => ({ history: await measureHistory(service, 25_000, 50) })),
  posts: () =>
    withService({ workers: 0 }, async (service) => ({
      posts: [await measurePosts(service, 1, 5), await measurePosts(service, 50, 10)],
    })),
  lists: () => withService({ workers: 0 }, async (service) => ({ lists: await measureLists(service, 100_000, 100) })),
  'first-frame': () => withService({}, async (service) => ({ firstFrame: await measureFirstFrame(service, 20) })),
  predictions: () => withService({}, async (service) => ({ predictions: await measurePredictions(service, 300) })),
  watched: () =>
    withService({ env: watchedEnv }, async (service) => ({ watched: await measureWatched(service, 1000, 15) })),
  saturation: () =>
    withService({ trainsNothing: true }, async (service) => ({
      saturation: await measureSaturation(service, 1000, 5, 100),
    })),
  silent: () =>
    withService({ trainsNothing: true }, async (service) => ({ silent: await measureSilent(service, 20, 500_000) })),
  flushing: async () => ({ flushing: await measureFlushing(3) }),
  turns: () =>
    withService({ workers: 2, trainsNothing: true, env: { ONECYCLE_API_KEYS: keysOf(10) } }, async (service) => ({
      turns: await measureTurns(service, 10, 1000),
    })),
  'tiny-jobs': () => withService({}, async (service) => ({ tinyJobs: await measureTinyJobs(service, 100) })),
};

/** The trainer has one core, and notes when each of its batches was done. */
const watchedEnv = {
  TF_NUM_INTRAOP_THREADS: '1',
  TF_NUM_INTEROP_THREADS: '1',
  ONECYCLE_CALLBACKS: fileURLToPath(new URL('stamps.js', import.meta.url)),
};

if (process.platform !== 'linux') program.error('It looks at processes as Linux shows them.');
const options = program
  .addOption(list('--only <parts>', 'what to measure', Object.keys(parts)))
  .option('--write-docs', 'put the tables into docs/internals/performance.md', false)
  .parse()
  .opts<{ only: readonly string[]; writeDocs: boolean }>();

const machine = describeHardware();
console.log(hardwareText(machine));

const results: Results = {};
/** Before each part, so that it can be seen whether the machine did anything else. */
const load: Record<string, number> = {};
for (const name of options.only) {
  load[name] = loadavg()[0];
  console.log(`measuring ${name} at a load of ${load[name].toFixed(1)} …`);
  const measured = await parts[name]();
  Object.assign(results, measured);
  console.log(JSON.stringify(measured));
}
const loads = Object.entries(load).map(([name, value]) => `${name} ${value.toFixed(1)}`);
const about = `${hardwareText(machine)} The machine's load before each part: ${loads.join(', ')}.`;
const tables = serviceTables(results);
for (const table of tables) console.log(`\n${forTerminal(table)}`);

const folder = fileURLToPath(new URL('../../../bench/results', import.meta.url));
mkdirSync(folder, { recursive: true });
const file = `${folder}/${options.writeDocs ? 'service-documented' : 'service-latest'}.json`;
writeFileSync(file, `${JSON.stringify({ machine, load, ...results }, null, 1)}\n`);
console.log(`\n${about}\nEvery value: ${file}`);
if (options.writeDocs) writeDocs('bench:service', about, tables);
