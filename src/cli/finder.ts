/** What a learning-rate finder has found, as text. */
import type { LrFindResult } from '../client/index.js';
import { short } from './terminal/format.js';
import { margin } from './terminal/chart.js';
import { plotLrFind } from './terminal/lr-find-chart.js';
import { columns } from './terminal/out.js';
import { table } from './terminal/table.js';

/** fastai's `plot_lr_find` leaves the last points out as well: there the loss runs away. */
const skipEnd = 5;

/** The curve of a finder and its suggestions. */
export function curveText({ lrs, losses, suggestions, reasons }: LrFindResult): string {
  const shown = lrs.flatMap((lr, i) => {
    const loss = losses[i];
    return i < losses.length - skipEnd && loss !== null ? [[lr, loss] as const] : [];
  });
  const found = Object.entries(suggestions).filter((entry): entry is [string, number] => typeof entry[1] === 'number');
  const rows = Object.entries(suggestions).map(([name, rate]) => [
    name,
    typeof rate === 'number' ? short(rate) : '-',
    reasonOf(reasons, name),
  ]);
  const width = Math.min(columns() - margin - 1, 100);
  return [
    ...(shown.length < 2
      ? ['There are too few points to draw a curve.']
      : [
          plotLrFind(
            shown.map(([lr]) => lr),
            shown.map(([, loss]) => loss),
            Object.fromEntries(found),
            width,
          ),
        ]),
    '',
    table(['suggestion', 'rate', ''], rows, [1]),
  ].join('\n');
}

const reasonOf = (reasons: Readonly<Record<string, string | undefined>>, name: string): string => reasons[name] ?? '';
