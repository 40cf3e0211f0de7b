/**
 * Counter-based random numbers: a number is a pure function of (seed, what it is for, index), so nothing has a hidden
 * state and a run that resumes draws what it would have drawn. The generator is Threefry-4x32 with 20 rounds (Salmon,
 * Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11, 2011), which needs only what JavaScript
 * does fast with 32-bit integers.
 */
import { threefryModule, type ThreefryModule } from './threefry-simd.js';
import { threefry4x32 } from './threefry.js';

/**
 * What random numbers are for, as a word of the key: streams of different purposes never meet, whatever their seeds.
 */
export const purposes = {
  weights: 1,
  split: 2,
  order: 3,
  inputs: 4,
  targets: 5,
  dropout: 6,
  item_tfms: 7,
  batch_tfms: 8,
  mixup: 20,
  partners: 21,
} as const;

/** Names one sequence of random numbers: 2³² blocks of four. */
export interface Stream {
  /** A non-negative safe integer (below 2⁵³). */
  seed: number;
  purpose: keyof typeof purposes;
  /** Which of its kind: a parameter, an epoch, an iteration. An integer below 2³²; 0 by default. */
  index?: number;
  /** Two more numbers like `index`, that tell streams apart; 0 by default. */
  part?: readonly [number, number];
}

const streamKey = ({ seed, purpose, index = 0 }: Stream) =>
  Int32Array.of(seed | 0, Math.floor(seed / 2 ** 32), purposes[purpose], index);

const streamCounter = ({ part = [0, 0] }: Stream) => Int32Array.of(0, 0, ...part);

/** From so many words on, vectors are worth their module. */
const manyWords = 4096;
let vectors: ThreefryModule | null | undefined;

/**
 * Draws the first `length` words of a stream by vectors, a part at a time: `each` is told how many of the module's words
 * are drawn, and which of the stream's is the first. False where there are no vectors, or too few words.
 */
function drawnByVectors(
  length: number,
  stream: Stream,
  each: (drawn: ThreefryModule, count: number, from: number) => void,
): boolean {
  if (length < manyWords) return false;
  vectors ??= threefryModule();
  if (vectors === null) return false;
  const [[, , part0, part1], [k0, k1, k2, k3]] = [streamCounter(stream), streamKey(stream)];
  const most = vectors.words.length;
  for (let from = 0; from < length; from += most) {
    const count = Math.min(most, length - from);
    vectors.blocks(64 * Math.ceil(count / 16), from / 4, part0, part1, k0, k1, k2, k3);
    each(vectors, count, from);
  }
  return true;
}

/** Fills `out` with the first words of a stream, each uniform in [0, 2³²), and returns it. */
export function randomWords(out: Uint32Array, stream: Stream): Uint32Array {
  if (drawnByVectors(out.length, stream, ({ words }, count, from) => out.set(words.subarray(0, count), from)))
    return out;
  return randomWordsByBlock(out, stream);
}

/** The same, block by block: what `randomWords` does for a few words. */
export function randomWordsByBlock(out: Uint32Array, stream: Stream): Uint32Array {
  const key = streamKey(stream);
  const counter = streamCounter(stream);
  const whole = out.length - (out.length % 4);
  for (let i = 0; i < whole; i += 4) {
    counter[0] = i / 4;
    threefry4x32(counter, key, out, i);
  }
  if (whole < out.length) {
    const block = new Uint32Array(4);
    counter[0] = whole / 4;
    threefry4x32(counter, key, block, 0);
    out.set(block.subarray(0, out.length - whole), whole);
  }
  return out;
}

/** Fills `out` with numbers uniform in [low, high), of 24 random bits each, as many as float32 holds; returns it. */
export function uniform(out: Float32Array, stream: Stream, low = 0, high = 1): Float32Array {
  const spacing = (high - low) / 2 ** 24;
  const drawn = drawnByVectors(out.length, stream, (vectors, count, from) => {
    vectors.uniform(16 * Math.ceil(count / 4), low, spacing);
    out.set(vectors.floats.subarray(0, count), from);
  });
  return drawn ? out : uniformByBlock(out, stream, low, high);
}

/** The same, block by block: what `uniform` does for a few numbers. */
export function uniformByBlock(out: Float32Array, stream: Stream, low: number, high: number): Float32Array {
  const words = randomWordsByBlock(new Uint32Array(out.buffer, out.byteOffset, out.length), stream);
  const spacing = (high - low) / 2 ** 24;
  for (let i = 0; i < out.length; i++) out[i] = low + (words[i] >>> 8) * spacing;
  return out;
}

/** The next of some numbers uniform in [0, 1). */
export type Draw = () => number;

/** Draws from a stream one by one, each number of 32 random bits. */
export function drawFrom(stream: Stream): Draw {
  const key = streamKey(stream);
  const counter = streamCounter(stream);
  const block = new Uint32Array(4);
  let drawn = 0;
  return () => {
    if (drawn % 4 === 0) threefry4x32(counter, key, block, 0);
    const word = block[drawn++ % 4];
    counter[0] = drawn / 4;
    return word / 2 ** 32;
  };
}

/**
 * Fills `out` with normal numbers of mean 0 and standard deviation `deviation`, and returns it: two words give two
 * numbers (Box and Muller, "A note on the generation of random normal deviates", 1958).
 */
export function normal(out: Float32Array, stream: Stream, deviation = 1): Float32Array {
  const words = randomWords(new Uint32Array(out.length + (out.length % 2)), stream);
  for (let i = 0; i < out.length; i += 2) {
    const radius = deviation * Math.sqrt(-2 * Math.log((words[i] + 1) / 2 ** 32));
    const angle = 2 * Math.PI * (words[i + 1] / 2 ** 32);
    out[i] = radius * Math.cos(angle);
    if (i + 1 < out.length) out[i + 1] = radius * Math.sin(angle);
  }
  return out;
}

/**
 * The numbers 0 … n − 1 in a random order (Fisher and Yates's shuffle, as Durstenfeld gave it: "Algorithm 235", 1964).
 */
export function permutation(n: number, stream: Stream): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  const words = randomWords(new Uint32Array(n), stream);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor((words[i] / 2 ** 32) * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/**
 * Fills `out` with numbers from Beta(alpha, alpha), and returns it: of two gamma numbers the share of the first. In
 * logarithms, for with a small alpha both are too small for any float.
 */
export function beta(out: Float32Array, alpha: number, stream: Stream): Float32Array {
  const draw = drawFrom(stream);
  const next: Draw = () => draw() + 2 ** -33; // inside of (0, 1)
  for (let i = 0; i < out.length; i++) {
    const [first, second] = [logGamma(alpha, next), logGamma(alpha, next)];
    out[i] = 1 / (1 + Math.exp(second - first));
  }
  return out;
}

/**
 * The logarithm of a number from Gamma(shape, 1) (Marsaglia and Tsang, "A simple method for generating gamma
 * variables", 2000): by rejection from a normal one, of a shape one higher where it is below 1.
 */
function logGamma(shape: number, next: Draw): number {
  if (shape < 1) return logGamma(shape + 1, next) + Math.log(next()) / shape;
  const d = shape - 1 / 3;
  for (;;) {
    const normal = Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next());
    const v = (1 + normal / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(next()) < normal ** 2 / 2 + d * (1 - v + Math.log(v))) return Math.log(d * v);
  }
}
