import { finite } from '../numbers/thin.js';
import { axisOf, draw, heading, legend, line } from './draw.js';
import { palette } from './theme.js';

/** Points of a curve: the page's `linspace(0, 1, 100)`. */
const points = 100;

/** Functions of a position in [0, 1] over that position, as the text of an SVG: a line for each, by its name. */
export function plotSchedules(schedules: Readonly<Record<string, (position: number) => number>>): string {
  const positions = Array.from({ length: points }, (_, i) => i / (points - 1));
  const lines = Object.entries(schedules).map(([name, schedule], i) =>
    line(
      name,
      positions.map((position) => [position, finite(schedule(position))]),
      { color: palette[i % palette.length], lineStyle: { width: 2, color: palette[i % palette.length] } },
    ),
  );
  return draw(
    {
      title: heading('Schedules'),
      legend: legend(lines),
      grid: { left: 80, right: 40, top: 84, bottom: 60 },
      xAxis: { ...axisOf('position', 'value', 32), min: 0, max: 1 },
      yAxis: axisOf('value', 'value', 52),
      series: lines,
    },
    { width: 760, height: 470 },
    'Schedules by position',
  );
}
