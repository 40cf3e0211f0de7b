/** Trains a model of products of matrices, and says what came out (see signals.test.ts). */
import { once } from 'node:events';
import { createHash } from 'node:crypto';
import { BatchLoader, fitOneCycle, Learner, loadDataset, loadEngine, planModel } from '../../../src/learner/index.js';

process.on('SIGUSR2', () => undefined);
process.send!('ready');

const engine = await loadEngine({ name: 'tensorflow' });
const dataset = loadDataset({ random: { shape: [784], rows: 640, classes: 10 } });
const train = new BatchLoader({
  dataset,
  rows: Int32Array.from({ length: 640 }, (_, i) => i),
  batchSize: 64,
  shuffle: true,
});
const learn = new Learner({
  engine,
  model: planModel({ preset: 'mlp', hidden: [256, 128] }, dataset),
  data: { dataset, train, valid: null },
  loss: 'cross_entropy',
});
await fitOneCycle(learn, { n_epoch: 150, lr_max: 1e-3 });
const hash = createHash('sha256');
for (const values of learn.parameterValues()) hash.update(values);
process.send!({ mode: learn.mode?.name, weights: hash.digest('hex') });
await once(process, 'message'); // till nobody sends signals any more
process.disconnect();
