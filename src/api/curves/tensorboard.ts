/** Curves as a TensorBoard event file: TFRecords of Event messages (tensorflow/core/util/event.proto). */
import crc32c from 'crc-32/crc32c.js';
import protobuf from 'protobufjs';
import type { Columns } from '../columns.js';

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

/** Events that are put together before they are sent. */
const eventsAtOnce = 500;

/**
 * An event an iteration with `train/…` and `hypers/…`, and one an epoch with `epoch/…` at its last iteration. Their
 * times are those that the job had trained for; where the log does not say it, those of an epoch are spread evenly.
 * `startSeconds`: when the job began, in seconds since 1970.
 */
export function* tensorboard(columns: Columns, startSeconds: number): Generator<Uint8Array> {
  yield record({ wall_time: startSeconds, file_version: 'brain.Event:2' });
  const { iteration, epoch, raw_loss, loss, hypers } = columns;
  const times = wallTimes(columns, startSeconds);
  const lastRow = new Map(epoch.map((each, row) => [each, row]));
  const ends = new Map(columns.epochs.map((each) => [lastRow.get(each.epoch), each]));
  let waiting: Uint8Array[] = [];
  for (const [row, step] of iteration.entries()) {
    waiting.push(
      record(
        event(times[row], step, [
          ['train/raw_loss', raw_loss[row]],
          ['train/loss', loss[row]],
          ...Object.entries(hypers).flatMap(([name, groups]) =>
            groups.map((values, g): Scalars[number] => [
              groups.length > 1 ? `hypers/${name}/${g}` : `hypers/${name}`,
              values[row],
            ]),
          ),
        ]),
      ),
    );
    const ended = ends.get(row);
    if (ended)
      waiting.push(
        record(
          event(times[row], step, [
            ['epoch/train_loss', ended.train_loss],
            ['epoch/valid_loss', ended.valid_loss],
            ...Object.entries(ended.metrics).map(([name, value]): Scalars[number] => [`epoch/${name}`, value]),
          ]),
        ),
      );
    if (waiting.length < eventsAtOnce) continue;
    yield Buffer.concat(waiting);
    waiting = [];
  }
  yield Buffer.concat(waiting);
}

const event = (wall_time: number, step: number, scalars: Scalars) => ({
  wall_time,
  step,
  // A value that is not finite is NaN there: TensorBoard marks the point.
  summary: {
    value: scalars.flatMap(([tag, value]) => (value === undefined ? [] : [{ tag, simple_value: value ?? NaN }])),
  },
});

/** When each iteration was, in seconds since 1970. */
function wallTimes({ epoch, epochs, seconds: trained }: Columns, start: number): number[] {
  const known = trained.filter((each) => each !== null);
  if (known.length === epoch.length) return known.map((each) => start + each);
  const seconds = new Map(epochs.map((each) => [each.epoch, each.seconds]));
  const count = new Map<number, number>();
  for (const each of epoch) count.set(each, (count.get(each) ?? 0) + 1);
  let time = start;
  return epoch.map((each) => (time += (seconds.get(each) ?? 0) / count.get(each)!));
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
