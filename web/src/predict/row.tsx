/** A row of a table, a field for each column that the model looks at. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Dataset } from '../../../src/client/index.js';
import { NumberInput } from '../parts/number-input.js';
import { client } from '../state/client.js';
import { own } from '../state/own.js';

type Column = NonNullable<Dataset['columns']>[number];
type Row = Readonly<Record<string, string | number | null>>;

interface RowFieldProps {
  dataset: string;
  categorical: readonly string[];
  continuous: readonly string[];
  onRow: (row: Row) => void;
}

/** The fields; they begin with the first row of the data set. */
export function RowField({ dataset, categorical, continuous, onRow }: RowFieldProps) {
  const columns = useSignal<readonly Column[]>([]);
  const row = useSignal<Row>({});
  const names = [...categorical, ...continuous];
  const set = (next: Row): void => {
    row.value = next;
    onRow(next);
  };
  useEffect(() => {
    client.datasets.get(dataset).then(
      (found) => {
        columns.value = found.columns ?? [];
        const first = found.preview.at(0) ?? {};
        set(Object.fromEntries(names.map((name) => [name, plain(own(first, name))])));
      },
      // The data set may be deleted: its columns are known from the job all the same.
      () => undefined,
    );
  }, [dataset]);
  return (
    <div class="row-fields">
      {names.map((name) => (
        <Cell
          key={name}
          name={name}
          number={continuous.includes(name)}
          column={columns.value.find((one) => one.name === name)}
          value={own(row.value, name) ?? null}
          change={(value) => set({ ...row.value, [name]: value })}
        />
      ))}
    </div>
  );
}

const plain = (value: unknown): string | number | null =>
  typeof value === 'string' || typeof value === 'number' ? value : null;

interface CellProps {
  name: string;
  number: boolean;
  column: Column | undefined;
  value: string | number | null;
  change: (value: string | number | null) => void;
}

/** Left empty, the value is missing, which the model knows to handle where it was trained on such rows. */
function Cell({ name, number, column, value, change }: CellProps) {
  const options = column?.values ?? [];
  const limits = column?.min !== undefined && column.min !== null && `${column.min} to ${column.max ?? ''}`;
  if (!number && options.length > 0)
    return (
      <label class="field">
        {name}
        <select
          value={value === null ? '' : String(value)}
          onChange={({ currentTarget }) => change(currentTarget.value === '' ? null : currentTarget.value)}
        >
          <option value="">missing</option>
          {options.map((option) => (
            <option key={option}>{option}</option>
          ))}
        </select>
      </label>
    );
  return (
    <label class="field">
      {name} {limits && <span class="hint">{limits}</span>}
      {number ? (
        <NumberInput
          step="any"
          value={typeof value === 'number' ? value : undefined}
          change={(next) => change(next ?? null)}
        />
      ) : (
        <input type="text" value={value ?? ''} onInput={({ currentTarget: input }) => change(input.value || null)} />
      )}
    </label>
  );
}
