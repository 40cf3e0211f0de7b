/** One worker: its device, what it runs, and how much of the machine it takes. */
import type { JobRecord, Worker } from '../../../src/client/index.js';
import { client } from '../state/client.js';
import { ago, bytes, percent } from '../state/format.js';
import { nameOf } from '../state/job-name.js';
import { href } from '../state/route.js';
import { toast, toastError } from '../state/toasts.js';
import { Button } from './button.js';
import { confirm } from './dialog.js';
import { ProgressBar } from './status.js';

const statusClasses = { idle: '', busy: 'running', draining: 'paused' };

/** `jobs`: records, by id; `done`: it has changed. */
export function WorkerCard({
  worker,
  jobs,
  done,
}: {
  worker: Worker;
  jobs: ReadonlyMap<string, JobRecord>;
  done: () => void;
}) {
  const { id, device, host, engine, status } = worker;
  const drain = async (): Promise<void> => {
    const text = 'It finishes its current jobs and takes no new ones until it is restarted.';
    if (!(await confirm({ title: `Drain ${device} on ${host}?`, text, action: 'Drain' }))) return;
    try {
      await client.workers.drain(id);
      toast(`${device} on ${host} is draining`);
      done();
    } catch (error) {
      toastError(error, 'Could not drain the worker');
    }
  };
  return (
    <article class="card worker" aria-label={`Worker ${device} on ${host}`}>
      <div class="row spread">
        <h3>
          {device} <span class="muted">on {host}</span>
        </h3>
        <span class={`status ${statusClasses[status]}`}>{status}</span>
      </div>
      {worker.jobs.length === 0 && <p class="muted">No job</p>}
      {worker.jobs.map(({ job }) => (
        <Running key={job} id={job} job={jobs.get(job)} />
      ))}
      <Usage usage={worker.usage} />
      <div class="row spread">
        <span class="muted">
          {engine ? `${engine.name} ${engine.version}` : 'loading its engine'}, last seen {ago(worker.last_seen_at)}
        </span>
        {status !== 'draining' && (
          <Button kind="quiet" onClick={drain}>
            Drain
          </Button>
        )}
      </div>
    </article>
  );
}

function Running({ id, job }: { id: string; job: JobRecord | undefined }) {
  return (
    <div>
      <a href={href(['jobs', id])}>{job?.name ?? id}</a>{' '}
      {job && (
        <>
          <span class="muted">{job.spec.policy.name}</span>
          <ProgressBar percent={job.progress.percent} label={`Progress of ${nameOf(job)}`} />
        </>
      )}
    </div>
  );
}

/** How busy the device and the machine are. */
function Usage({ usage }: { usage: Worker['usage'] }) {
  const { cpu, cpus, memory_bytes, memory_total_bytes, gpu } = usage;
  return (
    <dl class="usage">
      <Gauge name="CPU" value={cpu} max={cpus} text={`${cpu.toFixed(1)} of ${cpus} cores`} />
      <Gauge
        name="Memory"
        value={memory_bytes}
        max={memory_total_bytes}
        text={`${bytes(memory_bytes)} of ${bytes(memory_total_bytes)}`}
      />
      {gpu && (
        <>
          {gpu.utilization !== null && (
            <Gauge name="GPU" value={gpu.utilization} max={1} text={percent(gpu.utilization * 100)} />
          )}
          <Gauge
            name="GPU memory"
            value={gpu.memory_bytes}
            max={gpu.memory_total_bytes}
            text={`${bytes(gpu.memory_bytes)} of ${bytes(gpu.memory_total_bytes)}`}
          />
        </>
      )}
    </dl>
  );
}

function Gauge({ name, value, max, text }: { name: string; value: number; max: number; text: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <meter min={0} max={max} value={value} aria-label={`${name}: ${text}`} /> <span>{text}</span>
      </dd>
    </div>
  );
}
