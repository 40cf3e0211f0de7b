/** Workers and the queue: what runs where, how busy the devices are, and who waits for what. */
import { useSignal } from '@preact/signals';
import type { JobRecord, Queue, Worker } from '../../../src/client/index.js';
import { ProblemMessage } from '../parts/problem.js';
import { QueueTable } from '../parts/queue-table.js';
import { WorkerCard } from '../parts/worker-card.js';
import { client } from '../state/client.js';
import { usePoll } from '../state/poll.js';
import '../styles/gauges.css';

const pollMs = 2000;

/** All that the page shows, as of one moment. */
interface Seen {
  workers: readonly Worker[];
  queue: Queue;
  /** Records of jobs that run or wait, by their ids. */
  jobs: ReadonlyMap<string, JobRecord>;
}

/** The page. */
export function WorkersPage() {
  const seen = useSignal<Seen | null>(null);
  const error = useSignal<unknown>(null);
  const again = useSignal(0);
  usePoll('workers', async () => (seen.value = await look()), {
    everyMs: pollMs,
    failed: (cause) => (error.value = cause),
    answered: () => (error.value = null),
    inputs: [again.value],
  });
  const refresh = (): void => {
    again.value++;
  };
  const now = seen.value;
  return (
    <div class="stack">
      <h1>Workers and queue</h1>
      <ProblemMessage error={error.value} />
      {now && (
        <>
          <section aria-labelledby="workers-heading">
            <h2 id="workers-heading">Workers</h2>
            {now.workers.length === 0 && <p>No worker is running. Jobs wait until one starts.</p>}
            <div class="columns">
              {now.workers.map((worker) => (
                <WorkerCard key={worker.id} worker={worker} jobs={now.jobs} done={refresh} />
              ))}
            </div>
          </section>
          <QueueTable queue={now.queue} jobs={now.jobs} done={refresh} />
        </>
      )}
    </div>
  );
}

async function look(): Promise<Seen> {
  const [workers, queue, running, queued] = await Promise.all([
    client.workers.list(),
    client.queue.get({ limit: 100 }),
    client.jobs.list({ status: 'running', limit: 100 }),
    client.jobs.list({ status: 'queued', limit: 100 }),
  ]);
  const jobs = new Map([...running.data, ...queued.data].map((job) => [job.id, job]));
  return { workers, queue, jobs };
}
