/** The charts of a job. */
import type { Signal } from '@preact/signals';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { JobRecord } from '../../../src/client/index.js';
import type { Mark, Range } from '../charts/line.js';
import { LineChart } from '../charts/lines.js';
import { after, scheduleOf, type Schedule } from '../state/ahead.js';
import { varies } from '../state/curves.js';
import type { JobView } from '../state/job-view.js';
import { marksOf } from '../state/marks.js';
import { Smoothed } from '../state/smooth.js';
import { isTerminal } from '../../../src/client/index.js';
import { hyperLines, lossLines, metricLine, metricNames } from './lines.js';
import type { ChartSettings } from './settings.js';

interface ChartsProps {
  view: JobView;
  record: JobRecord;
  settings: ChartSettings;
  range: Signal<Range | null>;
  cursor: Signal<number | null>;
}

/** Loss, metrics and hypers, over one another: one cursor, one zoom. */
export function JobCharts({ view, record, settings, range, cursor }: ChartsProps) {
  const curves = view.curves.value;
  const revision = view.revision.value;
  const smoothed = useSmoothed(view, settings.smooth);
  const marks = useMemo(
    () => marksOf(record, curves.restarts, view.checkpoints.value),
    [record, curves, curves.restarts.length, view.checkpoints.value],
  );
  const lines = marks.filter(({ kind }) => kind !== 'point');
  const shared = { range, cursor, revision, xLog: settings.xLog };
  const loss = useMemo(() => lossLines(curves, smoothed), [curves, smoothed, revision]);
  return (
    <div class="stack charts">
      <LineChart title="Loss" {...shared} lines={loss} marks={marks} height={320} yLog={settings.yLog} />
      <div class="columns">
        {metricNames(curves).map((name) => (
          <LineChart
            key={name}
            title={name}
            {...shared}
            lines={[metricLine(curves, name)]}
            marks={lines}
            height={200}
          />
        ))}
        <HyperCharts {...{ view, record, settings, shared, marks: lines }} />
      </div>
    </div>
  );
}

interface Shared {
  range: Signal<Range | null>;
  cursor: Signal<number | null>;
  revision: number;
  xLog: boolean;
}

interface HyperChartsProps {
  view: JobView;
  record: JobRecord;
  settings: ChartSettings;
  shared: Shared;
  marks: readonly Mark[];
}

/** Each hyper that changes; all of them where the reader wants to see them. */
function HyperCharts({ view, record, settings, shared, marks }: HyperChartsProps) {
  const curves = view.curves.value;
  const schedule = useSchedule(record, curves.hypers.get('lr')?.length);
  const done = curves.iteration.length > 0 ? curves.iteration.at(curves.iteration.length - 1) : -1;
  const ahead = schedule && !isTerminal(record.status) ? after(schedule, done) : null;
  const known = new Set([...curves.hypers.keys(), ...(ahead?.hypers.keys() ?? [])]);
  const names = [...new Set(['lr', 'mom', ...known])]
    .filter((name) => known.has(name))
    .filter((name) => settings.allHypers || name === 'lr' || changes(name, [curves.hypers, schedule?.hypers]));
  const { n_iteration } = record.progress;
  const full = ahead && n_iteration !== null && !shared.xLog ? ([0, n_iteration] as const) : undefined;
  return (
    <>
      {names.map((name) => (
        <LineChart
          key={name}
          title={name}
          {...shared}
          {...(full && { full })}
          lines={hyperLines(curves, name, ahead)}
          marks={marks}
          height={200}
          yLog={settings.hyperLog && name === 'lr'}
        />
      ))}
    </>
  );
}

const changes = (
  name: string,
  sources: readonly (ReadonlyMap<string, readonly Parameters<typeof varies>[0][]> | undefined)[],
) => sources.some((hypers) => hypers?.get(name)?.some(varies));

/** The schedule of a job that has not ended. */
function useSchedule(record: JobRecord, groups: number | undefined): Schedule | null {
  const [schedule, setSchedule] = useState<Schedule | null>(null);
  const ended = isTerminal(record.status);
  const key = JSON.stringify([record.progress.n_iteration, record.spec, record.lr_find, groups, ended]);
  useEffect(() => {
    if (ended) return;
    const gone = new AbortController();
    // Without a schedule the chart shows what was recorded, as it does for a policy that cannot be previewed.
    scheduleOf(record, groups ?? 1, gone.signal).then(setSchedule, () => setSchedule(null));
    return () => gone.abort();
  }, [key]);
  return schedule;
}

/** The raw loss smoothed as the reader chose, over every iteration; null where not all of them are here. */
function useSmoothed(view: JobView, beta: number) {
  const curves = view.curves.value;
  // An attempt that starts again changes what came before: it is smoothed anew.
  const restarts = curves.restarts.length;
  const smoothed = useMemo(() => (beta > 0 ? new Smoothed(curves.rawLoss, beta) : null), [curves, beta, restarts]);
  return smoothed !== null && view.complete.value ? smoothed.update() : null;
}
