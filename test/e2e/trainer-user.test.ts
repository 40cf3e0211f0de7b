/** ONECYCLE_TRAINER_USER: trainers are another user's, and read nothing but their job. As root on Linux. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { childUser } from '../../src/child-process.js';
import { cacheFolder } from '../../src/config.js';
import { attemptFolder } from '../../workers/worker/attempt-folder.js';
import { childrenOf, lives, trainersOf } from '../jobs/harness.js';
import { Server, temporaryFolder } from './harness.js';
import { short } from './jobs.js';

const works = process.getuid?.() === 0 && spawnSync('setpriv', ['--version']).status === 0;
if (!works) console.log('Not root on Linux: trainers of another user were not tried.');

/** Not below a folder that only its owner enters, as a home of root's. */
const folder = mkdtempSync(join(tmpdir(), 'onecycle-user-'));
chmodSync(folder, 0o755);
after(() => rmSync(folder, { recursive: true, force: true }));

/** Fails the job unless it may read none of these paths; says whose the process is by a metric's name. */
const spy = `
import { readdirSync, readFileSync, statSync } from 'node:fs';
const tried = (path) => {
  try { return (statSync(path).isDirectory() ? readdirSync : readFileSync)(path) && 'read'; } catch (error) { return error.code; }
};
export const callbacks = { spy: ({ paths, uid }) => ({ callback: { name: 'spy', before_fit() {
  const found = paths.map((path) => path + ' ' + tried(path)).filter((line) => !line.endsWith(' EACCES'));
  if (process.getuid() !== uid) found.push('runs as ' + process.getuid());
  if (found.length > 0) throw new Error(found.join('; '));
} } }) };`;

/** A cache with all that is in the real one, which may be in root's home: its own name can be entered. */
function cache(): string {
  const made = mkdtempSync(join(folder, 'cache-'));
  chmodSync(made, 0o755);
  for (const name of readdirSync(cacheFolder())) symlinkSync(join(cacheFolder(), name), join(made, name));
  return made;
}

const filesIn = (at: string): string[] =>
  readdirSync(at, { recursive: true, withFileTypes: true }).map((entry) => join(entry.parentPath, entry.name));

test('a trainer of another user trains, goes on from a checkpoint, and reads nothing of others', async () => {
  if (!works) return;
  const module = join(folder, 'spy.mjs');
  writeFileSync(module, spy);
  const uid = Number(execFileSync('id', ['-u', 'nobody'], { encoding: 'utf8' }));
  const server = await Server.start({
    env: {
      ONECYCLE_TRAINER_USER: 'nobody',
      ONECYCLE_CALLBACKS: module,
      ONECYCLE_ENGINE: 'wasm',
      ONECYCLE_CACHE_DIR: cache(),
    },
  });
  try {
    const x = Array.from({ length: 40 }, (_, i) => [i % 7, i % 3]);
    const inline = { dataset: { inline: { x, y: x.map(([a]) => a % 2) } }, batch_size: 8 };
    const first = await server.run({ ...short, ...inline });
    const paths = [server.dataDir, ...filesIn(server.dataDir)];
    for (const part of ['valkey', 'artifacts', `jobs/${first.id}`, 'tmp'])
      assert.ok(
        paths.some((path) => path.includes(part)),
        part,
      );
    // What runs and ends meanwhile is not there any more: nothing to read either.
    const callbacks = [{ name: 'spy', uid, paths: paths.filter((path) => !path.includes('/tmp/job_')) }];
    const second = await server.run({
      policy: short.policy,
      ...inline,
      continue_from: { job: first.id, optimizer: true },
      callbacks,
    });
    assert.equal(second.status, 'completed');
    const { loss } = await server.metrics(second.id);
    assert.ok(loss.length > 0);

    // Change of user or not, the kernel ends it with its worker.
    const { worker, trainers } = await server.until('the next trainer is there', () =>
      childrenOf(server.pid)
        .map((worker) => ({ worker, trainers: trainersOf(worker) }))
        .find((each) => each.trainers.length > 0),
    );
    for (const pid of trainers) process.kill(pid, 'SIGSTOP');
    process.kill(worker, 'SIGKILL');
    await server.until('the trainers are gone', () => !trainers.some(lives));
  } finally {
    await server.stop();
  }
});

test('what a trainer of another user says is a file of its own is looked at', async () => {
  if (!works) return;
  const dataDir = temporaryFolder();
  const [work, secret] = [join(dataDir, 'artifacts/tmp/job_a-1'), join(dataDir, 'secret')];
  after(() => rmSync(dataDir, { recursive: true, force: true }));
  writeFileSync(secret, 'secret');
  execFileSync('mkdir', ['-p', work]);
  const made = await attemptFolder(work, dataDir, { uid: 65534, gid: 65534 });
  writeFileSync(join(made.out, 'good'), '');
  execFileSync('chown', ['65534', join(made.out, 'good')]);
  assert.match(await made.take('good'), /taken\/good$/);
  symlinkSync(secret, join(made.out, 'link'));
  writeFileSync(join(made.out, 'roots'), '');
  for (const name of ['link', 'roots', '../../../secret']) await assert.rejects(made.take(name), /trainer/i, name);
});

test('a user that trainers cannot be refuses the start, and the message says why', async () => {
  if (!works) return;
  const dataDir = temporaryFolder();
  after(() => rmSync(dataDir, { recursive: true, force: true }));
  const locked = join(folder, 'locked.mjs');
  writeFileSync(locked, 'export const callbacks = {};', { mode: 0o600 });
  const table: [user: string, reads: string[], why: RegExp][] = [
    ['no-such-user', [], /there is no such user/],
    ['0', [], /root itself/],
    ['nobody', [folder, locked], /cannot read .*locked\.mjs/],
  ];
  for (const [name, reads, message] of table)
    await assert.rejects(childUser(name, dataDir, reads), { code: 'invalid_configuration', message });
  await assert.rejects(
    Server.start({ env: { ONECYCLE_TRAINER_USER: 'no-such-user', ONECYCLE_ENGINE: 'wasm' } }),
    /there is no such user/,
  );
});
