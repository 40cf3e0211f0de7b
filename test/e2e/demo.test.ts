/** `npm run demo`, as a newcomer runs it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from './harness.js';
import { alive, descendants, until } from './processes.js';

/** Starts the demo with a folder for temporary files of its own, so that what it leaves there is seen. */
function demo(env: NodeJS.ProcessEnv = {}) {
  const temporary = mkdtempSync(join(tmpdir(), 'demo-'));
  const child = spawn('npm', ['run', '--silent', 'demo'], {
    cwd: root,
    env: { ...process.env, TMPDIR: temporary, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const run = {
    child,
    output: '',
    left: () => readdirSync(temporary),
    remove: () => rmSync(temporary, { recursive: true, force: true }),
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      run.output += text;
    });
  }
  return run;
}

test('it finds a rate, trains at it, and ends with exit code 0 and nothing left behind', async () => {
  const run = demo();
  const [code] = (await once(run.child, 'exit')) as [number];
  assert.equal(code, 0, run.output);
  for (const part of [/tensorflow|wasm/, /valley/, /Accuracy/, /npm start/, /curl/, /\/docs/])
    assert.match(run.output, part);
  const accuracy = Number(/Accuracy: (0\.\d+)/.exec(run.output)?.[1]);
  assert.ok(accuracy > 0.9, run.output);
  assert.deepEqual(run.left(), []);
  run.remove();
});

test('Ctrl-C in its middle ends every process and leaves nothing behind', async () => {
  const run = demo();
  await until('it trains', () => {
    assert.equal(run.child.exitCode, null, run.output);
    return run.output.includes('Training');
  }).catch((error: unknown) => {
    throw new Error(run.output, { cause: error });
  });
  const pids = [run.child.pid!, ...descendants(run.child.pid!).map(({ pid }) => pid)];
  process.kill(-run.child.pid!, 'SIGINT');
  await until('every process has ended', () => alive(pids).length === 0, 10_000);
  assert.deepEqual(run.left(), []);
  run.remove();
});

test('what goes wrong is said plainly, with exit code 1', async () => {
  const empty = mkdtempSync(join(tmpdir(), 'cache-'));
  for (const [env, message] of [
    [{ ONECYCLE_ENGINE: 'torch' }, /ONECYCLE_ENGINE=torch is not valid/],
    [{ ONECYCLE_ENGINE: 'tensorflow', ONECYCLE_CACHE_DIR: empty, CXX: 'no-such-compiler' }, /no-such-compiler/],
  ] as const) {
    const run = demo(env);
    const [code] = (await once(run.child, 'exit')) as [number];
    assert.equal(code, 1, run.output);
    assert.match(run.output, message);
    assert.doesNotMatch(run.output, /^\s+at /m);
    assert.deepEqual(run.left(), []);
    run.remove();
  }
  rmSync(empty, { recursive: true });
});
