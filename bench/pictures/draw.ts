import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { drawFrom } from '../../src/numbers/random.js';

const size = { width: 500, height: 375 };

/**
 * Draws photographs of nothing, by a seed, as JPEGs of about 60 kB: soft shapes in colour, with some grain. Returns their
 * names.
 */
export async function drawPictures(folder: string, count: number, seed: number): Promise<string[]> {
  const names: string[] = [];
  for (let index = 0; index < count; index++) {
    const name = `${index % 2 === 0 ? 'even' : 'odd'}_${index}.jpg`;
    const draw = drawFrom({ seed, purpose: 'inputs', index });
    const soft = await layer(draw, { width: 16, height: 12 });
    const fine = await layer(draw, { width: 250, height: 188 });
    const data = soft.map((value, i) => value * 0.8 + fine[i] * 0.2);
    const jpeg = await sharp(data, { raw: { ...size, channels: 3 } })
      .jpeg({ quality: 90 })
      .toBuffer();
    await writeFile(join(folder, name), jpeg);
    names.push(name);
  }
  return names;
}

/** Noise of so many points, enlarged. */
function layer(draw: () => number, { width, height }: { width: number; height: number }): Promise<Buffer> {
  const noise = Uint8Array.from({ length: width * height * 3 }, () => draw() * 256);
  const { width: wide, height: high } = size;
  return sharp(noise, { raw: { width, height, channels: 3 } })
    .resize(wide, high, { kernel: 'cubic', fit: 'fill' })
    .raw()
    .toBuffer();
}
