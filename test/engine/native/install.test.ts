/**
 * The native engine's install, as a user runs it: real wheels, a real compiler, real kills. One cache folder for all of
 * it.
 */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { engineFolder, installedEngine, nativeEngine } from '../../../src/engine/native/install/installed.js';
import { engineStatus, installEngine } from '../../../src/engine/native/install/index.js';
import { verifyAddon } from '../../../src/engine/native/install/verify.js';
import { loadNative } from '../../../src/engine/native/load.js';

const cache = mkdtempSync(join(tmpdir(), 'onecycle-engine-'));
process.env.ONECYCLE_CACHE_DIR = cache;
after(() => rmSync(cache, { recursive: true, force: true }));

const main = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));
const left = (): string[] => (existsSync(join(cache, 'engine')) ? readdirSync(join(cache, 'engine')) : []);

interface Run {
  child: ChildProcess;
  /** All that it printed so far. */
  output: () => string;
  ended: Promise<number | null>;
}

function onecycle(args: string[], env: NodeJS.ProcessEnv = {}): Run {
  const child = spawn(process.execPath, [main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  return { child, output: () => text, ended: once(child, 'close').then(([status]) => status as number | null) };
}

async function printed(run: Run, text: string): Promise<void> {
  while (!run.output().includes(text)) {
    const next = once(run.child.stderr!, 'data').then(() => true);
    assert.ok(
      await Promise.race([next, run.ended.then(() => run.output().includes(text))]),
      `it ended without "${text}": ${run.output()}`,
    );
  }
}

/** What it said beside its progress. */
const errors = (run: Run): string[] =>
  run
    .output()
    .trim()
    .split('\n')
    .filter((line) => !/^(Downloading|Waiting)/.test(line));

/** An index that nothing answers for. */
const noIndex = { PIP_INDEX_URL: 'http://127.0.0.1:2/simple', PIP_EXTRA_INDEX_URL: '' };

const missing: [what: string, env: NodeJS.ProcessEnv, message: RegExp][] = [
  ['an index', noIndex, /127\.0\.0\.1:2\/simple cannot be reached.*PIP_INDEX_URL/],
  ['a compiler', { PATH: '' }, /c\+\+ could not be started.*apt-get install g\+\+/],
  ['the compiler of CXX', { CXX: 'no-such-compiler -O3' }, /no-such-compiler could not be started/],
];
for (const [what, env, message] of missing) {
  test(`without ${what} it says so in a line, and how to fix it`, async () => {
    const run = onecycle(['engine', 'install'], env);
    assert.equal(await run.ended, 1);
    assert.match(run.output(), message);
    assert.equal(errors(run).length, 1, run.output());
    assert.deepEqual(left(), []);
  });
}

test('with nothing installed, status says so and loading is a typed error', async () => {
  const run = onecycle(['engine', 'status']);
  assert.equal(await run.ended, 1);
  assert.match(run.output(), /cpu +not installed\. To install it: npx onecycle engine install/);
  assert.equal(nativeEngine(), null);
  assert.throws(() => loadNative(), { code: 'engine_not_installed' });
});

test('an addon that does not compute is not installed, and nothing is left', async () => {
  // A compiler that makes an empty file of the right name, and so a bad addon at the end of everything.
  const bad = join(cache, 'bad-compiler');
  writeFileSync(bad, '#!/bin/sh\nfor word; do [ "$last" = -o ] && : > "$word"; last=$word; done\n', { mode: 0o755 });
  const run = onecycle(['engine', 'install'], { CXX: bad });
  assert.equal(await run.ended, 1);
  assert.match(run.output(), /The engine does not load/);
  assert.deepEqual(left(), []);
});

test('an install killed in its middle leaves no engine; then two at once make one', async () => {
  const killed = onecycle(['engine', 'install']);
  await printed(killed, 'Compiling');
  killed.child.kill('SIGKILL');
  await killed.ended;
  assert.equal(nativeEngine(), null);
  assert.equal(existsSync(engineFolder('cpu')), false);

  const both = [onecycle(['engine', 'install']), onecycle(['engine', 'install'])];
  assert.deepEqual(
    await Promise.all(both.map(({ ended }) => ended)),
    [0, 0],
    both.map(({ output }) => output()).join(),
  );
  const said = both.map(({ output }) => output());
  assert.equal(said.filter((text) => text.includes('is installed in')).length, 1, said.join());
  assert.equal(
    said.filter((text) => text.includes('is already installed in') && text.includes('Waiting for')).length,
    1,
    said.join(),
  );
  assert.deepEqual(left(), [engineFolder('cpu').split('/').at(-1)], 'what the killed one left is gone');
});

test('run again, it says that it is there and changes nothing', async () => {
  const files = () =>
    readdirSync(cache, { recursive: true, encoding: 'utf8' }).map((path) => [
      path,
      statSync(join(cache, path)).mtimeMs,
    ]);
  const before = files();
  const run = onecycle(['engine', 'install']);
  assert.equal(await run.ended, 0);
  assert.match(run.output(), /^TensorFlow 2\.21\.0 \(cpu\) is already installed in .*\n$/);
  assert.deepEqual(files(), before);
  assert.equal((await installEngine()).changed, false);
});

test('it holds what is needed and no more, with the notices of what it holds', () => {
  const { folder } = nativeEngine()!;
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  assert.ok(files.includes('tensorflow/THIRD_PARTY_NOTICES.txt') && files.includes('tensorflow/include/LICENSE'));
  assert.ok(files.length < 200, `${files.length} files`);
  assert.ok(!files.some((file) => file.endsWith('.py') || file.endsWith('.whl')));
});

test('status computes with it', async () => {
  const { variants } = await engineStatus();
  assert.equal(variants[0]?.state, 'installed');
  assert.equal(variants[0].device, 'cpu:0');
});

test('a changed addon and a shortened library are detected', async () => {
  const { addon, folder } = nativeEngine()!;
  const good = readFileSync(addon);
  const bad = Buffer.from(good);
  bad[bad.length >> 1] ^= 0xff;
  writeFileSync(addon, bad);
  assert.equal(installedEngine('cpu'), null);
  assert.equal((await engineStatus()).variants[0]?.state, 'damaged');
  writeFileSync(addon, good);
  assert.notEqual(installedEngine('cpu'), null);

  const garbage = join(cache, 'garbage.node');
  writeFileSync(garbage, bad.subarray(0, 5000));
  await assert.rejects(verifyAddon(garbage), /does not load/);

  const library = readdirSync(join(folder, 'tensorflow')).find((file) => file.startsWith('libtensorflow_framework'))!;
  truncateSync(join(folder, 'tensorflow', library), 1000);
  assert.equal(installedEngine('cpu'), null);
});
