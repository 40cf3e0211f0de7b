import { test } from 'node:test';
import { createWasmEngine } from '../../../src/engine/wasm/index.js';
import { compareModel, compareRun, golden } from '../../golden/tabular.js';

const engine = await createWasmEngine();

for (const [i, expected] of golden.models.entries())
  test(`TabularModel ${i} on WebAssembly`, () => void compareModel(engine, expected));

test('a run of tabular_learner on WebAssembly', async (t) => {
  t.diagnostic(`worst ${await compareRun(engine, golden.runs[0])}`);
});
