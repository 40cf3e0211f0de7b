/** A disk of real bytes that is full. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { api, job } from '../api/harness.js';
import { artifacts } from '../../src/jobs/artifacts.js';
import { asDiskFull } from '../../src/storage/index.js';
import { OnecycleError } from '../../src/errors.js';
import { gate, reaches, realTrainer, spec, trains, until, world, type World } from '../jobs/harness.js';

/** A small disk; null where this machine lets nobody mount one. */
function smallDisk(t: TestContext): { folder: string; fill: () => void; free: () => void } | null {
  const folder = mkdtempSync(join(tmpdir(), 'onecycle-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    rmSync(folder, { recursive: true });
    console.log('Nothing can be mounted here: what happens when a disk is full was not tried.');
    return null;
  }
  t.after(() => {
    // Lazily: processes may still have files open there.
    execFileSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true });
  });
  const ballast = join(folder, 'ballast');
  const fill = (): void => {
    for (const bytes of [65_536, 1]) {
      assert.throws(
        () => {
          for (;;) appendFileSync(ballast, Buffer.alloc(bytes));
        },
        { code: 'ENOSPC' },
      );
    }
  };
  return { folder, fill, free: () => rmSync(ballast) };
}

/** Puts a world's artifacts on the disk; its Valkey stays where it is. */
const putOn = (w: World, folder: string): void => symlinkSync(folder, join(w.folder, 'artifacts'));

test('POST /jobs with inline data on a full disk: 503 disk_full, nothing is left, and later it is taken', async (t) => {
  const disk = smallDisk(t);
  if (!disk) return;
  const on = await api(t);
  putOn(on, disk.folder);
  disk.fill();
  const x = Array.from({ length: 100 }, (_, i) => [i, i + 1]);
  const body = job({ dataset: { inline: { x, y: x.map(([a]) => a % 2) } } });
  const { status, headers, body: problem } = await on.post('/jobs', body);
  assert.deepEqual([status, (problem as { code: string }).code], [503, 'disk_full']);
  assert.equal(headers.get('retry-after'), '30');
  const ready = await on.get('/readyz');
  assert.deepEqual([ready.status, (ready.body as { code: string }).code], [503, 'disk_full']);
  assert.deepEqual((await on.jobs.list({ limit: 10 })).data, []);
  assert.deepEqual(
    readdirSync(disk.folder, { recursive: true, withFileTypes: true }).filter(
      (entry) => entry.isFile() && entry.name !== 'ballast',
    ),
    [],
  );
  disk.free();
  assert.equal((await on.post('/jobs', body)).status, 201);
});

test('weights that find no room: attempt after attempt fails with disk_full, and the job with the last', async (t) => {
  const disk = smallDisk(t);
  if (!disk) return;
  const w = await world(t);
  putOn(w, disk.folder);
  await w.worker({ trainer: realTrainer });
  disk.fill();
  const { record } = await w.jobs.create({ type: 'fit', spec: spec({}, { max_attempts: 2 }) });
  const { error, progress } = await reaches(w.jobs, record.id, 'failed');
  assert.deepEqual([error?.code, error?.attempt, error?.phase], ['disk_full', 2, 0]);
  assert.equal(error?.iteration, (progress.n_iteration ?? 0) - 1);
  assert.match(error.message, /ENOSPC/);
});

test('a disk that is full for a while: checkpoints are missing, training goes on, and the job completes', async (t) => {
  const disk = smallDisk(t);
  if (!disk) return;
  const w = await world(t);
  putOn(w, disk.folder);
  await w.worker({ trainer: realTrainer });
  // It ends when it is told to, so never before the disk has room again.
  const long = { policy: { name: 'fit', n_epoch: 100_000, lr: 0.001 }, checkpoint_seconds: 0.05 } as const;
  const { record } = await w.jobs.create({ type: 'fit', spec: spec({}, { ...long, max_attempts: 1 }) });
  const count = async () => (await w.jobs.checkpoints(record.id)).at(-1)?.iteration ?? 0;
  await until('a checkpoint is stored', async () => ((await count()) > 0 ? true : null));
  disk.fill();
  const full = await w.jobs.existing(record.id);
  await until('it has trained on', async () => {
    const { progress } = await w.jobs.existing(record.id);
    return progress.iteration > full.progress.iteration + 200 ? true : null;
  });
  disk.free();
  await w.jobs.finish(record.id, 1);
  const { attempt } = await reaches(w.jobs, record.id, 'completed');
  assert.equal(attempt, 1);
  assert.ok(await w.storage.exists(artifacts.weights(record.id, (await w.jobs.existing(record.id)).attempt)));
});

test('frames that find no room to wait in: the attempt has crashed with disk_full', async (t) => {
  const disk = smallDisk(t);
  if (!disk) return;
  const w = await world(t);
  putOn(w, disk.folder);
  await w.worker();
  const hold = gate(w);
  const tags = { ...hold.tags, per_frame: '4000' };
  const { record } = await w.jobs.create({ type: 'fit', spec: spec(tags, { max_attempts: 1 }) });
  await trains(w, record.id);
  disk.fill();
  w.signalRedis('SIGSTOP');
  const works = (): boolean => readdirSync(join(disk.folder, 'tmp')).includes(`${record.id}-1`);
  await until('the attempt has ended its trainer', () => (works() ? null : true)).finally(() =>
    w.signalRedis('SIGCONT'),
  );
  const { error } = await reaches(w.jobs, record.id, 'failed');
  assert.deepEqual([error?.code, error?.attempt], ['disk_full', 1]);
});

test('a file that is larger than a process may write, and a share that is used up, are a full disk too', () => {
  for (const code of ['ENOSPC', 'EDQUOT', 'EFBIG']) {
    const error = asDiskFull(Object.assign(new Error(`${code}: no`), { code }));
    assert.ok(error instanceof OnecycleError && error.code === 'disk_full');
  }
  const other = Object.assign(new Error('no'), { code: 'EACCES' });
  assert.equal(asDiskFull(other), other);
});
