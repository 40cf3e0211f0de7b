/** What dies before it has heard of its work: it is not the work's doing, and another process gets it. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Profiler } from '../../src/api/datasets/profiler.js';
import { createLog } from '../../src/log.js';
import { dataStorage } from '../../src/storage/index.js';
import { Predictor } from '../../workers/worker/predictor.js';
import { childrenOf, reaches, spec, until, world } from '../jobs/harness.js';

const temporary = (): Promise<string> => mkdtemp(join(tmpdir(), 'onecycle-starts-'));
const kill = (pid: number): void => void process.kill(pid, 'SIGKILL');

/** A child of this process that runs a file. */
const childThatRuns = (file: string): Promise<number> =>
  until(`a child runs ${file}`, () => {
    const runs = (pid: number): boolean => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(file);
      } catch {
        return false;
      }
    };
    return childrenOf(process.pid).find(runs) ?? null;
  });

describe('what dies before it has begun', { concurrency: 4 }, () => {
  test('the trainer that is given a job: the attempt goes on in another', async (t) => {
    const w = await world(t);
    await w.worker();
    const kill_one = join(w.folder, 'kill-one');
    await writeFile(kill_one, '');
    const { record } = await w.jobs.create({ type: 'fit', spec: spec({ kill_one }, { max_attempts: 1 }) });
    assert.equal((await reaches(w.jobs, record.id, 'completed')).attempt, 1);
    assert.ok(!existsSync(kill_one), 'one was killed');
  });

  test('every trainer: the job fails after max_attempts', async (t) => {
    const w = await world(t);
    const trainer = join(w.folder, 'dies.mjs');
    await writeFile(trainer, `process.exit(9);`);
    await w.worker({ trainer });
    const { record } = await w.jobs.create({ type: 'fit', spec: spec({}, { max_attempts: 2 }) });
    const { error } = await reaches(w.jobs, record.id, 'failed');
    assert.deepEqual([error?.code, error?.attempt], ['trainer_crashed', 2]);
    assert.match(error?.message ?? '', /exit code 9/);
  });

  test('a predictor: another one is asked', async (t) => {
    const folder = await temporary();
    const predictor = new Predictor(
      dataStorage(folder),
      { passed: [], noNetwork: false, user: null },
      await createLog('silent'),
    );
    t.after(async () => {
      await predictor.close();
      await rm(folder, { recursive: true });
    });
    const input = { base64: Buffer.from('{"x": [[1]]}').toString('base64') };
    const answer = predictor.compute(
      { type: 'predict', job: 'job_a', checkpoint: 'ckpt_a', kind: 'json', input },
      'acme',
    );
    kill(await childThatRuns('predictor/main.js'));
    const outcome = await answer;
    assert.ok(outcome.type === 'failed');
    // It has looked for the model, which is not there.
    assert.match(outcome.error.message, /checkpoint no longer exists/);
  });

  test('a reader of files: another one reads', async (t) => {
    const folder = await temporary();
    const profiler = new Profiler();
    t.after(() => {
      profiler.close();
      return rm(folder, { recursive: true });
    });
    const [file, out] = [join(folder, 'a.csv'), join(folder, 'out')];
    await mkdir(out);
    await writeFile(file, 'a,b\n1,2\n3,4\n');
    const task = { file, csv: {}, out };
    const first = profiler.profile(task);
    kill(await childThatRuns('profile/child.js'));
    assert.equal((await first).type, 'done');
  });
});
