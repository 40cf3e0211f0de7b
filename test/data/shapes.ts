import sharp from 'sharp';
import { drawFrom } from '../../src/numbers/random.js';

/** PNGs of two kinds of shapes, a folder a kind: circles and crosses, of any colour, size and place. By their paths. */
export async function drawShapes(count: number, seed = 1): Promise<Record<string, Uint8Array<ArrayBuffer>>> {
  const files: Record<string, Uint8Array<ArrayBuffer>> = {};
  for (let index = 0; index < count; index++) {
    const draw = drawFrom({ seed, purpose: 'inputs', index });
    const between = (least: number, most: number) => Math.floor(least + (most - least) * draw());
    const [width, height] = [between(36, 48), between(32, 44)];
    const radius = between(8, 12);
    const [x0, y0] = [between(radius, width - radius), between(radius, height - radius)];
    const [shape, ground] = [[0, 0, 0].map(() => between(0, 110)), [0, 0, 0].map(() => between(150, 256))];
    const circle = index % 2 === 0;
    const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
      const [x, y] = [(Math.floor(i / 3) % width) - x0, Math.floor(i / 3 / width) - y0];
      const isShape = circle
        ? x * x + y * y <= radius * radius
        : Math.min(Math.abs(x), Math.abs(y)) <= 1 && Math.max(Math.abs(x), Math.abs(y)) <= radius;
      return (isShape ? shape : ground)[i % 3];
    });
    const png = await sharp(data, { raw: { width, height, channels: 3 } })
      .png({ compressionLevel: 1 })
      .toBuffer();
    files[`${circle ? 'circle' : 'cross'}/${index}.png`] = new Uint8Array(png);
  }
  return files;
}
