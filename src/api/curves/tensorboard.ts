/** Curves as a TensorBoard event file: TFRecords of Event messages (tensorflow/core/util/event.proto). */
import crc32c from 'crc-32/crc32c.js';
import protobuf from 'protobufjs';
import type { Columns } from '../columns.js';
import type { Curves } from '../history/curves.js';
import { hyperTag } from './tags.js';

const Event = protobuf.Root.fromJSON({
  nested: {
    Event: {
      fields: {
        wall_time: { type: 'double', id: 1 },
        step: { type: 'int64', id: 2 },
        file_version: { type: 'string', id: 3 },
        summary: { type: 'Summary', id: 5 },
      },
    },
    Summary: { fields: { value: { type: 'Value', id: 1, rule: 'repeated' } } },
    Value: { fields: { tag: { type: 'string', id: 1 }, simple_value: { type: 'float', id: 2 } } },
  },
}).lookupType('Event');

type Scalars = [tag: string, value: number | null | undefined][];

/**
 * An event an iteration with `train/…` and `hypers/…`, and one an epoch with `epoch/…` at its last iteration. Their
 * times are those that the job had trained for; where the log does not say it, those of an epoch are spread evenly.
 * `startSeconds`: when the job began, in seconds since 1970.
 */
export async function* tensorboard(curves: Curves, startSeconds: number): AsyncGenerator<Uint8Array> {
  yield record({ wall_time: startSeconds, file_version: 'brain.Event:2' });
  const timesOf = await wallTimes(curves, startSeconds);
  for await (const block of curves.blocks()) {
    const times = timesOf(block);
    const lastRow = new Map(block.epoch.map((each, row) => [each, row]));
    const ends = new Map(block.epochs.map((each) => [lastRow.get(each.epoch), each]));
    yield Buffer.concat(
      block.iteration.flatMap((step, row) => {
        const ended = ends.get(row);
        return [
          record(event(times[row], step, trained(block, row))),
          ...(ended ? [record(event(times[row], step, atEnd(ended)))] : []),
        ];
      }),
    );
  }
}

const trained = ({ raw_loss, loss, hypers }: Columns, row: number): Scalars => [
  ['train/raw_loss', raw_loss[row]],
  ['train/loss', loss[row]],
  ...Object.entries(hypers).flatMap(([name, groups]) =>
    groups.map((values, g): Scalars[number] => [hyperTag(name, g, groups.length), values[row]]),
  ),
];

const atEnd = ({ train_loss, valid_loss, metrics }: Columns['epochs'][number]): Scalars => [
  ['epoch/train_loss', train_loss],
  ['epoch/valid_loss', valid_loss],
  ...Object.entries(metrics).map(([name, value]): Scalars[number] => [`epoch/${name}`, value]),
];

const event = (wall_time: number, step: number, scalars: Scalars) => ({
  wall_time,
  step,
  // A value that is not finite is NaN there: TensorBoard marks the point.
  summary: {
    value: scalars.flatMap(([tag, value]) => (value === undefined ? [] : [{ tag, simple_value: value ?? NaN }])),
  },
});

/** What tells when each iteration of a block was, in seconds since 1970; of block after block. */
async function wallTimes(curves: Curves, start: number): Promise<(block: Columns) => number[]> {
  if (await isKnown(curves.cells('seconds'))) return ({ seconds }) => seconds.map((each) => start + (each ?? 0));
  const count = new Map<number, number>();
  for await (const some of curves.cells('epoch'))
    for (const each of some) count.set(Number(each), (count.get(Number(each)) ?? 0) + 1);
  const seconds = new Map<number, number>();
  for await (const some of curves.epochs()) for (const each of some) seconds.set(each.epoch, each.seconds);
  let time = start;
  return ({ epoch }) => epoch.map((each) => (time += (seconds.get(each) ?? 0) / count.get(each)!));
}

async function isKnown(pages: AsyncIterable<Columns['seconds']>): Promise<boolean> {
  for await (const page of pages) if (page.includes(null)) return false;
  return true;
}

/** A TFRecord: the length, its checksum, the message, its checksum. */
function record(message: object): Uint8Array {
  const data = Event.encode(Event.create(message)).finish();
  const framed = Buffer.alloc(8 + 4 + data.length + 4);
  framed.writeBigUInt64LE(BigInt(data.length), 0);
  framed.writeUInt32LE(masked(framed.subarray(0, 8)), 8);
  framed.set(data, 12);
  framed.writeUInt32LE(masked(data), 12 + data.length);
  return framed;
}

/** TFRecord's checksum: CRC-32C, turned by 15 bits, plus a constant. */
function masked(data: Uint8Array): number {
  const crc = crc32c.buf(data) >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
