/** A field of any schema, with its label, its help and what is wrong with it. */
import type { ComponentChildren } from 'preact';
import { useField, type FieldProps } from './context.js';
import { leftOut, plainControl } from './controls.js';
import { ListBody, RecordBody } from './lists.js';
import { fieldOf, resolve, type Branch, type Schema } from './schema.js';
import { branchOf, startOf } from './value.js';

/** The field of a property. */
export function FieldView({ plain = false, ...props }: FieldProps & { /** Not the special one. */ plain?: boolean }) {
  const { form, id } = useField(props.path);
  const Special = form.special[id.slice('field'.length)];
  if (Special !== undefined && !plain) return <Special {...props} />;
  const schema = resolve(props.schema, form.components);
  const field = fieldOf(schema, form.components);
  if (field.kind === 'const') return null;
  if (field.kind === 'union') return <UnionView {...props} schema={schema} branches={field.branches} />;
  if (field.kind === 'object' || field.kind === 'list' || field.kind === 'record')
    return <GroupView {...props} schema={schema} />;
  return <PlainView {...props} schema={schema} />;
}

/** One control and its words. */
function PlainView({ schema, path, label, required = false }: FieldProps) {
  const { form, id, value, error, change } = useField(path);
  const describedBy = `${id}:help`;
  const tied = { id, describedBy, invalid: error !== undefined };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {plainControl(fieldOf(schema, form.components), { schema, value, change, tied, required })}
      <Words id={describedBy} text={schema.description} error={error} />
    </div>
  );
}

/** The help of a field, and what is wrong with it. Help of many words is folded away. */
export function Words({ id, text, error }: { id: string; text?: string; error?: string }) {
  const long = text !== undefined && text.length > 160;
  return (
    <div id={id} class="words">
      {error !== undefined && <span class="wrong">{error}</span>}
      {text !== undefined && !long && <span class="hint">{text}</span>}
      {long && (
        <details class="hint">
          <summary>More about this field</summary>
          {text}
        </details>
      )}
    </div>
  );
}

/** A choice between schemas, and the field of the one that the value is of. */
function UnionView({ schema, path, label, required = false, branches }: FieldProps & { branches: readonly Branch[] }) {
  const { form, id, value, error, change } = useField(path);
  // What is left out looks as its default does, and is changed from there.
  const index = branchOf(branches, value ?? schema.default, form.components);
  const branch = branches.at(index);
  const choose = (chosen: number): void => {
    const next = branches.at(chosen);
    change(chosen < 0 || next === undefined ? undefined : startOf(next.schema, form.components));
  };
  return (
    <div class="field union" role="group" aria-label={label}>
      <label for={id}>{label}</label>
      <span class="row">
        <select
          id={id}
          aria-describedby={`${id}:help`}
          aria-invalid={error !== undefined}
          value={index}
          onChange={({ currentTarget }) => choose(Number(currentTarget.value))}
        >
          {(!required || index < 0) && <option value={-1}>{leftOut(schema)}</option>}
          {branches.map((one, i) => (
            <option key={i} value={i}>
              {one.label}
            </option>
          ))}
        </select>
        {index >= 0 && branch && <Plain schema={withDefault(branch.schema, schema)} path={path} label={label} />}
      </span>
      <Words id={`${id}:help`} text={schema.description} error={error} />
      {index >= 0 && branch && <Body schema={branch.schema} path={path} />}
    </div>
  );
}

/** A branch shows the default of its union where that is of its type. */
function withDefault(branch: Schema, { default: usual }: Schema): Schema {
  return branch.default === undefined && usual !== undefined ? { ...branch, default: usual } : branch;
}

/** The control of a plain branch, beside the choice. */
function Plain({ schema, path, label }: FieldProps) {
  const { form, id, value, error, change } = useField(path);
  const tied = { id: `${id}:value`, label, describedBy: `${id}:help`, invalid: error !== undefined };
  return plainControl(fieldOf(schema, form.components), { schema, value, change, tied, required: true }) ?? null;
}

/** The fields of a branch that is made of others. */
function Body({ schema, path }: Omit<FieldProps, 'label'>) {
  const { form } = useField(path);
  const field = fieldOf(schema, form.components);
  const help = schema.description && <p class="hint">{schema.description}</p>;
  if (field.kind === 'object') {
    const open = field.properties.some((one) => fieldOf(one.schema, form.components).kind !== 'const');
    return (
      <div class={open ? 'nested' : undefined}>
        {help}
        <ObjectBody schema={schema} path={path} />
      </div>
    );
  }
  if (field.kind === 'list') return <ListBody schema={schema} path={path} field={field} View={FieldView} />;
  return field.kind === 'record' ? <RecordBody path={path} values={field.values} View={FieldView} /> : null;
}

/** An object, a list or a record: folded away where it is left out. */
function GroupView({ schema, path, label, required = false }: FieldProps) {
  const { form, id, value, error, change } = useField(path);
  const field = fieldOf(schema, form.components);
  const fixed = field.kind === 'list' && field.min === field.max && schema.default !== undefined;
  const body = <Body schema={{ ...schema, description: undefined }} path={path} />;
  const words = <Words id={`${id}:help`} text={schema.description} error={error} />;
  if (required || fixed || value !== undefined)
    return (
      <div class="field group" role="group" aria-label={label} aria-describedby={`${id}:help`}>
        <span class="row spread">
          <span class="group-label" id={id} tabIndex={-1}>
            {label}
          </span>
          {!required && value !== undefined && (
            <button type="button" class="button quiet" aria-label={`Remove ${label}`} onClick={() => change(undefined)}>
              Remove
            </button>
          )}
        </span>
        {words}
        {body}
      </div>
    );
  return (
    <Folded id={id} label={label} open={error !== undefined || hasErrors(form.errors, id)}>
      {words}
      {body}
    </Folded>
  );
}

const hasErrors = (errors: ReadonlyMap<string, string>, id: string): boolean =>
  [...errors.keys()].some((name) => `field${name}`.startsWith(`${id}/`));

function Folded({
  id,
  label,
  open,
  children,
}: {
  id: string;
  label: string;
  open: boolean;
  children: ComponentChildren;
}) {
  return (
    <details class="field group" open={open}>
      <summary id={id}>{label}</summary>
      {children}
    </details>
  );
}

/** The fields of an object's properties; `only` narrows them. */
export function ObjectBody({
  schema,
  path,
  only = () => true,
}: Omit<FieldProps, 'label'> & { only?: (name: string) => boolean }) {
  const { form } = useField(path);
  const field = fieldOf(schema, form.components);
  if (field.kind !== 'object') return null;
  return (
    <>
      {field.properties
        .filter(({ name }) => only(name))
        .map(({ name, schema: inner, required }) => (
          <FieldView key={name} schema={inner} path={[...path, name]} label={name} required={required} />
        ))}
    </>
  );
}
