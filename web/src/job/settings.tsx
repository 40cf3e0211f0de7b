/** How the charts of a job are drawn; it stands in the address. */
import type { Signal } from '@preact/signals';
import type { Range } from '../charts/line.js';
import { Button } from '../parts/button.js';
import { route, setQuery } from '../state/route.js';

/** As the address says. */
export interface ChartSettings {
  /** The factor of the moving mean, as fastai's `beta`; 0: none. */
  smooth: number;
  xLog: boolean;
  yLog: boolean;
  hyperLog: boolean;
  allHypers: boolean;
}

/** Reads them. */
export function settingsOf(query: URLSearchParams): ChartSettings {
  const log = new Set((query.get('log') ?? '').split(','));
  const smooth = Number(query.get('smooth') ?? 0);
  return {
    smooth: smooth > 0 && smooth < 1 ? smooth : 0,
    xLog: log.has('x'),
    yLog: log.has('y'),
    hyperLog: log.has('lr'),
    allHypers: query.get('hypers') === 'all',
  };
}

/** Puts one axis on the logarithm, or takes it from there. */
export function toggleLog(axis: 'x' | 'y' | 'lr'): void {
  const log = new Set((route.value.query.get('log') ?? '').split(',').filter(Boolean));
  if (!log.delete(axis)) log.add(axis);
  setQuery({ log: [...log].sort().join(',') || undefined });
}

/** The switches above the charts. */
export function ChartControls({
  settings: { smooth, xLog, yLog, hyperLog, allHypers },
  range,
  complete,
}: {
  settings: ChartSettings;
  range: Signal<Range | null>;
  complete: boolean;
}) {
  return (
    <div class="row chart-controls" role="toolbar" aria-label="Charts">
      <label class="row">
        Smoothing
        <input
          type="range"
          min="0"
          max="0.999"
          step="0.001"
          value={smooth}
          disabled={!complete}
          title={complete ? 'Moving average over every iteration' : 'Only available while all iterations are loaded'}
          onInput={({ currentTarget: { value } }) => setQuery({ smooth: Number(value) > 0 ? value : undefined })}
        />
        <span class="number value">{smooth === 0 ? 'off' : smooth.toFixed(3)}</span>
      </label>
      <Button pressed={yLog} onClick={() => toggleLog('y')}>
        Log loss
      </Button>
      <Button pressed={hyperLog} onClick={() => toggleLog('lr')}>
        Log lr
      </Button>
      <Button pressed={xLog} onClick={() => toggleLog('x')}>
        Log iterations
      </Button>
      <Button pressed={allHypers} onClick={() => setQuery({ hypers: allHypers ? undefined : 'all' })}>
        All hypers
      </Button>
      {range.value !== null && (
        <Button
          onClick={() => {
            range.value = null;
          }}
        >
          Show all ({Math.floor(range.value[0])}–{Math.ceil(range.value[1])})
        </Button>
      )}
      <span class="hint">Drag to zoom · Shift-drag to move · Ctrl-wheel to zoom · double-click to show all</span>
    </div>
  );
}
