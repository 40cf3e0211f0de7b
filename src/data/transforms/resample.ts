/**
 * Resizing as Pillow 13's `resize` with BILINEAR does it: a triangle as wide as the reduction, in fixed point, along rows
 * and along columns, to the bit (src/libImaging/Resample.c).
 */
import { channels, type Pixels, type Size } from './picture.js';

/** A weight of 1, as Pillow has it for bytes. */
const precisionBits = 32 - 8 - 2;
const half = 2 ** (precisionBits - 1);

/** What goes into each point along an axis: weights of `count[i]` points from `first[i]` on, at `i × most`. */
interface Weights {
  first: Int32Array;
  count: Int32Array;
  most: number;
  weights: Int32Array;
}

/** The picture in another size. */
export function resample(picture: Pixels, { width, height }: Size): Pixels {
  // Pillow's rule: between the two, values are rounded to bytes, so that their order counts.
  const lower = picture.height - height;
  const columnsFirst = lower > 0 && lower > (picture.width - width) * 2;
  return columnsFirst
    ? alongRows(alongColumns(picture, height), width)
    : alongColumns(alongRows(picture, width), height);
}

const known = new Map<string, Weights>();

/** The last few are kept: pictures of a data set are often of few sizes. */
function weightsOf(from: number, to: number): Weights {
  const key = `${from} ${to}`;
  const found = known.get(key) ?? makeWeights(from, to);
  if (known.size > 200) known.clear();
  known.set(key, found);
  return found;
}

function makeWeights(from: number, to: number): Weights {
  const scale = from / to;
  const support = Math.max(scale, 1);
  const most = Math.ceil(support) * 2 + 1;
  const [first, count, weights] = [new Int32Array(to), new Int32Array(to), new Int32Array(to * most)];
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * scale;
    const begin = Math.max(0, Math.trunc(centre - support + 0.5));
    const end = Math.min(from, Math.trunc(centre + support + 0.5));
    const triangle = Array.from({ length: end - begin }, (_, k) =>
      Math.max(0, 1 - Math.abs((k + begin - centre + 0.5) / support)),
    );
    const sum = triangle.reduce((total, weight) => total + weight, 0);
    first[i] = begin;
    count[i] = end - begin;
    for (const [k, weight] of triangle.entries())
      weights[i * most + k] = Math.trunc(0.5 + (weight / sum) * 2 ** precisionBits);
  }
  return { first, count, most, weights };
}

function alongRows(picture: Pixels, width: number): Pixels {
  const { width: from, height, data } = picture;
  if (from === width) return picture;
  const { first, count, most, weights } = weightsOf(from, width);
  const out = new Uint8Array(width * height * channels);
  for (let y = 0, o = 0; y < height; y++) {
    const row = y * from;
    for (let x = 0; x < width; x++, o += channels) {
      let [r, g, b] = [half, half, half];
      let i = (row + first[x]) * channels;
      for (let k = x * most, end = k + count[x]; k < end; k++, i += channels) {
        const weight = weights[k];
        r += data[i] * weight;
        g += data[i + 1] * weight;
        b += data[i + 2] * weight;
      }
      // Weights sum up to 1 but for their rounding: a byte is never left.
      out[o] = r >> precisionBits;
      out[o + 1] = g >> precisionBits;
      out[o + 2] = b >> precisionBits;
    }
  }
  return { width, height, data: out };
}

function alongColumns(picture: Pixels, height: number): Pixels {
  const { width, height: from, data } = picture;
  if (from === height) return picture;
  const { first, count, most, weights } = weightsOf(from, height);
  const stride = width * channels;
  const out = new Uint8Array(stride * height);
  const sums = new Int32Array(stride);
  for (let y = 0; y < height; y++) {
    sums.fill(half);
    for (let k = 0; k < count[y]; k++) {
      const weight = weights[y * most + k];
      const row = (first[y] + k) * stride;
      for (let i = 0; i < stride; i++) sums[i] += data[row + i] * weight;
    }
    for (let i = 0, o = y * stride; i < stride; i++, o++) out[o] = sums[i] >> precisionBits;
  }
  return { width, height, data: out };
}
