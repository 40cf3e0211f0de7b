/** A trainer that runs out of memory, however that ends it. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, rmdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { notFinite } from '../../workers/finite.js';
import { jobError } from '../../workers/trainer/job-error.js';
import { causeOfDeath } from '../../workers/worker/cause-of-death.js';
import { oomKills } from '../../workers/worker/oom-kills.js';
import { trainersOf, end, reaches, spec, until, world } from '../jobs/harness.js';

const events = 'low 0\nhigh 0\nmax 31\noom 3\noom_kill 2\noom_group_kill 0\n';
const control = 'oom_kill_disable 0\nunder_oom 0\noom_kill 4\n';

for (const [what, cgroups, files, expected] of [
  ['version 2', '0::/user.slice/a.scope\n', { 'user.slice/a.scope/memory.events': events }, 2],
  ['version 2 in a container of its own', '0::/\n', { 'memory.events': events }, 2],
  ['version 2, with the path of the host', '0::/docker/abc\n', { 'memory.events': events }, 2],
  [
    'version 1 beside an empty version 2',
    '9:name=systemd:/\n4:memory:/job/x\n0::/\n',
    { 'memory/job/x/memory.oom_control': control, 'memory.events': events },
    4,
  ],
  ['version 1 with controllers together', '3:cpu,memory:/\n', { 'memory/memory.oom_control': control }, 4],
  ['an old kernel that does not count', '4:memory:/\n', { 'memory/memory.oom_control': 'under_oom 0\n' }, null],
  ['the root of version 2', '0::/\n', {}, null],
  ['no cgroups', '', {}, null],
] as const)
  test(`the kernel's kills for want of memory: ${what}`, async (t) => {
    const cgroup = mkdtempSync(join(tmpdir(), 'onecycle-cgroup-'));
    t.after(() => rmSync(cgroup, { recursive: true }));
    for (const [name, content] of Object.entries<string>(files)) {
      mkdirSync(dirname(join(cgroup, name)), { recursive: true });
      writeFileSync(join(cgroup, name), content);
    }
    const proc = join(cgroup, 'proc');
    writeFileSync(proc, cgroups);
    assert.equal(await oomKills({ proc, cgroup }), expected);
  });

test('a machine without cgroups tells nothing', async () =>
  assert.equal(await oomKills({ proc: '/nowhere', cgroup: '/nowhere' }), null));

const quiet = { how: 'signal SIGKILL', lastWords: '', stalledSeconds: null, killedForMemory: false };
for (const [death, code, message] of [
  [quiet, 'trainer_crashed', /signal SIGKILL/],
  [{ ...quiet, killedForMemory: true }, 'out_of_memory', /cgroup.*SIGKILL/],
  [{ ...quiet, stalledSeconds: 7 }, 'stalled', /7 s/],
  [{ ...quiet, how: 'signal SIGABRT', lastWords: "what(): std::bad_alloc\n'" }, 'out_of_memory', /SIGABRT/],
  [{ ...quiet, how: 'signal SIGABRT', lastWords: 'JavaScript heap out of memory' }, 'out_of_memory', /SIGABRT/],
  [{ ...quiet, how: 'signal SIGSEGV' }, 'trainer_crashed', /SIGSEGV/],
] as const)
  test(`a trainer ends by ${death.how}, and it is ${code}: ${message.source}`, () => {
    const error = causeOfDeath(death);
    assert.equal(error.code, code);
    assert.match(error.message, message);
  });

test('a heap that is full ends the attempt with out_of_memory, and the next one runs', async (t) => {
  const w = await world(t);
  await w.worker({ env: { NODE_OPTIONS: '--max-old-space-size=48' } });
  const eats = { eat: 'heap', eat_until: '2' };
  const { record } = await w.jobs.create({ type: 'fit', spec: spec(eats, { max_attempts: 1 }) });
  const { error } = await reaches(w.jobs, record.id, 'failed');
  assert.deepEqual([error?.code, error?.attempt, error?.iteration], ['out_of_memory', 1, 5]);
  const again = await w.jobs.create({ type: 'fit', spec: spec(eats) });
  assert.equal((await reaches(w.jobs, again.record.id, 'completed')).attempt, 2);
});

/** A cgroup below this process's own, where no limit is lifted; null where this machine allows none. */
function smallCgroup(bytes: number): string | null {
  const own = readFileSync('/proc/self/cgroup', 'utf8');
  const v1 = /^\d+:memory:(.*)$/m.exec(own)?.[1];
  const v2 = /^0::(.*)$/m.exec(own)?.[1] ?? '/';
  const parent = join('/sys/fs/cgroup', v1 === undefined ? v2 : `memory${v1}`);
  const folder = join(parent, `onecycle-test-${process.pid}`);
  try {
    mkdirSync(folder);
    writeFileSync(join(folder, v1 === undefined ? 'memory.max' : 'memory.limit_in_bytes'), String(bytes));
    return folder;
  } catch {
    rmSync(folder, { recursive: true, force: true });
    return null;
  }
}

/** Moves a trainer into the cgroup. The kernel chooses among all there: whose end is looked at here is the trainer. */
function confine(pid: number, cgroup: string): void {
  try {
    writeFileSync(join(cgroup, 'cgroup.procs'), String(pid));
    writeFileSync(`/proc/${pid}/oom_score_adj`, '1000');
  } catch {
    // It has ended.
  }
}

test('the kernel ends a trainer whose cgroup is full: out_of_memory', async (t) => {
  const cgroup = smallCgroup(400_000_000);
  if (cgroup === null) {
    console.log('No cgroup can be made here: what the kernel does when one is full was not tried.');
    return;
  }
  const w = await world(t);
  const worker = await w.worker();
  try {
    await until(
      'a trainer is warm',
      async () => (await w.jobs.workers()).some(({ engine }) => engine !== null) || null,
    );
    writeFileSync(join(cgroup, 'cgroup.procs'), String(worker.pid));
    const eats = { eat: 'memory', eat_until: '9' };
    const { record } = await w.jobs.create({ type: 'fit', spec: spec(eats, { max_attempts: 1 }) });
    const { error } = await until(
      'the job has failed',
      async () => {
        // Whichever takes the job: outside of the cgroup it would take the machine's memory.
        for (const pid of trainersOf(worker.pid!)) confine(pid, cgroup);
        const known = await w.jobs.existing(record.id);
        return known.status === 'failed' ? known : null;
      },
      90_000,
    );
    assert.equal(error?.code, 'out_of_memory');
    assert.match(error.message, /cgroup.*SIGKILL/);
  } finally {
    await end(worker, 'SIGKILL');
    while (readFileSync(join(cgroup, 'cgroup.procs'), 'utf8') !== '') await sleep(10);
    rmdirSync(cgroup);
  }
});

test("WebAssembly's memory that does not grow is out_of_memory, as TensorFlow's refusal is", () => {
  for (const message of [
    'WebAssembly.Memory(): could not allocate memory',
    'OOM when allocating tensor',
    'Aborted(OOM)',
  ])
    assert.equal(jobError(new RangeError(message), {}).code, 'out_of_memory', message);
  assert.equal(jobError(new RangeError('Invalid array length'), {}).code, 'internal');
});

test('of values that are null because they are not finite the names are told', () =>
  assert.deepEqual(notFinite({ train_loss: 1, valid_loss: NaN, accuracy: null, other: -Infinity }), [
    'valid_loss',
    'other',
  ]));
