// `npm run redis`: fail-overs of real Valkeys behind Sentinels and in a cluster, while real jobs train. A minute or two.
import { spawnSync } from 'node:child_process';
import { build } from './build.js';

await build();
const run = (...args) => {
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
};
run('bin/onecycle.js', 'engine', 'install');
run(
  '--enable-source-maps',
  '--test',
  '--test-reporter=spec',
  '--test-concurrency=1',
  ...['cluster', 'watched'].map((name) => `dist/test/failover/${name}.check.js`),
);
