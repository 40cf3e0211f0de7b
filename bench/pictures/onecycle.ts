/** onecycle's side: a loader of pictures, and nobody who needs them. Says pictures a second, a value an epoch. */
import { join } from 'node:path';
import { BatchLoader } from '../../src/data/index.js';
import { pictureRows } from '../../src/data/pictures/rows.js';
import { shapeOfPictures } from '../../src/data/pictures/transform.js';
import type { PictureWork } from './measure.js';

const { folder, files, batch, epochs, transforms } = JSON.parse(process.argv[2]) as PictureWork;
const loader = new BatchLoader({
  dataset: {
    rows: files.length,
    x_shape: shapeOfPictures(transforms),
    target: { kind: 'classes', classes: 2 },
    x: pictureRows({ paths: files.map((name) => join(folder, name)), names: files, transforms }),
    y: Int32Array.from(files, (name) => Number(name.startsWith('odd'))),
  },
  rows: Int32Array.from(files, (_, i) => i),
  batchSize: batch,
  shuffle: true,
  dropLast: true,
  seed: 1,
  training: true,
});
const rates: number[] = [];
for (let epoch = 0; epoch <= epochs; epoch++) {
  const started = performance.now();
  let rows = 0;
  for (const next of loader.epoch(epoch)) rows += (await next).rows;
  if (epoch > 0) rates.push((rows / (performance.now() - started)) * 1000); // the first one warms up
}
loader.dispose();
console.log(JSON.stringify({ rates, peak_bytes: process.resourceUsage().maxRSS * 1024 }));
