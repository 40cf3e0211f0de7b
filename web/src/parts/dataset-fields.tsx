/** The fields of an uploaded data set in the form: which one, or a new one; and its target, from its columns. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Dataset } from '../../../src/client/index.js';
import { useField, type FieldProps } from '../form/context.js';
import { FieldView, Words } from '../form/field.js';
import { jobFor } from '../form/templates.js';
import { at } from '../form/value.js';
import { client } from '../state/client.js';
import { FirstRows, DataSummary } from './data-preview.js';
import { Upload } from './upload.js';

/** `dataset.id`: one of those that are there, or one that is uploaded now. */
export function DatasetIdField({ path, label, schema }: FieldProps) {
  const { form, id, value, error, change } = useField(path);
  const all = useSignal<readonly Dataset[]>([]);
  const data = useDataset(value);
  useEffect(() => {
    client.datasets.list({ limit: 100 }).then(
      ({ data }) => (all.value = data),
      () => undefined,
    );
  }, []);
  const take = (uploaded: Dataset): void => {
    all.value = [uploaded, ...all.value.filter((one) => one.id !== uploaded.id)];
    // The model and the target follow the kind of data.
    const fitting = jobFor(uploaded);
    form.change(['dataset'], at(fitting, ['dataset']));
    form.change(['model'], at(fitting, ['model']));
  };
  const choose = (chosen: string): void => {
    const known = all.value.find((one) => one.id === chosen);
    if (known === undefined) change(chosen);
    else take(known);
  };
  const options = all.value.some((one) => one.id === value) || typeof value !== 'string' || value === '';
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        aria-describedby={`${id}:help`}
        aria-invalid={error !== undefined}
        value={typeof value === 'string' ? value : ''}
        onChange={({ currentTarget }) => choose(currentTarget.value)}
      >
        <option value="">Choose one, or upload a file below</option>
        {!options && <option>{value}</option>}
        {all.value.map((one) => (
          <option key={one.id} value={one.id}>
            {one.name} ({one.rows} rows)
          </option>
        ))}
      </select>
      <Words id={`${id}:help`} text={schema.description} error={error} />
      <Upload onDone={take} />
      {data && (
        <>
          <DataSummary data={data} />
          <FirstRows data={data} limit={5} />
        </>
      )}
    </div>
  );
}

/** `dataset.target`: a column of the table; several are written as for any field. */
export function TargetField(props: FieldProps) {
  const { form, id, value, error, change } = useField(props.path);
  const data = useDataset(at(form.value, ['dataset', 'id']));
  if (data !== null && data.columns === undefined) return null;
  if (data?.columns === undefined || typeof value === 'object') return <FieldView {...props} plain />;
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <select
        id={id}
        aria-describedby={`${id}:help`}
        aria-invalid={error !== undefined}
        value={typeof value === 'string' ? value : ''}
        onChange={({ currentTarget }) => change(currentTarget.value === '' ? undefined : currentTarget.value)}
      >
        <option value="">Choose a column</option>
        {data.columns.map(({ name, type }) => (
          <option key={name} value={name}>
            {name} ({type})
          </option>
        ))}
      </select>
      <Words id={`${id}:help`} text={props.schema.description} error={error} />
    </div>
  );
}

/** The data set with an id; null while there is none. */
function useDataset(id: unknown): Dataset | null {
  const data = useSignal<Dataset | null>(null);
  useEffect(() => {
    let gone = false;
    data.value = null;
    if (typeof id === 'string' && id !== '')
      client.datasets.get(id).then(
        (found) => {
          if (!gone) data.value = found;
        },
        // That there is none is said when the job is posted.
        () => undefined,
      );
    return () => {
      gone = true;
    };
  }, [id]);
  return data.value;
}
