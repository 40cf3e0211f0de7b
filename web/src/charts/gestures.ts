/** Moves and zooms a chart: by wheel and pointer, and by keys. */
import type { Signal } from '@preact/signals';
import type { Range } from './line.js';
import { changed } from './zoom-range.js';

/** What gestures act on. */
export interface Zoomable {
  range: Signal<Range | null>;
  /** All that there is. */
  full: () => Range;
  /** Whether the axis is logarithmic. */
  log: boolean;
}

/** As `changed`, where the axis may be logarithmic. */
export function change(chart: Zoomable, by: Parameters<typeof changed>[2]): void {
  const full = chart.full();
  const seen = chart.range.peek() ?? full;
  if (!chart.log) chart.range.value = changed(seen, full, by);
  else {
    const next = changed(logs(seen), logs(full), by);
    chart.range.value = next && [Math.exp(next[0]), Math.exp(next[1])];
  }
}

const logs = ([from, to]: Range): Range => [Math.log(from), Math.log(to)];

/** Keys of a chart that has the focus. */
export function onChartKey(chart: Zoomable, event: KeyboardEvent): void {
  const changes: Readonly<Record<string, Parameters<typeof changed>[2] | null | undefined>> = {
    ArrowLeft: { by: -0.1 },
    ArrowRight: { by: 0.1 },
    '+': { factor: 0.5 },
    '=': { factor: 0.5 },
    '-': { factor: 2 },
    '0': null,
    Escape: null,
  };
  const by = changes[event.key];
  if (by === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  event.stopPropagation();
  if (by === null) chart.range.value = null;
  else change(chart, by);
}

/** Wheel with Ctrl or ⌘ (a pinch on a touchpad is one too) zooms; sideways, or dragged with Shift or a finger, moves. */
export function listen(over: HTMLElement, chart: Zoomable): () => void {
  const gone = new AbortController();
  const { signal } = gone;
  over.style.touchAction = 'pan-y';
  over.addEventListener(
    'wheel',
    (event) => {
      const { left, width } = over.getBoundingClientRect();
      if (event.ctrlKey || event.metaKey)
        change(chart, { factor: Math.exp(event.deltaY * 0.004), at: (event.clientX - left) / width });
      else if (Math.abs(event.deltaX) > Math.abs(event.deltaY) && chart.range.peek() !== null)
        change(chart, { by: event.deltaX / width });
      else return;
      event.preventDefault();
    },
    { signal, passive: false },
  );
  over.addEventListener(
    'pointerdown',
    (event) => {
      if (!movesChart(event)) return;
      over.setPointerCapture(event.pointerId);
      const dragged = new AbortController();
      const end = (): void => dragged.abort();
      const both = { signal: AbortSignal.any([signal, dragged.signal]) };
      over.addEventListener(
        'pointermove',
        ({ movementX }) => change(chart, { by: -movementX / over.clientWidth }),
        both,
      );
      over.addEventListener('pointerup', end, both);
      over.addEventListener('pointercancel', end, both);
    },
    { signal },
  );
  over.addEventListener('dblclick', () => (chart.range.value = null), { signal });
  return () => gone.abort();
}

/** Whether a press drags the chart along, in place of selecting a part of it. */
export const movesChart = (event: MouseEvent): boolean =>
  event.shiftKey || event.button === 1 || ('pointerType' in event && event.pointerType === 'touch');
