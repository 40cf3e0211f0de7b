/** The head of a job's page: what it is, how far it is, and what can be done with it. */
import { useSignal } from '@preact/signals';
import type { JobRecord } from '../../../src/client/index.js';
import { dataOf, modelOf, Tags } from '../jobs/columns.js';
import { Button, ButtonLink } from '../parts/button.js';
import { CopyButton } from '../parts/copy.js';
import { ProgressBar, StatusBadge } from '../parts/status.js';
import { ago, duration, moment, number, percent } from '../state/format.js';
import { act, applicable, jobActions, type JobAction } from '../state/job-actions.js';
import { nameOf } from '../state/job-name.js';
import { useKeys, type KeyAction } from '../state/keys.js';
import { goTo, href } from '../state/route.js';
import type { JobView } from '../state/job-view.js';
import { EditDialog } from './edit.js';
import { canFinish, FinishDialog } from './finish.js';

/** Name, status, progress, actions. */
export function JobHead({ view, record }: { view: JobView; record: JobRecord }) {
  const editing = useSignal(false);
  const finishing = useSignal(false);
  const run = async (action: JobAction): Promise<void> => {
    if (!(await act(action, [record]))) return;
    if (action.name === 'delete' || action.name === 'retry') goTo(['jobs']);
    else await view.refresh();
  };
  useKeys({
    e: { does: 'Edit name and tags', run: () => (editing.value = true) },
    f: { does: 'Finish early', run: () => (finishing.value = canFinish(record)) },
    ...Object.fromEntries(
      jobActions.map((action): [string, KeyAction] => [
        action.key,
        { does: action.title, run: () => void run(action) },
      ]),
    ),
  });
  return (
    <div class="stack">
      <div class="row spread">
        <div class="row">
          <h1>{nameOf(record)}</h1>
          <StatusBadge status={record.status} />
          <Tags tags={record.tags} />
          <Button kind="quiet" label="Edit name and tags" onClick={() => (editing.value = true)}>
            ✎
          </Button>
        </div>
        <div class="row">
          {jobActions.map((action) => (
            <Button
              key={action.name}
              kind={action.name === 'delete' ? 'danger' : 'plain'}
              disabled={applicable(action, [record]).length === 0}
              onClick={() => run(action)}
            >
              {action.title}
            </Button>
          ))}
          <Button disabled={!canFinish(record)} onClick={() => (finishing.value = true)}>
            Finish
          </Button>
          <ButtonLink href={href(['compare'], { jobs: record.id })}>Compare</ButtonLink>
        </div>
      </div>
      <Progress record={record} />
      <Facts record={record} />
      <EditDialog
        record={record}
        open={editing.value}
        onClose={() => (editing.value = false)}
        onSaved={(saved) => (view.record.value = saved)}
      />
      <FinishDialog
        record={record}
        open={finishing.value}
        onClose={() => (finishing.value = false)}
        onDone={(changed) => (view.record.value = changed)}
      />
    </div>
  );
}

function Progress({ record: { progress, status, queue } }: { record: JobRecord }) {
  const { iteration, n_iteration, epoch, n_epoch, estimated_finish } = progress;
  const left = estimated_finish === null ? null : (Date.parse(estimated_finish) - Date.now()) / 1000;
  return (
    <div class="row job-progress">
      <ProgressBar percent={progress.percent} label="Progress" />
      <span>
        {percent(progress.percent)} · epoch {epoch} of {n_epoch ?? '?'} · iteration {iteration} of {n_iteration ?? '?'}
        {status === 'running' && left !== null && ` · ${duration(Math.max(0, left))} left`}
        {queue && ` · ${queue.reason}`}
      </span>
    </div>
  );
}

function Facts({ record }: { record: JobRecord }) {
  const { id, spec, engine, throughput, attempt, created_at, result, lr_find, retry_of } = record;
  const facts: [string, preact.ComponentChildren][] = [
    [
      'Job',
      <span class="row">
        <code>{id}</code>
        <CopyButton text={id} what="the id" />
      </span>,
    ],
    ['Policy', spec.policy.name],
    ['Model', modelOf(spec.model)],
    ['Data', dataOf(spec.dataset)],
    ['Created', <time title={moment(created_at)}>{ago(created_at)}</time>],
    ['Attempt', attempt],
    [
      'Finishing early',
      spec.finish && `from iteration ${spec.finish.iteration}, cooldown of ${epochsText(spec.finish.cooldown)}`,
    ],
    ['Engine', engine && `${engine.name} ${engine.version} on ${engine.device}`],
    [
      'Speed',
      throughput && `${number(throughput.step_ms)} ms per step, ${Math.round(throughput.rows_per_second)} rows/s`,
    ],
    ['Valid loss', result && number(result.valid_loss)],
    ...Object.entries(result?.metrics ?? {}).map(([name, value]): [string, string] => [name, number(value)]),
    [
      'Finder',
      lr_find && (
        <a href={href(['jobs', lr_find.job])}>
          {lr_find.suggestion}: {number(lr_find.value)}
        </a>
      ),
    ],
    ['Retry of', retry_of !== undefined && <a href={href(['jobs', retry_of])}>{retry_of}</a>],
  ];
  return (
    <dl class="facts">
      {facts
        .filter(([, value]) => value !== null && value !== undefined && value !== false && value !== '')
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

const epochsText = (count: number): string => (count === 1 ? '1 epoch' : `${count} epochs`);
