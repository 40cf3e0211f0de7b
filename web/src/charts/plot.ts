/** A chart on the page: uPlot has its axes, cursor and selection; the lines are thinned and drawn here, once a frame. */
import type { Signal } from '@preact/signals';
import uPlot from 'uplot';
import { number } from '../state/format.js';
import { drawLine, drawMarks, type Axis } from './draw.js';
import { listen, movesChart } from './gestures.js';
import type { Line, Mark, Range } from './line.js';
import { ink } from './palette.js';
import { gap, Points, pointsInView } from './thin.js';

/** What is drawn now. */
export interface Drawing {
  lines: readonly Line[];
  marks: readonly Mark[];
  /** What the x axis holds, where that is more than the lines do. */
  full?: Range;
}

/** What stays as long as the chart does. */
export interface PlotOptions {
  height: number;
  xLog: boolean;
  yLog: boolean;
  /** The part that is seen, null for all; charts that share it move together. */
  range: Signal<Range | null>;
  /** Where the pointer is along x; charts that share it show it together. */
  cursor: Signal<number | null>;
  /** A click that chose a place. */
  onPick?: (x: number) => void;
}

/** Draws at most once per animation frame, however often it is told to. */
export class Plot {
  readonly #uplot: uPlot;
  readonly #options: PlotOptions;
  readonly #dispose: (() => void)[] = [];
  readonly #points: Points[] = [];
  #drawing: Drawing = { lines: [], marks: [] };
  #frame = 0;

  constructor(element: HTMLElement, options: PlotOptions) {
    this.#options = options;
    const width = Math.max(100, element.clientWidth);
    this.#uplot = new uPlot(this.#uplotOptions(width), [[1, 2]], element);
    const resized = new ResizeObserver(() => this.#resize(element.clientWidth));
    resized.observe(element);
    this.#dispose.push(
      () => resized.disconnect(),
      listen(this.#uplot.over, { range: options.range, full: () => this.full(), log: options.xLog }),
      options.range.subscribe(() => this.#invalidate()),
      options.cursor.subscribe((at) => this.#showCursor(at)),
    );
  }

  /** Draws this from now on. */
  draw(drawing: Drawing): void {
    this.#drawing = drawing;
    this.#invalidate();
  }

  destroy(): void {
    cancelAnimationFrame(this.#frame);
    for (const dispose of this.#dispose) dispose();
    this.#uplot.destroy();
  }

  /** All of the x axis. */
  full(): Range {
    let [from, to] = this.#drawing.full ?? [Infinity, -Infinity];
    for (const { x } of this.#drawing.lines) {
      if (x.length === 0) continue;
      from = Math.min(from, x.at(0));
      to = Math.max(to, x.at(x.length - 1));
    }
    if (from > to) return this.#options.xLog ? [1, 10] : [0, 1];
    // Iteration 0 has no place on a logarithm.
    if (this.#options.xLog && from <= 0) from = Math.min(1, to / 10);
    return from === to ? [from, from + (from === 0 ? 1 : Math.abs(from))] : [from, to];
  }

  #invalidate(): void {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#render();
    });
  }

  #render(): void {
    const [from, to] = this.#options.range.peek() ?? this.full();
    const columns = Math.max(1, Math.round(this.#uplot.over.clientWidth));
    const { lines } = this.#drawing;
    for (const [i, { x, y }] of lines.entries())
      pointsInView(x, y, { from, to, columns, log: this.#options.xLog }, (this.#points[i] ??= new Points()));
    const [min, max] = this.#extent([from, to]);
    this.#uplot.batch(() => {
      this.#uplot.setScale('x', { min: from, max: to });
      this.#uplot.setScale('y', { min, max });
    });
    this.#showCursor(this.#options.cursor.peek());
  }

  /** From the lowest to the highest value in view, with some air. */
  #extent([from, to]: Range): Range {
    const { yLog } = this.#options;
    let [low, high] = [Infinity, -Infinity];
    for (const [i, { x, y, overflows }] of this.#drawing.lines.entries()) {
      if (overflows === true) continue;
      const { indexes, length } = this.#points[i];
      for (const index of indexes.subarray(0, length)) {
        if (index === gap || x.at(index) < from || x.at(index) > to) continue;
        const value = y.at(index);
        if (yLog && value <= 0) continue;
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
    }
    if (low > high) return yLog ? [0.1, 1] : [0, 1];
    if (yLog) return low === high ? [low / 2, high * 2] : [low / (high / low) ** 0.04, high * (high / low) ** 0.04];
    const air = low === high ? Math.abs(low) * 0.1 || 1 : (high - low) * 0.04;
    return [low - air, high + air];
  }

  #drawLines(): void {
    const { ctx, bbox, scales } = this.#uplot;
    const { xLog, yLog } = this.#options;
    const axis = (name: 'x' | 'y', log: boolean, [start, end]: Range): Axis => ({
      min: scales[name].min ?? 0,
      max: scales[name].max ?? 1,
      log,
      start,
      end,
    });
    const axes = [
      axis('x', xLog, [bbox.left, bbox.left + bbox.width]),
      axis('y', yLog, [bbox.top + bbox.height, bbox.top]),
    ] as const;
    const ratio = uPlot.pxRatio;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.lineJoin = 'bevel';
    drawMarks(ctx, this.#drawing.marks, { axes, ratio, color: ink().mark });
    for (const [i, line] of this.#drawing.lines.entries())
      if (i < this.#points.length) drawLine(ctx, line, this.#points[i], { axes, ratio });
    ctx.restore();
  }

  #showCursor(at: number | null): void {
    const left = at === null ? -10 : this.#uplot.valToPos(at, 'x');
    // Only where it is not there yet: a chart that moved its own cursor is not told of it.
    if (Math.abs((this.#uplot.cursor.left ?? -10) - left) > 0.5) this.#uplot.setCursor({ left, top: 10 }, false);
  }

  #resize(width: number): void {
    if (width > 0 && width !== this.#uplot.width) {
      this.#uplot.setSize({ width, height: this.#options.height });
      this.#invalidate();
    }
  }

  #uplotOptions(width: number): uPlot.Options {
    const { height, range, cursor, xLog, yLog, onPick } = this.#options;
    const axis: uPlot.Axis = {
      stroke: () => ink().text,
      grid: { stroke: () => ink().grid, width: 1 },
      ticks: { show: false },
    };
    const asGiven = (_: uPlot, min: number, max: number): uPlot.Range.MinMax => [min, max];
    return {
      width,
      height,
      legend: { show: false },
      series: [{}],
      scales: {
        x: { time: false, ...distribution(xLog), range: asGiven },
        y: { ...distribution(yLog), range: asGiven },
      },
      axes: [
        { ...axis, size: 30, ...(xLog && { filter: powersOfTen, values: numbers }) },
        {
          ...axis,
          size: 62,
          ...(yLog && { filter: powersOfTen }),
          values: numbers,
        },
      ],
      cursor: {
        y: false,
        drag: { x: true, y: false, setScale: false, dist: 5 },
        bind: {
          mousedown: (_, __, handler) => (event) => {
            if (!movesChart(event)) handler(event);
            return null;
          },
          dblclick: () => null,
          ...(onPick && {
            click: (u) => () => {
              onPick(u.posToVal(u.cursor.left ?? 0, 'x'));
              return null;
            },
          }),
        },
      },
      hooks: {
        draw: [() => this.#drawLines()],
        setCursor: [
          (u) => {
            const left = u.cursor.left ?? -10;
            cursor.value = left < 0 ? null : u.posToVal(left, 'x');
          },
        ],
        setSelect: [
          (u) => {
            const { left, width } = u.select;
            if (width > 0) range.value = [u.posToVal(left, 'x'), u.posToVal(left + width, 'x')];
            u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          },
        ],
      },
    };
  }
}

/** Of an axis over many powers of ten only these have a line. */
function powersOfTen(_: uPlot, splits: number[]): (number | null)[] {
  const positive = splits.filter((value) => value > 0);
  const wide = Math.max(...positive) / Math.min(...positive) > 1e3;
  return splits.map((value) => (wide && !Number.isInteger(Number(Math.log10(value).toFixed(9))) ? null : value));
}

/** uPlot leaves out some labels of a logarithmic axis. */
const numbers = (_: uPlot, splits: readonly (number | null)[]): string[] =>
  splits.map((value) => (value === null ? '' : number(value)));

// uPlot types these as an enum whose values it does not export.
// eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment
const distribution = (log: boolean): Pick<uPlot.Scale, 'distr'> => ({ distr: log ? 3 : 1 });
