/** The lines of a job's charts. */
import type { Column } from '../charts/column.js';
import type { Line } from '../charts/line.js';
import { colorOf, dashOf } from '../charts/palette.js';
import type { Schedule } from '../state/ahead.js';
import { byEpoch, distinctGroups, type Curves } from '../state/curves.js';

/** The loss: raw, as fastai smooths it, smoothed as the reader chose, and on the validation rows. */
export function lossLines(curves: Curves, smoothed: Column | null): Line[] {
  const x = curves.iteration;
  const valid = byEpoch(curves, ({ valid_loss }) => valid_loss);
  return [
    { name: 'raw', color: colorOf(0), x, y: curves.rawLoss, faint: true, width: 1 },
    { name: 'smoothed', color: colorOf(0), x, y: curves.loss },
    ...(smoothed ? [{ name: 'custom smoothing', color: colorOf(3), x, y: smoothed }] : []),
    ...(valid.x.length > 0 ? [{ name: 'valid', color: colorOf(1), ...valid, dots: true }] : []),
  ];
}

/** The names of the metrics that epochs have a number for. */
export const metricNames = ({ epochs }: Pick<Curves, 'epochs'>): string[] => [
  ...new Set(epochs.flatMap(({ metrics }) => Object.keys(metrics).filter((name) => metrics[name] !== null))),
];

/** A metric by epochs. */
export const metricLine = (curves: Curves, name: string): Line => ({
  name,
  color: colorOf(2),
  ...byEpoch(curves, ({ metrics }) => metrics[name]),
  dots: true,
});

/** A hyper: a line for each group whose values differ, and faint what is to come. */
export function hyperLines({ iteration, hypers }: Curves, name: string, ahead: Schedule | null): Line[] {
  const groups = distinctGroups(hypers.get(name) ?? []);
  const lines = groups.map(({ groups: members, column }, i) => ({
    name: groups.length === 1 ? name : `group ${words(members)}`,
    color: colorOf(i),
    dash: dashOf(i),
    x: iteration,
    y: column,
  }));
  if (ahead === null) return lines;
  const coming = distinctGroups(ahead.hypers.get(name) ?? []);
  return [
    ...lines,
    ...coming.map(({ groups: members, column }, i) => ({
      name: coming.length === 1 ? 'planned' : `group ${words(members)}, planned`,
      color: colorOf(i),
      dash: [3, 3],
      faint: true,
      x: ahead.x,
      y: column,
    })),
  ];
}

/** `0`, `0–2`, `0, 3`. */
function words(groups: readonly number[]): string {
  const [first, last] = [groups[0], groups[groups.length - 1]];
  if (groups.length === 1) return String(first);
  return last - first === groups.length - 1 ? `${first}–${last}` : groups.join(', ');
}
