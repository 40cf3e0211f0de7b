// `npm run cluster`: what goes wrong between machines, once with a folder that all of them see and once with an S3 server.
import { spawnSync } from 'node:child_process';
import { build } from './build.js';
import { findVersitygw } from './versitygw.js';

await build();
const versitygw = findVersitygw();
const env = { ...process.env, ...(versitygw !== null && { ONECYCLE_TEST_S3: versitygw }) };
const run = (args) => spawnSync(process.execPath, args, { stdio: 'inherit', env }).status ?? 1;
process.exitCode =
  run(['bin/onecycle.js', 'engine', 'install']) ||
  run(['--enable-source-maps', 'dist/test/cluster/main.js', ...process.argv.slice(2)]);
