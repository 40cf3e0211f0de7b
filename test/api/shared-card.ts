/** Jobs beside one another on a card, by the memory that they state. No card is needed: the worker is told how much its has. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { JobRecord } from '../../src/jobs/index.js';
import { end, gate, trainersOf, trains, until } from '../jobs/harness.js';
import { job, pointers, type Api } from './harness.js';

const GB = 1e9;

/** `headers`: of an operator. */
export async function sharedCard(on: Api, headers: Record<string, string>): Promise<void> {
  const env = { ONECYCLE_THREADS: '4', ONECYCLE_SLOTS: '3', ONECYCLE_GPU_MEMORY_BYTES: String(8 * GB) };
  const process = await on.worker({ device: 'cuda:0', env });
  const g = gate(on, 'card');
  const send = (path: string, body: object) => on.post(path, body, headers);
  const post = async (gpu_memory_bytes?: number): Promise<JobRecord> => {
    const { status, body } = await send(
      '/jobs',
      job({ ...g, ...(gpu_memory_bytes !== undefined && { gpu_memory_bytes }) }),
    );
    assert.equal(status, 201, JSON.stringify(body));
    return body as JobRecord;
  };
  const cancel = async ({ id }: JobRecord) => assert.equal((await send(`/jobs/${id}/cancel`, {})).status, 200);
  const worker = async () => (await on.jobs.workers()).find(({ pid }) => pid === process.pid)!;
  const run = async (...expected: [JobRecord, threads: number, gpu_memory_bytes: number][]) => {
    for (const [{ id }] of expected) await trains(on, id);
    const told = expected.map(([{ id }, threads, gpu_memory_bytes]) => ({ job: id, threads, gpu_memory_bytes }));
    await until('the worker says so', async () =>
      JSON.stringify((await worker()).jobs) === JSON.stringify(told) ? true : null,
    );
  };
  const wait = async (...jobs: JobRecord[]) => {
    for (const { id } of jobs) assert.equal((await on.jobs.get(id))?.status, 'queued');
  };

  const { slots, gpu_memory_bytes: shared } = await worker();
  assert.deepEqual([slots, shared], [3, 8 * GB]);
  for (const [body, detail] of [
    [{ gpu_memory_bytes: 8 * GB + 1 }, /at most 8000000000: the GPU with the most memory has 7.5 GiB/],
    [{ gpu_memory_bytes: 1000 }, /at least \d+: training needs/],
    [{ gpu_memory_bytes: GB, device: 'cpu' }, /left out: the job is for a CPU/],
  ] as const) {
    const { status, body: problem } = await send('/jobs', job(body));
    assert.deepEqual([status, pointers(problem)], [422, ['/gpu_memory_bytes']]);
    assert.match(JSON.stringify(problem), detail);
  }

  const [three, four] = [await post(3 * GB), await post(4 * GB)];
  await run([three, 1, 3 * GB], [four, 2, 4 * GB]);
  const held = () =>
    trainersOf(process.pid!).flatMap((each) => {
      const environment = readFileSync(`/proc/${each}/environ`, 'latin1');
      assert.match(environment, /CUDA_DEVICE_ORDER=PCI_BUS_ID\0/, 'cards are numbered as nvidia-smi does');
      const found = /ONECYCLE_GPU_MEMORY_FRACTION=([\d.]+)/.exec(environment);
      return found ? [found[1]] : [];
    });
  assert.ok(held().includes('0.375') && held().includes('0.5'), `each has its part: ${held().join()}`);
  const [two, all, one] = [await post(2 * GB), await post(), await post(GB)];
  await wait(all, one);
  await cancel(three);
  await run([four, 2, 4 * GB], [two, 1, 2 * GB]);
  // One gigabyte is free, but nothing overtakes the one that needs all.
  await wait(all, one);
  await cancel(four);
  await cancel(two);
  await run([all, 4, 8 * GB]);
  await wait(one);
  await cancel(all);
  await run([one, 1, GB]);
  await cancel(one);

  // Those whose jobs have ended hold their parts for the next ones, until another needs the memory.
  const five = await post(5 * GB);
  await run([five, 2, 5 * GB]);
  await cancel(five);
  const again = await post(3 * GB);
  await run([again, 1, 3 * GB]);
  assert.ok(held().includes('0.625'), `5 and 3 of 8 are there: ${held().join()}`);
  await cancel(again);
  const six = await post(6 * GB);
  await run([six, 3, 6 * GB]);
  assert.ok(!held().includes('0.625'), `beside 6 of 8 there are not 5: ${held().join()}`);
  assert.ok(!held().includes('0.375'), `nor 3: ${held().join()}`);
  await cancel(six);
  await end(process, 'SIGTERM');
}
