/**
 * Fail-overs while jobs train, by `npm run redis`: a primary dies behind Sentinels, and in a cluster. Whatever was
 * answered is there afterwards, or the record says which attempt began again.
 */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { describe, test } from 'node:test';
import { Nodes, startCluster, startWatched, type Node } from '../jobs/valkey-nodes.js';
import { Server, temporaryFolder } from '../e2e/harness.js';

const job = {
  policy: { name: 'fit_one_cycle', n_epoch: 400, lr_max: 0.003 },
  dataset: { builtin: 'digits' },
  model: { preset: 'mlp' },
  checkpoint_seconds: 0.5,
};

/** Posts jobs, kills the primary while one trains, and looks whether all is there. */
async function survives(server: Server, primary: Node): Promise<void> {
  const { id } = await server.submit(job);
  const waiting = [await server.submit({ ...job, policy: { ...job.policy, n_epoch: 1 } })];
  await server.until('a checkpoint is stored', async () => {
    const { data } = (await server.ok(`/jobs/${id}/checkpoints`)) as { data: unknown[] };
    return data.at(0);
  });
  // Replication is asynchronous: what is asked for here was passed on.
  await primary.client.wait(1, 5000);
  const began = performance.now();
  primary.process.kill('SIGKILL');
  await server.until('the API answers again', async () => {
    const response = await fetch(`${server.url}/jobs/${id}`);
    return response.status === 200;
  });
  console.log(`the API answered again after ${Math.round(performance.now() - began)} ms`);
  for (const each of [id, ...waiting.map((one) => one.id)]) {
    const record = await server.until(
      `${each} has ended`,
      async () => {
        const found = await fetch(`${server.url}/jobs/${each}`);
        const body = (await found.json()) as { status: string; attempt: number; progress: { n_iteration: number } };
        return ['completed', 'failed', 'cancelled'].includes(body.status) ? body : null;
      },
      120_000,
    );
    assert.equal(record.status, 'completed');
    const { iteration } = await server.metrics(each);
    assert.deepEqual(iteration, [...Array(record.progress.n_iteration).keys()], 'no iteration is lost or doubled');
    console.log(`${each} completed in attempt ${record.attempt}`);
  }
}

describe('a primary dies while jobs train', () => {
  for (const [name, start] of [
    [
      'behind Sentinels, with a password',
      async (nodes: Nodes) => {
        const user = ['user onecycle on >secret ~* &* +@all', 'masteruser onecycle', 'masterauth secret'];
        const { primary, sentinels } = await startWatched(nodes, ...user);
        const hosts = sentinels.map(({ port }) => `127.0.0.1:${port}`).join();
        return { primary, url: `redis+sentinel://onecycle:secret@${hosts}/main/0` };
      },
    ],
    [
      'in a cluster',
      async (nodes: Nodes) => {
        const all = await startCluster(nodes, 1);
        const url = `redis+cluster://127.0.0.1:${all[0].port},127.0.0.1:${all[1].port}`;
        // The last third of the slots has ours.
        return { primary: all[2], url };
      },
    ],
  ] as const)
    test(name, async (t) => {
      const folder = temporaryFolder();
      const nodes = new Nodes(folder);
      t.after(async () => {
        await nodes.stop();
        rmSync(folder, { recursive: true, force: true });
      });
      const { primary, url } = await start(nodes);
      const env = { REDIS_URL: url, ONECYCLE_ENGINE: 'tensorflow', ONECYCLE_DEVICES: 'cpu' };
      const server = await Server.start({ env });
      t.after(() => server.stop());
      await survives(server, primary);
    });
});
