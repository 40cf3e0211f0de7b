/**
 * Draws with ECharts, on the server, to an SVG's text. Loading it takes some hundred milliseconds: import these files
 * when a plot is asked for.
 */
import { LineChart, ScatterChart, type LineSeriesOption, type ScatterSeriesOption } from 'echarts/charts';
import { GridComponent, LegendComponent, MarkLineComponent, TitleComponent } from 'echarts/components';
import type { GridComponentOption, LegendComponentOption, TitleComponentOption } from 'echarts/components';
import { init, use, type ComposeOption } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { thin } from '../numbers/thin.js';
import { axis, font, palette, paper, rule, styleSheet, text, type Color } from './theme.js';

use([LineChart, ScatterChart, GridComponent, LegendComponent, MarkLineComponent, TitleComponent, SVGRenderer]);

/** What ECharts draws. */
export type PlotOption = ComposeOption<
  LineSeriesOption | ScatterSeriesOption | GridComponentOption | LegendComponentOption | TitleComponentOption
>;

/** Of a drawing, in pixels. */
export interface Size {
  width: number;
  height: number;
}

/** A point of a curve; y is null where there is no number. */
export type Point = [x: number, y: number | null];

/** Points per line: more would be more than its pixels. */
const pointsPerLine = 2000;

/** The text of an SVG. The same option gives the same text. */
export function draw(option: PlotOption, { width, height }: Size, title: string): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({
      animation: false,
      backgroundColor: paper,
      color: palette,
      textStyle: { fontFamily: font, color: text },
      ...option,
    });
    return (
      chart
        .renderToSVGString()
        // What a mouse would do; and ECharts numbers its drawings, so that two of the same would differ.
        .replace(/<style[^]*?<\/style>\n?/, '')
        .replaceAll(/ class="zr[^"]*"/g, '')
        .replaceAll(/\bzr\d+-/g, 'plot-')
        .replace(/^<svg([^>]*)>/, `<svg$1 role="img"><title>${title}</title><style>${styleSheet}</style>`)
    );
  } finally {
    chart.dispose();
  }
}

/** How a line is drawn. */
interface LineOptions extends LineSeriesOption {
  color: Color;
  /** How many lines share its panel. */
  shared?: number;
  /** Whether its y axis is logarithmic, where only what is above 0 has a place. */
  log?: boolean;
}

/** A line through these points, thinned to what can be seen; broken where there is no number. */
export const line = (
  name: string,
  curve: readonly Point[],
  { color, shared = 1, log = false, ...options }: LineOptions,
): LineSeriesOption => ({
  type: 'line',
  name,
  data: thin(
    curve.map(([, y]) => y),
    Math.max(50, Math.floor(pointsPerLine / shared)),
  ).map((row) => (log ? aboveZero(curve[row]) : curve[row])),
  showSymbol: curve.length === 1,
  silent: true,
  color,
  lineStyle: { width: 1.5, color },
  ...options,
});

const aboveZero = ([x, y]: Point): Point => [x, y !== null && y > 0 ? y : null];

/** A number as an axis shows it: 0.05, 1e-7. */
export function label(value: number): string {
  const rounded = Number(value.toPrecision(4));
  return rounded !== 0 && Math.abs(rounded) < 1e-4 ? rounded.toExponential() : String(rounded);
}

/** An axis with its name; of a logarithmic one the values must be above 0. */
export const axisOf = (name: string, type: 'value' | 'log', gap: number) => ({
  type,
  name,
  nameLocation: 'middle' as const,
  nameGap: gap,
  nameTextStyle: { color: text, fontSize: 13, fontFamily: font },
  scale: true,
  axisLine: { show: true, onZero: false, lineStyle: { color: axis } },
  axisTick: { show: true, lineStyle: { color: axis } },
  axisLabel: { color: axis, fontFamily: font, formatter: label, hideOverlap: true },
  splitLine: { lineStyle: { color: rule } },
  minorTick: { show: false },
});

/** Names beside their colours: a stroke for a line, the symbol itself for a point. */
export const legend = (series: readonly { type?: string; name?: string | number }[]): LegendComponentOption => ({
  data: series.map(({ type, name }) => ({
    name: String(name),
    ...(type === 'line' && { icon: 'path://M0 8h24v3h-24z' }),
  })),
  top: 38,
  itemWidth: 18,
  itemHeight: 12,
  itemGap: 24,
  textStyle: { color: text, fontFamily: font },
  selectedMode: false,
});

/** The title above a plot. */
export const heading = (title: string): TitleComponentOption => ({
  text: title,
  left: 'center',
  top: 8,
  textStyle: { color: text, fontSize: 15, fontFamily: font },
});
