/** Files made for tests. */
import { buffer } from 'node:stream/consumers';
import { crc32, gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { pack, type Header } from 'tar-stream';
import { ZipFile } from 'yazl';

export type Files = Readonly<Record<string, Uint8Array<ArrayBuffer>>>;

export const bytes = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text));

export async function zip(files: Files): Promise<Uint8Array<ArrayBuffer>> {
  const made = new ZipFile();
  for (const [name, content] of Object.entries(files)) made.addBuffer(Buffer.from(content), name);
  made.end();
  return new Uint8Array(await buffer(made.outputStream));
}

export async function tar(files: Files, ...more: Partial<Header>[]): Promise<Uint8Array<ArrayBuffer>> {
  const made = pack();
  for (const [name, content] of Object.entries(files)) made.entry({ name }, Buffer.from(content));
  for (const header of more) made.entry({ name: '', ...header });
  made.finalize();
  return new Uint8Array(await buffer(made));
}

export const gzipped = (content: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(gzipSync(content));

/** The same bytes with a name in place of another of the same length. */
export function renamed(content: Uint8Array, from: string, to: string): Uint8Array<ArrayBuffer> {
  const text = Buffer.from(content).toString('latin1').replaceAll(from, to);
  return new Uint8Array(Buffer.from(text, 'latin1'));
}

/** Two kinds of pictures, and a CSV of the kinds of some. */
export async function pictures(width = 20): Promise<Record<string, Uint8Array<ArrayBuffer>>> {
  const one = async (background: string) => {
    const picture = sharp({ create: { width, height: 10, channels: 3, background } });
    return new Uint8Array(await picture.png().toBuffer());
  };
  return {
    'cat/1.png': await one('red'),
    'cat/2.png': await one('maroon'),
    'dog/1b.png': await one('blue'),
    'dog/2b.png': await one('navy'),
    'labels.csv': bytes('name,kind\n1.png,red\n1b.png,blue\n'),
  };
}

/** A PNG whose header says another size. */
export function huge(png: Uint8Array, width: number, height: number): Uint8Array<ArrayBuffer> {
  const changed = Buffer.from(png);
  changed.writeUInt32BE(width, 16);
  changed.writeUInt32BE(height, 20);
  changed.writeUInt32BE(crc32(changed.subarray(12, 29)), 29);
  return new Uint8Array(changed);
}

/** A `.npy` file, version 1. */
export function npy(descr: string, shape: number[], values: ArrayBufferView): Uint8Array<ArrayBuffer> {
  const dict = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`;
  const header = dict.padEnd(Math.ceil((dict.length + 11) / 64) * 64 - 11) + '\n';
  const start = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length & 255, header.length >> 8]);
  return new Uint8Array(
    Buffer.concat([start, Buffer.from(header), Buffer.from(values.buffer, values.byteOffset, values.byteLength)]),
  );
}
