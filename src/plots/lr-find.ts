import type { Cell } from '../numbers/thin.js';
import { axisOf, draw, heading, label, legend, line, type Point } from './draw.js';
import { palette, paper } from './theme.js';

/** A suggestion, and the point of the curve that it was read off. */
export interface Mark {
  name: string;
  suggested: number;
  point: { lr: number; loss: number };
}

/** A finder's curve, one value per iteration. */
export interface LrFindCurve {
  lrs: readonly number[];
  /** Smoothed. */
  losses: readonly Cell[];
  marks: readonly Mark[];
}

const symbols = ['circle', 'diamond', 'triangle', 'rect', 'pin', 'arrow'];

/**
 * fastai's `plot_lr_find`, as the text of an SVG: the loss over the rate on a logarithmic axis, less the last `skipEnd`
 * points, with the suggestions marked and named.
 */
export function plotLrFind({ lrs, losses, marks }: LrFindCurve, { skipEnd }: { skipEnd: number }): string {
  const shown = Math.max(0, lrs.length - skipEnd);
  const series = marks.map((mark, i) => ({
    type: 'scatter' as const,
    name: nameOf(mark),
    data: [placeOf(mark, lrs, losses)],
    symbol: symbols[i % symbols.length],
    symbolSize: 12,
    silent: true,
    z: 3,
    itemStyle: { color: palette[(i + 1) % palette.length], borderColor: paper, borderWidth: 1.5, opacity: 1 },
  }));
  return draw(
    {
      title: heading('Learning-rate finder'),
      legend: legend(series),
      grid: { left: 80, right: 40, top: 84, bottom: 60 },
      xAxis: { ...axisOf('learning rate', 'log', 32), minorTick: { show: true } },
      yAxis: axisOf('loss', 'value', 52),
      series: [
        line(
          'loss',
          lrs.slice(0, shown).map((lr, i) => [lr, losses[i]]),
          { color: palette[0], lineStyle: { width: 2, color: palette[0] } },
        ),
        ...series,
      ],
    },
    { width: 760, height: 470 },
    'Loss by learning rate, and the suggested rates',
  );
}

/** On the curve, at the rate that is suggested: `minimum` is read off at ten times of it. */
function placeOf({ suggested, point }: Mark, lrs: readonly number[], losses: readonly Cell[]): Point {
  if (suggested === point.lr) return [point.lr, point.loss];
  const known = lrs.flatMap((lr, i): [number, number][] => (losses[i] === null ? [] : [[lr, losses[i]]]));
  const next = known.findIndex(([lr]) => lr >= suggested);
  if (next <= 0) return [suggested, known.at(next)?.[1] ?? point.loss];
  const [[left, low], [right, high]] = [known[next - 1], known[next]];
  return [suggested, low + ((high - low) * Math.log(suggested / left)) / Math.log(right / left)];
}

/** The rate to use; `minimum` is read off at ten times of it. */
const nameOf = ({ name, suggested, point }: Mark): string =>
  `${name}${suggested < point.lr ? ' / 10' : ''}: ${label(Number(suggested.toPrecision(3)))}`;
