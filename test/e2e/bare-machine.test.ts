/** A machine with Node and nothing else: no Python, no compiler, no Redis, empty caches. It trains all the same. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { root, Server, temporaryFolder } from './harness.js';
import { short } from './jobs.js';
import { until } from './processes.js';

/** The environment of such a machine: a PATH that has Node alone, and a cache folder that is empty. */
function bareMachine(t: TestContext): NodeJS.ProcessEnv {
  const folder = temporaryFolder();
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'bin'));
  symlinkSync(process.execPath, join(folder, 'bin', 'node'));
  return { PATH: join(folder, 'bin'), CXX: '', ONECYCLE_ENGINE: '', ONECYCLE_CACHE_DIR: join(folder, 'cache') };
}

/** Why the WebAssembly engine runs, and what installs the other one. */
const note = /No C\+\+ compiler.*WebAssembly.*npx onecycle engine install/;

test('the demo finds a rate and trains at it to its accuracy', async (t) => {
  const child = spawn('node', ['bin/onecycle.js', 'demo'], { cwd: root, env: { ...process.env, ...bareMachine(t) } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const [code] = (await once(child, 'exit')) as [number];
  assert.equal(code, 0, output);
  assert.match(output, note);
  const [, accuracy, engine] = /Accuracy: (0\.\d+) on \d+ digits .*\((\w+) on cpu:0\)/.exec(output) ?? [];
  assert.equal(engine, 'wasm', output);
  assert.ok(Number(accuracy) > 0.9, output);
});

test('the service fetches its Valkey, runs the WebAssembly engine, and says so', async (t) => {
  const server = await Server.start({ env: bareMachine(t), command: ['node', 'bin/onecycle.js', 'up'] });
  try {
    const record = await server.run(short);
    assert.equal(record.engine?.name, 'wasm');
    await until('the start has said so', () => note.test(server.output));
    assert.match(server.output, /Engine: WebAssembly/);
  } finally {
    await server.stop();
  }
});
