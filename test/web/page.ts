/** What tests ask of a page of the dashboard. */
import axe from 'axe-core';
import type { Page } from 'puppeteer-core';

/** What axe finds on the page, in light and in dark; empty where people with any sight, or none, can use it. */
export async function violations(page: Page): Promise<string[]> {
  // By the debugger, as the page's policy lets no script in.
  await page.evaluate(axe.source);
  const all: string[] = [];
  for (const value of ['light', 'dark']) {
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value }]);
    const { violations: wrong } = (await page.evaluate('axe.run()')) as axe.AxeResults;
    for (const { id, nodes } of wrong) all.push(`${value}: ${id}: ${nodes.map(({ html }) => html).join('\n')}`);
  }
  return all;
}

/** Waits until an expression is true on the page. */
export const until = (page: Page, expression: string): Promise<unknown> => page.waitForFunction(expression);

/** Waits until the page shows a text. */
export const shows = (page: Page, text: string): Promise<unknown> =>
  until(page, `document.body.innerText.includes(${JSON.stringify(text)})`);

/** A property of an element, as text; waits for the element. */
export async function property(page: Page, selector: string, name: string): Promise<string> {
  await page.waitForSelector(selector);
  return String(await page.evaluate(`document.querySelector(${JSON.stringify(selector)})[${JSON.stringify(name)}]`));
}
