/** Bodies with the weights that packages ship, beside the packages' own models on the same pictures. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { bodies, bodiesWithWeights } from '../../src/models/bodies/index.js';
import { createNativeEngine } from '../../src/engine/native/index.js';
import { buildModel } from '../../src/models/build.js';
import { initialWeights, planModel, takeTensors, takeFrom } from '../../src/models/index.js';
import { packagedWeights } from '../../src/library/packaged-weights.js';
import { root } from '../e2e/harness.js';
import { close, picturesOf } from './one-step.js';

interface Golden {
  seed: number;
  x_shape: number[];
  rows: number;
  /** Of every eighth channel of each picture, the mean of what the body answers. */
  means: number[][];
}

const engine = createNativeEngine();

for (const body of bodiesWithWeights) {
  test(`${body}: every parameter has its weight, and pictures give what the package's own model gives`, async () => {
    const file = join(root, 'test', 'golden', 'data', `${body}.json`);
    const [expected] = JSON.parse(readFileSync(file, 'utf8')) as Golden[];
    const layers = [...bodies[body].groups([], true).flat(), { type: 'global_avg_pool' as const }];
    const plan = planModel({ layers }, { x_shape: expected.x_shape, target: { kind: 'values', outputs: 1280 } });
    const tensors = await packagedWeights(body);
    const shapes = [...tensors].map(([name, { shape }]) => ({ name, shape }));
    assert.equal(takeTensors(plan, shapes).matches.length, plan.parameters.length);
    const { tf } = engine;
    const { model } = buildModel(engine, plan, takeFrom(plan, initialWeights(plan, 1), tensors));
    const x = tf.tensor(picturesOf(expected), [expected.rows, ...expected.x_shape]);
    const answer = (model.predict(x) as ReturnType<typeof tf.tensor>).arraySync() as number[][];
    const means = answer.flatMap((row) => row.filter((_, i) => i % 8 === 0));
    close('means', means, expected.means.flat());
  });
}
