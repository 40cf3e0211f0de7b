/** Who waits for a worker, in the order in which they will run, and why one does not begin. */
import type { JobRecord, Queue } from '../../../src/client/index.js';
import { client } from '../state/client.js';
import { ago } from '../state/format.js';
import { href } from '../state/route.js';
import { toastError } from '../state/toasts.js';
import { Button } from './button.js';
import { Heads } from './heads.js';

interface QueueTableProps {
  queue: Queue;
  jobs: ReadonlyMap<string, JobRecord>;
  /** It has changed. */
  done: () => void;
}

/** The queue, and pausing it. */
export function QueueTable({ queue, jobs, done }: QueueTableProps) {
  const { paused, queued, running, data } = queue;
  const toggle = async (): Promise<void> => {
    try {
      await (paused ? client.queue.resume() : client.queue.pause());
      done();
    } catch (error) {
      toastError(error, `Could not ${paused ? 'resume' : 'pause'} the queue`);
    }
  };
  return (
    <section aria-labelledby="queue-heading">
      <div class="row spread">
        <h2 id="queue-heading">Queue</h2>
        <Button onClick={toggle}>{paused ? 'Resume the queue' : 'Pause the queue'}</Button>
      </div>
      <p role="status">
        {running} running, {queued} waiting.{' '}
        {paused && <strong>The queue is paused: no worker takes a job until it is resumed.</strong>}
      </p>
      {data.length > 0 && (
        <table class="table cards">
          <Heads names={['Position', 'Job', 'Policy', 'Priority', 'Created', 'Reason for waiting']} />
          <tbody>
            {data.map((entry) => (
              <QueueRow key={entry.job} entry={entry} job={jobs.get(entry.job)} />
            ))}
          </tbody>
        </table>
      )}
      {queued > data.length && <p class="muted">Only the first {data.length} are shown.</p>}
    </section>
  );
}

function QueueRow({ entry, job }: { entry: Queue['data'][number]; job: JobRecord | undefined }) {
  return (
    <tr>
      <td data-label="Position">{entry.position}</td>
      <td data-label="Job">
        <a href={href(['jobs', entry.job])}>{job?.name ?? entry.job}</a>
      </td>
      <td data-label="Policy">{job?.spec.policy.name}</td>
      <td data-label="Priority">{entry.priority}</td>
      <td data-label="Created">{job && ago(job.created_at)}</td>
      <td data-label="Reason for waiting">{job?.queue?.reason ?? 'other jobs are ahead of it'}</td>
    </tr>
  );
}
