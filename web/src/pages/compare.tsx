/** Several runs over one another: their curves, what differs between their specs, and what came of it. */
import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { axesOf } from '../compare/axes.js';
import { Choices, Comparison } from '../compare/chart.js';
import { byNames, type By } from '../compare/columns.js';
import { Parallel } from '../compare/parallel.js';
import { Picker } from '../compare/picker.js';
import { differingSpecs, resultsOf } from '../compare/results.js';
import { metricNames, Runs } from '../compare/runs.js';
import { DifferenceTable } from '../compare/table.js';
import { ProblemMessage } from '../parts/problem.js';
import { usePoll } from '../state/poll.js';
import { route } from '../state/route.js';
import '../styles/compare.css';

const pollMs = 3000;

/** The page; what is compared and how stands in the address. */
export function ComparePage() {
  const { query } = route.value;
  const ids = (query.get('jobs') ?? '').split(',').filter(Boolean);
  const runs = useMemo(() => new Runs(), []);
  useEffect(() => void runs.want(ids), [ids.join()]);
  return (
    <div class="stack">
      <h1>Compare</h1>
      {ids.length > 0 && <Compared runs={runs} query={query} />}
      <details class="card" open={ids.length < 2} key={ids.join()}>
        <summary>Choose jobs</summary>
        <Picker chosen={ids} />
      </details>
    </div>
  );
}

const isBy = (name: string | null): name is By => name !== null && Object.hasOwn(byNames, name);

function Compared({ runs, query }: { runs: Runs; query: URLSearchParams }) {
  const x = query.get('x');
  const by = isBy(x) ? x : 'iteration';
  const metric = query.get('metric') ?? 'loss';
  const yLog = query.has('log');
  const hovered = useSignal<string | null>(null);
  const error = useSignal<unknown>(null);
  usePoll('compare', () => runs.refresh(), {
    everyMs: pollMs,
    failed: (cause) => (error.value = cause),
    answered: () => (error.value = null),
    inputs: [runs],
  });
  const all = runs.all.value;
  const differing = useMemo(() => differingSpecs(all), [all]);
  const results = useMemo(() => resultsOf(all), [all]);
  const axes = useMemo(() => axesOf(differing, results), [differing, results]);
  const onHover = (id: string | null): void => {
    hovered.value = id;
  };
  return (
    <>
      {[...runs.errors.value].map(([id, cause]) => (
        <ProblemMessage key={id} error={cause} />
      ))}
      <ProblemMessage error={error.value} />
      <Choices by={by} metric={metric} metrics={metricNames(all)} yLog={yLog} />
      <Comparison runs={runs} by={by} metric={metric} yLog={yLog} hovered={hovered.value} />
      <section aria-labelledby="differences-heading">
        <h2 id="differences-heading">Differences</h2>
        {all.length > 1 && differing.length === 0 && <p>The specs are identical.</p>}
        <DifferenceTable {...{ runs: all, results, differing, hovered: hovered.value, onHover }} />
      </section>
      {all.length > 1 && axes.length > 1 && (
        <section aria-labelledby="parallel-heading">
          <h2 id="parallel-heading">Hyperparameters and results</h2>
          <p class="hint">Drag along an axis to filter the runs; click the axis to clear the filter.</p>
          <Parallel {...{ runs: all, axes, hovered: hovered.value, onHover }} />
        </section>
      )}
    </>
  );
}
