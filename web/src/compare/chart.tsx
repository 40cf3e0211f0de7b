/** The runs' curves over one another. */
import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import type { Range } from '../charts/line.js';
import { LineChart } from '../charts/lines.js';
import { colorOf, dashOf } from '../charts/palette.js';
import { nameOf } from '../state/job-name.js';
import { setQuery } from '../state/route.js';
import { dark } from '../state/theme.js';
import { byNames, isPerIteration, type By } from './columns.js';
import { curveOf, type Runs } from './runs.js';

/** More than this are named by the table alone. */
const mostNamed = 8;
/** After a zoom, before more detail is asked for. */
const settleMs = 250;

interface ComparisonProps {
  runs: Runs;
  by: By;
  metric: string;
  yLog: boolean;
  /** The run that is pointed at elsewhere. */
  hovered: string | null;
}

/** One chart; what is zoomed into comes in full from the service. */
export function Comparison({ runs, by, metric, yLog, hovered }: ComparisonProps) {
  const all = runs.all.value;
  const range = useSignal<Range | null>(null);
  const cursor = useSignal<number | null>(null);
  useEffect(() => {
    range.value = null;
  }, [by]);
  useEffect(() => {
    const seen = range.value;
    if (seen === null || !isPerIteration(metric)) return;
    const timer = setTimeout(() => void runs.look(seen, by).catch(() => undefined), settleMs);
    return () => clearTimeout(timer);
  }, [range.value, by, metric]);
  const curves = useMemo(() => all.map((run) => curveOf(run, by, metric)), [all, by, metric]);
  const lines = useMemo(
    () =>
      all.map((run, i) => ({
        ...curves[i],
        name: nameOf(run.record),
        color: colorOf(i),
        dash: dashOf(i),
        dots: !isPerIteration(metric),
        width: hovered === run.record.id ? 3.5 : 1.5,
        faint: hovered !== null && hovered !== run.record.id,
      })),
    [curves, hovered, dark.value],
  );
  return (
    <LineChart
      title={`${metric} by ${byNames[by]}`}
      lines={lines}
      range={range}
      cursor={cursor}
      height={420}
      yLog={yLog}
      xName={byNames[by]}
      legend={all.length <= mostNamed}
    />
  );
}

/** What is compared, and by what: all of it stands in the address. */
export function Choices({
  by,
  metric,
  metrics,
  yLog,
}: Omit<ComparisonProps, 'runs' | 'hovered'> & { metrics: string[] }) {
  return (
    <div class="row">
      <label>
        Metric{' '}
        <select value={metric} onChange={({ currentTarget }) => setQuery({ metric: currentTarget.value })}>
          {metrics.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <label>
        By{' '}
        <select value={by} onChange={({ currentTarget }) => setQuery({ x: currentTarget.value })}>
          <option value="iteration">iteration</option>
          <option value="time">wall time</option>
          <option value="epoch">epoch</option>
        </select>
      </label>
      <label class="row">
        <input
          type="checkbox"
          checked={yLog}
          onChange={({ currentTarget }) => setQuery({ log: currentTarget.checked ? '1' : undefined })}
        />
        Log scale
      </label>
    </div>
  );
}
