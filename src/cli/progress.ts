import cliProgress from 'cli-progress';
import type { OnProgress, ProgressEvent } from '../download/progress.js';

const words: Record<ProgressEvent['step'], string> = {
  wait: 'Waiting for',
  download: 'Downloading',
  unpack: 'Unpacking',
  compile: 'Compiling',
  check: 'Checking with',
};

const title = ({ step, what }: ProgressEvent): string => `${words[step]} ${what}`;
const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);

/** Shows the progress of an install. */
export interface ProgressDisplay {
  onProgress: OnProgress;
  /** Ends a bar that is still drawn. */
  stop: () => void;
}

/** A bar on a terminal, else a plain line whenever something new begins. */
export const showProgress = (out: NodeJS.WriteStream = process.stderr): ProgressDisplay =>
  out.isTTY ? bars(out) : lines(out);

function lines(out: NodeJS.WriteStream): ProgressDisplay {
  let shown = '';
  return {
    onProgress: (event) => {
      if (title(event) === shown) return;
      shown = title(event);
      out.write(event.total === undefined ? `${shown}\n` : `${shown} (${megabytes(event.total)} MB)\n`);
    },
    stop: () => undefined,
  };
}

function bars(out: NodeJS.WriteStream): ProgressDisplay {
  let bar: cliProgress.SingleBar | undefined;
  let shown = '';
  const begin = (event: ProgressEvent) => {
    bar?.stop();
    shown = title(event);
    bar = undefined;
    if (event.total === undefined) {
      out.write(`${shown}\n`);
      return;
    }
    const options: cliProgress.Options = {
      stream: out,
      hideCursor: true,
      barsize: 30,
      format: (bar, { progress, value, total }, { name }: { name: string }) =>
        `${name} ${cliProgress.Format.BarFormat(progress, bar)} ${megabytes(value)}/${megabytes(total)} MB`,
    };
    bar = new cliProgress.SingleBar(options, cliProgress.Presets.shades_classic);
    bar.start(event.total, 0, { name: shown });
  };
  return {
    onProgress: (event) => {
      if (title(event) !== shown) begin(event);
      if (event.total !== undefined) bar?.setTotal(event.total);
      if (event.done !== undefined) bar?.update(event.done);
    },
    stop: () => bar?.stop(),
  };
}
