/** Which runs to compare: some of the newest. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { JobRecord } from '../../../src/client/index.js';
import { Button } from '../parts/button.js';
import { StatusBadge } from '../parts/status.js';
import { client } from '../state/client.js';
import { ago, number } from '../state/format.js';
import { nameOf } from '../state/job-name.js';
import { setQuery } from '../state/route.js';
import { toastError } from '../state/toasts.js';

/** A list to choose from; those that are compared are chosen. */
export function Picker({ chosen }: { chosen: readonly string[] }) {
  const jobs = useSignal<readonly JobRecord[]>([]);
  const picked = useSignal<ReadonlySet<string>>(new Set(chosen));
  useEffect(() => {
    client.jobs.list({ limit: 50, type: 'fit' }).then(
      ({ data }) => (jobs.value = data),
      (error: unknown) => toastError(error, 'Could not load the jobs'),
    );
  }, []);
  const toggle = (id: string): void => {
    const next = new Set(picked.value);
    if (!next.delete(id)) next.add(id);
    picked.value = next;
  };
  return (
    <div class="stack">
      <ul class="picker-list" aria-label="Jobs">
        {jobs.value.map((job) => (
          <li key={job.id}>
            <label class="row">
              <input type="checkbox" checked={picked.value.has(job.id)} onChange={() => toggle(job.id)} />
              <span>{nameOf(job)}</span>
              <StatusBadge status={job.status} />
              <span class="muted">
                {job.spec.policy.name}, {ago(job.created_at)}
                {job.result && `, valid_loss ${number(job.result.valid_loss)}`}
              </span>
            </label>
          </li>
        ))}
      </ul>
      <div class="row">
        <Button
          kind="primary"
          disabled={picked.value.size === 0}
          onClick={() => setQuery({ jobs: [...picked.value].join(',') })}
        >
          Compare
        </Button>
      </div>
    </div>
  );
}
