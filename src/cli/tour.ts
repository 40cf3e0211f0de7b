/** What the demo shows: a learning-rate finder and a one-cycle run on real digits, through the API like any client. */
import { SingleBar } from 'cli-progress';
import Table, { type TableConstructorOptions } from 'cli-table3';
import type { BatchesFrame, EpochFrame, Frame } from '../jobs/frames.js';
import type { JobRecord } from '../jobs/record.js';
import type { Client } from './client.js';
import { plotLrFind } from './plot.js';

interface Finder {
  lrs: number[];
  losses: (number | null)[];
  suggestions: Record<string, number | null>;
}

const n_epoch = 20;
const experiment = { dataset: { builtin: 'digits' }, model: { preset: 'mlp', hidden: [64] }, metrics: ['accuracy'] };
/** fastai's `plot_lr_find` leaves the last points out as well: there the loss runs away. */
const skipEnd = 5;

/** @throws Error with a plain message where a job does not complete. */
export async function tour(client: Client): Promise<void> {
  say('The data are 1,797 handwritten digits (UCI); the model has one hidden layer of 64 units.');
  const lr = await findRate(client);
  await trainAt(client, lr);
  sayWhatIsNext();
}

const say = (text = ''): void => console.log(text);
const short = (value: number): string => value.toPrecision(3);

async function findRate(client: Client): Promise<number> {
  say('\n1. lr_find: a short run whose learning rate rises with every batch. Where does the loss fall fastest?\n');
  const { id } = await client.submit({ policy: { name: 'lr_find' }, ...experiment });
  await ended(client, id, () => undefined);
  const { lrs, losses, suggestions } = await client.get<Finder>(`/jobs/${id}/lr-find`);

  const found = Object.entries(suggestions).filter((entry): entry is [string, number] => entry[1] !== null);
  const shown = losses.slice(0, -skipEnd).filter((loss) => loss !== null);
  say(plotLrFind(lrs.slice(0, shown.length), shown, Object.fromEntries(found)));
  const table = new Table({ head: ['suggestion', 'learning rate'], ...compact });
  table.push(...found.map(([name, rate]) => [name, short(rate)]));
  say(`\n${table.toString()}`);

  const rate = suggestions.valley ?? found.at(0)?.[1];
  if (rate === undefined) throw new Error(`The finder could not suggest a rate: ${JSON.stringify(suggestions)}`);
  return rate;
}

async function trainAt(client: Client, lr: number): Promise<void> {
  say(
    `\n2. fit_one_cycle: ${n_epoch} epochs; the rate rises to ${short(lr)}, the valley suggestion, and falls again; ` +
      'momentum does the opposite.\n',
  );
  const { id, ...submitted } = await client.submit({
    policy: { name: 'fit_one_cycle', n_epoch, lr_max: lr },
    ...experiment,
  });
  const epochs: EpochFrame[] = [];
  say(`Training ${id} (${submitted.status}), live from ${client.url}/jobs/${id}/stream`);
  const live = process.stdout.isTTY ? liveBar() : liveLines();
  try {
    await ended(client, id, (frame) => {
      if (frame.type === 'epoch') epochs.push(frame);
      live.show(frame);
    });
  } finally {
    live.stop();
  }

  const table = new Table({
    head: ['epoch', 'train_loss', 'valid_loss', 'accuracy', 'seconds'],
    ...compact,
    colAligns: ['right', 'right', 'right', 'right', 'right'],
  });
  table.push(
    ...epochs.map((row) => [
      row.epoch,
      fixed(row.train_loss),
      fixed(row.valid_loss),
      fixed(row.metrics.accuracy),
      row.seconds.toFixed(2),
    ]),
  );
  say(table.toString());

  const { result, engine, n_row } = await client.get<JobRecord>(`/jobs/${id}`);
  say(
    `\nAccuracy: ${fixed(result?.metrics.accuracy)} on ${n_row?.valid ?? 'the'} digits that it was not trained on ` +
      `(${engine?.name ?? ''} on ${engine?.device ?? ''})`,
  );
}

/** Rows without lines between them, in the terminal's own colours. */
const compact: TableConstructorOptions = {
  style: { head: [], border: [] },
  chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
};
const fixed = (value: number | null | undefined): string => value?.toFixed(4) ?? '-';

/** A frame that says how training goes. */
type TrainingFrame = Extract<Frame, { type: 'batches' | 'epoch' }>;

/** Follows a job to its end over the WebSocket. */
async function ended(client: Client, id: string, see: (frame: TrainingFrame) => void): Promise<void> {
  for await (const frame of client.frames(id)) {
    if (frame.type === 'batches' || frame.type === 'epoch') see(frame);
  }
  const { status, error } = await client.get<JobRecord>(`/jobs/${id}`);
  if (status !== 'completed') throw new Error(`${id} is ${status}: ${error?.message ?? 'it did not complete'}`);
}

interface Live {
  show(frame: TrainingFrame): void;
  stop(): void;
}

/** Where the last of some batches was. */
function state({ epoch, loss, hypers }: BatchesFrame): { epoch: number; text: string } {
  const hyper = (name: string): string =>
    short(Object.hasOwn(hypers, name) ? (hypers[name].at(0)?.at(-1) ?? NaN) : NaN);
  return { epoch: epoch.at(-1) ?? 0, text: `loss ${fixed(loss.at(-1))}  lr ${hyper('lr')}  mom ${hyper('mom')}` };
}

/** One line that is drawn again with every frame. */
function liveBar(): Live {
  const bar = new SingleBar({
    format: '{bar} {percentage}%{left}  epoch {epoch}  {text}',
    barsize: 20,
    stream: process.stdout,
    hideCursor: true,
    clearOnComplete: true,
  });
  bar.start(100, 0, { epoch: 0, text: '', left: '' });
  return {
    show: (frame) => {
      const at = frame.type === 'epoch' ? { epoch: frame.epoch + 1 } : state(frame);
      bar.update(frame.progress?.percent ?? 0, { ...at, left: left(frame) });
    },
    stop: () => bar.stop(),
  };
}

/** How long it will still take, where that is known. */
function left({ progress }: TrainingFrame): string {
  if (!progress?.estimated_finish) return '';
  const seconds = Math.ceil((Date.parse(progress.estimated_finish) - Date.now()) / 1000);
  return `, ${Math.max(0, seconds)} s left`;
}

/** Where there is no terminal: a plain line per epoch, with what its last batch had. */
function liveLines(): Live {
  let last = '';
  return {
    show: (frame) => {
      if (frame.type === 'batches') last = state(frame).text;
      else say(`epoch ${String(frame.epoch).padStart(2)}  ${last}`);
    },
    stop: () => undefined,
  };
}

function sayWhatIsNext(): void {
  const url = 'http://127.0.0.1:3000';
  const spec = { policy: { name: 'fit_one_cycle', n_epoch, lr_max: { lr_find: 'valley' } }, ...experiment };
  say(`
What next?
  npm start                      the service, until you stop it
  ${url}/docs     the documentation of its API

The same two jobs in one request, and its live stream:
  curl -s ${url}/jobs -H 'content-type: application/json' -d '${JSON.stringify(spec)}'
  curl -N ${url}/jobs/JOB_ID/events`);
}
