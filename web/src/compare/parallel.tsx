/** Parallel coordinates: a line for each run, through its place on each axis. Dragging along an axis narrows them. */
import { useSignal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { colorOf } from '../charts/palette.js';
import { nameOf } from '../state/job-name.js';
import type { Axis } from './axes.js';
import type { Run } from './runs.js';

const height = 260;
const margin = { x: 70, top: 34, bottom: 14 };

interface ParallelProps {
  runs: readonly Run[];
  axes: readonly Axis[];
  hovered: string | null;
  onHover: (id: string | null) => void;
}

/** A part of an axis, from 0 at its foot to 1. */
type Part = readonly [low: number, high: number];

/** The picture; the table beside it says the same in words. */
export function Parallel({ runs, axes, hovered, onHover }: ParallelProps) {
  const [element, width] = useWidth();
  const brushed = useSignal<ReadonlyMap<string, Part>>(new Map());
  const x = (i: number): number =>
    margin.x + (axes.length === 1 ? 0.5 : i / (axes.length - 1)) * (width - 2 * margin.x);
  const y = (position: number): number => margin.top + (1 - position) * (height - margin.top - margin.bottom);
  const shown = runs.map((_, run) => axes.every((axis) => within(axis.positions[run], brushed.value.get(axis.label))));
  const brush = (label: string, part: Part | null): void => {
    const next = new Map(brushed.value);
    if (part === null) next.delete(label);
    else next.set(label, part);
    brushed.value = next;
  };
  return (
    <div ref={element} class="parallel">
      <svg width={width} height={height} role="img" aria-label="Differences between the runs as parallel coordinates">
        {runs.map(({ record }, run) => (
          <path
            key={record.id}
            d={pathOf(axes, run, { x, y })}
            stroke={colorOf(run)}
            class={classOf({ shown: shown[run], active: hovered === record.id, dimmed: hovered !== null })}
            onMouseEnter={() => onHover(record.id)}
            onMouseLeave={() => onHover(null)}
          >
            <title>{nameOf(record)}</title>
          </path>
        ))}
        {axes.map((axis, i) => (
          <AxisView key={axis.label} axis={axis} x={x(i)} y={y} part={brushed.value.get(axis.label)} brush={brush} />
        ))}
      </svg>
    </div>
  );
}

const within = (position: number | null, part: Part | undefined): boolean =>
  part === undefined || (position !== null && position >= part[0] && position <= part[1]);

function classOf({ shown, active, dimmed }: { shown: boolean; active: boolean; dimmed: boolean }): string {
  if (!shown) return 'run hidden';
  return active ? 'run active' : dimmed ? 'run dimmed' : 'run';
}

/** A run without a value on an axis has no line there. */
function pathOf(
  axes: readonly Axis[],
  run: number,
  { x, y }: { x: (i: number) => number; y: (p: number) => number },
): string {
  let pen = false;
  return axes
    .map(({ positions }, i) => {
      const position = positions[run];
      const command = pen ? 'L' : 'M';
      pen = position !== null;
      return position === null ? '' : `${command}${x(i).toFixed(1)},${y(position).toFixed(1)}`;
    })
    .join('');
}

interface AxisProps {
  axis: Axis;
  x: number;
  y: (position: number) => number;
  part: Part | undefined;
  brush: (label: string, part: Part | null) => void;
}

function AxisView({ axis: { label, ticks }, x, y, part, brush }: AxisProps) {
  const from = useRef<number | null>(null);
  const place = (event: PointerEvent & { currentTarget: SVGElement }): number => {
    const { top, height: full } = event.currentTarget.getBoundingClientRect();
    return Math.min(1, Math.max(0, 1 - (event.clientY - top) / full));
  };
  return (
    <g>
      <line class="axis" x1={x} x2={x} y1={y(0)} y2={y(1)} />
      {part && <rect class="part" x={x - 7} width={14} y={y(part[1])} height={y(part[0]) - y(part[1])} />}
      <text x={x} y={16} text-anchor="middle" class="label">
        {label.length > 22 ? `…${label.slice(-21)}` : label}
      </text>
      {ticks.map(({ position, text }) => (
        <text key={text} x={x + 6} y={y(position)} dy="0.32em">
          {text}
        </text>
      ))}
      <rect
        class="brush"
        x={x - 10}
        width={20}
        y={y(1)}
        height={y(0) - y(1)}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          from.current = place(event);
          brush(label, null);
        }}
        onPointerMove={(event) => {
          if (from.current === null) return;
          const to = place(event);
          brush(label, [Math.min(from.current, to), Math.max(from.current, to)]);
        }}
        onPointerUp={() => (from.current = null)}
      />
    </g>
  );
}

/** The width of an element, as it changes. */
function useWidth(): [preact.RefObject<HTMLDivElement>, number] {
  const element = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(600);
  useEffect(() => {
    if (element.current === null) return;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry.contentRect.width)));
    observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return [element, width];
}
