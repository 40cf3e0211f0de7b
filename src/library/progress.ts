/** How a fit goes, on a terminal: a bar per epoch and fastai's table. */
import cliProgress from 'cli-progress';
import type { Callback, EpochRecord, LearnerView } from '../learner/index.js';

const width = 11;

/** Writes to `out`; a bar only where that is a terminal. */
export class ProgressCallback implements Callback {
  readonly name = 'progress';
  /** After the Recorder. */
  readonly order = 55;
  private bar: cliProgress.SingleBar | null = null;
  private columns: readonly string[] = [];
  private drawnMs = 0;

  constructor(private readonly out: NodeJS.WriteStream) {}

  before_fit(): void {
    this.columns = [];
  }

  before_train(learn: LearnerView): void {
    if (!this.out.isTTY) return;
    this.bar = new cliProgress.SingleBar(
      {
        stream: this.out,
        hideCursor: true,
        clearOnComplete: true,
        barsize: 30,
        format: `{what} {bar} {percentage}% {value}/{total} ETA {eta_formatted} loss {loss}`,
      },
      cliProgress.Presets.shades_classic,
    );
    const what = learn.finding ? 'Finding a rate' : `Epoch ${learn.epoch + 1}/${learn.nEpoch}`;
    this.bar.start(learn.batchesPerEpoch, learn.batchIndex, { what, loss: '–' });
  }

  after_batch(learn: LearnerView): void {
    if (this.bar === null || !learn.training || performance.now() - this.drawnMs < 100) return;
    this.drawnMs = performance.now();
    this.bar.update(learn.batchIndex + 1, { loss: number(learn.recorder.smoothLoss.value) });
  }

  after_train(): void {
    this.stopBar();
  }

  after_epoch({ finding, lastEpoch, epoch }: LearnerView): void {
    if (finding || lastEpoch === null) return;
    const cells = cellsOf(lastEpoch, epoch);
    if (this.columns.length === 0) {
      this.columns = cells.map(([name]) => name);
      this.row(this.columns);
    }
    this.row(cells.map(([, value]) => value));
  }

  cleanup(): void {
    this.stopBar();
  }

  private row(cells: readonly string[]): void {
    const padded = cells.map((cell, i) => cell.padEnd(Math.max(width, this.columns[i]?.length ?? 0)));
    this.out.write(`${padded.join('  ').trimEnd()}\n`);
  }

  private stopBar(): void {
    this.bar?.stop();
    this.bar = null;
  }
}

/** `epoch` is that of the fit, as fastai counts. */
function cellsOf(
  { train_loss, valid_loss, metrics, seconds }: EpochRecord,
  epoch: number,
): [name: string, value: string][] {
  return [
    ['epoch', String(epoch)],
    ['train_loss', number(train_loss)],
    ...(valid_loss === null ? [] : [['valid_loss', number(valid_loss)] as [string, string]]),
    ...Object.entries(metrics).map(([name, value]): [string, string] => [name, number(value)]),
    ['time', time(seconds)],
  ];
}

const number = (value: number): string => value.toFixed(6);

function time(seconds: number): string {
  const whole = Math.round(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return (parts[0] === 0 ? parts.slice(1) : parts).map((part) => String(part).padStart(2, '0')).join(':');
}
