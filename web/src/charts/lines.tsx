/** Curves over one axis: zoom by dragging, values at the cursor in the legend. */
import type { Signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import 'uplot/dist/uPlot.min.css';
import '../styles/charts.css';
import { dark } from '../state/theme.js';
import { onChartKey } from './gestures.js';
import { Legend } from './legend.js';
import type { Line, Mark, Range } from './line.js';
import { Plot } from './plot.js';

/** What a chart shows. */
interface LineChartProps {
  title: string;
  lines: readonly Line[];
  /** Another value whenever a column has changed, though the lines are the same. */
  revision?: unknown;
  /** The part that is seen, null for all; charts that share the signal move together. */
  range: Signal<Range | null>;
  /** Where the pointer is; charts that share the signal show it together. */
  cursor: Signal<number | null>;
  marks?: readonly Mark[];
  full?: Range;
  height?: number;
  xLog?: boolean;
  yLog?: boolean;
  /** What x is, for the legend: `iteration`. */
  xName?: string;
  /** false: no legend, where the page has one of its own. */
  legend?: boolean;
  onPick?: (x: number) => void;
}

const noMarks: readonly Mark[] = [];

/** A chart with its title and legend. */
export function LineChart({ title, lines, range, cursor, marks = noMarks, full, ...props }: LineChartProps) {
  const { revision, height = 260, xLog = false, yLog = false, xName = 'iteration', legend = true, onPick } = props;
  const element = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | null>(null);
  const pick = useRef(onPick);
  pick.current = onPick;
  const picks = onPick !== undefined;
  useEffect(() => {
    if (element.current === null) return;
    const made = new Plot(element.current, {
      height,
      xLog,
      yLog,
      range,
      cursor,
      ...(picks && { onPick: (x: number) => pick.current?.(x) }),
    });
    plot.current = made;
    return () => made.destroy();
  }, [height, xLog, yLog, range, cursor, picks]);
  useEffect(() => {
    plot.current?.draw({ lines, marks, ...(full && { full }) });
  }, [lines, marks, full?.[0], full?.[1], revision, dark.value, height, xLog, yLog, picks]);
  return (
    <figure class="chart">
      <figcaption>
        <span class="title">{title}</span>
        {legend && <Legend lines={lines} cursor={cursor} xName={xName} />}
      </figcaption>
      <div
        ref={element}
        class="plot"
        role="group"
        aria-roledescription="chart"
        aria-label={`${title}. Plus and minus zoom, the arrow keys move, 0 shows all.`}
        tabIndex={0}
        onKeyDown={(event) => {
          const chart = plot.current;
          if (chart) onChartKey({ range, full: () => chart.full(), log: xLog }, event);
        }}
      />
    </figure>
  );
}
