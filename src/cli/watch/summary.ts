/** What a job has come to, in a few lines. */
import type { JobRecord } from '../../client/index.js';
import { duration, fixed, short } from '../terminal/format.js';
import { statusText, style } from '../terminal/style.js';

/** A job that has ended, in a line; one that failed with why, and what can be done. */
export function summary(record: JobRecord): string {
  const name = record.name === undefined ? '' : ` (${record.name})`;
  const line = `${style('bold', record.id)}${name} ${statusText(record.status)}`;
  const facts = [resultText(record), timeText(record)].filter(Boolean).join(', ');
  return [facts === '' ? line : `${line}: ${facts}`, ...errorLines(record)].join('\n');
}

/** The values that a job ended with. */
export function resultText({ result, type }: JobRecord): string {
  if (!result) return '';
  if (type === 'lr_find') {
    const found = Object.entries(result.suggestions ?? {}).find(([, rate]) => typeof rate === 'number');
    return found ? `${found[0]} ${short(Number(found[1]))}` : 'no suggestion';
  }
  return [
    `train_loss ${fixed(result.train_loss)}`,
    ...(result.valid_loss === null ? [] : [`valid_loss ${fixed(result.valid_loss)}`]),
    ...Object.entries(result.metrics).map(([name, value]) => `${name} ${fixed(value)}`),
  ].join(', ');
}

/** How long a job took from its start to its end; null where it has not come to both. */
export const secondsOf = ({ started_at, finished_at }: JobRecord): number | null =>
  started_at === null || finished_at === null ? null : (Date.parse(finished_at) - Date.parse(started_at)) / 1000;

function timeText(record: JobRecord): string {
  const { throughput, engine } = record;
  const seconds = secondsOf(record);
  if (seconds === null) return '';
  const speed = throughput ? `, ${Math.round(throughput.rows_per_second).toLocaleString('en')} rows/s` : '';
  return `${duration(seconds)}${speed}${engine ? ` on ${engine.name} ${engine.device}` : ''}`;
}

/** Why a job failed, where, and what may help; nothing of one that did not. */
export function errorLines({ id, status, error }: JobRecord): string[] {
  if (!error) return status === 'cancelled' ? [`  To continue it: onecycle retry ${id}`] : [];
  const { code, message, problems = [], attempt, epoch, iteration } = error;
  const place = [
    attempt === undefined ? '' : `attempt ${attempt}`,
    epoch === undefined ? '' : `epoch ${epoch}`,
    iteration === undefined ? '' : `iteration ${iteration}`,
  ].filter(Boolean);
  return [
    `  ${style('red', code)}: ${message}`,
    ...(place.length > 0 ? [`  at ${place.join(', ')}`] : []),
    ...problems.map(({ pointer, detail }) => `  ${pointer}: ${detail}`),
    ...(advice[code] ? [`  ${advice[code].replaceAll('ID', id)}`] : []),
  ];
}

/** What users can do about the errors that are theirs or the machine's. */
const advice: Partial<Record<string, string>> = {
  diverged: 'A lower rate may help. onecycle find suggests one; onecycle plot ID shows where the loss diverged.',
  no_suggestion: 'Give the rate as a number: --set policy.lr_max=0.001',
  finder_failed: 'onecycle list --type lr_find has the finder and its error.',
  out_of_memory: 'A smaller batch_size needs less: --set batch_size=32',
  trainer_crashed: 'onecycle retry ID continues from its last checkpoint.',
  stalled: 'onecycle retry ID continues from its last checkpoint.',
  timeout: 'onecycle retry ID continues from its last checkpoint, with the same timeout_seconds.',
};
