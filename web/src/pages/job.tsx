/** A job. */
import { useSignal, useSignalEffect, type Signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { isTerminal } from '../../../src/client/index.js';
import type { Range } from '../charts/line.js';
import { Checkpoints } from '../job/checkpoints.js';
import { JobCharts } from '../job/charts.js';
import { Downloads } from '../job/downloads.js';
import { EpochTable } from '../job/epochs.js';
import { Failure } from '../job/failure.js';
import { JobHead } from '../job/head.js';
import { ChartControls, settingsOf, toggleLog } from '../job/settings.js';
import { SpecView } from '../job/spec.js';
import { Finder } from '../charts/finder.js';
import { PredictBox } from '../parts/predict.js';
import { ProblemMessage } from '../parts/problem.js';
import { defaultLimit, JobView } from '../state/job-view.js';
import { useKeys } from '../state/keys.js';
import { usePoll } from '../state/poll.js';
import { route, setQuery } from '../state/route.js';
import { useZoom } from '../state/zoom.js';
import '../styles/job.css';

/** Everything about one job, live. */
export function JobPage() {
  const { query } = route.value;
  // Each job's page is one of its own: on the way to another the address is no longer this one's.
  const id = useMemo(() => route.peek().path[1], []);
  const range = useZoom();
  const cursor = useSignal<number | null>(null);
  const limit = Number(query.get('limit') ?? defaultLimit);
  const view = useMemo(() => new JobView(id, limit, range), [id, limit, range]);
  useEffect(() => {
    void view.start();
    return () => view.stop();
  }, [view]);
  const record = view.record.value;
  const live = record !== null && !isTerminal(record.status);
  usePoll('job', () => (live ? view.refresh() : Promise.resolve()), {
    everyMs: 2000,
    failed: (error) => (view.error.value = error),
    inputs: [view, live],
  });
  useSignalEffect(() => {
    const { name, status } = view.record.value ?? {};
    if (status !== undefined) document.title = `${name ?? id} (${status}) · onecycle`;
  });
  useKeys({
    l: { does: 'Switch the log scale of the loss', run: () => toggleLog('y') },
    h: {
      does: 'Show all hypers, or only those that change',
      run: () => setQuery({ hypers: query.get('hypers') ? undefined : 'all' }),
    },
    z: { does: 'Reset the zoom', run: () => (range.value = null) },
  });
  if (record === null) return <ProblemMessage error={view.error.value} />;
  return <Job {...{ view, record, range, cursor }} settings={settingsOf(query)} />;
}

interface JobProps {
  view: JobView;
  record: NonNullable<JobView['record']['value']>;
  settings: ReturnType<typeof settingsOf>;
  range: Signal<Range | null>;
  cursor: Signal<number | null>;
}

function Job({ view, record, settings, range, cursor }: JobProps) {
  return (
    <div class="stack">
      <JobHead view={view} record={record} />
      <ProblemMessage error={view.error.value} />
      <Failure record={record} />
      {record.type === 'lr_find' && <Finder job={record} />}
      <section aria-label="Curves">
        <ChartControls settings={settings} range={range} complete={view.complete.value} />
        <JobCharts {...{ view, record, settings, range, cursor }} />
      </section>
      <div class="columns">
        <section class="card">
          <h2>Epochs</h2>
          <EpochTable view={view} />
        </section>
        <section class="card">
          <h2>Checkpoints</h2>
          <Checkpoints record={record} checkpoints={view.checkpoints.value} />
          <h2>Downloads</h2>
          <Downloads record={record} />
        </section>
      </div>
      {record.type === 'fit' && view.checkpoints.value.length > 0 && (
        <PredictBox job={record} checkpoints={view.checkpoints.value} />
      )}
      <section class="card">
        <h2>Spec</h2>
        <SpecView record={record} />
      </section>
    </div>
  );
}
