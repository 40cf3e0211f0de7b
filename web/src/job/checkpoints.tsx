/** The checkpoints of a job. */
import type { Checkpoint, JobRecord } from '../../../src/client/index.js';
import { useSignal } from '@preact/signals';
import { Button, ButtonLink } from '../parts/button.js';
import { Heads } from '../parts/heads.js';
import { ago, bytes, moment, number } from '../state/format.js';
import { client } from '../state/client.js';
import { href } from '../state/route.js';
import { toast, toastError } from '../state/toasts.js';

const numbers = ['Epoch', 'Iteration', 'Valid loss'];

/** Each with its place and what can be done from it; a running job can be asked for another. */
export function Checkpoints({ record, checkpoints }: { record: JobRecord; checkpoints: readonly Checkpoint[] }) {
  return (
    <>
      {checkpoints.length === 0 ? (
        <p class="muted">None yet.</p>
      ) : (
        <div class="scroll">
          <table class="table cards">
            <Heads names={['Checkpoint', ...numbers, 'Created']} numbers={numbers} last="Actions" />
            <tbody>
              {checkpoints.map((checkpoint) => (
                <Row key={checkpoint.id} job={record.id} checkpoint={checkpoint} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {record.status === 'running' && <Ask id={record.id} />}
    </>
  );
}

function Row({ job, checkpoint }: { job: string; checkpoint: Checkpoint }) {
  const { id, name, reason, epoch, iteration, metrics, created_at } = checkpoint;
  return (
    <tr>
      <td data-label="Checkpoint">{name ?? reason}</td>
      <td data-label="Epoch" class="number">
        {epoch}
      </td>
      <td data-label="Iteration" class="number">
        {iteration}
      </td>
      <td data-label="Valid loss" class="number">
        {number(metrics.valid_loss)}
      </td>
      <td data-label="Created">
        <time class="nowrap" title={moment(created_at)}>
          {ago(created_at)}
        </time>
      </td>
      <td>
        <span class="row">
          <ButtonLink href={href(['new'], { continue: `${job},${id}` })}>Continue from here</ButtonLink>
          <ButtonLink href={`/jobs/${job}/checkpoints/${id}/weights`} download>
            Weights, {bytes(checkpoint.bytes)}
          </ButtonLink>
        </span>
      </td>
    </tr>
  );
}

function Ask({ id }: { id: string }) {
  const name = useSignal('');
  const ask = async (): Promise<void> => {
    try {
      await (await client.jobs.get(id)).checkpoint(name.value);
      toast(`Checkpoint “${name.value}” will be made before the next batch`);
      name.value = '';
    } catch (error) {
      toastError(error, 'Could not make a checkpoint');
    }
  };
  return (
    <div class="row">
      <label class="row">
        Name of a new checkpoint
        <input value={name.value} onInput={({ currentTarget: { value } }) => (name.value = value)} />
      </label>
      <Button disabled={name.value === ''} onClick={ask}>
        Make checkpoint
      </Button>
    </div>
  );
}
