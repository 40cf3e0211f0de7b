import { hyperNames } from '../schema/hypers.js';
import type { Cell } from '../numbers/thin.js';
import type { Curves } from './curves.js';
import { axisOf, draw, heading, legend, line } from './draw.js';
import { palette, text } from './theme.js';

const panel = { width: 440, height: 270 };
const top = 70;
/** Lines that a legend can still tell apart. */
const namedLines = 8;

/**
 * fastai's `plot_sched`, as the text of an SVG: one panel per hyperparameter, one line per parameter group, or per
 * groups with the same curve, which would hide one another.
 * @param keys the hyperparameters to draw, all of which the columns have; left out: those that vary, or all if none does
 */
export function plotSched(
  { iteration, hypers }: Pick<Curves, 'iteration' | 'hypers'>,
  keys: readonly string[] = varying(hypers),
): string {
  const columns = Math.min(2, keys.length);
  const at = (k: number) => ({ left: (k % columns) * panel.width, top: top + Math.floor(k / columns) * panel.height });
  const groups = hypers[keys[0]].length;
  const series = keys.flatMap((key, k) =>
    sameCurves(hypers[key]).map((same) =>
      line(
        nameOf(same),
        hypers[key][same[0]].map((value, i) => [iteration[i], value]),
        {
          color: groups > 1 && same.length === groups ? text : palette[same[0] % palette.length],
          shared: groups,
          xAxisIndex: k,
          yAxisIndex: k,
        },
      ),
    ),
  );
  const names = [...new Map(series.map((each) => [each.name, each])).values()];
  return draw(
    {
      title: heading('Schedule'),
      ...(groups > 1 && names.length <= namedLines && { legend: legend(names) }),
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

/** The hypers that are not one value throughout; all of them if none varies. */
function varying(hypers: Curves['hypers']): string[] {
  const known = hyperNames.filter((name) => name in hypers);
  const varied = known.filter((name) => !isConstant(hypers[name]));
  return varied.length > 0 ? varied : known;
}

const isConstant = (groups: readonly (readonly Cell[])[]): boolean =>
  groups.every((values) => values.every((each) => each === groups[0][0]));

/** The groups by their curves: those with the same one together, in order. */
function sameCurves(groups: readonly (readonly Cell[])[]): [number, ...number[]][] {
  const sets: [number, ...number[]][] = [];
  for (const [group, values] of groups.entries()) {
    const same = sets.find(([first]) => values.every((value, i) => value === groups[first][i]));
    if (same) same.push(group);
    else sets.push([group]);
  }
  return sets;
}

/** `group 1`, `groups 0-2`, `groups 0, 2`. */
function nameOf(groups: readonly number[]): string {
  const [first, last] = [groups[0], groups[groups.length - 1]];
  if (groups.length === 1) return `group ${first}`;
  return `groups ${last - first === groups.length - 1 ? `${first}-${last}` : groups.join(', ')}`;
}

/** The axis ends where the curve does. */
export const boundsOf = (iteration: readonly number[]) => ({
  min: iteration[0],
  max: Math.max(iteration.at(-1)!, iteration[0] + 1),
});

/** A hyper that never changes is a line in the middle, its value beside it. */
function aroundConstant(groups: readonly (readonly Cell[])[]): { min?: number; max?: number; interval?: number } {
  const value = groups[0][0] ?? 0;
  if (!isConstant(groups)) return {};
  const half = Math.abs(value) || 1;
  return { min: value - half, max: value + half, interval: half };
}
