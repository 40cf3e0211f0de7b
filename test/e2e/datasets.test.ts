/** Uploaded arrays train to the bit as the same rows do that come with the service, on the real server. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadDataset } from '../../src/data/index.js';
import type { DatasetRecord } from '../../src/request/uploads/record.js';
import { npy, zip } from '../data/files/made.js';
import { documentedFetch } from '../openapi.js';
import { Server } from './harness.js';

const digits = loadDataset({ builtin: 'digits' });

/** Rows of the digits as a `.npz`. */
const npz = (from: number, to: number) =>
  zip({
    'x.npy': npy('<f4', [to - from, 64], Float32Array.from(digits.x.slice(64 * from, 64 * to))),
    'y.npy': npy(
      '<i8',
      [to - from],
      BigInt64Array.from(digits.y.slice(from, to), (label: number) => BigInt(label)),
    ),
  });

const spec = (dataset: object, split?: object) => ({
  policy: { name: 'fit_one_cycle', n_epoch: 2, lr_max: 0.01 },
  model: { preset: 'mlp', hidden: [32] },
  metrics: ['accuracy'],
  dataset,
  ...(split && { split }),
});

void test('arrays that were uploaded train as those that are there', async () => {
  const server = await Server.start();
  try {
    const upload = async (body: Uint8Array<ArrayBuffer>): Promise<string> => {
      const response = await documentedFetch(`${server.url}/datasets`, { method: 'POST', body });
      const { id } = (await response.json()) as DatasetRecord;
      assert.equal(response.status, 201);
      return id;
    };
    const [all, first, rest] = [
      await upload(await npz(0, digits.rows)),
      await upload(await npz(0, 1500)),
      await upload(await npz(1500, digits.rows)),
    ];
    const run = async (dataset: object, split?: object) => {
      const { id, result } = await server.run(spec(dataset, split));
      return { curve: (await server.metrics(id)).raw_loss, result };
    };
    const reference = await run({ builtin: 'digits' });
    assert.ok(reference.result!.metrics.accuracy > 0.7);
    assert.deepEqual(await run({ id: all }), reference);
    assert.deepEqual(
      await run({ id: first }, { dataset: rest }),
      await run({ builtin: 'digits' }, { train_rows: 1500 }),
      'a second data set validates',
    );
    const stratified = await run({ id: all }, { stratified: true, valid_pct: 0.2 });
    assert.notDeepEqual(stratified.curve, reference.curve);
    assert.ok(stratified.result!.metrics.accuracy > 0.7);
  } finally {
    await server.stop();
  }
});
