/** All jobs. */
import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import type { JobRecord } from '../../../src/client/index.js';
import { chosenColumns, columnsFor, metricNames } from '../jobs/columns.js';
import { JobList, type JobFilter } from '../jobs/list.js';
import { JobTable, rowHeight } from '../jobs/table.js';
import { BulkActions, ColumnPicker, Filters, compare, searchId } from '../jobs/toolbar.js';
import { ButtonLink } from '../parts/button.js';
import { ProblemMessage } from '../parts/problem.js';
import { useVirtualRows } from '../parts/virtual.js';
import { act, jobActions } from '../state/job-actions.js';
import { useKeys, type KeyAction } from '../state/keys.js';
import { LiveJobs } from '../state/live.js';
import { usePoll } from '../state/poll.js';
import { href, route } from '../state/route.js';
import { Selection } from '../state/selection.js';
import '../styles/jobs.css';

const none: readonly JobRecord[] = [];

/** The table of jobs, and what is done with them. */
export function JobsPage() {
  const { query } = route.value;
  const filter = filterOf(query);
  const list = useMemo(() => new JobList(filter), [JSON.stringify(filter)]);
  const again = useSignal(0);
  const error = useSignal<unknown>(null);
  const selection = useMemo(() => new Selection(), []);
  const live = useMemo(() => new LiveJobs(() => again.value++), []);
  const shown = useSignal<typeof list.state.value>(null);
  // While the rows of another filter are on their way, those that are there stay.
  if (list.state.value !== null) shown.value = list.state.value;
  const jobs = shown.value?.rows ?? none;
  // The same columns as long as their names are: rows are drawn anew only where something of theirs has changed.
  const names = metricNames(jobs).join();
  const all = useMemo(() => columnsFor(names === '' ? [] : names.split(',')), [names]);
  const chosenKeys = query.get('cols');
  const columns = useMemo(() => chosenColumns(all, chosenKeys), [all, chosenKeys]);
  const rows = useVirtualRows({ count: jobs.length, rowHeight: rowHeight(columns.length) });

  usePoll('jobs', () => list.refresh(rows), {
    everyMs: 2000,
    failed: (cause) => (error.value = cause),
    answered: () => (error.value = null),
    inputs: [list, again.value],
  });
  useEffect(() => {
    if (rows.last > jobs.length - 40) void list.more().catch((cause: unknown) => (error.value = cause));
  }, [rows.last, jobs.length, list]);
  const running = jobs
    .slice(rows.first, rows.last)
    .filter(({ status }) => status === 'running' || status === 'pausing');
  useEffect(() => live.follow(running.map(({ id }) => id)));
  useEffect(() => () => live.stop(), [live]);

  const chosen = jobs.filter(({ id }) => selection.chosen.value.has(id));
  const refresh = (): void => {
    again.value++;
  };
  useTableKeys({ jobs, chosen, selection, show: (row) => rows.show(row), refresh });
  return (
    <div class="stack">
      <div class="row spread">
        <h1>Jobs</h1>
        <ButtonLink kind="primary" href={href(['new'])}>
          New job
        </ButtonLink>
      </div>
      <div class="row spread">
        <Filters />
        <ColumnPicker all={all} shown={columns} />
      </div>
      {chosen.length > 0 && <BulkActions jobs={chosen} done={refresh} />}
      <ProblemMessage error={error.value} />
      <JobTable {...{ jobs, columns, selection, live, rows, hasMore: shown.value?.hasMore ?? true }} />
      {shown.value !== null && jobs.length === 0 && (
        <p class="muted">{Object.keys(filter).length > 0 ? 'No jobs match.' : 'No jobs yet. Press n to create one.'}</p>
      )}
    </div>
  );
}

interface TableKeys {
  jobs: readonly JobRecord[];
  chosen: readonly JobRecord[];
  selection: Selection;
  show: (row: number) => void;
  refresh: () => void;
}

/** Keys act on the chosen jobs; where none is chosen, on the current one. */
function useTableKeys({ jobs, chosen, selection, show, refresh }: TableKeys): void {
  const move = (by: number): void => {
    const row = selection.move(
      jobs.map(({ id }) => id),
      by,
    );
    show(row);
    const link = (): HTMLElement | null => document.getElementById(`row-${selection.current.value ?? ''}`);
    // Where it was not on the page, it is after the next drawing.
    if (link() === null) requestAnimationFrame(() => requestAnimationFrame(() => link()?.focus()));
    else link()?.focus();
  };
  const targets = (): readonly JobRecord[] =>
    chosen.length > 0 ? chosen : jobs.filter(({ id }) => id === selection.current.value);
  const actions = jobActions.map((action): [string, KeyAction] => [
    action.key,
    {
      does: `${action.title} the selected jobs or the current one`,
      run: () => void act(action, targets()).then((done) => done && refresh()),
    },
  ]);
  useKeys({
    j: { does: 'Next job', run: () => move(1) },
    k: { does: 'Previous job', run: () => move(-1) },
    x: {
      does: 'Select the current job',
      run: () => selection.current.value !== null && selection.toggle(selection.current.value),
    },
    a: { does: 'Select all loaded jobs, or none', run: () => selection.toggleAll(jobs.map(({ id }) => id)) },
    '/': { does: 'Search', run: () => document.getElementById(searchId)?.focus() },
    v: { does: 'Compare the selected jobs', run: () => chosen.length > 1 && compare(chosen) },
    ...Object.fromEntries(actions),
  });
}

function filterOf(query: URLSearchParams): JobFilter {
  const names = ['q', 'tag', 'status', 'type', 'sort'];
  // The service says what is wrong where the address was written by hand.
  return Object.fromEntries([...query].filter(([name]) => names.includes(name)));
}
