/** A picture seen through a homography: PyTorch's `affine_grid` and `grid_sample`, with `align_corners` as fastai. */
import type { PadMode } from './cut.js';
import type { Homography } from './homography.js';
import { channels, type FloatPicture } from './picture.js';

/** What a picture was before, while it is changed: one memory for all of a thread. */
let before = new Float32Array();

/**
 * Changes the picture: into each of its points comes the one that the homography leads to, bilinear. Corners are ±1,
 * whatever the picture's size.
 */
export function gridSample({ width, height, data }: FloatPicture, h: Homography, padMode: PadMode): void {
  if (before.length !== data.length) before = new Float32Array(data.length);
  before.set(data);
  const picture = { width, height, data: before };
  const pick = padMode === 'zeros' ? pickOrZero : pickInside;
  const [toX, toY] = [(width - 1) / 2, (height - 1) / 2];
  const bounded = padMode === 'reflection' ? reflect : clamp;
  for (let row = 0, o = 0; row < height; row++) {
    const y = along(row, height);
    for (let column = 0; column < width; column++, o += channels) {
      const x = along(column, width);
      const w = h[6] * x + h[7] * y + h[8];
      let atX = ((h[0] * x + h[1] * y + h[2]) / w + 1) * toX;
      let atY = ((h[3] * x + h[4] * y + h[5]) / w + 1) * toY;
      if (padMode !== 'zeros') {
        if (!(atX >= 0 && atX <= width - 1)) atX = bounded(atX, width - 1);
        if (!(atY >= 0 && atY <= height - 1)) atY = bounded(atY, height - 1);
      }
      pick(picture, atX, atY, data, o);
    }
  }
}

/** From -1 to 1 along an axis; the middle of a single point. */
const along = (i: number, length: number): number => (length === 1 ? 0 : (2 * i) / (length - 1) - 1);

const clamp = (at: number, last: number): number => Math.max(0, Math.min(last, at));

/** Mirrored at 0 and at `last`, as often as need be. */
function reflect(at: number, last: number): number {
  if (last === 0) return 0;
  const along = Math.abs(at) % (2 * last);
  return along > last ? 2 * last - along : along;
}

/** The value between the four points around, all of which lie in the picture. */
function pickInside({ width, height, data }: FloatPicture, x: number, y: number, out: Float32Array, o: number): void {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const fx = x - left;
  const fy = y - top;
  // Where nothing of the next column or row is taken, it may not be there.
  const right = left < width - 1 ? channels : 0;
  const below = top < height - 1 ? width * channels : 0;
  let i = (top * width + left) * channels;
  for (let c = 0; c < channels; c++, i++) {
    const upper = data[i] + (data[i + right] - data[i]) * fx;
    const lower = data[i + below] + (data[i + below + right] - data[i + below]) * fx;
    out[o + c] = upper + (lower - upper) * fy;
  }
}

/** The same where points beyond the picture are 0. */
function pickOrZero({ width, height, data }: FloatPicture, x: number, y: number, out: Float32Array, o: number): void {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const at = (column: number, row: number, c: number): number =>
    column < 0 || column >= width || row < 0 || row >= height ? 0 : data[(row * width + column) * channels + c];
  for (let c = 0; c < channels; c++) {
    const upper = at(left, top, c) + (at(left + 1, top, c) - at(left, top, c)) * (x - left);
    const lower = at(left, top + 1, c) + (at(left + 1, top + 1, c) - at(left, top + 1, c)) * (x - left);
    out[o + c] = upper + (lower - upper) * (y - top);
  }
}
