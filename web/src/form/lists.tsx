/** Lists, and records: values by names of one's own. */
import type { FunctionComponent } from 'preact';
import { useState } from 'preact/hooks';
import { useField, type FieldProps } from './context.js';
import { plainControl } from './controls.js';
import { fieldOf, resolve, type Field, type Schema } from './schema.js';
import { isList, isObject, pointer, startOf, type Path } from './value.js';

/** The items of a list, each in a `View`; one of a fixed length shows all of them. */
export function ListBody({
  schema,
  path,
  field,
  View,
}: Omit<FieldProps, 'label'> & { field: Field & { kind: 'list' }; View: FunctionComponent<FieldProps> }) {
  const { form, value, change } = useField(path);
  const given = isList(value) ? value : undefined;
  if (field.min === field.max) return <FixedList schema={schema} path={path} field={field} />;
  const items = given ?? [];
  // What an item means is said once, above the list.
  const itemSchema = { ...resolve(field.items, form.components), description: undefined };
  const name = path.at(-1) ?? 'list';
  return (
    <div class="list">
      {items.map((_, index) => (
        <div key={index} class="item">
          <View schema={itemSchema} path={[...path, index]} label={`${name} ${index + 1}`} required />
          <button
            type="button"
            class="button quiet"
            aria-label={`Remove ${name} ${index + 1}`}
            onClick={() => change(items.length === 1 ? undefined : items.filter((_, i) => i !== index))}
          >
            ×
          </button>
        </div>
      ))}
      {items.length < field.max && (
        <button
          type="button"
          class="button quiet add"
          onClick={() => change([...items, startOf(field.items, form.components)])}
        >
          Add to {name}
        </button>
      )}
    </div>
  );
}

/** A list of a fixed length: a change of one item makes the whole list, from its default. */
function FixedList({ schema, path, field }: Omit<FieldProps, 'label'> & { field: Field & { kind: 'list' } }) {
  const { form, id, value, change } = useField(path);
  const usual = isList(schema.default) ? schema.default : [];
  const all = Array.from({ length: field.min }, (_, i) => usual.at(i) ?? startOf(field.items, form.components));
  const shown = all.map((one, i) => (isList(value) ? (value.at(i) ?? one) : one));
  const kind = fieldOf(field.items, form.components);
  return (
    <div class="list fixed">
      {shown.map((one, index) => (
        <span key={index} class="item">
          {plainControl(kind, {
            schema: resolve(field.items, form.components),
            // Without a default, nothing stands there until it is given.
            value: value === undefined && schema.default === undefined ? undefined : one,
            change: (next) => change(shown.with(index, next ?? all.at(index) ?? null)),
            tied: {
              id: `${id}/${index}`,
              label: `${path.at(-1) ?? ''} ${index + 1}`,
              invalid: form.errors.has(pointer([...path, index])),
            },
            required: true,
          })}
        </span>
      ))}
    </div>
  );
}

/** Values by names of one's own. */
export function RecordBody({
  path,
  values,
  View,
}: {
  path: Path;
  values: Schema;
  View: FunctionComponent<FieldProps>;
}) {
  const { form, value, change } = useField(path);
  const [name, setName] = useState('');
  const entries = isObject(value) ? value : {};
  const what = path.at(-1) ?? 'record';
  const add = (): void => {
    if (name !== '') change({ ...entries, [name]: startOf(values, form.components) });
    setName('');
  };
  return (
    <div class="list">
      {Object.keys(entries).map((key) => (
        <div key={key} class="item">
          <View schema={values} path={[...path, key]} label={key} required />
          <button
            type="button"
            class="button quiet"
            aria-label={`Remove ${key}`}
            onClick={() => change(Object.fromEntries(Object.entries(entries).filter(([one]) => one !== key)))}
          >
            ×
          </button>
        </div>
      ))}
      <span class="row">
        <input
          type="text"
          aria-label={`New name in ${what}`}
          value={name}
          onInput={({ currentTarget }) => setName(currentTarget.value)}
        />
        <button type="button" class="button quiet" onClick={add}>
          Add to {what}
        </button>
      </span>
    </div>
  );
}
