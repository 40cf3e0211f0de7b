// `npm run s3`: all tests of S3 against versitygw, a server that has all of S3 that we use.
import { spawnSync } from 'node:child_process';
import { build } from './build.js';
import { findVersitygw } from './versitygw.js';

const versitygw = findVersitygw();
if (versitygw === null) {
  console.error('npm run s3 needs go to build versitygw, and it is not there.');
  process.exit(1);
}

const must = (args) => {
  const env = { ...process.env, ONECYCLE_TEST_S3: versitygw };
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit', env });
  if (status !== 0) process.exit(status ?? 1);
};

await build();
must(['bin/onecycle.js', 'engine', 'install']);
const tests = ['storage/s3', 'e2e/s3', 'faults/s3-away'].map((name) => `dist/test/${name}.test.js`);
must(['--enable-source-maps', '--test', '--test-reporter=spec', '--test-concurrency=1', ...tests]);
