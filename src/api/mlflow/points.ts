/** A job's frames as MLflow's metrics. Pure: the same frames give the same metrics to the last field. */
import type { BatchesFrame, EpochFrame, Frame } from '../../jobs/index.js';
import type { PushState } from '../../jobs/pushes/pushes.js';
import { hyperTag } from '../curves/tags.js';
import { limits, type Metric } from './client.js';

/** How far the metrics of a job are. */
export type Position = Pick<PushState, 'at' | 'iteration' | 'epoch'>;

/**
 * The metrics of a frame, named as in the export for TensorBoard, an epoch's at its last iteration. `position` is moved
 * behind it. What an attempt repeats after a `rewind` was logged already, with the values that it has again: it is left
 * out, as MLflow would show it twice. `startMs`: when the job began, in milliseconds since 1970.
 */
export function* metricsOf(frame: Frame, position: Position, startMs: number): Generator<Metric> {
  if (frame.type !== 'batches' && frame.type !== 'epoch') return;
  const timestamp = Math.round(startMs + 1000 * (frame.progress?.seconds ?? 0));
  if (frame.type === 'batches') {
    const from = frame.iteration.findIndex((each) => each >= position.iteration);
    if (from >= 0) yield* ofBatches(frame, from, timestamp);
    position.at = frame.iteration.at(-1) ?? position.at;
    position.iteration = Math.max(position.iteration, position.at + 1);
  } else {
    if (frame.epoch >= position.epoch) yield* ofEpoch(frame, position.at, timestamp);
    position.epoch = Math.max(position.epoch, frame.epoch + 1);
  }
}

function* ofBatches(frame: BatchesFrame, from: number, timestamp: number): Generator<Metric> {
  const { iteration, raw_loss, loss } = frame;
  const curves = Object.entries(frame.hypers).flatMap(([name, groups]) =>
    groups.map((values, g) => ({ key: hyperTag(name, g, groups.length), values })),
  );
  for (let row = from; row < iteration.length; row++) {
    const step = iteration[row];
    yield { key: 'train/raw_loss', value: raw_loss[row] ?? 'NaN', timestamp, step };
    yield { key: 'train/loss', value: loss[row] ?? 'NaN', timestamp, step };
    for (const { key, values } of curves) {
      const value = values[row];
      if (value !== null && changes(values, row, from)) yield { key: nameOf(key), value, timestamp, step };
    }
  }
}

/** A line through what is left needs no more: of a value that stays, the first and the last of a frame. */
const changes = (values: BatchesFrame['loss'], row: number, from: number): boolean =>
  row === from || row === values.length - 1 || values[row] !== values[row - 1] || values[row] !== values[row + 1];

function* ofEpoch({ train_loss, valid_loss, metrics }: EpochFrame, step: number, timestamp: number): Generator<Metric> {
  const values = { train_loss, valid_loss, ...metrics };
  for (const [name, value] of Object.entries(values))
    // Without validation rows there is none.
    if (value !== null) yield { key: nameOf(`epoch/${name}`), value, timestamp, step: Math.max(0, step) };
}

/** A name as MLflow takes it: what it does not is `_`. */
export const nameOf = (name: string): string => name.replace(/[^\w\-. /:]/g, '_').slice(0, limits.key);
