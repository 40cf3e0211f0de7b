/** What people do on the pages for new jobs, data, comparisons and workers, in a real Chromium against the real server. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { isDeepStrictEqual, promisify } from 'node:util';
import type { BoundingBox, Browser, Page } from 'puppeteer-core';
import { startBrowser } from '../browser.js';
import { pictures, zip } from '../data/files/made.js';
import { Server } from '../e2e/harness.js';
import { until } from '../e2e/processes.js';
import * as samples from '../../web/src/form/samples.js';
import { Visitor } from './visitor.js';

let server: Server;
let browser: Browser;
let page: Page;
let visitor: Visitor;
before(async () => {
  [server, browser] = await Promise.all([Server.start(), startBrowser()]);
  visitor = await Visitor.to(browser, server.url);
  page = visitor.page;
});
after(async () => {
  await browser.close();
  await server.stop();
});

const open = (hash: string): Promise<void> => visitor.open(hash);
const field = (pointer: string): string => `[id="field${pointer}"]`;
/** Presses a button or a link by its name. */
const press = (name: string): Promise<void> => visitor.press(name);

/** A property of an element, as text; waits for the element. */
async function property(selector: string, name: string): Promise<string> {
  await page.waitForSelector(selector);
  return String(await page.evaluate(`document.querySelector(${JSON.stringify(selector)})[${JSON.stringify(name)}]`));
}

/** The job whose page is open now. */
async function openedJob(): Promise<string> {
  await page.waitForFunction("location.hash.startsWith('#/jobs/job_')");
  return new URL(page.url()).hash.slice('#/jobs/'.length);
}

/** With its tag, so that puppeteer knows what can be done with it. */
const fileInput = 'input[type=file]';

const digits = (lr: number) => ({
  policy: { name: 'fit_one_cycle', n_epoch: 6, lr_max: lr },
  dataset: { builtin: 'digits' },
  model: { preset: 'mlp' },
  metrics: ['accuracy'],
  name: `rate ${lr}`,
});

describe('a new job', () => {
  test('is made by the form, its schedule drawn as a slider moves, and is trained', async () => {
    await open('#/new');
    await press('Iris');
    // The form of the template before has the same field.
    await page.waitForFunction(`document.getElementById('field/policy/n_epoch')?.value === '30'`);
    await page.locator(field('/policy/n_epoch')).fill('2');
    const preview = page.waitForResponse(async (response) => {
      const body = (await response.request().fetchPostData()) ?? '';
      return response.url().endsWith('/schedules/preview') && body.includes('"pct_start":0.4');
    });
    await page.locator(field('/policy/pct_start')).fill('0.4');
    assert.equal((await preview).status(), 200);
    await page.waitForSelector('.chart canvas');
    await page.locator('input[aria-label="pct_start, slider"]').fill('700');
    await page.waitForFunction(`decodeURIComponent(location.hash).includes('"pct_start":0.7')`);
    await press('Start training');
    const { spec } = await server.completed(await openedJob());
    assert.deepEqual(spec.policy, { ...spec.policy, name: 'fit_one_cycle', n_epoch: 2, pct_start: 0.7, lr_max: 0.03 });
  });

  test('that is wrong says so at its field, and what would be right', async () => {
    await open('#/new');
    await page.locator(field('/policy/pct_start')).fill('2');
    await press('Start training');
    await page.waitForSelector(`${field('/policy/pct_start')}[aria-invalid="true"]`);
    const words = await property(field('/policy/pct_start:help'), 'textContent');
    assert.match(words, /less than 1|< 1|below 1|between/i);
    await press('/policy/pct_start');
    assert.equal(await page.evaluate('document.activeElement.id'), 'field/policy/pct_start');
    assert.deepEqual(await visitor.violations(), []);
    // Once it is changed, it is no longer said to be wrong.
    await page.locator(field('/policy/pct_start')).fill('0.5');
    await page.waitForSelector(`${field('/policy/pct_start')}[aria-invalid="false"]`);
  });

  test('takes a CSV that is uploaded in the form', async () => {
    const path = join(server.dataDir, 'flowers.csv');
    const rows = Array.from({ length: 80 }, (_, i) => `${i % 7},${i % 5},${i % 2 === 0 ? 'rose' : 'tulip'}`);
    writeFileSync(path, ['length,width,flower', ...rows].join('\n'));
    await open('#/new');
    await press('Your table');
    await (await page.waitForSelector(fileInput))?.uploadFile(path);
    await page.waitForSelector(`${field('/dataset/target')} option[value=flower]`);
    assert.equal(await property(field('/dataset/target'), 'value'), 'flower');
    await page.locator(field('/policy/n_epoch')).fill('1');
    assert.deepEqual(await visitor.violations(), []);
    await press('Start training');
    const record = await server.completed(await openedJob());
    assert.ok(record.result);
    // The command on its page posts it again: without what was guessed of the file.
    await page.locator('summary::-p-text(curl)').click();
    await page.waitForSelector('[aria-label="the curl command"]');
    const again = await promisify(execFile)('sh', ['-c', await visitor.text('[aria-label="the curl command"]')]);
    const { id } = JSON.parse(again.stdout) as { id: string };
    assert.deepEqual((await server.completed(id)).spec, record.spec);
    // The row of the data set that stands in the fields, by a checkpoint that is chosen.
    const choice = 'select:has(option[value=last])';
    await page.select(choice, await property(`${choice} option:last-child`, 'value'));
    await press('Predict');
    assert.match(await property('.prediction', 'textContent'), /^(rose|tulip)$/);
    await open('#/data');
    await page.locator('a[href^="#/data/ds_"]').click();
    await visitor.sees('tulip');
    assert.deepEqual(await visitor.violations(), []);
  });

  test('is sent by the command that the page shows', async () => {
    const spec = { ...digits(0.01), name: `it's "quoted" \\ $HOME` };
    const { stdout } = await promisify(execFile)('sh', ['-c', samples.curl(spec, server.url)]);
    const record = JSON.parse(stdout) as { id: string; name: string };
    assert.equal(record.name, spec.name);
    await server.completed(record.id);
  });
});

test('a press on the finder’s curve makes a job at that rate', async () => {
  const { id } = await server.run({ ...digits(0), policy: { name: 'lr_find' } });
  await open(`#/jobs/${id}`);
  const curve = await page.waitForSelector('.finder .u-over');
  await visitor.sees('train at');
  assert.deepEqual(await visitor.violations(), []);
  const box = await curve?.boundingBox();
  assert.ok(box);
  // The rates go from 1e-7 to 10: the middle of the axis is at 1e-3.
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  await page.waitForFunction("location.hash.startsWith('#/new?lr=')");
  const rate = Number(new URLSearchParams(new URL(page.url()).hash.split('?')[1]).get('lr'));
  assert.ok(rate > 5e-4 && rate < 2e-3, String(rate));
  assert.equal(Number(await property(field('/policy/lr_max:value'), 'value')), rate);
});

/** By the mouse, as high as the box. */
async function drawOval(box: BoundingBox): Promise<void> {
  for (let i = 0; i <= 24; i++) {
    const turn = (i / 24) * 2 * Math.PI;
    const [x, y] = [
      box.x + box.width * (0.5 + 0.24 * Math.cos(turn)),
      box.y + box.height * (0.5 + 0.4 * Math.sin(turn)),
    ];
    await page.mouse.move(x, y);
    if (i === 0) await page.mouse.down();
  }
  await page.mouse.up();
}

test('two runs are compared, and one is asked about a digit that is drawn', async () => {
  const [slow, fast] = [await server.run(digits(0.001)), await server.run(digits(0.02))];
  await open(`#/compare?jobs=${slow.id},${fast.id}`);
  await visitor.sees('policy.lr_max');
  await page.waitForSelector('.parallel path');
  await page.locator('select:has(option[value=time])').fill('time');
  await visitor.sees('loss by seconds');
  assert.match(page.url(), /x=time/);
  assert.deepEqual(await visitor.violations(), []);

  await open(`#/jobs/${fast.id}`);
  const canvas = (await page.waitForSelector('.digit canvas'))!;
  await until('a 0 is drawn on a field that stays where it is', async () => {
    await canvas.scrollIntoView();
    const box = (await canvas.boundingBox())!;
    await drawOval(box);
    // Charts that are drawn above meanwhile move it.
    if (isDeepStrictEqual(await canvas.boundingBox(), box)) return true;
    await press('Clear');
    return false;
  });
  await press('Predict');
  assert.equal(await property('.prediction', 'textContent'), '0');
  // By keys as well: another block, another answer asked for.
  await page.focus('.digit canvas');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Space');
  assert.match(await property('.digit canvas', 'ariaLabel'), /Row 1, column 2, filled/);
  assert.deepEqual(await visitor.violations(), []);
});

test('the queue is paused and resumed, and says why a job waits', async () => {
  await open('#/workers');
  await visitor.sees('cores');
  await press('Pause the queue');
  await visitor.sees('The queue is paused');
  const { id } = await server.submit(digits(0.01));
  await visitor.sees('the queue is paused');
  assert.deepEqual(await visitor.violations(), []);
  await press('Resume the queue');
  await server.completed(id);
});

test('pictures that are uploaded are shown small, and one is classified', async () => {
  const path = join(server.dataDir, 'pictures.zip');
  const files = await pictures();
  writeFileSync(path, await zip(files));
  await open('#/data');
  await (await page.waitForSelector(fileInput))?.uploadFile(path);
  await page.waitForSelector('.thumbnails img');
  await until('the pictures', () => page.evaluate('document.querySelector(".thumbnails img").naturalWidth > 0'));
  const id = new URL(page.url()).hash.slice('#/data/'.length);
  const job = await server.run({
    policy: { name: 'fit', n_epoch: 1, lr: 0.01 },
    dataset: { id, label: { folder: true }, item_tfms: [{ name: 'resize', size: 8 }] },
    model: { preset: 'cnn', channels: [4, 8] },
    split: { train_rows: 2 },
    batch_size: 2,
  });
  await open(`#/jobs/${job.id}`);
  const one = join(server.dataDir, 'one.png');
  writeFileSync(one, files['cat/1.png']);
  await (await page.waitForSelector('.predict input[type=file]'))?.uploadFile(one);
  await press('Predict');
  assert.match(await property('.prediction', 'textContent'), /^(cat|dog)$/);
  assert.deepEqual(await visitor.violations(), []);
});

test('no page is wider than a phone, and none has thrown', async () => {
  await page.setViewport({ width: 390, height: 800 });
  for (const name of ['new', 'compare', 'data', 'workers']) {
    await open(`#/${name}`);
    await page.waitForSelector('h1');
    assert.deepEqual(await visitor.violations(), [], name);
    const width = Number(await page.evaluate('document.documentElement.scrollWidth'));
    assert.ok(width <= 390, `${name} is ${width} pixels wide`);
  }
  // Of what the service refused, the console tells as well.
  assert.deepEqual(
    visitor.complaints.filter((text) => !/status of 4\d\d/.test(text)),
    [],
  );
});

test('a worker is drained, after a question', async () => {
  await page.setViewport({ width: 1280, height: 900 });
  await open('#/workers');
  await press('Drain');
  await visitor.sees('takes no new ones until it is restarted');
  await visitor.keys('Tab', 'Enter');
  await visitor.sees('draining');
});
