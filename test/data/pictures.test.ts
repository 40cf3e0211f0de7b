/** Pictures in files, through a loader. What their transforms make is test/golden/pictures.test.ts. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { BatchLoader, processingOf, type Dataset, type ProcessingSpec, type RawRows } from '../../src/data/index.js';
import { decodePicture } from '../../src/data/pictures/decode.js';
import { pictureRows } from '../../src/data/pictures/rows.js';
import { shapeOfPictures, transformPicture } from '../../src/data/pictures/transform.js';
import { completeTransforms, type PictureTransforms } from '../../src/data/transforms/index.js';
import { product } from '../../src/numbers/nested.js';
import { drawShapes } from './shapes.js';
import { upTo } from './telling.js';

const count = 12;
const transforms = completeTransforms({
  item_tfms: [{ name: 'resize', size: [16, 20] }],
  batch_tfms: [{ name: 'normalize' }, { name: 'aug_transforms', p_affine: 1, p_lighting: 1 }],
});
const shape = shapeOfPictures(transforms);
let folder: string;
let paths: string[];
const loaders: BatchLoader[] = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'onecycle-pictures-'));
  const files = Object.entries(await drawShapes(count));
  paths = files.map(([name]) => join(folder, basename(name)));
  for (const [i, [, bytes]] of files.entries()) await writeFile(paths[i], bytes);
});
after(async () => {
  for (const loader of loaders) loader.dispose();
  await rm(folder, { recursive: true });
});

function loaderOf(training: boolean, of: readonly string[] = paths): BatchLoader {
  const dataset: Dataset = {
    rows: of.length,
    x_shape: shape,
    target: { kind: 'classes', classes: of.length },
    x: pictureRows({ paths: of, names: of.map((path) => basename(path)), transforms }),
    y: Int32Array.from(upTo(of.length)),
  };
  const rows = Int32Array.from(upTo(of.length));
  const loader = new BatchLoader({ dataset, rows, batchSize: 5, shuffle: training, seed: 3, training });
  loaders.push(loader);
  return loader;
}

/** The pictures of an epoch, by their row. */
async function picturesOf(loader: BatchLoader, epoch: number, start = 0): Promise<Map<number, number[]>> {
  const found = new Map<number, number[]>();
  const width = product(shape);
  for (const next of loader.epoch(epoch, start)) {
    const { x, y } = await next;
    for (const [i, row] of y.entries()) found.set(row, [...x.subarray(i * width, (i + 1) * width)]);
  }
  return found;
}

describe('pictures in files', () => {
  test('come as fastai’s order has it: floats, augmented, normalized last, whatever the list’s order', () => {
    assert.deepEqual(shape, [16, 20, 3]);
    assert.deepEqual(
      transforms.batch_tfms.map(({ name }) => name),
      ['aug_transforms', 'normalize'],
    );
  });

  test('that train are others every epoch, and the same bits from wherever an epoch is gone on from', async () => {
    const first = await picturesOf(loaderOf(true), 0);
    const loader = loaderOf(true);
    const second = await picturesOf(loader, 1);
    assert.deepEqual([first.size, second.size], [count, count]);
    for (const [row, picture] of second) assert.notDeepEqual(picture, first.get(row));
    const rest = await picturesOf(loaderOf(true), 1, 1);
    assert.equal(rest.size, count - 5);
    for (const [row, picture] of rest) assert.deepEqual(picture, second.get(row));
  });

  test('that validate are transformed without chance, as those that are predicted', async () => {
    const loader = loaderOf(false);
    const validated = await picturesOf(loader, 0);
    assert.deepEqual(await picturesOf(loader, 1), validated);
    const plain: PictureTransforms = { ...transforms, batch_tfms: [{ name: 'normalize' }] };
    const target = { kind: 'classes', classes: 2 } as const;
    const spec: ProcessingSpec = { kind: 'pictures', ...transforms, target, names: ['circle', 'cross'] };
    for (const [row, picture] of validated) {
      const decoded = await decodePicture(paths[row]);
      const expected = new Float32Array(product(shape));
      transformPicture(decoded, plain, null, expected);
      assert.deepEqual(picture, [...expected]);
      const file = await readFile(paths[row]);
      const { rows, x } = await processingOf(spec).prepare(spec, { file });
      assert.deepEqual([rows, [...x]], [1, picture]);
    }
    assert.deepEqual(processingOf(spec).shape(spec), shape);
    assert.deepEqual(processingOf(spec).vocabulary(spec), { target, names: ['circle', 'cross'] });
  });

  test('that cannot be decoded are told by their names', async () => {
    const broken = join(folder, 'broken.png');
    const whole = await readFile(paths[0]);
    await writeFile(broken, whole.subarray(0, whole.length / 2));
    const loader = loaderOf(false, [paths[1], broken]);
    await assert.rejects(picturesOf(loader, 0), {
      code: 'bad_data',
      message: /^The picture broken.png cannot be decoded/,
    });
  });

  const target = { kind: 'classes', classes: 2 } as const;
  const spec: ProcessingSpec = { kind: 'pictures', ...transforms, target, names: null };
  const wrong: [string, RawRows, RegExp][] = [
    ['no picture', { file: Buffer.from('a,b\n1,2\n') }, /must be a JPEG/],
    ['nothing', { file: new Uint8Array() }, /it is empty/],
    ['rows of a table', { rows: [{ a: 1 }] }, /must be the bytes of one picture/],
  ];
  for (const [what, raw, detail] of wrong)
    test(`${what} cannot be predicted`, async () => {
      await assert.rejects(processingOf(spec).prepare(spec, raw), { code: 'invalid_rows', message: detail });
    });
});
