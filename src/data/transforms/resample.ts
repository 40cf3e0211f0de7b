/**
 * Resizing as Pillow 13's `resize` with BILINEAR does it: a triangle as wide as the reduction, in fixed point, along rows
 * and along columns, to the bit (src/libImaging/Resample.c).
 */
import { channels, type Pixels, type Size } from './picture.js';

/** A weight of 1, as Pillow has it for bytes. */
const precisionBits = 32 - 8 - 2;
const half = 2 ** (precisionBits - 1);

/** Points are weighed four at a time: a loop over them would cost more than the weighing. */
const group = 4;

/** What goes into each point along an axis: `count[i]` points from `first[i]` on, weighed from `i × most` on. */
interface Weights {
  first: Int32Array;
  count: Int32Array;
  /** Room for the weights of a point, a multiple of `group`; 0 where there is none. */
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
  const most = Math.ceil((Math.ceil(support) * 2 + 1) / group) * group;
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

/** Some of the points that go into one, four at a time: where the first lies, how far from it the others, weights. */
interface Four {
  at: number;
  toB: number;
  toC: number;
  toD: number;
  a: number;
  b: number;
  c: number;
  d: number;
}

/**
 * The points that go into one, by fours; `step` is from a point to the next along the axis. Where a four has no next
 * point its weight is 0, and any will do.
 */
function foursOf({ first, count, most, weights }: Weights, point: number, step: number): Four[] {
  return Array.from({ length: Math.ceil(count[point] / group) }, (_, i) => {
    const k = i * group;
    const [a, b, c, d] = weights.subarray(point * most + k, point * most + k + group);
    const to = (n: number) => (k + n < count[point] ? n * step : 0);
    return { at: (first[point] + k) * step, toB: to(1), toC: to(2), toD: to(3), a, b, c, d };
  });
}

function alongRows(picture: Pixels, width: number): Pixels {
  const { width: from, height, data } = picture;
  if (from === width) return picture;
  const along = weightsOf(from, width);
  const out = new Uint8Array(width * height * channels);
  const sums = new Int32Array(height * channels).fill(half);
  for (let x = 0; x < width; x++) {
    const fours = foursOf(along, x, channels);
    for (const four of fours.slice(0, -1)) add(sums, data, four, channels, from * channels);
    finishColumn(out.subarray(x * channels), width * channels, sums, data, fours[fours.length - 1], from * channels);
    if (fours.length > 1) sums.fill(half);
  }
  return { width, height, data: out };
}

function alongColumns(picture: Pixels, height: number): Pixels {
  const { width, height: from, data } = picture;
  if (from === height) return picture;
  const along = weightsOf(from, height);
  const stride = width * channels;
  const out = new Uint8Array(stride * height);
  const sums = new Int32Array(stride).fill(half);
  for (let y = 0; y < height; y++) {
    const fours = foursOf(along, y, stride);
    for (const four of fours.slice(0, -1)) add(sums, data, four, stride, 0);
    finishRow(out.subarray(y * stride, (y + 1) * stride), sums, data, fours[fours.length - 1]);
    if (fours.length > 1) sums.fill(half);
  }
  return { width, height, data: out };
}

// Weights sum up to 1 but for their rounding: 32 bits are never left, nor is a byte at the end. The lines that weigh stand
// here again and again, since all the time of a resize goes here, and V8 is twice as fast as with a function of their own.

/** Adds a four to the sums: `run` numbers side by side, then on by `stride`. */
function add(sums: Int32Array, data: Uint8Array, four: Four, run: number, stride: number): void {
  const { at, toB, toC, toD, a, b, c, d } = four;
  for (let s = 0, from = at; s < sums.length; from += stride)
    for (let i = from; i < from + run; i++, s++)
      sums[s] +=
        Math.imul(data[i], a) + Math.imul(data[i + toB], b) + Math.imul(data[i + toC], c) + Math.imul(data[i + toD], d);
}

/** Makes a row of bytes from the sums and their last four. */
function finishRow(out: Uint8Array, sums: Int32Array, data: Uint8Array, four: Four): void {
  const { at, toB, toC, toD, a, b, c, d } = four;
  for (let s = 0, i = at; s < sums.length; s++, i++)
    out[s] =
      (sums[s] +
        Math.imul(data[i], a) +
        Math.imul(data[i + toB], b) +
        Math.imul(data[i + toC], c) +
        Math.imul(data[i + toD], d)) >>
      precisionBits;
}

/** Makes a column of points from the sums and their last four. */
function finishColumn(
  out: Uint8Array,
  strideOut: number,
  sums: Int32Array,
  data: Uint8Array,
  four: Four,
  stride: number,
): void {
  const { at, toB, toC, toD, a, b, c, d } = four;
  for (let s = 0, i = at, o = 0; s < sums.length; s += channels, i += stride, o += strideOut) {
    out[o] =
      (sums[s] +
        Math.imul(data[i], a) +
        Math.imul(data[i + toB], b) +
        Math.imul(data[i + toC], c) +
        Math.imul(data[i + toD], d)) >>
      precisionBits;
    out[o + 1] =
      (sums[s + 1] +
        Math.imul(data[i + 1], a) +
        Math.imul(data[i + 1 + toB], b) +
        Math.imul(data[i + 1 + toC], c) +
        Math.imul(data[i + 1 + toD], d)) >>
      precisionBits;
    out[o + 2] =
      (sums[s + 2] +
        Math.imul(data[i + 2], a) +
        Math.imul(data[i + 2 + toB], b) +
        Math.imul(data[i + 2 + toC], c) +
        Math.imul(data[i + 2 + toD], d)) >>
      precisionBits;
  }
}
