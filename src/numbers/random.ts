/**
 * Counter-based random numbers: a number is a pure function of (seed, what it is for, index), so nothing has a hidden
 * state and a run that resumes draws what it would have drawn. The generator is Threefry-4x32 with 20 rounds (Salmon,
 * Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11, 2011), which needs only what JavaScript
 * does fast with 32-bit integers.
 */

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

// The constants of Random123's threefry.h: SKEIN_KS_PARITY32 and R_32x4.
const parity = 0x1bd11bda;
const rotations = [
  [10, 26, 11, 21, 13, 27, 23, 5],
  [6, 20, 17, 11, 25, 10, 18, 20],
] as const;

/**
 * One block: four 32-bit words from a counter and a key of four words each, written to `out` from index `offset` on.
 */
export function threefry4x32(counter: Int32Array, key: Int32Array, out: Uint32Array, offset: number): void {
  const k4 = parity ^ key[0] ^ key[1] ^ key[2] ^ key[3];
  let [k0, k1, k2, k3, k5] = [key[0], key[1], key[2], key[3], k4];
  let x0 = (counter[0] + k0) | 0;
  let x1 = (counter[1] + k1) | 0;
  let x2 = (counter[2] + k2) | 0;
  let x3 = (counter[3] + k3) | 0;
  for (let group = 1; group <= 5; group++) {
    const [a, b, c, d, e, f, g, h] = rotations[(group - 1) & 1];
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << a) | (x1 >>> (32 - a))) ^ x0;
    x2 = (x2 + x3) | 0;
    x3 = ((x3 << b) | (x3 >>> (32 - b))) ^ x2;
    x0 = (x0 + x3) | 0;
    x3 = ((x3 << c) | (x3 >>> (32 - c))) ^ x0;
    x2 = (x2 + x1) | 0;
    x1 = ((x1 << d) | (x1 >>> (32 - d))) ^ x2;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << e) | (x1 >>> (32 - e))) ^ x0;
    x2 = (x2 + x3) | 0;
    x3 = ((x3 << f) | (x3 >>> (32 - f))) ^ x2;
    x0 = (x0 + x3) | 0;
    x3 = ((x3 << g) | (x3 >>> (32 - g))) ^ x0;
    x2 = (x2 + x1) | 0;
    x1 = ((x1 << h) | (x1 >>> (32 - h))) ^ x2;
    // The five key words move on by one after every four rounds.
    [k0, k1, k2, k3, k5] = [k1, k2, k3, k5, k0];
    x0 = (x0 + k0) | 0;
    x1 = (x1 + k1) | 0;
    x2 = (x2 + k2) | 0;
    x3 = (x3 + k3 + group) | 0;
  }
  out[offset] = x0;
  out[offset + 1] = x1;
  out[offset + 2] = x2;
  out[offset + 3] = x3;
}

const streamKey = ({ seed, purpose, index = 0 }: Stream) =>
  Int32Array.of(seed | 0, Math.floor(seed / 2 ** 32), purposes[purpose], index);

const streamCounter = ({ part = [0, 0] }: Stream) => Int32Array.of(0, 0, ...part);

/** Fills `out` with the first words of a stream, each uniform in [0, 2³²), and returns it. */
export function randomWords(out: Uint32Array, stream: Stream): Uint32Array {
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
  const words = randomWords(new Uint32Array(out.buffer, out.byteOffset, out.length), stream);
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
