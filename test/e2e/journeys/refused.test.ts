/** Files that cannot be used, on the whole service: what is said, and that nothing of them stays; and odd ones that can. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import sharp from 'sharp';
import type { Problem } from '../../../src/api/schemas/problem.js';
import { bytes, renamed, zip, type Files } from '../../data/files/made.js';
import { drawShapes } from '../../data/shapes.js';
import { documentedFetch } from '../../openapi.js';
import { Server } from '../harness.js';
import { classesOf, predictFile, upload, type File } from './client.js';

let server: Server;
let shapes: Files;
before(async () => {
  [server, shapes] = await Promise.all([Server.start(), drawShapes(40)]);
});
after(() => server.stop());

/** Every path below the data folder but those of Valkey, and the mark of whose folder it is, which a worker sets. */
const stored = (): string[] =>
  readdirSync(server.dataDir, { recursive: true, encoding: 'utf8' })
    .filter((path) => !path.startsWith('valkey') && path !== join('artifacts', 'owner'))
    .sort();

/** A zip whose first entry says that it is a symbolic link, as Info-ZIP's `zip -y` writes it. */
function linked(file: Uint8Array): Uint8Array<ArrayBuffer> {
  const changed = Buffer.from(file);
  const at = changed.indexOf(Buffer.from([0x50, 0x4b, 0x01, 0x02]));
  // Made by Unix; the mode stands in the upper half of the external attributes.
  changed.writeUInt16LE((3 << 8) | 20, at + 4);
  changed.writeUInt32LE((0o120777 << 16) >>> 0, at + 38);
  return new Uint8Array(changed);
}

test('archives that are cut off, lead out or link are refused, and nothing is left behind', async () => {
  const whole = await zip(shapes);
  const picture = Object.values(shapes)[0];
  const refused: [what: string, file: File, detail: RegExp][] = [
    ['cut off', whole.slice(0, -100), /truncated or damaged/],
    ['damaged inside', renamed(whole, 'IDAT', 'IDOT'), /circle\/0\.png/],
    [
      'leads out',
      renamed(await zip({ ...shapes, 'aa/evil.png': picture }), 'aa/evil.png', '../evil.png'),
      /\.\.\/evil\.png/,
    ],
    ['links', linked(whole), /circle\/0\.png.*link/],
  ];
  const before = stored();
  for (const [what, file, detail] of refused) {
    const response = await documentedFetch(`${server.url}/datasets`, { method: 'POST', body: file });
    const problem = (await response.json()) as Problem;
    assert.deepEqual([response.status, problem.code], [422, 'invalid_dataset'], what);
    assert.match(problem.detail, detail, what);
  }
  assert.deepEqual(stored(), before);
  assert.deepEqual(await server.ok('/datasets'), { object: 'list', data: [], has_more: false });
});

/** Pictures as people have them beside ordinary ones. */
async function oddPictures(): Promise<Files> {
  const red = (channels: 3 | 4, width = 20, height = 20) =>
    sharp({ create: { width, height, channels, background: { r: 200, g: 10, b: 10, alpha: 0.5 } } });
  const deep = { raw: { width: 20, height: 20, channels: 3 as const } };
  const made = {
    'circle/printed.jpg': red(3).toColourspace('cmyk').jpeg(),
    'circle/16 bits.png': sharp(new Uint16Array(1200).fill(40_000), deep).toColourspace('rgb16').png(),
    'circle/grey.png': red(3).toColourspace('b-w').png(),
    'cross/moving.gif': sharp([await red(3).png().toBuffer(), await red(4).png().toBuffer()], {
      join: { animated: true },
    }).gif(),
    'cross/see-through.webp': red(4).webp(),
    'cross/😀 ü.TIFF': red(3).tiff(),
    'cross/a point.png': red(3, 1, 1).png(),
    'cross/a line.png': red(3, 1, 2000).png(),
  };
  const files = Object.entries(made).map(
    async ([name, picture]) => [name, new Uint8Array(await picture.toBuffer())] as const,
  );
  return Object.fromEntries(await Promise.all(files));
}

test('printed, moving, see-through, deep and narrow pictures train, and are predicted; what is no picture is not', async () => {
  const odd = await oddPictures();
  const drawing = bytes(
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>',
  );
  const data = await upload(server, await zip({ ...shapes, ...odd, 'cross/drawing.svg': drawing }));
  assert.equal(data.rows, 48);
  assert.match(data.notes.join(), /1 of its files.*drawing\.svg/);
  const { id } = await server.run({
    policy: { name: 'fit', n_epoch: 1, lr: 0.01 },
    dataset: { id: data.id, item_tfms: [{ name: 'resize', size: 16 }] },
    model: { preset: 'linear' },
    batch_size: 16,
  });
  for (const [name, file] of Object.entries(odd))
    assert.equal(classesOf(await predictFile(server, id, 'application/octet-stream', file)).length, 1, name);
  const [whole] = Object.values(shapes);
  for (const [file, detail] of [
    [drawing, /must be a JPEG, PNG, GIF, WebP or TIFF picture/],
    [whole.slice(0, whole.length / 2), /must be a picture.*read error/],
    [new Uint8Array(), /it is empty/],
  ] as const) {
    const headers = { 'content-type': 'application/octet-stream' };
    const response = await documentedFetch(`${server.url}/jobs/${id}/predict`, { method: 'POST', headers, body: file });
    const problem = (await response.json()) as Problem;
    assert.deepEqual([response.status, problem.code], [422, 'invalid_rows']);
    assert.match(problem.detail, detail);
  }
});
