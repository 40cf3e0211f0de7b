/**
 * A reader of Python's pickles that executes nothing: it makes numbers, texts, lists and dictionaries, and leaves it to
 * its caller which few of Python's names may stand there and what they make. Whatever else a pickle asks for is refused
 * by name. Source: the opcodes as `Lib/pickletools.py` of CPython describes them, protocols 0 to 5.
 */
import { unreadable } from './unreadable.js';

/** A name of Python's, such as `collections.OrderedDict`. It is a name here, and nothing more. */
export class PythonName {
  constructor(readonly text: string) {}
}

/** A Python object as far as there are such here. Dictionaries are Maps, tuples, lists and sets are arrays. */
export type PythonValue =
  number | string | boolean | null | Uint8Array | PythonValue[] | Map<PythonValue, PythonValue> | PythonName | object;

/** What a caller lets a pickle make. */
export interface Makers {
  /** Whether a pickle may say this name. */
  knows(name: string): boolean;
  /** What Python's call of a known name returns. @throws OnecycleError where it may not be called, or not like this */
  call(name: string, args: PythonValue[]): PythonValue;
  /** What a persistent id stands for. @throws OnecycleError where it stands for nothing */
  persistent(id: PythonValue): PythonValue;
}

/** More than any state_dict takes; a file that wants more is made to take memory. */
const maxValues = 5_000_000;

/**
 * Reads a pickle.
 * @throws OnecycleError `invalid_model` that names what the pickle asks for and may not have, or says that it is broken
 */
export function readPickle(bytes: Uint8Array, makers: Makers): PythonValue {
  return new Reader(bytes, makers).run();
}

/** Reads so many pickles that follow each other. `end`: where the last one ends. @throws as `readPickle` */
export function readPickles(bytes: Uint8Array, count: number, makers: Makers): { values: PythonValue[]; end: number } {
  const values: PythonValue[] = [];
  let end = 0;
  while (values.length < count) {
    const reader = new Reader(bytes.subarray(end), makers);
    values.push(reader.run());
    end += reader.position;
  }
  return { values, end };
}

class Reader {
  private readonly view: DataView;
  private at = 0;
  private stack: PythonValue[] = [];
  private readonly marks: PythonValue[][] = [];
  private readonly memo = new Map<number, PythonValue>();
  private values = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly makers: Makers,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  run(): PythonValue {
    try {
      for (;;) {
        const opcode = this.byte();
        if (opcode === stop) return this.pop();
        const act = opcodes.get(opcode);
        if (act === undefined)
          throw unreadable(`its pickle has an instruction that is not allowed there, 0x${opcode.toString(16)}`);
        act(this);
      }
    } catch (error) {
      // A read past the end of the bytes.
      if (error instanceof RangeError) throw unreadable('its pickle is truncated');
      throw error;
    }
  }

  /** How much has been read. */
  get position(): number {
    return this.at;
  }

  byte(): number {
    return this.view.getUint8(this.at++);
  }

  uint16(): number {
    return this.view.getUint16((this.at += 2) - 2, true);
  }

  uint32(): number {
    return this.view.getUint32((this.at += 4) - 4, true);
  }

  int32(): number {
    return this.view.getInt32((this.at += 4) - 4, true);
  }

  uint64(): number {
    return Number(this.view.getBigUint64((this.at += 8) - 8, true));
  }

  float64(): number {
    return this.view.getFloat64((this.at += 8) - 8, false);
  }

  raw(length: number): Uint8Array {
    if (length > this.bytes.length - this.at) throw new RangeError();
    return this.bytes.subarray(this.at, (this.at += length));
  }

  text(length: number): string {
    return new TextDecoder().decode(this.raw(length));
  }

  line(): string {
    const end = this.bytes.indexOf(0x0a, this.at);
    if (end === -1) throw new RangeError();
    const text = this.text(end - this.at);
    this.at++;
    return text;
  }

  /** A whole number, little-endian, of two's complement. */
  long(length: number): number {
    if (length > 32) throw unreadable('its pickle has a number of more than 32 bytes');
    const digits = this.raw(length).reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    return Number(BigInt.asIntN(8 * length, digits));
  }

  push(value: PythonValue): void {
    if (++this.values > maxValues) throw unreadable(`its pickle has more than ${maxValues} values`);
    this.stack.push(value);
  }

  pop(): PythonValue {
    const value = this.stack.pop();
    if (value === undefined) throw unreadable('its pickle pops a value from an empty stack');
    return value;
  }

  top(): PythonValue {
    const value = this.stack.at(-1);
    if (value === undefined) throw unreadable('its pickle pops a value from an empty stack');
    return value;
  }

  mark(): void {
    if (this.marks.push(this.stack) > 1000) throw unreadable('its pickle is nested too deeply');
    this.stack = [];
  }

  /** What has come since the last mark. */
  sinceMark(): PythonValue[] {
    const values = this.stack;
    const before = this.marks.pop();
    if (before === undefined) throw unreadable('its pickle refers to a mark that does not exist');
    this.stack = before;
    return values;
  }

  put(index: number): void {
    this.memo.set(index, this.top());
  }

  memoize(): void {
    this.put(this.memo.size);
  }

  get(index: number): void {
    const value = this.memo.get(index);
    if (value === undefined) throw unreadable('its pickle refers to a value that does not exist');
    this.push(value);
  }

  name(module: PythonValue, name: PythonValue): void {
    if (typeof module !== 'string' || typeof name !== 'string')
      throw unreadable('its pickle has a name that is not a string');
    const text = `${module}.${name}`;
    if (!this.makers.knows(text))
      throw unreadable(
        `it asks for ${text}. Only tensors and containers are read, and nothing is executed: save only its state_dict()`,
      );
    this.push(new PythonName(text));
  }

  call(): void {
    const [args, callable] = [this.pop(), this.pop()];
    if (!(callable instanceof PythonName) || !Array.isArray(args))
      throw unreadable('its pickle calls something that is not a function');
    this.push(this.makers.call(callable.text, args));
  }

  persistent(id: PythonValue): void {
    this.push(this.makers.persistent(id));
  }

  append(values: PythonValue[]): void {
    const list = this.top();
    if (!Array.isArray(list)) throw unreadable('its pickle appends to something that is not a list');
    for (const value of values) list.push(value);
  }

  setItems(values: PythonValue[]): void {
    const dictionary = this.top();
    if (!(dictionary instanceof Map) || values.length % 2 !== 0)
      throw unreadable('its pickle sets entries of something that is not a dictionary');
    for (let i = 0; i < values.length; i += 2) dictionary.set(values[i], values[i + 1]);
  }

  dictionary(values: PythonValue[]): void {
    this.push(new Map());
    this.setItems(values);
  }

  /** Python would set an object's attributes: what there is here needs none, as `_metadata` of an OrderedDict. */
  build(): void {
    this.pop();
    const value = this.top();
    if (!(value instanceof Map)) throw unreadable('its pickle sets attributes of an object');
  }
}

const stop = 0x2e;

type Act = (reader: Reader) => void;

const textual: [string, Act][] = [
  ['(', (r) => r.mark()],
  ['0', (r) => void r.pop()],
  ['1', (r) => void r.sinceMark()],
  ['2', (r) => r.push(r.top())],
  ['F', (r) => r.push(Number(r.line()))],
  ['I', (r) => r.push(integerLine(r.line()))],
  ['L', (r) => r.push(Number(r.line().replace(/L$/, '')))],
  ['J', (r) => r.push(r.int32())],
  ['K', (r) => r.push(r.byte())],
  ['M', (r) => r.push(r.uint16())],
  ['G', (r) => r.push(r.float64())],
  ['N', (r) => r.push(null)],
  ['P', (r) => r.persistent(r.line())],
  ['Q', (r) => r.persistent(r.pop())],
  ['R', (r) => r.call()],
  ['T', (r) => r.push(r.text(r.uint32()))],
  ['U', (r) => r.push(r.text(r.byte()))],
  ['V', (r) => r.push(r.line())],
  ['X', (r) => r.push(r.text(r.uint32()))],
  ['B', (r) => r.push(r.raw(r.uint32()))],
  ['C', (r) => r.push(r.raw(r.byte()))],
  ['a', (r) => one(r, (value) => r.append([value]))],
  ['e', (r) => many(r, (values) => r.append(values))],
  ['s', (r) => one(r, (value) => one(r, (key) => r.setItems([key, value])))],
  ['u', (r) => many(r, (values) => r.setItems(values))],
  ['b', (r) => r.build()],
  ['c', (r) => r.name(r.line(), r.line())],
  ['d', (r) => many(r, (values) => r.dictionary(values))],
  ['l', (r) => many(r, (values) => r.push(values))],
  ['t', (r) => many(r, (values) => r.push(values))],
  [']', (r) => r.push([])],
  [')', (r) => r.push([])],
  ['}', (r) => r.push(new Map())],
  ['g', (r) => r.get(Number(r.line()))],
  ['h', (r) => r.get(r.byte())],
  ['j', (r) => r.get(r.uint32())],
  ['p', (r) => r.put(Number(r.line()))],
  ['q', (r) => r.put(r.byte())],
  ['r', (r) => r.put(r.uint32())],
];

const binary: [number, Act][] = [
  [0x80, (r) => void r.byte()], // the protocol
  [0x85, (r) => r.push(lastOf(r, 1))],
  [0x86, (r) => r.push(lastOf(r, 2))],
  [0x87, (r) => r.push(lastOf(r, 3))],
  [0x88, (r) => r.push(true)],
  [0x89, (r) => r.push(false)],
  [0x8a, (r) => r.push(r.long(r.byte()))],
  [0x8b, (r) => r.push(r.long(r.uint32()))],
  [0x8c, (r) => r.push(r.text(r.byte()))],
  [0x8d, (r) => r.push(r.text(r.uint64()))],
  [0x8e, (r) => r.push(r.raw(r.uint64()))],
  [0x96, (r) => r.push(r.raw(r.uint64()))],
  [0x8f, (r) => r.push([])],
  [0x90, (r) => many(r, (values) => r.append(values))],
  [0x91, (r) => many(r, (values) => r.push(values))],
  [0x93, (r) => one(r, (name) => one(r, (module) => r.name(module, name)))],
  [0x94, (r) => r.memoize()],
  [0x95, (r) => void r.uint64()], // a frame begins
];

const opcodes: ReadonlyMap<number, Act> = new Map([
  ...textual.map(([letter, act]) => [letter.charCodeAt(0), act] as const),
  ...binary,
]);

const one = (reader: Reader, then: (value: PythonValue) => void): void => then(reader.pop());
const many = (reader: Reader, then: (values: PythonValue[]) => void): void => then(reader.sinceMark());
const lastOf = (reader: Reader, count: number): PythonValue[] =>
  Array.from({ length: count }, () => reader.pop()).reverse();
/** `00` and `01` are booleans. */
const integerLine = (line: string): number | boolean => (/^0[01]$/.test(line) ? line === '01' : Number(line));
