/**
 * `npm run bench:dashboard`: frames of Compare while many long runs are panned and zoomed, and of Jobs with many rows, in
 * a real Chromium. A headless one draws in software: a screen's own graphics are faster.
 */
import { loadavg } from 'node:os';
import { Command, Option } from 'commander';
import { Onecycle } from '../../src/client/index.js';
import { startBrowser } from '../../test/browser.js';
import { Server } from '../../test/e2e/harness.js';
import { describeHardware, hardwareText } from '../machine.js';
import { forTerminal, median } from '../table.js';
import { compareFrames } from './compare.js';
import { firstPaint } from './first-paint.js';
import type { Frames } from './frames.js';
import { addJobs, jobsFrames } from './jobs.js';
import { trainRuns } from './runs.js';

const options = new Command()
  .option('--runs <n>', 'runs to compare', Number, 50)
  .option('--iterations <n>', 'iterations of each', Number, 100_000)
  .option('--jobs <n>', 'jobs in the table', Number, 5000)
  .option('--seconds <n>', 'seconds of each gesture', Number, 5)
  .option('--data-dir <folder>', 'keep the runs here, for the next time')
  .addOption(new Option('--only <page>', 'one page alone').choices(['paint', 'compare', 'jobs']))
  .parse()
  .opts<{ runs: number; iterations: number; jobs: number; seconds: number; dataDir?: string; only?: string }>();

/** Does something again and again. */
async function forSeconds(act: (n: number) => Promise<void>): Promise<void> {
  const end = performance.now() + 1000 * options.seconds;
  for (let n = 0; performance.now() < end; n++) await act(n);
}

const head = [
  '',
  'frames',
  'ms a frame, median',
  '95 %',
  'script, median',
  '95 %',
  'main thread, ms a frame',
  'longest task',
];

function row(what: string, { intervals, scripts, tasks }: Frames): string[] {
  if (intervals.length === 0) return [what, 'none was drawn', ...head.slice(2).map(() => '')];
  const at = (values: readonly number[], share: number): string => {
    const sorted = [...values].sort((a, b) => a - b);
    return (sorted.at(Math.floor(share * (sorted.length - 1))) ?? 0).toFixed(1);
  };
  const spent = tasks.reduce((sum, { processor }) => sum + processor, 0);
  return [
    what,
    String(intervals.length),
    median(intervals).toFixed(1),
    at(intervals, 0.95),
    at(scripts, 0.5),
    at(scripts, 0.95),
    (spent / intervals.length).toFixed(1),
    at(
      tasks.map(({ processor }) => processor),
      1,
    ),
  ];
}

function show(title: string, parts: Readonly<Record<string, Frames>>): void {
  const rows = Object.entries(parts).map(([what, frames]) => row(what, frames));
  console.log(`${forTerminal({ title: `${title}, load ${loadavg()[0].toFixed(1)}`, head, rows })}\n`);
}

const server = await Server.start({ ...(options.dataDir !== undefined && { dataDir: options.dataDir }) });
const browser = await startBrowser();
try {
  console.log(hardwareText(describeHardware()));
  const client = new Onecycle({ url: server.url });
  const wanted = (page: string): boolean => options.only === undefined || options.only === page;
  if (wanted('paint')) console.log(await firstPaint(browser, server.url));
  if (wanted('compare')) {
    const ids = await trainRuns(client, options);
    const frames = await compareFrames(browser, server.url, ids, forSeconds);
    show(`Compare: ${options.runs} runs of ${options.iterations} iterations`, frames);
  }
  if (wanted('jobs')) {
    await addJobs(client, options.jobs);
    show(`Jobs: ${options.jobs}`, await jobsFrames(browser, server.url, options.jobs, forSeconds));
  }
} finally {
  await browser.close();
  await server.stop();
}
