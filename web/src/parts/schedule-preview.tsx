/** The schedules of the policy that is being written, drawn as it changes. */
import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import type { Preview, PreviewRequest } from '../../../src/client/index.js';
import { Column } from '../charts/column.js';
import type { Line, Range } from '../charts/line.js';
import { LineChart } from '../charts/lines.js';
import { colorOf, dashOf } from '../charts/palette.js';
import type { Json } from '../form/schema.js';
import { previewOf } from '../form/preview.js';
import { client } from '../state/client.js';
import { describeProblem } from '../state/problem.js';
import { dark } from '../state/theme.js';

/** As a slider moves, the service is asked no more often than this. */
const settleMs = 80;

/** One chart for each hyperparameter that varies. */
export function SchedulePreview({ policy }: { policy: Json | undefined }) {
  const asked = previewOf(policy);
  const request = JSON.stringify(asked?.body);
  const preview = useSignal<Preview | null>(null);
  const problem = useSignal<string | null>(null);
  const range = useSignal<Range | null>(null);
  const cursor = useSignal<number | null>(null);
  useEffect(() => {
    const gone = new AbortController();
    const ask = async (): Promise<void> => {
      try {
        // The service says what is wrong with a policy that is half written.
        const body = JSON.parse(request) as PreviewRequest;
        preview.value = await client.schedules.preview(body, { signal: gone.signal });
        problem.value = null;
      } catch (error) {
        if (!gone.signal.aborted) problem.value = problemText(error);
      }
    };
    const timer = asked === null ? undefined : setTimeout(() => void ask(), settleMs);
    return () => {
      clearTimeout(timer);
      gone.abort();
    };
  }, [request]);
  const charts = useMemo(() => (preview.value ? chartsOf(preview.value) : []), [preview.value, dark.value]);
  return (
    <section class="card" aria-labelledby="schedule-heading">
      <h2 id="schedule-heading">Schedule</h2>
      {problem.value !== null && <p class="muted">The schedule cannot be drawn: {problem.value}</p>}
      {charts.map(({ name, lines }) => (
        <LineChart
          key={name}
          title={name === 'lr' && asked?.relative ? 'lr, as a fraction of the suggested rate' : name}
          lines={lines}
          range={range}
          cursor={cursor}
          height={160}
        />
      ))}
    </section>
  );
}

function problemText(error: unknown): string {
  const { detail, errors } = describeProblem(error);
  return errors.length === 0 ? detail : errors.map((one) => `${one.pointer} ${one.detail}`).join('; ');
}

/** Hypers that stay as they are say nothing, and are left out; of equal groups one is drawn. */
function chartsOf({ hypers }: Preview): { name: string; lines: Line[] }[] {
  return Object.entries(hypers).flatMap(([name, groups]) => {
    const rows = groups.filter((row, i) => groups.findIndex((other) => String(other) === String(row)) === i);
    if (!rows.some((row) => row.some((value) => value !== row[0])) && name !== 'lr') return [];
    return [{ name, lines: rows.map((row, i) => lineOf(row, i, rows.length === 1 ? name : `group ${i}`)) }];
  });
}

const lineOf = (row: readonly (number | null)[], index: number, name: string): Line => ({
  name,
  color: colorOf(index),
  dash: dashOf(index),
  x: Column.from(row.map((_, i) => i)),
  y: Column.from(row),
});
