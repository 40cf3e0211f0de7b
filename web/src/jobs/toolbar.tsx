/** Above the table of jobs: search, filters, columns, and what is done with those that are chosen. */
import type { JobRecord } from '../../../src/client/index.js';
import { Button } from '../parts/button.js';
import { act, applicable, jobActions } from '../state/job-actions.js';
import { goTo, route, setQuery } from '../state/route.js';
import type { JobColumn } from './columns.js';

const statuses = ['queued', 'running', 'pausing', 'paused', 'waiting', 'completed', 'failed', 'cancelled'];
/** The id of the field that `/` goes to. */
export const searchId = 'search';

/** Search and filters; what they say stands in the address. */
export function Filters() {
  const { query } = route.value;
  const tag = query.get('tag');
  return (
    <search class="row">
      <label class="visually-hidden" for={searchId}>
        Search jobs
      </label>
      <input
        id={searchId}
        type="search"
        placeholder="Search name, id, tag, policy…"
        value={query.get('q') ?? ''}
        onInput={({ currentTarget: { value } }) => setQuery({ q: value || undefined })}
        onKeyDown={(event) => {
          if (event.key === 'Escape' || event.key === 'Enter') event.currentTarget.blur();
        }}
      />
      <Choice name="status" label="Any status" options={statuses} />
      <Choice name="type" label="Any type" options={['fit', 'lr_find']} />
      {tag !== null && (
        <Button label={`Remove the filter by tag ${tag}`} onClick={() => setQuery({ tag: undefined })}>
          {tag} ×
        </Button>
      )}
    </search>
  );
}

function Choice({ name, label, options }: { name: string; label: string; options: readonly string[] }) {
  const chosen = route.value.query.get(name) ?? '';
  return (
    <select
      aria-label={label}
      value={chosen}
      onChange={({ currentTarget: { value } }) => setQuery({ [name]: value || undefined })}
    >
      <option value="">{label}</option>
      {options.map((option) => (
        <option key={option} value={option}>
          {option}
        </option>
      ))}
    </select>
  );
}

/** Which columns there are; the choice stands in the address. */
export function ColumnPicker({ all, shown }: { all: readonly JobColumn[]; shown: readonly JobColumn[] }) {
  const keys = new Set(shown.map(({ key }) => key));
  const toggle = (key: string): void => {
    if (!keys.delete(key)) keys.add(key);
    // In the order of all columns, whatever the order of the choice.
    setQuery({ cols: all.flatMap((each) => (keys.has(each.key) ? each.key : [])).join(',') });
  };
  return (
    <details class="picker">
      <summary class="button">Columns</summary>
      <div class="card" role="group" aria-label="Columns">
        {all.map(({ key, title }) => (
          <label key={key} class="row">
            <input type="checkbox" checked={keys.has(key)} onChange={() => toggle(key)} />
            {title}
          </label>
        ))}
        <Button kind="quiet" onClick={() => setQuery({ cols: undefined })}>
          Reset
        </Button>
      </div>
    </details>
  );
}

/** What can be done with the jobs that are chosen. */
export function BulkActions({ jobs, done }: { jobs: readonly JobRecord[]; done: () => void }) {
  return (
    <div class="row" role="toolbar" aria-label="Selected jobs">
      <strong>{jobs.length} selected</strong>
      {jobActions.map((action) => (
        <Button
          key={action.name}
          kind={action.name === 'delete' ? 'danger' : 'plain'}
          disabled={applicable(action, jobs).length === 0}
          onClick={async () => {
            if (await act(action, jobs)) done();
          }}
        >
          {action.title}
        </Button>
      ))}
      <Button kind="primary" disabled={jobs.length < 2} onClick={() => compare(jobs)}>
        Compare
      </Button>
    </div>
  );
}

/** Goes to the page that shows them over one another. */
export const compare = (jobs: readonly JobRecord[]): void =>
  goTo(['compare'], { jobs: jobs.map(({ id }) => id).join(',') });
