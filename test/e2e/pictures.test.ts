/** A folder of pictures, over HTTP: from a zip to a trained model. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { DatasetRecord } from '../../src/request/uploads/record.js';
import { zip } from '../data/files/made.js';
import { drawShapes } from '../data/shapes.js';
import { documentedFetch } from '../openapi.js';
import { Server } from './harness.js';

let server: Server;
let shapes: Record<string, Uint8Array<ArrayBuffer>>;
before(async () => {
  [server, shapes] = await Promise.all([Server.start(), drawShapes(200)]);
});
after(() => server.stop());

async function upload(files: typeof shapes): Promise<string> {
  const response = await documentedFetch(`${server.url}/datasets?name=shapes.zip`, {
    method: 'POST',
    body: await zip(files),
  });
  const record = (await response.json()) as DatasetRecord;
  assert.equal(response.status, 201, JSON.stringify(record));
  return record.id;
}

const job = (id: string, dataset: object = {}) => ({
  policy: { name: 'fit_one_cycle', n_epoch: 8, lr_max: 0.02 },
  dataset: {
    id,
    item_tfms: [{ name: 'resize', size: 24 }],
    batch_tfms: [{ name: 'aug_transforms', max_rotate: 5, max_warp: 0.1 }, { name: 'normalize' }],
    ...dataset,
  },
  model: { preset: 'cnn', channels: [8, 16] },
  batch_size: 16,
  metrics: ['accuracy'],
});

test('two kinds of shapes are told apart after a few epochs, and twice by the same losses', async (t) => {
  const id = await upload(shapes);
  const [first, second] = [await server.run(job(id)), await server.run(job(id))];
  const { accuracy } = first.result!.metrics;
  t.diagnostic(`accuracy ${accuracy}`);
  assert.ok(accuracy >= 0.9, String(accuracy));
  const losses = async (of: string) => (await server.metrics(of)).raw_loss;
  assert.deepEqual(await losses(second.id), await losses(first.id));
});

test('a picture that is cut off ends the job with its name', async () => {
  // Not one of the first, which are looked into when they are uploaded.
  const [name, whole] = Object.entries(shapes)[150];
  const id = await upload({ ...shapes, [name]: whole.slice(0, whole.length / 2) });
  const { id: failing } = await server.submit({ ...job(id), max_attempts: 1 });
  await (
    await server.stream(failing)
  ).closed;
  const { status, error } = await server.job(failing);
  assert.equal(status, 'failed');
  assert.equal(error!.code, 'bad_data');
  assert.ok(error!.message.startsWith(`The picture ${name} cannot be decoded`), error!.message);
});

test('transforms that there are not are refused, with what there is', async () => {
  const id = await upload(shapes);
  const wrong: [object, string][] = [
    [{ item_tfms: [{ name: 'rezise', size: 24 }] }, '/dataset/item_tfms/0'],
    [{ item_tfms: [{ name: 'resize' }] }, '/dataset/item_tfms/0'],
    [{ item_tfms: [{ name: 'resize', size: 24, method: 'stretch' }] }, '/dataset/item_tfms/0'],
    [{ batch_tfms: [{ name: 'normalize', stats: { mean: [0, 0], std: [1, 1, 1] } }] }, '/dataset/batch_tfms/0'],
    [{ item_tfms: undefined }, '/dataset/item_tfms'],
  ];
  for (const [dataset, pointer] of wrong) {
    const { status, body } = await server.post('/jobs', job(id, dataset));
    const { errors } = body as { errors: { pointer: string; detail: string }[] };
    assert.ok(status === 422 || status === 400, String(status));
    assert.ok(
      errors.every((each) => each.pointer.startsWith(pointer)),
      JSON.stringify(errors),
    );
  }
});
