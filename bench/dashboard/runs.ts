/** Runs to compare. */
import type { Onecycle } from '../../src/client/index.js';

interface Wanted {
  runs: number;
  iterations: number;
}

/** Trains those that are not there yet, whose steps are as small as steps can be. Returns their ids. */
export async function trainRuns(client: Onecycle, { runs, iterations }: Wanted): Promise<string[]> {
  const tags = { bench: `${iterations} iterations` };
  const there = await client.jobs.list({ tag: `bench:${tags.bench}`, status: 'completed', limit: runs });
  const ids = there.data.map(({ id }) => id);
  if (ids.length < runs) await client.queue.resume();
  for (let i = ids.length; i < runs; i++) {
    const job = await client.jobs.create({
      policy: { name: 'fit_one_cycle', n_epoch: 1, lr_max: 0.001 * (i + 1) },
      dataset: { random: { shape: [2], classes: 2, rows: 1 + iterations, seed: i } },
      model: { preset: 'linear' },
      split: { train_rows: iterations },
      batch_size: 1,
      name: `run ${i}`,
      tags,
      priority: 1,
    });
    ids.push(job.id);
  }
  for (const id of ids) {
    const { status, progress } = await (await client.jobs.get(id)).done();
    if (status !== 'completed' || progress.iteration !== iterations) throw new Error(`${id} is ${status}`);
  }
  return ids;
}
