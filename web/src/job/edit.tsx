/** A job's name and tags, and changing them. */
import { useSignal } from '@preact/signals';
import type { JobRecord } from '../../../src/client/index.js';
import { Button } from '../parts/button.js';
import { Dialog } from '../parts/dialog.js';
import { ProblemMessage } from '../parts/problem.js';
import { client } from '../state/client.js';
import { tagChanges, type TagRow } from '../state/tags.js';
import { toast } from '../state/toasts.js';

interface EditProps {
  record: JobRecord;
  open: boolean;
  onClose: () => void;
  /** Is given the new record. */
  onSaved: (record: JobRecord) => void;
}

/** A dialog for both. */
export function EditDialog({ record, open, onClose, onSaved }: EditProps) {
  return (
    <Dialog title="Name and tags" open={open} onClose={onClose}>
      <EditForm record={record} onClose={onClose} onSaved={onSaved} />
    </Dialog>
  );
}

function EditForm({ record, onClose, onSaved }: Omit<EditProps, 'open'>) {
  const name = useSignal(record.name ?? '');
  const rows = useSignal<readonly TagRow[]>([...Object.entries(record.tags), ['', '']]);
  const error = useSignal<unknown>(null);
  const save = async (): Promise<void> => {
    try {
      const tags = tagChanges(record.tags, rows.value);
      onSaved(await client.jobs.update(record.id, { name: name.value || null, tags }));
      toast('Saved');
      onClose();
    } catch (cause) {
      error.value = cause;
    }
  };
  const change = (index: number, row: TagRow): void => {
    const next = rows.value.map((each, i) => (i === index ? row : each));
    rows.value = next.at(-1)?.[0] === '' ? next : [...next, ['', '']];
  };
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <label class="field">
        Name
        <input value={name.value} onInput={({ currentTarget: { value } }) => (name.value = value)} />
      </label>
      <fieldset>
        <legend>Tags</legend>
        {rows.value.map(([key, value], i) => (
          <div key={i} class="row">
            <input
              aria-label={`Tag ${i + 1}`}
              placeholder="team"
              value={key}
              onInput={({ currentTarget }) => change(i, [currentTarget.value, value])}
            />
            <input
              aria-label={`Value of tag ${i + 1}`}
              placeholder="vision"
              value={value}
              onInput={({ currentTarget }) => change(i, [key, currentTarget.value])}
            />
          </div>
        ))}
        <p class="muted">A tag without a name is removed.</p>
      </fieldset>
      <ProblemMessage error={error.value} />
      <div class="row end">
        <Button onClick={onClose}>Close</Button>
        <Button kind="primary" type="submit">
          Save
        </Button>
      </div>
    </form>
  );
}
