/** An engine with CUDA that would leave the card alone: it is installed anew, or says why. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { cusolver, engineFolder, installedEngine, sha256 } from '../../../src/engine/native/install/installed.js';
import { whyNoCard } from '../../../src/engine/native/install/verify.js';

const logs: [what: string, log: string, why: RegExp][] = [
  [
    'a library that it does not find',
    `I0000 00:00:1795735618.468738    4546 gpu_device.cc:2334] Found device 0 with properties:
I0000 00:00:1795735618.526729    4546 dso_loader.cc:144] Could not load dynamic library 'libcusolver.so.11'; dlerror: libcusolver.so.11: cannot open shared object file: No such file or directory; LD_LIBRARY_PATH: /usr/local/nvidia/lib64
W0000 00:00:1795735618.526788    4546 gpu_device.cc:2365] Cannot dlopen some GPU libraries. Please make sure …`,
    /^Could not load dynamic library 'libcusolver\.so\.11'; dlerror: libcusolver\.so\.11: cannot open .* directory$/,
  ],
  [
    'a driver that does not start',
    'E0000 00:00:1795735618.526788    4546 cuda_platform.cc:51] failed call to cuInit: INTERNAL: CUDA error: Failed call to cuInit',
    /^failed call to cuInit: /,
  ],
  ['nothing that is of the card', 'I0000 00:00:1 1 port.cc:153] oneDNN custom operations are on.', /does not say/],
];
for (const [what, log, why] of logs) test(`why: ${what}`, () => assert.match(whyNoCard(log), why));

test('one that was installed without the way to cuSOLVER counts as not installed', (t) => {
  const cache = mkdtempSync(join(tmpdir(), 'onecycle-engine-'));
  process.env.ONECYCLE_CACHE_DIR = cache;
  t.after(() => {
    delete process.env.ONECYCLE_CACHE_DIR;
    rmSync(cache, { recursive: true });
  });
  const folder = engineFolder('cuda');
  const install = (...files: string[]) => {
    for (const file of files) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), file);
    }
    const manifest = {
      version: '2.21.0',
      variant: 'cuda',
      files: Object.fromEntries(files.map((file) => [file, file.length])),
      addonSha256: sha256(join(folder, 'tfjs_binding.node')),
    };
    writeFileSync(join(folder, 'engine.json'), JSON.stringify(manifest));
  };
  install('tfjs_binding.node', cusolver.library);
  assert.equal(installedEngine('cuda'), null);
  install('tfjs_binding.node', cusolver.library, cusolver.link);
  assert.equal(installedEngine('cuda')?.variant, 'cuda');
});
