/** Compare: zoom and pan over the curves of many runs. */
import type { Browser } from 'puppeteer-core';
import { framesWhile, type Frames } from './frames.js';

/** Does something again and again for some seconds. */
export type ForSeconds = (act: (n: number) => Promise<void>) => Promise<void>;

/** What each gesture made the page do. */
export async function compareFrames(
  browser: Browser,
  url: string,
  ids: readonly string[],
  forSeconds: ForSeconds,
): Promise<Record<string, Frames>> {
  const page = await browser.newPage();
  page.setDefaultTimeout(120_000);
  await page.setViewport({ width: 1280, height: 900 });
  const begun = performance.now();
  await page.goto(`${url}/#/compare?jobs=${ids.join(',')}&metric=raw_loss`);
  await page.waitForFunction(
    `document.querySelectorAll('main table tbody tr').length === ${ids.length} && document.querySelector('canvas')`,
  );
  console.log(`All ${ids.length} runs are shown after ${Math.round(performance.now() - begun)} ms`);
  const over = await page.waitForSelector('.u-over');
  const box = (await over?.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const zoom = await framesWhile(page, async () => {
    await page.mouse.move(x, y);
    await page.keyboard.down('Control');
    await forSeconds((n) => page.mouse.wheel({ deltaY: n % 40 < 20 ? -60 : 60 }));
    await page.mouse.wheel({ deltaY: -600 });
    await page.keyboard.up('Control');
  });
  const pan = await framesWhile(page, async () => {
    await page.keyboard.down('Shift');
    await page.mouse.down();
    await forSeconds((n) => page.mouse.move(x + 200 * Math.sin(n / 15), y));
    await page.mouse.up();
    await page.keyboard.up('Shift');
  });
  const point = await framesWhile(page, () => forSeconds((n) => page.mouse.move(x + 300 * Math.sin(n / 15), y)));
  await page.close();
  return { zoom, pan, point };
}
