// `npm run gpu`: on a machine with an NVIDIA card, that its engine computes as the others do, trains as fastai does, and
// that jobs share the card. Some minutes.
import { spawnSync } from 'node:child_process';
import { build } from './build.js';

await build();
const { nvidiaDriver } = await import('../dist/src/engine/native/install/nvidia.js');
if (nvidiaDriver() === null) {
  console.error("npm run gpu needs an NVIDIA card with NVIDIA's driver, and there is none.");
  process.exit(1);
}
const run = (...args) => {
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
};
run('bin/onecycle.js', 'engine', 'install', '--cuda');
const tests = ['engine/conformance/engines.test', 'gpu/card.check'];
const golden = ['trajectories', 'vision', 'xresnet', 'objectives', 'tabular'].map((name) => `golden/${name}.test`);
run(
  '--enable-source-maps',
  '--test',
  '--test-reporter=spec',
  '--test-concurrency=1',
  ...[...tests, ...golden].map((name) => `dist/test/${name}.js`),
);
