/** As much of WebAssembly's binary format as a function over vectors takes. */

/** Value types, by their numbers in the format. */
export const types = { i32: 0x7f, f64: 0x7c, v128: 0x7b } as const;
type ValueType = keyof typeof types;

/** A part of a program: bytes, or parts. */
export type Code = readonly (number | Code)[];

/** A function that a module exports. */
export interface WasmFunction {
  name: string;
  parameters: readonly ValueType[];
  /** Beside the parameters, numbered after them. */
  locals: readonly ValueType[];
  body: Code;
}

/** A whole number, seven bits a byte, the lowest first (LEB128). */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value % 0x80) | 0x80, ...unsigned(Math.floor(value / 0x80))];
}

const signed = (value: number): number[] =>
  value >= -0x40 && value < 0x40 ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];

const simd = (opcode: number, ...rest: number[]): Code => [0xfd, unsigned(opcode), rest];
/** The alignment that is promised, 2⁴ bytes, and what is added to the address. */
const address = (offset: number): number[] => [4, ...unsigned(offset)];

/** Instructions by their names in WebAssembly's text format. */
export const op = {
  get: (local: number): Code => [0x20, unsigned(local)],
  set: (local: number): Code => [0x21, unsigned(local)],
  i32Const: (value: number): Code => [0x41, signed(value)],
  i32Add: [0x6a],
  /** Repeats `body` while it leaves something other than zero. */
  loopWhile: (body: Code): Code => [0x03, 0x40, body, 0x0d, 0, 0x0b],
  i32LessUnsigned: [0x49],
  load: (offset: number) => simd(0x00, ...address(offset)),
  store: (offset: number) => simd(0x0b, ...address(offset)),
  vectorConst: (words: Int32Array) => simd(0x0c, ...new Uint8Array(words.buffer)),
  /** Four words, each one of the eight of two vectors. */
  shuffleWords: (words: readonly number[]) =>
    simd(0x0d, ...words.flatMap((w) => [4 * w, 4 * w + 1, 4 * w + 2, 4 * w + 3])),
  i32x4Splat: simd(0x11),
  f64x2Splat: simd(0x14),
  or: simd(0x50),
  xor: simd(0x51),
  demote: simd(0x5e),
  i32x4ShiftLeft: simd(0xab),
  i32x4ShiftRight: simd(0xad),
  i32x4Add: simd(0xae),
  f64x2Add: simd(0xf0),
  f64x2Multiply: simd(0xf2),
  /** Of the first two words. */
  convertLow: simd(0xff),
} as const;

const list = (items: readonly Code[]): Code => [unsigned(items.length), items];
const text = (value: string): Code => list([...Buffer.from(value)].map((byte) => [byte]));

function sized(code: Code): Code {
  const bytes = bytesOf(code);
  return [unsigned(bytes.length), bytes];
}

const bytesOf = (code: Code): number[] => code.flatMap((part) => (typeof part === 'number' ? [part] : bytesOf(part)));

/** A module of functions that return nothing, with one page of memory, exported as `memory`. */
export function wasmModule(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
  const section = (id: number, items: readonly Code[]): Code => [id, sized(list(items))];
  const typesOf = (names: readonly ValueType[]) => list(names.map((name) => [types[name]]));
  return Uint8Array.from(
    bytesOf([
      [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      section(
        1,
        functions.map(({ parameters }) => [0x60, typesOf(parameters), list([])]),
      ),
      section(
        3,
        functions.map((_, i) => unsigned(i)),
      ),
      section(5, [[1, 1, 1]]), // at least one page, and at most one
      section(7, [[text('memory'), 2, 0], ...functions.map(({ name }, i) => [text(name), 0, unsigned(i)])]),
      section(
        10,
        functions.map(({ locals, body }) => sized([list(locals.map((name) => [1, types[name]])), body, 0x0b])),
      ),
    ]),
  );
}
