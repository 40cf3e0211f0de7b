import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { readSafetensors, safetensorsParts, type Tensor } from '../../src/models/index.js';

const bytesOf = (tensors: Map<string, Tensor>, metadata?: Record<string, string>) =>
  Buffer.concat(safetensorsParts(tensors, metadata));

test('the bytes are those of the format', () => {
  const file = bytesOf(new Map([['a.b', { shape: [2], data: Float32Array.of(1, -2) }]]), { format: 'pt' });
  const header = '{"__metadata__":{"format":"pt"},"a.b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}';
  const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
  const expected = Buffer.concat([
    Buffer.from([padded.length, 0, 0, 0, 0, 0, 0, 0]),
    Buffer.from(padded),
    Buffer.from('0000803f000000c0', 'hex'),
  ]);
  assert.deepEqual(file, expected);
});

test('nothing is copied on the way out, nor on the way in where memory is aligned', () => {
  const data = Float32Array.of(1, 2, 3);
  const [, part] = safetensorsParts(new Map([['x', { shape: [3], data }]]));
  assert.equal(part.buffer, data.buffer);
  const file = new Uint8Array(bytesOf(new Map([['x', { shape: [3], data }]])));
  assert.equal(readSafetensors(file).tensors.get('x')?.data.buffer, file.buffer);
});

const values = fc.oneof(
  fc.float32Array({ maxLength: 9 }),
  fc.int32Array({ maxLength: 9 }),
  fc.uint8Array({ maxLength: 9 }),
);
const tensor = values.map((data): Tensor => ({ shape: [data.length, 1], data }));
const name = fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => text !== '__metadata__');

test('what was written is read, bit for bit, from any offset in memory', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(name, tensor), { selector: ([key]) => key, maxLength: 6 }),
      fc.dictionary(fc.string(), fc.string()),
      fc.nat(9),
      (entries, metadata, offset) => {
        const tensors = new Map(entries);
        const file = bytesOf(tensors, metadata);
        const memory = new Uint8Array(offset + file.length);
        memory.set(file, offset);
        const read = readSafetensors(memory.subarray(offset));
        assert.deepEqual(new Map([...read.tensors].sort()), new Map([...tensors].sort()));
        assert.deepEqual({ ...read.metadata }, { ...metadata });
      },
    ),
  );
});

describe('a file that is not whole or not honest is refused', () => {
  const good = bytesOf(new Map([['x', { shape: [2], data: Float32Array.of(1, 2) }]]));
  const withHeader = (header: unknown, data = 8) => {
    const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(json.length));
    return Buffer.concat([length, json, Buffer.alloc(data)]);
  };
  const x = { dtype: 'F32', shape: [2], data_offsets: [0, 8] };
  const table: [string, Uint8Array][] = [
    ['empty', new Uint8Array(0)],
    ['cut in the header', good.subarray(0, 20)],
    ['cut in the data', good.subarray(0, good.length - 1)],
    ['longer than its tensors', Buffer.concat([good, Buffer.alloc(4)])],
    ['a header of 2^63 bytes', Buffer.from('ffffffffffffff7f7b7d', 'hex')],
    ['a header that is no JSON', withHeader('{"x":')],
    ['a header that is a list', withHeader([])],
    ['metadata that are no strings', withHeader({ __metadata__: { a: 1 }, x })],
    ['an entry without offsets', withHeader({ x: { dtype: 'F32', shape: [2] } })],
    ['another type', withHeader({ x: { ...x, dtype: 'F64' } })],
    ['a type of the prototype', withHeader({ x: { ...x, dtype: 'valueOf' } })],
    ['a negative shape', withHeader({ x: { ...x, shape: [-2, -1] } })],
    ['a shape of another size', withHeader({ x: { ...x, shape: [3] } })],
    ['offsets past the end', withHeader({ x: { ...x, data_offsets: [8, 16] } })],
    ['tensors that overlap', withHeader({ x, y: { ...x } })],
    ['tensors with a hole between', withHeader({ x, y: { ...x, data_offsets: [12, 20] } }, 20)],
  ];
  for (const [what, file] of table)
    test(what, () => assert.throws(() => readSafetensors(file), { code: 'bad_data', message: /safetensors/ }));
});
