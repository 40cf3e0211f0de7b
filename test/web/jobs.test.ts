/** What people do on the pages of jobs, in a real Chromium against the real server. */
import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict';
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'puppeteer-core';
import { startBrowser } from '../browser.js';
import { root, Server, temporaryFolder, type JobRecord } from '../e2e/harness.js';
import { until } from '../e2e/processes.js';
import { number } from '../../web/src/state/format.js';
import { Visitor } from './visitor.js';

const digits = { dataset: { builtin: 'digits' }, model: { preset: 'mlp', hidden: [8] }, metrics: ['accuracy'] };
const fit = (name: string, n_epoch: number, more: object = {}) => ({
  ...digits,
  name,
  policy: { name: 'fit_one_cycle', n_epoch, lr_max: 0.01 },
  ...more,
});
/** Enough iterations that they are thinned, and in each epoch one batch with a loss far above the others'. */
const spiky = {
  name: 'spiky',
  policy: { name: 'fit', n_epoch: 1700, lr: 1e-6 },
  dataset: {
    inline: {
      x: Array.from({ length: 40 }, (_, i) => [i / 40]),
      y: Array.from({ length: 40 }, (_, i) => (i === 7 ? 1e3 : 0.5)),
    },
  },
  model: { preset: 'linear' },
  split: { train_rows: 32 },
  batch_size: 8,
};

const dataDir = temporaryFolder();
let server: Server;
let browser: Browser;
let visitor: Visitor;
before(async () => {
  [server, browser] = await Promise.all([Server.start({ dataDir }), startBrowser()]);
  visitor = await Visitor.to(browser, server.url);
});
after(async () => {
  await browser.close();
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const named = async (name: string): Promise<JobRecord> => {
  const { data } = (await server.ok(`/jobs?q=${name}`)) as { data: JobRecord[] };
  return data[0];
};
/** The names of the jobs in the table, from above. */
const rows = async (): Promise<string[]> =>
  (await visitor.page.evaluate(
    '[...document.querySelectorAll("tbody th a")].map((each) => each.innerText)',
  )) as string[];
const shows = (names: string[]): Promise<unknown> =>
  until(`the rows ${names.join(', ')}`, async () => (await rows()).join() === names.join());

describe('the dashboard’s files', () => {
  test('come under a strict policy, and weigh less than 200 kB compressed', async () => {
    const response = await fetch(server.url, { headers: { accept: 'text/html' } });
    const policy = response.headers.get('content-security-policy') ?? '';
    for (const part of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'"])
      ok(policy.includes(part), policy);
    ok(!policy.includes('unsafe'), policy);
    const folder = join(root, 'dist/dashboard');
    const bytes = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      // The API's reference is a page of its own.
      .filter((file) => file.endsWith('.br') && !file.startsWith('docs/'))
      .reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
    ok(bytes > 10_000 && bytes < 200_000, `${bytes} bytes`);
  });
});

describe('jobs', () => {
  test('are searched, sorted, and lead to their pages; all that is seen stands in the address', async () => {
    await server.run(fit('alpha', 2, { tags: { team: 'vision' } }));
    await server.run(fit('beta', 1, { tags: { team: 'sound' } }));
    await visitor.open('#/jobs');
    await shows(['beta', 'alpha']);
    await visitor.sees('completed', 'fit_one_cycle', 'team: vision');
    deepEqual(await visitor.violations(), []);
    await visitor.press('Name');
    await until('the order in the address', () => visitor.page.url().includes('sort=-name'));
    await visitor.press('Name');
    await shows(['alpha', 'beta']);
    match(visitor.page.url(), /sort=name/);
    await visitor.keys('/');
    await visitor.page.keyboard.type('BET');
    await shows(['beta']);
    match(visitor.page.url(), /q=BET/);
    await visitor.open(new URL(visitor.page.url()).hash.replace('q=BET', 'tag=team%3Avision'));
    await shows(['alpha']);
    await visitor.press('alpha');
    await visitor.sees('Epochs', 'Checkpoints', 'train_loss');
  });

  test('the keys are listed, and lead to other pages', async () => {
    await visitor.open('#/jobs');
    await shows(['beta', 'alpha']);
    await visitor.keys('?');
    await visitor.sees('Keyboard shortcuts', 'Next job', 'Search');
    await visitor.keys('Escape');
    await visitor.misses('Keyboard shortcuts');
    await visitor.keys('j', 'j', 'Enter');
    await visitor.sees('Checkpoints');
    equal(await visitor.text('h1'), 'alpha');
    await visitor.keys('n');
    await until('the page for a new job', () => visitor.page.url().endsWith('#/new'));
  });

  test('several are chosen and cancelled by keyboard', async () => {
    const running = await server.submit(fit('long', 5000, { model: { preset: 'mlp', hidden: [512, 256] } }));
    await server.submit(fit('waits 1', 1));
    await server.submit(fit('waits 2', 1));
    await visitor.open('#/jobs?status=queued');
    await shows(['waits 2', 'waits 1']);
    await visitor.keys('j', 'x', 'j', 'x', 'c');
    await visitor.sees('Cancel 2 jobs?');
    // From “Go back” on to the button that says yes.
    await visitor.keys('Tab', 'Enter');
    await visitor.sees('Cancelled 2 jobs', 'No jobs match');
    equal((await named('waits%201')).status, 'cancelled');
    equal((await server.job(running.id)).status, 'running');
  });
});

describe('a job', () => {
  test('is seen live, paused, resumed and cancelled', async () => {
    const { id } = await named('long');
    await visitor.open(`#/jobs/${id}`);
    await visitor.sees('running', 'planned');
    const epochs = async (): Promise<string> => visitor.text('.epochs tbody tr:last-child');
    const first = await until('an epoch in the table', epochs);
    await until('another one, without loading the page again', async () => (await epochs()) !== first);
    await visitor.press('Pause');
    await visitor.sees('paused');
    await visitor.press('Resume');
    await visitor.sees('running');
    await visitor.press('Finish');
    await visitor.type('Cooldown in epochs', '4000');
    await visitor.press('Start cooldown');
    await visitor.sees('cooldown of 4000 epochs');
    await visitor.press('Cancel');
    await visitor.sees('can be retried from there');
    await visitor.keys('Tab', 'Enter');
    await visitor.sees('cancelled');
    equal((await server.job(id)).status, 'cancelled');
  });

  test('is renamed and tagged', async () => {
    const { id } = await named('alpha');
    await visitor.open(`#/jobs/${id}`);
    await visitor.press('Edit name and tags');
    await visitor.type('Name', 'the first one');
    await visitor.type('Value of tag 1', 'speech');
    await visitor.press('Save');
    await visitor.sees('Saved', 'team: speech');
    equal(await visitor.text('h1'), 'the first one');
    const { name, tags } = (await server.ok(`/jobs/${id}`)) as { name: string; tags: object };
    deepEqual({ name, tags }, { name: 'the first one', tags: { team: 'speech' } });
    deepEqual(await visitor.violations(), []);
  });

  test('shows each iteration where it is zoomed to, though the page holds fewer', async () => {
    const { id } = await server.run(spiky);
    const { raw_loss } = await server.metrics(id);
    ok(raw_loss.length > 6500, `${raw_loss.length} iterations`);
    await visitor.open(`#/jobs/${id}?limit=1000`);
    await until('a curve', async () => /raw\s+\d/.test(await visitor.text('.legend')));
    const plot = await visitor.page.waitForSelector('.plot .u-over');
    const box = await plot!.boundingBox();
    const { x, y, width, height } = box!;
    await visitor.page.mouse.move(x + width * 0.5, y + height / 2);
    await visitor.page.mouse.down();
    await visitor.page.mouse.move(x + width * 0.52, y + height / 2, { steps: 4 });
    await visitor.page.mouse.up();
    const zoom = await until('the zoom in the address', () => /zoom=([\d.]+)-([\d.]+)/.exec(visitor.page.url()));
    const [from, to] = [Number(zoom[1]), Number(zoom[2])];
    ok(to - from < 200, `${from} to ${to}`);
    await until('the part is read from the service', () =>
      visitor.asked.some((each) => each.includes('&to=') || each.includes('?from=')),
    );
    const spike = raw_loss.findIndex((loss, i) => i > from + 10 && loss > 1000);
    const legend = (): Promise<string> => visitor.text('.legend');
    await until(`the loss of iteration ${spike}`, async () => {
      await visitor.page.mouse.move(x + (width * (spike + 0.5 - from)) / (to - from), y + height / 2);
      const text = await legend();
      return text.includes(number(raw_loss[spike])) && text.includes(`iteration ${spike}`);
    });
    await visitor.page.mouse.move(x + (width * (spike + 1.5 - from)) / (to - from), y + height / 2);
    await until('the loss of the next one', async () => (await legend()).includes(number(raw_loss[spike + 1])));
    await visitor.press(`Show all (${Math.floor(from)}–${Math.ceil(to)})`);
    await until('all in the address', () => !visitor.page.url().includes('zoom'));
  });

  test('that failed says why and how to fix it', async () => {
    const { id } = await server.submit(fit('diverges', 3, { policy: { name: 'fit', n_epoch: 3, lr: 1e30 } }));
    await visitor.open(`#/jobs/${id}`);
    await visitor.sees('diverged', 'How to fix it', 'learning rate');
  });

  test('that is not there says so', async () => {
    await visitor.open('#/jobs/job_none');
    await visitor.sees('job_not_found');
    // The browser itself notes an answer that is an error.
    visitor.complaints.splice(0);
  });
});

describe('the page', () => {
  const background = (): Promise<unknown> => visitor.page.evaluate('getComputedStyle(document.body).backgroundColor');

  test('is light or dark as the system is, until the reader chooses; the choice is remembered', async () => {
    await visitor.open('#/jobs');
    await visitor.page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }]);
    const dark = await background();
    await visitor.press('Theme: system');
    const light = await background();
    notEqual(light, dark);
    await visitor.open('#/jobs');
    await visitor.sees('beta');
    equal(await background(), light);
    await visitor.press('Theme: light');
    await visitor.press('Theme: dark');
    await visitor.sees('Jobs');
  });

  test('fits a phone: rows are cards, and nothing is wider than the screen', async () => {
    await visitor.page.setViewport({ width: 390, height: 800 });
    for (const hash of ['#/jobs', `#/jobs/${(await named('beta')).id}`]) {
      await visitor.open(hash);
      await visitor.sees('beta');
      ok(Number(await visitor.page.evaluate('document.documentElement.scrollWidth')) <= 390, hash);
    }
    deepEqual(await visitor.violations(), []);
    await visitor.page.setViewport({ width: 1280, height: 900 });
  });

  test('nothing of all this wrote an error to the console, or asked another server', () => {
    deepEqual(visitor.complaints, []);
  });

  test('says that it reconnects while the service is away, and goes on by itself', async () => {
    await visitor.open('#/jobs');
    await visitor.sees('beta');
    const { port } = new URL(server.url);
    await server.stop();
    await visitor.sees('Reconnecting…');
    server = await Server.start({ dataDir, env: { PORT: port } });
    await visitor.misses('Reconnecting…');
    await server.run(fit('after the break', 1));
    await visitor.sees('after the break');
  });
});
