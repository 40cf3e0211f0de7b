/** A page of the dashboard in a real Chromium, as a person uses it; it notes what no page should do. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'puppeteer-core';
import { until } from '../e2e/processes.js';

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const timeout = 60_000;

/** Opens pages of one service. */
export class Visitor {
  /** Errors on the console, exceptions, and requests to elsewhere. */
  readonly complaints: string[] = [];
  /** Paths that were asked for. */
  readonly asked: string[] = [];
  #axe = '';

  private constructor(
    readonly page: Page,
    readonly origin: string,
  ) {}

  static async to(browser: Browser, origin: string): Promise<Visitor> {
    const page = await browser.newPage();
    const visitor = new Visitor(page, origin);
    page.setDefaultTimeout(timeout);
    await page.setViewport({ width: 1280, height: 900 });
    page.on('pageerror', (error) => visitor.complaints.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') visitor.complaints.push(message.text());
    });
    page.on('request', (request) => {
      const url = new URL(request.url());
      visitor.asked.push(url.pathname + url.search);
      const own = url.origin === origin || url.protocol === 'data:' || url.protocol === 'blob:';
      if (!own) visitor.complaints.push(`a request to ${url.href}`);
    });
    return visitor;
  }

  /** Goes to a page by its hash, as who opens a link in a new tab. */
  async open(hash: string): Promise<void> {
    await this.page.goto('about:blank');
    await this.page.goto(`${this.origin}/${hash}`);
  }

  /** The text of what the selector finds; of the whole page where there is none. */
  async text(selector = 'body'): Promise<string> {
    return String(await this.page.evaluate(`document.querySelector(${JSON.stringify(selector)})?.innerText ?? ''`));
  }

  /** Waits until the page says something. */
  async sees(...words: string[]): Promise<void> {
    for (const word of words)
      await until(`“${word}” on the page`, async () => (await this.text()).includes(word), timeout);
  }

  /** Waits until the page no longer says something. */
  async misses(word: string): Promise<void> {
    await until(`no “${word}” on the page`, async () => !(await this.text()).includes(word), timeout);
  }

  /** Presses the button, or follows the link, of this accessible name. */
  async press(name: string): Promise<void> {
    await this.page.locator(`::-p-aria(${name})`).click();
  }

  /** Types into the field of this accessible name, in place of what stands there. */
  async type(name: string, text: string): Promise<void> {
    await this.page.locator(`::-p-aria(${name})`).fill(text);
  }

  /** Presses keys, one after another. */
  async keys(...keys: Parameters<Page['keyboard']['press']>[0][]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** What axe finds on the page as it is now, in light and in dark. */
  async violations(): Promise<string[]> {
    this.#axe ||= await readFile(axePath, 'utf8');
    // By the debugger, which the page's policy does not stop.
    await this.page.evaluate(this.#axe);
    const all: string[] = [];
    for (const theme of ['light', 'dark']) {
      await this.page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }]);
      const found: unknown = await this.page.evaluate(
        'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + " " + nodes.map((n) => n.html).join(" ")))',
      );
      all.push(...(found as string[]).map((each) => `${theme}: ${each}`));
    }
    return all;
  }
}
