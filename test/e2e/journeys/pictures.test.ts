/** From a folder of pictures to predictions, over HTTP alone; the seed's pets; a body that goes on with other classes. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import sharp from 'sharp';
import { readSafetensors } from '../../../src/models/index.js';
import { zip, type Files } from '../../data/files/made.js';
import { drawShapes } from '../../data/shapes.js';
import { unzip } from '../../zip.js';
import { root, Server, type JobRecord } from '../harness.js';
import { classesOf, download, predictFile, shareOf, upload } from './client.js';
import { drawPets } from './pets.js';

let server: Server;
before(async () => {
  server = await Server.start();
});
after(() => server.stop());

const send = async (files: Files) => (await upload(server, await zip(files))).id;

/** The classes that a job answers for pictures, one after the other. */
async function seen(job: string, files: Files, type = 'image/png'): Promise<string[]> {
  const found: string[] = [];
  for (const file of Object.values(files)) found.push(...classesOf(await predictFile(server, job, type, file)));
  return found;
}

const folders = (files: Files): string[] => Object.keys(files).map((path) => path.split('/')[0]);

const job = (id: string, more: object = {}) => ({
  policy: { name: 'fit_one_cycle', n_epoch: 8, lr_max: 0.02 },
  dataset: {
    id,
    item_tfms: [{ name: 'resize', size: 24 }],
    batch_tfms: [{ name: 'aug_transforms', max_rotate: 5, max_warp: 0.1 }, { name: 'normalize' }],
  },
  model: { preset: 'cnn', channels: [8, 16] },
  batch_size: 16,
  metrics: ['accuracy'],
  ...more,
});

test('two folders of 100 drawings each become a model that knows new drawings', async (t) => {
  const { id, result } = await server.run(job(await send(await drawShapes(200))));
  const drawn = await drawShapes(20, 2);
  const share = shareOf(await seen(id, drawn), folders(drawn));
  t.diagnostic(`${result!.metrics.accuracy} of those that validate, ${share} of new ones`);
  assert.ok(share >= 0.85, String(share));
});

/** The job that docs/your-pictures.md shows beside the seed's cell. */
function documentedJob(): { dataset: object; model: object } {
  const page = readFileSync(join(root, 'docs', 'your-pictures.md'), 'utf8');
  const [, body] = /```json\n(.*?)```/s.exec(page) ?? assert.fail('docs/your-pictures.md has a job');
  return JSON.parse(body) as { dataset: object; model: object };
}

test("the seed's cell: cats by their names' capital letters, after one epoch better than from scratch", async (t) => {
  const shown = documentedJob();
  const dataset = { ...shown.dataset, id: await send(await drawPets(64)) };
  const learn = (more: object) => server.run({ ...shown, dataset, batch_size: 8, ...more });
  const scratch = await learn({ model: { ...shown.model, pretrained: false }, freeze_to: undefined });
  const trained = await learn({});
  t.diagnostic(JSON.stringify([scratch.result, trained.result]));
  assert.equal(trained.spec.weights?.taken, 49 * 5);
  assert.ok(trained.result!.valid_loss < scratch.result!.valid_loss / 2);
  assert.ok(trained.result!.metrics.accuracy > Math.max(0.85, scratch.result!.metrics.accuracy));
  const files = await unzip(await download(server, `/jobs/${trained.id}/model?format=layers-model`));
  const { tensors } = readSafetensors(await download(server, `/jobs/${trained.id}/model?format=safetensors`));
  const weightBytes = [...tensors.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
  assert.equal(files.get('weights.bin')?.byteLength, weightBytes, 'a model of 18 MB leaves whole');
  const others = await drawPets(8, 2);
  const cats = Object.keys(others).map((path) => (path.startsWith('images/A') ? 'True' : 'False'));
  const share = shareOf(await seen(trained.id, others, 'image/jpeg'), cats);
  assert.ok(share > 0.8, `${share} of new ones`);
});

test('a body that learned three kinds goes on with two others, and the record says what was taken', async (t) => {
  const shapes = Object.entries(await drawShapes(150));
  const kind = (path: string, i: number) => (i % 3 === 2 ? 'negative' : path.split('/')[0]);
  const three = await Promise.all(
    shapes.map(
      async ([path, file], i) => [`${kind(path, i)}/${i}.png`, i % 3 === 2 ? await negative(file) : file] as const,
    ),
  );
  const first = await server.run(job(await send(Object.fromEntries(three))));
  const known = await weightsOf(first);
  assert.deepEqual(known.get('output.bias')!.shape, [3]);

  const two = Object.fromEntries(
    shapes.slice(0, 60).map(([path, file]) => [path.replace('circle', 'ring').replace('cross', 'plus'), file]),
  );
  const goesOn = (data: string, optimizer: boolean) =>
    job(data, {
      policy: { name: 'fit', n_epoch: 3, lr: 0.01 },
      model: undefined,
      continue_from: { job: first.id, optimizer },
      freeze_to: -1,
      ...(!optimizer && { train_bn: false }),
      batch_size: 8,
    });
  const other = await send(two);
  const refused = await server.post('/jobs', goesOn(other, true));
  assert.equal(refused.status, 422);
  assert.match(JSON.stringify(refused.body), /\/continue_from\/optimizer.*must be false/);
  const second = await server.run(goesOn(other, false));
  assert.deepEqual(second.spec.weights?.drawn, ['output.kernel', 'output.bias']);
  assert.equal(second.spec.weights.taken, known.size - 2);
  const learned = await weightsOf(second);
  assert.deepEqual([...learned.keys()], [...known.keys()]);
  // Frozen parameters stay; the statistics of a batch norm go on, as fastai's do.
  for (const [name, { shape, data }] of learned)
    if (name.startsWith('output.')) assert.equal(shape.at(-1), 2);
    else if (!name.includes('moving_')) assert.deepEqual(data, known.get(name)!.data, name);
  t.diagnostic(String(second.result!.metrics.accuracy));
  assert.deepEqual((await predictFile(server, second.id, 'image/png', shapes[0][1])).classes, ['plus', 'ring']);
});

const weightsOf = async ({ id }: JobRecord) => readSafetensors(await download(server, `/jobs/${id}/weights`)).tensors;

const negative = async (png: Uint8Array) => new Uint8Array(await sharp(png).negate().png().toBuffer());
