/** What every field of a form needs: the whole value, how to change it, what is wrong with it, and the schemas. */
import { createContext, type FunctionComponent } from 'preact';
import { useContext } from 'preact/hooks';
import type { Components, Json, Schema } from './schema.js';
import { at, pointer, type Path } from './value.js';

/** Props of a field. */
export interface FieldProps {
  schema: Schema;
  path: Path;
  label: string;
  required?: boolean;
}

/** A form. */
export interface Form {
  components: Components;
  value: Json;
  change: (path: Path, next: Json | undefined) => void;
  /** What is wrong, by JSON pointer. */
  errors: ReadonlyMap<string, string>;
  /** Fields of a kind of their own, by JSON pointer. */
  special: Readonly<Record<string, FunctionComponent<FieldProps> | undefined>>;
}

/** Provides the form to its fields. */
export const FormContext = createContext<Form>({
  components: {},
  value: null,
  change: () => undefined,
  errors: new Map(),
  special: {},
});

/** A field of the form: its value, what is wrong with it, and the ids that tie its parts together. */
export function useField(path: Path) {
  const form = useContext(FormContext);
  const name = pointer(path);
  const id = fieldId(name);
  return {
    form,
    id,
    value: at(form.value, path),
    error: form.errors.get(name),
    change: (next: Json | undefined) => form.change(path, next),
  };
}

/** The id of the control of the field at a JSON pointer. */
export const fieldId = (name: string): string => `field${name}`;

/** What ties a control to its label, its help and its error. */
export interface Tied {
  id: string;
  /** Where no label element stands for it. */
  label?: string;
  describedBy?: string;
  invalid: boolean;
}

/** As attributes. */
export function attributes({ id, label, describedBy, invalid }: Tied) {
  return { id, 'aria-label': label, 'aria-describedby': describedBy, 'aria-invalid': invalid };
}
