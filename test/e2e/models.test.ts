/** Models in, trained, and their weights out, on the whole service. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { readSafetensors } from '../../src/models/index.js';
import { dense3, zipOf } from '../models/formats/layers-model.js';
import { Server, type JobRecord } from './harness.js';

const policy = { name: 'fit', n_epoch: 1, lr: 0.001 };
/** At this rate no weight moves by as much as float32 can tell. */
const still = { name: 'fit', n_epoch: 1, lr: 1e-30 };

async function weightsOf(server: Server, { id }: JobRecord) {
  const response = await fetch(`${server.url}/jobs/${id}/weights`);
  return readSafetensors(new Uint8Array(await response.arrayBuffer())).tensors;
}

async function post(server: Server, bytes: Uint8Array): Promise<string> {
  const headers = { 'content-type': 'application/octet-stream' };
  const response = await fetch(`${server.url}/models`, { method: 'POST', headers, body: new Uint8Array(bytes) });
  assert.equal(response.status, 201);
  return ((await response.json()) as { id: string }).id;
}

describe('models in', () => {
  let server: Server;
  before(async () => {
    server = await Server.start();
  });
  after(() => server.stop());

  test('a LayersModel trains from its own weights, and they come out by its names', async () => {
    const id = await post(server, await zipOf(dense3, [4, 3]));
    const iris = { dataset: { builtin: 'iris' }, model: { id } };
    const at = await server.run({ ...iris, policy: still, optimizer: { name: 'sgd', wd: 0 } });
    const given = await weightsOf(server, at);
    assert.deepEqual([...given.keys()], ['hidden.kernel', 'hidden.bias', 'out.kernel', 'out.bias']);
    assert.deepEqual([...given.get('hidden.bias')!.data], [...Float32Array.of(1.6, 1.7, 1.8, 1.9)]);
    const after = await weightsOf(server, await server.run({ ...iris, policy }));
    assert.notDeepEqual([...after.get('out.bias')!.data], [...given.get('out.bias')!.data]);
  });

  test('a trained body goes on with other classes, in a job and as posted weights; its head is drawn anew', async () => {
    const digits = { dataset: { builtin: 'digits' }, model: { preset: 'cnn', channels: [4] } };
    const first = await server.run({ ...digits, policy });
    const known = await weightsOf(server, first);
    const x = Array.from({ length: 64 }, (_, i) => Array.from({ length: 64 }, (_, k) => ((i * k) % 7) / 7));
    const three = { inline: { x, y: x.map((_, i) => i % 3) } };
    const settled = { policy: still, batch_size: 16, dataset: three, train_bn: false, freeze_to: -1 };
    const id = await post(
      server,
      new Uint8Array(await (await fetch(`${server.url}/jobs/${first.id}/weights`)).arrayBuffer()),
    );
    const second = [
      { ...settled, continue_from: { job: first.id } },
      { ...settled, model: { ...digits.model, pretrained: id } },
    ];
    for (const body of second) {
      const record = await server.run(body);
      assert.deepEqual(record.spec.weights, { taken: 5, drawn: ['output.kernel', 'output.bias'] });
      const values = await weightsOf(server, record);
      assert.deepEqual([...values.get('conv.0.kernel')!.data], [...known.get('conv.0.kernel')!.data]);
      assert.deepEqual(values.get('output.bias')!.shape, [3]);
    }
  });

  test('a vision model trains its head on a pretrained body', async () => {
    const { spec, result } = await server.run({
      policy: { name: 'fine_tune', epochs: 1, base_lr: 0.01 },
      dataset: { random: { shape: [32, 32, 3], classes: 2, rows: 16, seed: 1 } },
      model: { preset: 'vision', body: 'efficientnet_lite0', lin_ftrs: [] },
      batch_size: 4,
    });
    const { weights } = spec;
    assert.equal(weights?.drawn[0], 'head.2.gamma');
    assert.equal(weights.taken, 49 * 5);
    assert.ok(Number.isFinite(result?.valid_loss));
  });
});
