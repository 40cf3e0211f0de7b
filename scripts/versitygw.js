// versitygw, a server that has all of S3 that we use: built by Go in two minutes the first time, into the cache folder.
// Another server: ONECYCLE_TEST_S3=/path/to/versitygw.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import envPaths from 'env-paths';

const version = 'v1.8.0';

/** Its program; null where it has not been built and there is no Go. */
export function findVersitygw() {
  if (process.env.ONECYCLE_TEST_S3) return process.env.ONECYCLE_TEST_S3;
  const folder = join(
    process.env.ONECYCLE_CACHE_DIR || envPaths('onecycle', { suffix: '' }).cache,
    'versitygw',
    version,
  );
  const program = join(folder, 'versitygw');
  if (existsSync(program)) return program;
  const { status, error } = spawnSync('go', ['install', `github.com/versity/versitygw/cmd/versitygw@${version}`], {
    stdio: 'inherit',
    env: { ...process.env, GOBIN: folder },
  });
  if (error?.code === 'ENOENT') return null;
  if (status !== 0) process.exit(status ?? 1);
  return program;
}
