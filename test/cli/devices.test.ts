/** Which devices workers get. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseDevices } from '../../src/cli/devices.js';
import type { NativeEngine } from '../../src/engine/native/install/installed.js';
import { OnecycleError } from '../../src/errors.js';

const engine = (variant: 'cpu' | 'cuda'): NativeEngine => ({ addon: '', folder: '', version: '2.21.0', variant });

for (const [what, devices, installed, expected] of [
  ['the CPU, with the engine for it', null, engine('cpu'), ['cpu']],
  ['the CPU, with WebAssembly', null, null, ['cpu']],
  ['what was asked for', ['cpu'], engine('cuda'), ['cpu']],
  ['the cards that were asked for', ['cuda:1', 'cpu'], engine('cuda'), ['cuda:1', 'cpu']],
] as const) {
  test(what, () => assert.deepEqual(chooseDevices({ devices: devices && [...devices] }, installed), expected));
}

test('every card that CUDA_VISIBLE_DEVICES names', (t) => {
  const before = process.env.CUDA_VISIBLE_DEVICES;
  process.env.CUDA_VISIBLE_DEVICES = '2,3';
  t.after(() => {
    if (before === undefined) delete process.env.CUDA_VISIBLE_DEVICES;
    else process.env.CUDA_VISIBLE_DEVICES = before;
  });
  assert.deepEqual(chooseDevices({ devices: null }, engine('cuda')), ['cuda:2', 'cuda:3']);
});

test('a card without an engine for it is an error with the command that mends it', () => {
  for (const installed of [null, engine('cpu')]) {
    assert.throws(
      () => chooseDevices({ devices: ['cpu', 'cuda:0'] }, installed),
      (error) =>
        error instanceof OnecycleError &&
        error.code === 'engine_not_installed' &&
        /cuda:0.*npx onecycle engine install --cuda/.test(error.message),
    );
  }
});
