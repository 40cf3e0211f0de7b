// `npm run s3`: all tests of S3 against versitygw, a server that has all of S3 that we use. It is built by Go, which must
// be there: two minutes the first time. Another server: ONECYCLE_TEST_S3=/path/to/versitygw.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import envPaths from 'env-paths';
import { build } from './build.js';

const version = 'v1.8.0';
const cache = join(process.env.ONECYCLE_CACHE_DIR || envPaths('onecycle', { suffix: '' }).cache, 'versitygw', version);
const versitygw = process.env.ONECYCLE_TEST_S3 || join(cache, 'versitygw');

const must = (command, args, env = {}) => {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  if (error?.code === 'ENOENT') console.error(`npm run s3 needs ${command} to build versitygw, and it is not there.`);
  if (status !== 0) process.exit(status ?? 1);
};

if (!existsSync(versitygw))
  must('go', ['install', `github.com/versity/versitygw/cmd/versitygw@${version}`], { GOBIN: cache });
await build();
must(process.execPath, ['bin/onecycle.js', 'engine', 'install']);
const tests = ['storage/s3', 'e2e/s3', 'faults/s3-away'].map((name) => `dist/test/${name}.test.js`);
must(process.execPath, ['--enable-source-maps', '--test', '--test-reporter=spec', '--test-concurrency=1', ...tests], {
  ONECYCLE_TEST_S3: versitygw,
});
