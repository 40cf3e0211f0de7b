/** Jobs on a terminal: epochs scroll by, below them a chart of the losses and a bar per job are drawn again and again. */
import asciichart from 'asciichart';
import { chart, margin, xAxis } from '../terminal/chart.js';
import { duration, fixed, short } from '../terminal/format.js';
import { LiveRegion } from '../terminal/live.js';
import { sizeOf } from '../terminal/out.js';
import { hasColours, statusText } from '../terminal/style.js';
import type { Run } from './run.js';
import { summary } from './summary.js';
import { epochRows, eventText, type View } from './view.js';

const mostDrawsPerSecond = 10;
const chartHeight = 8;
/** Lines that a terminal must have for the chart to be worth it. */
const fewestRows = 20;
const barWidth = 24;
const palette = [
  asciichart.cyan,
  asciichart.green,
  asciichart.yellow,
  asciichart.magenta,
  asciichart.blue,
  asciichart.red,
];

/** The view of these runs. */
export function liveView(runs: readonly Run[], out: NodeJS.WriteStream): View {
  const region = new LiveRegion(out);
  const rows = epochRows(runs);
  const several = runs.length > 1;
  const summaries: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  const draw = (): void => {
    timer = undefined;
    region.draw(linesOf(runs, out));
  };
  const soon = (): void => void (timer ??= setTimeout(draw, 1000 / mostDrawsPerSecond));
  draw();
  return {
    show(frame, run) {
      for (const row of rows(frame, run)) region.print(row);
      const text = eventText(frame, run);
      if (text !== null && frame.type !== 'status') region.print(several ? `${run.label} ${text}` : text);
      soon();
    },
    remark: (text) => region.print(text),
    // They come last: until then the bars say who has ended.
    ended: (record) => void summaries.push(summary(record)),
    stop() {
      clearTimeout(timer);
      region.end();
      // A finder's curve is drawn by who asked for it, over its rates.
      const curves = runs.every(({ isFinder }) => isFinder) ? [] : chartLines(runs, out);
      for (const line of [...curves, ...summaries]) out.write(`${line}\n`);
    },
  };
}

const linesOf = (runs: readonly Run[], out: NodeJS.WriteStream): string[] => [
  ...chartLines(runs, out),
  ...runs.map((run, i) => bar(run, runs, i, out)),
];

function chartLines(runs: readonly Run[], out: NodeJS.WriteStream): string[] {
  const { columns, rows } = sizeOf(out);
  const width = columns - margin - 2;
  const curves = rows < fewestRows || width < 20 ? '' : lossChart(runs, width, hasColours(out));
  return curves === '' ? [] : ['', ...curves.split('\n')];
}

/** The smoothed losses over one another, as far as they are, of what they will have. */
function lossChart(runs: readonly Run[], width: number, coloured: boolean): string {
  const drawn = runs
    .map((run, i) => ({ run, colour: palette[i % palette.length] }))
    .filter(({ run }) => run.iterations.length > 1);
  const ends = drawn.map(({ run }) => lastIteration(run));
  if (ends.length === 0) return '';
  const range: [number, number] = [0, Math.max(...ends)];
  const curves = chart(
    drawn.map(({ run }) => ({ x: run.iterations, y: run.losses })),
    {
      width,
      height: chartHeight,
      range,
      ...(coloured && runs.length > 1 && { colours: drawn.map(({ colour }) => colour) }),
    },
  );
  return `${curves}\n${xAxis(width, range, 'smoothed loss by iteration')}`;
}

/** Where the run will end, as far as its progress tells. */
function lastIteration({ iterations, percent, record }: Run): number {
  const done = iterations.at(-1) ?? 0;
  const planned = record.progress.n_iteration ?? (percent > 0 ? Math.round((done + 1) / (percent / 100)) : done + 1);
  return Math.max(done, planned - 1);
}

function bar(run: Run, runs: readonly Run[], i: number, out: NodeJS.WriteStream): string {
  const filled = Math.round((run.percent / 100) * barWidth);
  const drawn = `${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)}`;
  const colour = palette[i % palette.length];
  const shown = runs.length > 1 && hasColours(out) ? asciichart.colored(drawn, colour) : drawn;
  const name = runs.length > 1 ? `${run.label.padEnd(Math.max(...runs.map(({ label }) => label.length)))} ` : '';
  return `${name}${shown} ${String(Math.floor(run.percent)).padStart(3)}%  ${stateText(run)}`;
}

function stateText(run: Run): string {
  if (run.status !== 'running') return statusText(run.status);
  const { lr, mom } = run.hypers;
  const epochs =
    run.nEpoch === null ? `epoch ${run.epoch}` : `epoch ${Math.min(run.epoch + 1, run.nEpoch)}/${run.nEpoch}`;
  const left = run.estimatedFinish === null ? null : (Date.parse(run.estimatedFinish) - Date.now()) / 1000;
  return [
    ...(run.isFinder ? [] : [epochs]),
    `loss ${fixed(run.losses.at(-1), 4)}`,
    ...(lr == null ? [] : [`lr ${short(lr)}`]),
    ...(mom == null ? [] : [`mom ${short(mom)}`]),
    ...(left === null ? [] : [`${duration(Math.max(0, left))} left`]),
  ].join('  ');
}
