/** Which ops of ours the graphs of real models have: what stands in for TensorFlow's must still find its pattern. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createNativeEngine } from '../../../src/engine/native/index.js';
import { BatchLoader, fitOneCycle, Learner, loadDataset, planModel } from '../../../src/learner/index.js';

let graph = '';
const engine = createNativeEngine({
  graphs: {
    get: () => null,
    put: (_, program) => (graph = Buffer.from(program.graph).toString('latin1')),
    remove: () => undefined,
    keyOf: () => null,
    setKeyOf: () => undefined,
  },
});
const onCpu = engine.device.startsWith('cpu') && process.platform === 'linux';

type Model = Parameters<typeof planModel>[0];

const images = () => loadDataset({ random: { shape: [8, 8, 3], classes: 3, rows: 8, seed: 1 } });

/** Our ops in the graph of a model that is trained on images. */
async function opsOf(model: Model, dataset = images()): Promise<string[]> {
  const train = new BatchLoader({ dataset, rows: Int32Array.from({ length: 8 }, (_, i) => i), batchSize: 8 });
  const learn = new Learner({
    engine,
    model: planModel(model, dataset),
    data: { dataset, train, valid: null },
    loss: 'cross_entropy',
  });
  await fitOneCycle(learn, { n_epoch: 1, lr_max: 0.01 });
  assert.deepEqual(learn.mode, { name: 'compiled' });
  learn.dispose();
  return [...new Set(graph.match(/Onecycle[A-Za-z]+/g))].sort();
}

const dense = ['OnecycleDense', 'OnecycleDenseGrad'];
const normed = ['OnecycleBatchNormRelu', 'OnecycleBatchNormReluGrad'];
const pooled = ['OnecycleBatchNormReluPool', 'OnecycleBatchNormReluPoolGrad'];
for (const [model, ops] of [
  [{ preset: 'mlp', hidden: [5] }, dense],
  [{ preset: 'cnn' }, [...normed, ...pooled, ...dense]],
  [{ preset: 'resnet18' }, [...normed, ...dense]],
] as const) {
  test(`${model.preset}: ${ops.join(', ')}`, { skip: !onCpu && 'our ops are for CPUs on Linux' }, async () => {
    assert.deepEqual(await opsOf(model), ['OnecycleApplyAdam', ...ops].sort());
  });
}

test('what is overwritten is never what was fed: rows that follow one another are the data set’s own memory', async () => {
  const dataset = images();
  const layers = [
    { type: 'batch_norm' },
    { type: 'relu' },
    { type: 'max_pool', size: 2 },
    { type: 'flatten' },
    { type: 'dense', units: 3 },
  ] as const;
  const ops = await opsOf({ layers: [...layers] }, dataset);
  assert.equal(ops.includes('OnecycleBatchNormReluPoolGrad'), onCpu);
  assert.deepEqual(dataset.x, images().x);
});
