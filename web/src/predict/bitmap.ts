/**
 * A drawn digit, as the data set `digits` has them: a bitmap of 32 × 32, of which each block of 4 × 4 counts how many
 * of its pixels are set. Pure.
 */

/** Pixels along an edge of the bitmap, and of a block. */
export const size = 32;
export const block = 4;
/** Blocks along an edge. */
export const cells = size / block;

/** 1 where something is drawn, a row after the other. */
export type Bitmap = Uint8Array;

/** Nothing drawn yet. */
export const blank = (): Bitmap => new Uint8Array(size * size);

const pen = 2;

/** The bitmap with a stroke from one point to another, in pixels of the bitmap. */
export function stroke(bitmap: Bitmap, from: readonly [number, number], to: readonly [number, number]): Bitmap {
  const next = bitmap.slice();
  const steps = Math.max(1, Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1]) * 2));
  for (let i = 0; i <= steps; i++)
    dot(next, from[0] + ((to[0] - from[0]) * i) / steps, from[1] + ((to[1] - from[1]) * i) / steps);
  return next;
}

function dot(bitmap: Bitmap, x: number, y: number): void {
  for (let row = Math.max(0, Math.floor(y - pen)); row < Math.min(size, y + pen); row++)
    for (let column = Math.max(0, Math.floor(x - pen)); column < Math.min(size, x + pen); column++)
      if (Math.hypot(column + 0.5 - x, row + 0.5 - y) <= pen) bitmap[row * size + column] = 1;
}

/** The bitmap with a block set, or taken away where it was set. */
export function toggled(bitmap: Bitmap, column: number, row: number): Bitmap {
  const next = bitmap.slice();
  const set = bitmap[row * block * size + column * block] === 0 ? 1 : 0;
  for (let i = 0; i < block; i++)
    next.fill(set, (row * block + i) * size + column * block, (row * block + i) * size + (column + 1) * block);
  return next;
}

/** What the model gets: the digit as high as the bitmap and in its middle, a share of 1 for each block. */
export function pixels(bitmap: Bitmap): number[] {
  const fitted = fit(bitmap);
  return Array.from({ length: cells * cells }, (_, i) => count(fitted, i % cells, Math.floor(i / cells)) / block ** 2);
}

function count(bitmap: Bitmap, column: number, row: number): number {
  let set = 0;
  for (let i = 0; i < block * block; i++)
    set += bitmap[(row * block + Math.floor(i / block)) * size + column * block + (i % block)];
  return set;
}

/** Those of the data set fill it from top to bottom, whatever their width. */
function fit(bitmap: Bitmap): Bitmap {
  const set = [...bitmap.keys()].filter((i) => bitmap[i] === 1);
  if (set.length === 0) return bitmap;
  const [rows, columns] = [set.map((i) => Math.floor(i / size)), set.map((i) => i % size)];
  const [top, bottom] = [Math.min(...rows), Math.max(...rows) + 1];
  const [left, right] = [Math.min(...columns), Math.max(...columns) + 1];
  const scale = Math.max(bottom - top, right - left) / size;
  const [x, y] = [(left + right) / 2, (top + bottom) / 2];
  return Uint8Array.from(bitmap, (_, i) => {
    const column = Math.floor(x + ((i % size) + 0.5 - size / 2) * scale);
    const row = Math.floor(y + (Math.floor(i / size) + 0.5 - size / 2) * scale);
    const inside = column >= 0 && column < size && row >= 0 && row < size;
    return inside ? bitmap[row * size + column] : 0;
  });
}
