/**
 * `npm run bench:dashboard`: frames of Compare while many long runs are panned and zoomed, in a real Chromium. A headless
 * one draws in software: a screen's own graphics are faster.
 */
import { loadavg } from 'node:os';
import { Command } from 'commander';
import type { Page } from 'puppeteer-core';
import { Onecycle } from '../src/client/index.js';
import { startBrowser } from '../test/browser.js';
import { Server } from '../test/e2e/harness.js';
import { forTerminal, median } from './table.js';

const options = new Command()
  .option('--runs <n>', 'runs to compare', Number, 50)
  .option('--iterations <n>', 'iterations of each', Number, 100_000)
  .option('--seconds <n>', 'seconds of panning and of zooming', Number, 5)
  .parse()
  .opts<{ runs: number; iterations: number; seconds: number }>();

/** Trains the runs, whose steps are as small as steps can be. Returns their ids. */
async function train(url: string): Promise<string[]> {
  const client = new Onecycle({ url });
  const rows = 1 + options.iterations;
  const ids: string[] = [];
  for (let i = 0; i < options.runs; i++) {
    const job = await client.jobs.create({
      policy: { name: 'fit_one_cycle', n_epoch: 1, lr_max: 0.001 * (i + 1) },
      dataset: { random: { shape: [2], classes: 2, rows, seed: i } },
      model: { preset: 'linear' },
      split: { train_rows: options.iterations },
      batch_size: 1,
      name: `run ${i}`,
    });
    ids.push(job.id);
  }
  for (const id of ids) {
    const { status, progress } = await (await client.jobs.get(id)).done();
    if (status !== 'completed' || progress.iteration !== options.iterations) throw new Error(`${id} is ${status}`);
  }
  return ids;
}

/** Milliseconds between the frames that the page drew while something was done with it. */
async function framesWhile(page: Page, act: () => Promise<void>): Promise<number[]> {
  await page.evaluate(`
    window.frames_ = []; window.more_ = true; let last = performance.now();
    const next = (now) => { window.frames_.push(now - last); last = now; if (window.more_) requestAnimationFrame(next); };
    requestAnimationFrame(next);`);
  await act();
  return (await page.evaluate('(window.more_ = false, window.frames_.slice(1))')) as number[];
}

/** Does something again and again. */
async function forSeconds(act: (n: number) => Promise<void>): Promise<void> {
  const end = performance.now() + 1000 * options.seconds;
  for (let n = 0; performance.now() < end; n++) await act(n);
}

function row(what: string, frames: readonly number[]): string[] {
  const sorted = [...frames].sort((a, b) => a - b);
  const at = (share: number) => `${sorted[Math.floor(share * (sorted.length - 1))].toFixed(1)} ms`;
  return [what, String(frames.length), `${median(frames).toFixed(1)} ms`, at(0.95), at(0.99), at(1)];
}

const server = await Server.start();
const browser = await startBrowser();
try {
  const ids = await train(server.url);
  const page = await browser.newPage();
  await page.setViewport({ width: 1280, height: 900 });
  const begun = performance.now();
  await page.goto(`${server.url}/#/compare?jobs=${ids.join(',')}&metric=raw_loss`);
  await page.waitForFunction(
    `document.querySelectorAll('main table tbody tr').length === ${options.runs} && document.querySelector('canvas')`,
    { timeout: 120_000 },
  );
  console.log(`open: ${Math.round(performance.now() - begun)} ms, load ${loadavg()[0].toFixed(1)}`);
  const box = (await (await page.$('canvas'))?.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const zooming = await framesWhile(page, async () => {
    await page.mouse.move(x, y);
    await page.keyboard.down('Control');
    await forSeconds((n) => page.mouse.wheel({ deltaY: n % 40 < 20 ? -60 : 60 }));
    await page.mouse.wheel({ deltaY: -600 });
    await page.keyboard.up('Control');
  });
  const panning = await framesWhile(page, async () => {
    await page.keyboard.down('Shift');
    await page.mouse.down();
    await forSeconds((n) => page.mouse.move(x + 200 * Math.sin(n / 15), y));
    await page.mouse.up();
    await page.keyboard.up('Shift');
  });
  const head = ['', 'frames', 'median', '95 %', '99 %', 'longest'];
  console.log(
    forTerminal({
      title: `${options.runs} runs of ${options.iterations} iterations`,
      head,
      rows: [row('zoom', zooming), row('pan', panning)],
    }),
  );
} finally {
  await browser.close();
  await server.stop();
}
