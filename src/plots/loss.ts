import type { Curves } from './curves.js';
import { axisOf, draw, heading, legend, line, type Point } from './draw.js';
import { boundsOf } from './sched.js';
import { axis, palette, type Color } from './theme.js';

/** How the losses are drawn. */
export interface LossOptions {
  /** Iterations to leave out at the start. */
  skipStart: number;
  /** The validation loss too. */
  withValid: boolean;
  /** Both axes logarithmic. */
  log: boolean;
  /** A dotted line where an epoch ends. */
  showEpochs: boolean;
}

/**
 * fastai's `plot_loss`, as the text of an SVG: the smoothed training loss, and the validation loss where each epoch
 * ends; behind it, faintly, each batch's own loss. There must be an iteration after those that are skipped.
 */
export function plotLoss(
  { iteration, epoch, raw_loss, loss, epochs }: Curves,
  { skipStart, withValid, log, showEpochs }: LossOptions,
): string {
  const shown = iteration.slice(skipStart);
  // fastai counts steps from 1 where an epoch ends; its logarithmic axis begins there too.
  const x = (i: number): number => i + (log ? 1 : 0);
  const curve = (values: readonly (number | null)[]): Point[] => shown.map((i, k) => [x(i), values[skipStart + k]]);
  const ends = lastIterations(iteration, epoch);
  const valid = epochs.flatMap(({ epoch: number, valid_loss }): Point[] =>
    ends.has(number) && ends.get(number)! >= shown[0] ? [[x(ends.get(number)!), valid_loss]] : [],
  );
  const type = log ? 'log' : 'value';
  const [first, second] = palette;
  const lines = [
    line('batch', curve(raw_loss), { color: axis, log, lineStyle: { width: 1, color: axis, opacity: 0.5 } }),
    line('train (smoothed)', curve(loss), {
      color: first,
      log,
      lineStyle: { width: 2, color: first },
      ...(showEpochs && { markLine: epochMarks([...ends.values()].filter((i) => i >= shown[0]).map(x), axis) }),
    }),
    ...(withValid && valid.some(([, y]) => y !== null)
      ? [
          line('valid', valid, {
            color: second,
            log,
            lineStyle: { width: 2, color: second },
            symbol: 'circle',
            symbolSize: 6,
            showSymbol: valid.length <= 40,
          }),
        ]
      : []),
  ];
  return draw(
    {
      title: heading('Learning curve'),
      legend: legend(lines),
      grid: { left: 80, right: 40, top: 84, bottom: 60 },
      xAxis: { ...axisOf('iteration', type, 32), ...(!log && boundsOf(shown)) },
      yAxis: axisOf('loss', type, 52),
      series: lines,
    },
    { width: 760, height: 470 },
    'Training and validation loss by iteration',
  );
}

/** The last iteration of each epoch. */
function lastIterations(iteration: readonly number[], epoch: readonly number[]): Map<number, number> {
  return new Map(iteration.map((i, k) => [epoch[k], i]));
}

const epochMarks = (positions: number[], color: Color) => ({
  silent: true,
  symbol: 'none',
  label: { show: false },
  lineStyle: { color, type: 'dotted' as const, width: 1 },
  data: positions.map((xAxis) => ({ xAxis })),
});
