/** Ends a running job early: its rates anneal to zero from now on. */
import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import type { JobRecord } from '../../../src/client/index.js';
import { Button } from '../parts/button.js';
import { Dialog } from '../parts/dialog.js';
import { NumberInput } from '../parts/number-input.js';
import { ProblemMessage } from '../parts/problem.js';
import { client } from '../state/client.js';
import { toast } from '../state/toasts.js';

/** Whether a job can still leave its schedule. */
export const canFinish = ({ type, status, spec }: JobRecord): boolean =>
  type === 'fit' && status === 'running' && spec.finish === undefined;

interface FinishProps {
  record: JobRecord;
  open: boolean;
  onClose: () => void;
  /** Is given the new record. */
  onDone: (record: JobRecord) => void;
}

/** Asks how many epochs the cooldown takes. */
export function FinishDialog({ open, onClose, ...props }: FinishProps) {
  return (
    <Dialog title="Finish early" open={open} onClose={onClose}>
      <FinishForm onClose={onClose} {...props} />
    </Dialog>
  );
}

function FinishForm({ record, onClose, onDone }: Omit<FinishProps, 'open'>) {
  const id = useId();
  const cooldown = useSignal<number | undefined>(1);
  const error = useSignal<unknown>(null);
  const finish = async (): Promise<void> => {
    if (cooldown.value === undefined) return;
    try {
      onDone(await client.jobs.handle(record).finish({ cooldown: cooldown.value }));
      toast('The cooldown starts with the next batch');
      onClose();
    } catch (cause) {
      error.value = cause;
    }
  };
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void finish();
      }}
    >
      <p>The job leaves its schedule: every rate anneals to zero over the cooldown, and then the job completes.</p>
      <div class="field">
        <label for={id}>Cooldown in epochs</label>
        <NumberInput
          id={id}
          min={1}
          step={1}
          required
          value={cooldown.value}
          change={(next) => (cooldown.value = next)}
        />
      </div>
      <ProblemMessage error={error.value} />
      <div class="row end">
        <Button onClick={onClose}>Cancel</Button>
        <Button kind="primary" type="submit">
          Start cooldown
        </Button>
      </div>
    </form>
  );
}
