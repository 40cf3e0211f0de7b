/** The whole service on a cluster of three Valkeys, by `npm run redis`. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { rootSlot } from '../../src/jobs/redis/cluster.js';
import { Nodes, startCluster, type Node } from '../jobs/valkey-nodes.js';
import { Server, temporaryFolder } from '../e2e/harness.js';

const folder = temporaryFolder();
const nodes = new Nodes(folder);
let cluster: Node[];
let server: Server;

before(async () => {
  cluster = await startCluster(nodes);
  const hosts = cluster.slice(0, 2).map(({ port }) => `127.0.0.1:${port}`);
  server = await Server.start({
    env: { REDIS_URL: `redis+cluster://${hosts.join(',')}`, ONECYCLE_ENGINE: 'tensorflow', ONECYCLE_DEVICES: 'cpu' },
  });
});
after(async () => {
  await server.stop();
  await nodes.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('jobs are queued, trained, followed, predicted with and deleted, all in one slot', async () => {
  const spec = { dataset: { builtin: 'iris' }, model: { preset: 'mlp', hidden: [8] } };
  const policy = { name: 'fit_one_cycle', n_epoch: 2, lr_max: { lr_find: 'valley' } };
  const [first, second] = [await server.submit({ ...spec, policy }), await server.submit({ ...spec, policy })];
  // Both logs are followed while they grow: one read of two streams, which the second one interrupts.
  const [one, two] = await Promise.all([server.completed(first.id), server.completed(second.id)]);
  assert.ok(one.lr_find?.value === two.lr_find?.value);
  const { status, body } = await server.post(`/jobs/${first.id}/predict`, { x: [[5, 3, 1, 0.2]] });
  assert.equal(status, 200, JSON.stringify(body));
  assert.equal(((await server.ok('/jobs')) as { data: unknown[] }).data.length, 4);
  assert.equal((await fetch(`${server.url}/jobs/${first.id}`, { method: 'DELETE' })).status, 204);
  assert.equal(await cluster[0].client.call('CLUSTER', 'KEYSLOT', '{onecycle}:jobs'), rootSlot);
  const names = (await Promise.all(cluster.map(({ client }) => client.keys('*')))).map((found) => found.length > 0);
  assert.equal(names.filter(Boolean).length, 1);
});
