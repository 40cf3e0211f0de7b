/** The API's reference at /docs, as a browser shows it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBrowser } from '../browser.js';
import { api } from './harness.js';

test(
  'the reference shows the operations, and asks nobody but its server for anything',
  { timeout: 120_000 },
  async (t) => {
    const on = await api(t);
    const browser = await startBrowser();
    t.after(() => browser.close());
    const page = await browser.newPage();
    const asked: string[] = [];
    const complaints: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    const answer = await page.goto(`${on.url}/docs`);
    assert.match(answer?.headers()['content-security-policy'] ?? '', /script-src 'self';/);
    await page.waitForFunction("document.body.innerText.includes('Post a job')", { timeout: 60_000 });
    await page.waitForFunction("document.body.innerText.includes('/jobs/{id}/cancel')", { timeout: 60_000 });
    await page.waitForNetworkIdle();
    assert.ok(asked.some((url) => url === `${on.url}/openapi.json`));
    assert.deepEqual(
      asked.filter((url) => !url.startsWith(`${on.url}/`) && !/^(data|blob):/.test(url)),
      [],
    );
    assert.deepEqual(complaints, []);
  },
);
