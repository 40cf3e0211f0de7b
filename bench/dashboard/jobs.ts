/** Jobs: a long table is scrolled, filtered and sorted. */
import type { Browser } from 'puppeteer-core';
import type { Onecycle } from '../../src/client/index.js';
import type { ForSeconds } from './compare.js';
import { framesWhile, type Frames } from './frames.js';

const atOnce = 16;

/** Posts jobs that wait, until there are so many. */
export async function addJobs(client: Onecycle, wanted: number): Promise<void> {
  await client.queue.pause();
  const { queued } = await client.queue.get({ limit: 1 });
  const numbers = Array.from({ length: Math.max(0, wanted - queued) }, (_, i) => i).values();
  const post = async (): Promise<void> => {
    for (const n of numbers)
      await client.jobs.create({
        policy: { name: 'fit_one_cycle', n_epoch: 1 + (n % 50), lr_max: 0.01 },
        dataset: { builtin: 'digits' },
        model: { preset: 'mlp' },
        metrics: ['accuracy'],
        name: `job ${n}`,
        tags: { team: `team ${n % 7}` },
      });
  };
  await Promise.all(Array.from({ length: atOnce }, post));
}

/** What each of them made the page do. */
export async function jobsFrames(
  browser: Browser,
  url: string,
  jobs: number,
  forSeconds: ForSeconds,
): Promise<Record<string, Frames>> {
  const page = await browser.newPage();
  page.setDefaultTimeout(120_000);
  await page.setViewport({ width: 1280, height: 900 });
  await page.goto(`${url}/#/jobs?status=queued`);
  await page.waitForSelector('tbody th a');
  const loaded = (): Promise<unknown> =>
    page.evaluate(`Number(document.querySelector('table').getAttribute('aria-rowcount')) > ${jobs}`);
  const scroll = (by: number): Promise<unknown> => page.evaluate(`document.querySelector('.jobs').scrollTop += ${by}`);
  const load = await framesWhile(page, async () => {
    while ((await loaded()) !== true) await scroll(8000);
  });
  const scrolling = await framesWhile(page, () =>
    forSeconds(async (n) => {
      await scroll(n % 100 < 50 ? -700 : 700);
    }),
  );
  const sort = await framesWhile(page, async () => {
    await page.evaluate(`document.querySelector('.jobs').scrollTop = 0`);
    await forSeconds(async () => {
      await page.locator('::-p-aria(Name)').click();
      await page.waitForSelector('tbody th a');
    });
  });
  const search = await framesWhile(page, async () => {
    await page.focus('input[type=search]');
    await forSeconds(async (n) => {
      await page.keyboard.press(n % 6 < 3 ? 'Digit1' : 'Backspace');
      await page.waitForSelector('tbody th a');
    });
  });
  await page.close();
  return { 'scroll to the end': load, scroll: scrolling, sort, search };
}
