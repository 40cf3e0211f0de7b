/** A service with keys, as people meet it: the command line, the client, and the dashboard in a real Chromium. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Onecycle } from '../../src/client/index.js';
import { startBrowser } from '../browser.js';
import { run } from '../cli/cli.js';
import { Server } from './harness.js';

const root = `oc_${'R2d2'.repeat(10)}`;
const job = {
  policy: { name: 'fit_one_cycle', n_epoch: 1, lr_max: 0.01 },
  dataset: { builtin: 'iris' },
  model: { preset: 'linear' },
  batch_size: 16,
} as const;

let server: Server;
const home = mkdtempSync(join(tmpdir(), 'onecycle-home-'));
before(async () => {
  server = await Server.start({ env: { ONECYCLE_API_KEYS: root } });
});
after(async () => {
  await server.stop();
  rmSync(home, { recursive: true, force: true });
});

/** A command in a home of its own, with or without a key in the environment. */
const onecycle = (args: string[], env: NodeJS.ProcessEnv = {}, input = '') =>
  run(args, { cwd: home, env: { ONECYCLE_URL: server.url, HOME: home, XDG_CONFIG_HOME: home, ...env }, input });

test('the command line makes keys, keeps one, and is told what one may not do', async () => {
  const asRoot = { ONECYCLE_API_KEY: root };
  const refused = await onecycle(['list']);
  assert.equal(refused.code, 5);
  assert.match(refused.stderr, /npx onecycle login/);
  const made = await onecycle(['keys', 'create', 'laptop', '--scope', 'read', '--expires', '30d'], asRoot);
  assert.equal(made.code, 0, made.stderr);
  const key = made.stdout.trim();
  assert.match(key, /^oc_[0-9A-Za-z]{40}$/);
  assert.match(
    (await onecycle(['keys', 'list'], asRoot)).stdout,
    new RegExp(`${key.slice(0, 11)} +laptop +default +read`),
  );

  assert.equal((await onecycle(['login'], {}, `oc_${'x'.repeat(40)}`)).code, 2);
  assert.equal((await onecycle(['login'], {}, key)).code, 0);
  assert.equal(statSync(join(home, 'onecycle', 'keys.json')).mode & 0o777, 0o600);
  assert.equal((await onecycle(['list'])).code, 0);
  assert.equal((await onecycle(['cancel', 'job_none'])).code, 3, 'no such job');
  assert.equal((await onecycle(['keys', 'list'])).code, 5, 'without the scope');

  assert.equal((await onecycle(['keys', 'revoke', key.slice(0, 11)], asRoot)).code, 0);
  assert.equal((await onecycle(['list'])).code, 5, 'revoked');
  assert.equal((await onecycle(['logout'])).code, 0);

  const second = (
    await onecycle(['keys', 'create', 'second', '--tenant', 'acme', '--limit', 'running=1'], asRoot)
  ).stdout.slice(0, 11);
  assert.match((await onecycle(['keys', 'list'], asRoot)).stdout, /second .* running=1/);
  const both = await onecycle(['keys', 'revoke', key.slice(0, 11), second, '--json'], asRoot);
  assert.equal(both.code, 3, 'the first is revoked already');
  assert.deepEqual(JSON.parse(both.stdout), { revoked: [second] });
});

test('the client follows a job by either transport', async () => {
  for (const transport of ['events', 'websocket'] as const) {
    const client = new Onecycle({ url: server.url, apiKey: root, transport });
    const posted = await client.jobs.create(job);
    const types: string[] = [];
    for await (const { type } of posted.stream()) types.push(type);
    assert.equal(types.at(-1), 'status', transport);
    assert.ok(types.includes('batches'));
  }
  await assert.rejects(new Onecycle({ url: server.url }).jobs.list(), { code: 'key_needed', status: 401 });
});

test('the dashboard asks for a key, works with it, and forgets it; the reference shows itself', async () => {
  const browser = await startBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(server.url);
    await page.waitForSelector('dialog[open] input[type=password]');
    await page.type('dialog[open] input[type=password]', root);
    await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
    await page.waitForFunction("document.querySelector('main').innerText.includes('completed')");
    assert.equal(await page.$('dialog[open]'), null);
    await page.goto(`${server.url}/#/new`);
    await page.waitForSelector('.job-form');

    await page.goto(`${server.url}/docs`);
    await page.waitForFunction("document.body.innerText.includes('Post a job')");
    await page.goto(server.url);
    await page.waitForFunction(
      "[...document.querySelectorAll('button')].some((each) => each.innerText === 'Sign out')",
    );
    await Promise.all([
      page.waitForNavigation(),
      page.evaluate("[...document.querySelectorAll('button')].find((each) => each.innerText === 'Sign out').click()"),
    ]);
    await page.waitForSelector('dialog[open] input[type=password]');
  } finally {
    await browser.close();
  }
});
