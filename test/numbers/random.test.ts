import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  beta,
  normal,
  permutation,
  purposes,
  randomWords,
  randomWordsByBlock,
  uniform,
  uniformByBlock,
  type Stream,
} from '../../src/numbers/random.js';
import { threefryModule } from '../../src/numbers/threefry-simd.js';
import { threefry4x32 } from '../../src/numbers/threefry.js';

/** The known answers that the generator's authors publish with Random123: counter, key, result. */
const known: [string, string, string][] = [
  ['00000000 00000000 00000000 00000000', '00000000 00000000 00000000 00000000', '9c6ca96a e17eae66 fc10ecd4 5256a7d8'],
  ['ffffffff ffffffff ffffffff ffffffff', 'ffffffff ffffffff ffffffff ffffffff', '2a881696 57012287 f6c7446e a16a6732'],
  ['243f6a88 85a308d3 13198a2e 03707344', 'a4093822 299f31d0 082efa98 ec4e6c89', '59cd1dbb b8879579 86b5d00c ac8b6d84'],
];
const words = (text: string) => text.split(' ').map((word) => parseInt(word, 16));

for (const [counter, key, result] of known) {
  test(`Threefry-4x32-20 of ${counter} is ${result}`, () => {
    const out = new Uint32Array(4);
    threefry4x32(Int32Array.from(words(counter)), Int32Array.from(words(key)), out, 0);
    assert.deepEqual([...out], words(result));
  });
}

const stream = fc.record({
  seed: fc.maxSafeNat(),
  purpose: fc.constantFrom(...(Object.keys(purposes) as Stream['purpose'][])),
  index: fc.nat(),
});

test('a number depends on its stream and its place alone', () => {
  fc.assert(
    fc.property(stream, fc.nat(50), fc.nat(50), (from, a, b) => {
      const [long, short] = [a + b, a].map((n) => randomWords(new Uint32Array(n), from));
      assert.deepEqual(long.subarray(0, a), short);
    }),
  );
});

test('words and numbers drawn by vectors have the bits of those drawn block by block', () => {
  const bits = ({ buffer }: Uint32Array | Float32Array) => Buffer.from(buffer);
  const parts: Stream['part'][] = [
    [0, 0],
    [1, 4294967295],
  ];
  // One word less than vectors take, a part of the module's memory, all of it, and more.
  for (const length of [4095, 4096, 4099, 16384, 16385, 70001]) {
    for (const part of parts) {
      for (const seed of [0, 42, Number.MAX_SAFE_INTEGER]) {
        const from: Stream = { seed, purpose: 'weights', index: 4294967295 - seed, part };
        const words = [randomWords, randomWordsByBlock].map((draw) => bits(draw(new Uint32Array(length), from)));
        assert.ok(words[0].equals(words[1]), `${length} words of ${seed}`);
        const numbers = [uniform, uniformByBlock].map((draw) => bits(draw(new Float32Array(length), from, -0.1, 0.3)));
        assert.ok(numbers[0].equals(numbers[1]), `${length} numbers of ${seed}`);
      }
    }
  }
  assert.notEqual(threefryModule(), null); // or the test has compared nothing
});

test('streams of another seed, purpose or index are others', () => {
  fc.assert(
    fc.property(stream, stream, (a, b) => {
      const same = a.seed === b.seed && a.purpose === b.purpose && a.index === b.index;
      const [x, y] = [a, b].map((from) => randomWords(new Uint32Array(8), from).join());
      assert.equal(x === y, same);
    }),
  );
});

const moments = (values: Float32Array) => {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  return { mean, variance: values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length };
};

test('uniform and normal numbers have the moments of their distributions', () => {
  const u = uniform(new Float32Array(100_001), { seed: 1, purpose: 'inputs' });
  assert.ok(u.every((v) => v >= 0 && v < 1));
  assert.ok(Math.abs(moments(u).mean - 1 / 2) < 0.005 && Math.abs(moments(u).variance - 1 / 12) < 0.002);
  const n = normal(new Float32Array(100_001), { seed: 1, purpose: 'inputs' });
  assert.ok(n.every((v) => Number.isFinite(v)));
  assert.ok(Math.abs(moments(n).mean) < 0.015 && Math.abs(moments(n).variance - 1) < 0.02);
  const tails = n.filter((v) => Math.abs(v) > 1.96).length / n.length;
  assert.ok(Math.abs(tails - 0.05) < 0.004, `${tails}`);
});

test('beta numbers have the moments of their distribution, for small parameters and large ones', () => {
  for (const alpha of [0.001, 0.2, 0.4, 1, 1.5, 20]) {
    const values = beta(new Float32Array(20_000), alpha, { seed: 1, purpose: 'mixup' });
    assert.ok(values.every((v) => v >= 0 && v <= 1));
    const { mean, variance } = moments(values);
    assert.ok(Math.abs(mean - 1 / 2) < 0.015, `alpha ${alpha}: mean ${mean}`);
    const expected = 1 / (4 * (2 * alpha + 1));
    assert.ok(Math.abs(variance / expected - 1) < 0.04, `alpha ${alpha}: variance ${variance}, expected ${expected}`);
  }
  // Beta(1, 1) is uniform, and its quarter is Beta(0.5, 0.5)'s third: the arcsine law.
  const below = (alpha: number, limit: number) =>
    beta(new Float32Array(20_000), alpha, { seed: 2, purpose: 'mixup' }).filter((v) => v < limit).length / 20_000;
  assert.ok(Math.abs(below(1, 0.25) - 0.25) < 0.015);
  assert.ok(Math.abs(below(0.5, 0.25) - 1 / 3) < 0.015);
});

test('a permutation has every number once, and every place is as likely', () => {
  fc.assert(
    fc.property(fc.nat(300), stream, (n, from) =>
      assert.deepEqual(
        [...permutation(n, from)].sort((a, b) => a - b),
        [...Array(n).keys()],
      ),
    ),
  );
  const places = new Array<number>(25).fill(0);
  for (let index = 0; index < 5000; index++)
    permutation(5, { seed: 3, purpose: 'order', index }).forEach((value, place) => places[5 * place + value]++);
  assert.ok(
    places.every((n) => Math.abs(n - 1000) < 150),
    places.join(),
  );
});
