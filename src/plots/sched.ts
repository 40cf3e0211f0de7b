import { hyperNames } from '../schema/hypers.js';
import type { Cell } from '../numbers/thin.js';
import type { Curves } from './curves.js';
import { axisOf, draw, heading, legend, line } from './draw.js';
import { palette } from './theme.js';

const panel = { width: 440, height: 270 };
const top = 70;
/** Parameter groups that a legend can still tell apart. */
const namedGroups = 8;

/**
 * fastai's `plot_sched`, as the text of an SVG: one panel per hyperparameter, one line per parameter group.
 * @param keys the hyperparameters to draw, all of which the columns have; left out: all of them
 */
export function plotSched(
  { iteration, hypers }: Pick<Curves, 'iteration' | 'hypers'>,
  keys: readonly string[] = hyperNames.filter((name) => name in hypers),
): string {
  const columns = Math.min(2, keys.length);
  const at = (k: number) => ({ left: (k % columns) * panel.width, top: top + Math.floor(k / columns) * panel.height });
  const groups = hypers[keys[0]].length;
  const series = keys.flatMap((key, k) =>
    hypers[key].map((values, group) =>
      line(
        `group ${group}`,
        values.map((value, i) => [iteration[i], value]),
        { color: palette[group % palette.length], shared: groups, xAxisIndex: k, yAxisIndex: k },
      ),
    ),
  );
  return draw(
    {
      title: heading('Schedule'),
      ...(groups > 1 && groups <= namedGroups && { legend: legend(series.slice(0, groups)) }),
      grid: keys.map((_, k) => ({
        left: at(k).left + 80,
        top: at(k).top + 10,
        width: panel.width - 110,
        height: panel.height - 70,
      })),
      xAxis: keys.map((_, k) => ({ ...axisOf('iteration', 'value', 28), gridIndex: k, ...boundsOf(iteration) })),
      yAxis: keys.map((key, k) => ({ ...axisOf(key, 'value', 58), gridIndex: k, ...aroundConstant(hypers[key]) })),
      series,
    },
    { width: columns * panel.width, height: top + Math.ceil(keys.length / columns) * panel.height },
    `Hyperparameters by iteration: ${keys.join(', ')}`,
  );
}

/** The axis ends where the curve does. */
export const boundsOf = (iteration: readonly number[]) => ({
  min: iteration[0],
  max: Math.max(iteration.at(-1)!, iteration[0] + 1),
});

/** A hyper that never changes is a line in the middle, its value beside it. */
function aroundConstant(groups: readonly (readonly Cell[])[]): { min?: number; max?: number; interval?: number } {
  const value = groups[0][0] ?? 0;
  if (!groups.every((values) => values.every((each) => each === value))) return {};
  const half = Math.abs(value) || 1;
  return { min: value - half, max: value + half, interval: half };
}
