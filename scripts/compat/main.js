// `npm run compat`: strangers' tools, each against a real server: the packed client on other runtimes, the packed command
// by npx, a generator of clients, MLflow, Weights & Biases, a fuzzer. Needs npm and PyPI, some gigabytes the first time, in
// the cache folder; Linux on x64. Words on the command line pick parts by their names.
import { rmSync } from 'node:fs';
import { tryMlflow, tryWandb } from './integrations.js';
import { tryFuzzer, tryGenerator } from './openapi.js';
import { tryRuntimes } from './runtimes.js';
import { withServer } from './server.js';
import { failed, folder } from './tools.js';

// With a key: the first one that it makes would close the service to itself.
const key = `oc_${'A1b2C3d4'.repeat(5)}`;

// It also tries wrong keys, more of them than one address may.
const closed = { ONECYCLE_API_KEYS: key, ONECYCLE_API_KEYS_FILE: '', ONECYCLE_WRONG_KEYS_PER_MINUTE: '1000000' };

const parts = {
  runtimes: () => withServer('runtimes', {}, tryRuntimes),
  generator: () => withServer('generator', {}, tryGenerator),
  mlflow: tryMlflow,
  wandb: () => withServer('wandb', {}, tryWandb),
  fuzzer: () => withServer('fuzzer', closed, (url) => tryFuzzer(url, key)),
};

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !(name in parts));
if (unknown.length > 0) {
  console.error(`No part is called ${unknown.join(', ')}: there are ${Object.keys(parts).join(', ')}.`);
  process.exit(1);
}
try {
  for (const [name, act] of Object.entries(parts)) if (chosen.length === 0 || chosen.includes(name)) await act();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(failed() ? 1 : 0);
