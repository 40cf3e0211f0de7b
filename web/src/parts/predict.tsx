/** Asks a trained model: of a digit that is drawn, of a row of its table, of a picture, of numbers. */
import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import type { Checkpoint, JobRecord, PredictRequest, Predictions } from '../../../src/client/index.js';
import { Answer } from '../predict/answer.js';
import { DigitField } from '../predict/digit.js';
import { RowField } from '../predict/row.js';
import { client } from '../state/client.js';
import '../styles/predict.css';
import { Button } from './button.js';
import { ProblemMessage } from './problem.js';

type Input = PredictRequest | Blob;
type Rows = JobRecord['spec']['dataset'];

/** The box on the page of a job that has a checkpoint: while it trains, too. */
export function PredictBox({ job, checkpoints }: { job: JobRecord; checkpoints: readonly Checkpoint[] }) {
  const checkpoint = useSignal('last');
  const input = useSignal<Input | null>(null);
  const answer = useSignal<Predictions | null>(null);
  const error = useSignal<unknown>(null);
  const ask = async (): Promise<void> => {
    if (input.value === null) return;
    try {
      answer.value = await client.jobs.handle(job).predict(input.value, { checkpoint: checkpoint.value });
      error.value = null;
    } catch (cause) {
      error.value = cause;
    }
  };
  const take = (next: Input | null): void => {
    input.value = next;
    if (next === null) answer.value = null;
  };
  return (
    <section class="card predict" aria-labelledby="predict-heading">
      <h2 id="predict-heading">Try the model</h2>
      <form
        class="columns"
        onSubmit={(event) => {
          event.preventDefault();
          void ask();
        }}
      >
        <div class="stack">
          <InputField dataset={job.spec.dataset} onInput={take} />
          <span class="row">
            <CheckpointChoice
              checkpoints={checkpoints}
              chosen={checkpoint.value}
              choose={(id) => {
                checkpoint.value = id;
                answer.value = null;
              }}
            />
            <Button kind="primary" type="submit" disabled={input.value === null}>
              Predict
            </Button>
          </span>
        </div>
        <div role="status">{answer.value && <Answer predictions={answer.value} />}</div>
      </form>
      <ProblemMessage error={error.value} />
    </section>
  );
}

interface ChoiceProps {
  checkpoints: readonly Checkpoint[];
  chosen: string;
  choose: (id: string) => void;
}

/** The parameters that answer; of several checkpoints the latest unless another is chosen. */
function CheckpointChoice({ checkpoints, chosen, choose }: ChoiceProps) {
  return (
    <label>
      Checkpoint{' '}
      <select value={chosen} onChange={({ currentTarget: { value } }) => choose(value)}>
        <option value="last">the latest</option>
        {checkpoints.toReversed().map(({ id, name, reason, iteration }) => (
          <option key={id} value={id}>
            {name ?? reason}, iteration {iteration}
          </option>
        ))}
      </select>
    </label>
  );
}

/** The field that fits what the job was trained on. */
function InputField({ dataset, onInput }: { dataset: Rows; onInput: (input: Input | null) => void }) {
  if ('builtin' in dataset && dataset.builtin === 'digits')
    return <DigitField onDraw={(row) => onInput(row && { x: [row] })} />;
  if ('id' in dataset && dataset.target !== undefined)
    return (
      <RowField
        dataset={dataset.id}
        categorical={dataset.categorical ?? []}
        continuous={dataset.continuous ?? []}
        onRow={(row) => onInput({ rows: [row] })}
      />
    );
  if ('id' in dataset && dataset.label !== undefined) return <PictureField onPicture={onInput} />;
  return <NumbersField onNumbers={(row) => onInput(row && { x: [row] })} />;
}

function PictureField({ onPicture }: { onPicture: (picture: Blob | null) => void }) {
  const id = useId();
  const shown = useSignal<string | null>(null);
  const choose = (file: File | undefined): void => {
    if (shown.value !== null) URL.revokeObjectURL(shown.value);
    shown.value = file === undefined ? null : URL.createObjectURL(file);
    onPicture(file ?? null);
  };
  return (
    <div class="field">
      <label for={id}>Picture</label>
      <input id={id} type="file" accept="image/*" onChange={({ currentTarget }) => choose(currentTarget.files?.[0])} />
      {shown.value !== null && <img src={shown.value} alt="The chosen picture" />}
    </div>
  );
}

/** Numbers with commas or spaces between them, or JSON where a row has a shape. */
function NumbersField({ onNumbers }: { onNumbers: (row: unknown[] | null) => void }) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>One row of numbers</label>
      <textarea
        id={id}
        rows={3}
        aria-describedby={`${id}-help`}
        onInput={({ currentTarget }) => onNumbers(numbersOf(currentTarget.value))}
      />
      <span id={`${id}-help`} class="hint">
        In the order of the data set, separated by commas: 5.1, 3.5, 1.4, 0.2; nested lists as JSON
      </span>
    </div>
  );
}

function numbersOf(text: string): unknown[] | null {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  if (!trimmed.startsWith('[')) return trimmed.split(/[\s,;]+/).map(Number);
  try {
    const parsed: unknown = JSON.parse(trimmed);
    return Array.isArray(parsed) ? parsed : null;
  } catch {
    return null;
  }
}
