/** Uploads a data set: a file is chosen, or dropped; its progress is shown, and what is wrong with it. */
import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import type { Dataset } from '../../../src/client/index.js';
import { client } from '../state/client.js';
import { bytes } from '../state/format.js';
import { ProblemMessage } from './problem.js';

const accept = '.csv,.tsv,.txt,.jsonl,.parquet,.arrow,.feather,.npy,.npz,.zip,.tar,.gz,.tgz';

/** The field; `onDone` gets what was found in the file. */
export function Upload({ onDone }: { onDone: (data: Dataset) => void }) {
  const id = useId();
  const progress = useSignal<{ name: string; loaded: number; total: number } | null>(null);
  const error = useSignal<unknown>(null);
  const over = useSignal(false);
  const send = async (file: File | undefined): Promise<void> => {
    if (file === undefined || progress.value !== null) return;
    error.value = null;
    progress.value = { name: file.name, loaded: 0, total: file.size };
    try {
      const onProgress = ({ loaded }: { loaded: number }): void => {
        progress.value = { name: file.name, loaded, total: file.size };
      };
      onDone(await client.datasets.upload(file, { name: file.name, onProgress }));
    } catch (cause) {
      error.value = cause;
    } finally {
      progress.value = null;
    }
  };
  const now = progress.value;
  return (
    <div
      class={over.value ? 'upload over' : 'upload'}
      onDragOver={(event) => {
        event.preventDefault();
        over.value = true;
      }}
      onDragLeave={() => (over.value = false)}
      onDrop={(event) => {
        event.preventDefault();
        over.value = false;
        void send(event.dataTransfer?.files[0]);
      }}
    >
      <label for={id}>Upload a file, or drop it here</label>
      <input
        id={id}
        type="file"
        accept={accept}
        disabled={now !== null}
        aria-describedby={`${id}-help`}
        onChange={({ currentTarget }) => void send(currentTarget.files?.[0])}
      />
      <span id={`${id}-help`} class="hint">
        A table as CSV, JSON Lines, Parquet or Arrow; pictures in a zip or tar; arrays as npy or npz
      </span>
      <div role="status">
        {now && (
          <>
            <progress max={now.total} value={now.loaded} aria-label={`Upload of ${now.name}`} />
            {now.loaded < now.total
              ? `${bytes(now.loaded)} of ${bytes(now.total)}`
              : `${now.name} is uploaded; reading its contents…`}
          </>
        )}
      </div>
      <ProblemMessage error={error.value} />
    </div>
  );
}
