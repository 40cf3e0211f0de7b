/** Which engine a process gets. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { EngineOptions } from '../../src/engine/index.js';

const child = fileURLToPath(new URL('load-child.js', import.meta.url));
const emptyCache = mkdtempSync(join(tmpdir(), 'onecycle-cache-'));
after(() => rmSync(emptyCache, { recursive: true }));

/** What a process loads that asks with these options, in an environment with these variables. */
async function load(options: EngineOptions, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [child, JSON.stringify(options)], {
    env: { ...process.env, ...env },
  });
  return stdout.trim();
}

const missing = { ONECYCLE_CACHE_DIR: emptyCache };

test('without a name: native TensorFlow where it is installed, else WebAssembly', async () => {
  assert.equal(await load({}), 'tensorflow');
  assert.equal(await load({}, missing), 'wasm');
});

test('the one that is named, or none', async () => {
  assert.equal(await load({ name: 'wasm' }), 'wasm');
  assert.equal(await load({ name: 'tensorflow' }, missing), 'engine_not_installed');
});

test('options say it, not the environment: that is for the service to read', async () => {
  assert.equal(await load({}, { ONECYCLE_ENGINE: 'wasm' }), 'tensorflow');
});
