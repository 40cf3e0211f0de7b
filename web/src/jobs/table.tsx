/** The table of jobs: only the rows that are seen are on the page. */
import { memo } from 'preact/compat';
import type { JobRecord } from '../../../src/client/index.js';
import { narrow } from '../state/media.js';
import { nameOf } from '../state/job-name.js';
import type { LiveJobs } from '../state/live.js';
import { href, route, setQuery } from '../state/route.js';
import type { Selection } from '../state/selection.js';
import type { useVirtualRows } from '../parts/virtual.js';
import type { JobColumn } from './columns.js';

interface TableProps {
  jobs: readonly JobRecord[];
  columns: readonly JobColumn[];
  selection: Selection;
  live: LiveJobs;
  rows: ReturnType<typeof useVirtualRows>;
  hasMore: boolean;
}

/** How high a row is, in pixels: a card has a line for each column. */
export const rowHeight = (columns: number): number => (narrow.value ? 16 + 28 * (columns + 1) : 42);

/** Jobs as rows, or as cards where the screen is narrow. */
export function JobTable({ jobs, columns, selection, live, rows, hasMore }: TableProps) {
  const ids = jobs.map(({ id }) => id);
  return (
    <div class="scroll jobs" ref={rows.box} tabIndex={-1}>
      <table class="table cards" aria-rowcount={hasMore ? -1 : jobs.length + 1}>
        <caption class="visually-hidden">Jobs</caption>
        <thead>
          <tr>
            <th scope="col">
              <input
                type="checkbox"
                aria-label="Select all loaded jobs"
                checked={ids.length > 0 && ids.every((id) => selection.chosen.value.has(id))}
                onChange={() => selection.toggleAll(ids)}
              />
            </th>
            <Head column={{ key: 'name', title: 'Name', sort: 'name' }} />
            {columns.map((column) => (
              <Head key={column.key} column={column} />
            ))}
          </tr>
        </thead>
        <tbody>
          <Space height={rows.before} />
          {jobs.slice(rows.first, rows.last).map((job, i) => (
            <Row
              key={job.id}
              job={job}
              index={rows.first + i}
              columns={columns}
              selection={selection}
              live={live}
              height={rowHeight(columns.length)}
            />
          ))}
          <Space height={rows.after} />
        </tbody>
      </table>
    </div>
  );
}

/** In place of the rows that are not on the page. */
function Space({ height }: { height: number }) {
  return height === 0 ? null : <tr class="space" aria-hidden="true" style={{ height: `${height}px` }} />;
}

function Head({ column: { title, sort, number } }: { column: Omit<JobColumn, 'cell'> }) {
  const sorted = route.value.query.get('sort') ?? '-created_at';
  const direction = sorted === sort ? 'ascending' : sorted === `-${sort ?? ''}` ? 'descending' : undefined;
  return (
    <th scope="col" class={number === true ? 'number' : ''} aria-sort={direction}>
      {sort === undefined ? (
        title
      ) : (
        <button type="button" onClick={() => setQuery({ sort: direction === 'descending' ? sort : `-${sort}` })}>
          {title}
          <span aria-hidden="true">{direction === undefined ? '' : direction === 'ascending' ? ' ↑' : ' ↓'}</span>
        </button>
      )}
    </th>
  );
}

interface RowProps {
  job: JobRecord;
  index: number;
  columns: readonly JobColumn[];
  selection: Selection;
  live: LiveJobs;
  height: number;
}

/** Drawn again only when its job, its live values, or whether it is chosen change. */
const Row = memo(function Row({ job, index, columns, selection, live, height }: RowProps) {
  const now = live.of(job.id).value;
  const chosen = selection.chosen.value.has(job.id);
  return (
    <tr
      aria-rowindex={index + 2}
      aria-selected={chosen}
      class={selection.current.value === job.id ? 'here' : ''}
      style={{ height: `${narrow.value ? height - 6 : height}px` }}
    >
      <td>
        <input
          type="checkbox"
          aria-label={`Select ${nameOf(job)}`}
          checked={chosen}
          onChange={() => selection.toggle(job.id)}
        />
      </td>
      <th scope="row">
        <a id={`row-${job.id}`} href={href(['jobs', job.id])} onFocus={() => (selection.current.value = job.id)}>
          {nameOf(job)}
        </a>
      </th>
      {columns.map(({ key, title, number, cell }) => (
        <td key={key} data-label={title} class={number === true ? 'number' : ''}>
          {cell(job, now)}
        </td>
      ))}
    </tr>
  );
});
