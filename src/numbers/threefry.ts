/** Threefry-4x32 with 20 rounds, block by block. */

/** The last word of the key is this and all others: Random123's SKEIN_KS_PARITY32. */
export const parity = 0x1bd11bda;
/** By how much the rounds rotate, eight in turn: Random123's R_32x4. */
export const rotations = [
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
