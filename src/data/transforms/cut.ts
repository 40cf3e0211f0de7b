/** What fastai's `crop_pad` does: a box of the picture, which may reach beyond it, in another size. */
import { channels, type Pixels, type Size } from './picture.js';
import { resample } from './resample.js';

/** The ways to fill what lies beyond the edge: mirrored there, the edge itself, black. */
export const padModes = ['reflection', 'border', 'zeros'] as const;
/** One of them. */
export type PadMode = (typeof padModes)[number];

/** What an item transform makes of a picture. */
export interface Cut {
  /** Of the picture: what is resized. */
  box: Size & { left: number; top: number };
  padMode: PadMode;
  /** What the box is resized to. */
  to: Size;
  /** The middle of that, where the result is smaller. */
  centre?: Size;
}

/** The picture that a cut makes. */
export function applyCut(picture: Pixels, { box, padMode, to, centre }: Cut): Pixels {
  const resized = resample(boxOf(picture, box, padMode), to);
  return centre === undefined ? resized : boxOf(resized, middle(resized, centre), padMode);
}

/** The box of this size in the middle, rounded down as Python's `//`. */
export const middle = (of: Size, { width, height }: Size): Cut['box'] => ({
  left: Math.floor((of.width - width) / 2),
  top: Math.floor((of.height - height) / 2),
  width,
  height,
});

function boxOf(picture: Pixels, { left, top, width, height }: Cut['box'], padMode: PadMode): Pixels {
  if (left === 0 && top === 0 && width === picture.width && height === picture.height) return picture;
  const data = new Uint8Array(width * height * channels);
  const columns = Int32Array.from({ length: width }, (_, x) => sourceOf(left + x, picture.width, padMode));
  const inside = left >= 0 && left + width <= picture.width;
  for (let y = 0; y < height; y++) {
    const row = sourceOf(top + y, picture.height, padMode);
    if (row < 0) continue;
    const from = row * picture.width;
    const to = y * width * channels;
    if (inside) data.set(picture.data.subarray((from + left) * channels, (from + left + width) * channels), to);
    else copyRow(picture.data, from, columns, data.subarray(to, to + width * channels));
  }
  return { width, height, data };
}

function copyRow(source: Uint8Array, from: number, columns: Int32Array, into: Uint8Array): void {
  for (const [x, column] of columns.entries()) {
    if (column < 0) continue;
    const at = (from + column) * channels;
    for (let c = 0; c < channels; c++) into[x * channels + c] = source[at + c];
  }
}

/**
 * Which of `length` points stands at `i`, which may lie beyond them; -1 for none. The edge is not repeated by a
 * reflection, as in NumPy's `reflect`, however far it goes.
 */
function sourceOf(i: number, length: number, padMode: PadMode): number {
  if (i >= 0 && i < length) return i;
  if (padMode === 'zeros') return -1;
  if (padMode === 'border' || length === 1) return i < 0 ? 0 : length - 1;
  const period = 2 * (length - 1);
  const along = ((i % period) + period) % period;
  return along < length ? along : period - along;
}
