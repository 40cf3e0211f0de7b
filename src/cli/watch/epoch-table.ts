/** fastai's table of epochs, a row at a time: the widths are settled before the first row is known. */
import { duration, fixed } from '../terminal/format.js';
import type { EpochRow } from './run.js';

/** Prints rows under one head. */
export interface EpochTable {
  head: string;
  row(epoch: EpochRow, label?: string): string;
}

const valueWidth = 10;
const timeWidth = 8;

/**
 * A table with these metrics.
 * @param labels what rows may begin with, where several jobs share the table
 */
export function epochTable(metrics: readonly string[], labels: readonly string[] = []): EpochTable {
  const labelWidth = Math.max(0, ...labels.map((label) => label.length));
  const names = ['train_loss', 'valid_loss', ...metrics];
  const line = (label: string, epoch: string, values: readonly string[], time: string): string =>
    [
      ...(labelWidth > 0 ? [label.padEnd(labelWidth)] : []),
      epoch.padEnd(5),
      ...values.map((value, i) => value.padStart(Math.max(valueWidth, names[i].length))),
      time.padStart(timeWidth),
    ].join('  ');
  return {
    head: line(labelWidth > 0 ? 'job' : '', 'epoch', names, 'time'),
    row: ({ epoch, train_loss, valid_loss, metrics: values, seconds }, label = '') =>
      line(
        label,
        String(epoch),
        [fixed(train_loss), fixed(valid_loss), ...metrics.map((name) => fixed(values[name]))],
        duration(seconds),
      ),
  };
}
