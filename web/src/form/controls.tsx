/** The plain controls: a number with its slider, a text, a choice, yes or no, JSON. */
import { useState } from 'preact/hooks';
import { NumberInput } from '../parts/number-input.js';
import { attributes, type Tied } from './context.js';
import type { Field, Json, Schema } from './schema.js';
import { positionOf, positions, sliderOf, valueAt } from './slider.js';

interface ControlProps {
  schema: Schema;
  value: Json | undefined;
  change: (next: Json | undefined) => void;
  tied: Tied;
  required: boolean;
}

/** A number; with a slider where its range is known. Left empty, the default counts, which stands there pale. */
function NumberControl({ schema, value, change, tied }: ControlProps) {
  const slider = sliderOf(schema);
  const shown = value ?? schema.default;
  return (
    <span class="number-control">
      <NumberInput
        {...attributes(tied)}
        step={schema.type === 'integer' ? 1 : 'any'}
        value={typeof value === 'number' ? value : undefined}
        placeholder={typeof schema.default === 'number' ? String(schema.default) : ''}
        change={change}
      />
      {slider && (
        <input
          type="range"
          aria-label={`${tied.label ?? tied.id.slice(tied.id.lastIndexOf('/') + 1)}, slider`}
          aria-valuetext={JSON.stringify(shown)}
          min={0}
          max={positions}
          value={typeof shown === 'number' ? positionOf(slider, shown) : 0}
          onInput={({ currentTarget }) => change(valueAt(slider, currentTarget.valueAsNumber))}
        />
      )}
    </span>
  );
}

/** A line of text. */
function TextControl({ schema, value, change, tied, required }: ControlProps) {
  return (
    <input
      {...attributes(tied)}
      type="text"
      value={typeof value === 'string' ? value : ''}
      maxLength={schema.maxLength}
      placeholder={typeof schema.default === 'string' ? schema.default : ''}
      onInput={({ currentTarget: { value: text } }) => change(text === '' && !required ? undefined : text)}
    />
  );
}

/** One of some words. */
function ChoiceControl({
  schema,
  value,
  change,
  tied,
  required,
  options,
}: ControlProps & { options: readonly string[] }) {
  return (
    <select
      {...attributes(tied)}
      value={typeof value === 'string' ? value : ''}
      onChange={({ currentTarget: { value: chosen } }) => change(chosen === '' ? undefined : chosen)}
    >
      {!required && <option value="">{leftOut(schema)}</option>}
      {options.map((option) => (
        <option key={option}>{option}</option>
      ))}
    </select>
  );
}

/** What it means to leave a field out. */
export function leftOut({ default: usual }: Schema): string {
  return usual === undefined ? 'not set' : `default: ${typeof usual === 'string' ? usual : JSON.stringify(usual)}`;
}

/** Yes or no, or neither where nothing says which is the default. */
function BooleanControl({ schema, value, change, tied }: ControlProps) {
  const words: Readonly<Record<string, boolean | undefined>> = { yes: true, no: false };
  return (
    <select
      {...attributes(tied)}
      value={typeof value === 'boolean' ? (value ? 'yes' : 'no') : ''}
      onChange={({ currentTarget }) => change(words[currentTarget.value])}
    >
      <option value="">
        {typeof schema.default === 'boolean' ? `default: ${schema.default ? 'yes' : 'no'}` : 'not set'}
      </option>
      <option>yes</option>
      <option>no</option>
    </select>
  );
}

/** Anything, as JSON. What cannot be read stays in the field, and the value stays as it was. */
export function JsonControl({
  value,
  change,
  tied,
  rows = 3,
}: Omit<ControlProps, 'schema' | 'required'> & { rows?: number }) {
  const written = value === undefined ? '' : JSON.stringify(value, null, rows > 3 ? 2 : undefined);
  const [draft, setDraft] = useState<{ text: string; of: string } | null>(null);
  // A draft lasts until the value changes otherwise.
  const text = draft !== null && draft.of === written ? draft.text : written;
  const wrong = text === '' ? undefined : problemOf(text);
  const typed = (next: string): void => {
    const parsed = next.trim() === '' ? undefined : read(next);
    const same = parsed instanceof Error;
    setDraft({
      text: next,
      of: same ? written : parsed === undefined ? '' : JSON.stringify(parsed, null, rows > 3 ? 2 : undefined),
    });
    if (!same) change(parsed);
  };
  return (
    <>
      <textarea
        {...attributes({ ...tied, invalid: tied.invalid || wrong !== undefined })}
        class="json"
        rows={rows}
        spellcheck={false}
        value={text}
        onInput={({ currentTarget }) => typed(currentTarget.value)}
      />
      {wrong !== undefined && (
        <span class="wrong" role="status">
          {wrong}
        </span>
      )}
    </>
  );
}

function read(text: string): Json | Error {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function problemOf(text: string): string | undefined {
  const parsed = read(text);
  return parsed instanceof Error ? `Invalid JSON: ${parsed.message}` : undefined;
}

/** The control of a plain kind; undefined for a kind that is made of others. */
export function plainControl(field: Field, props: ControlProps) {
  switch (field.kind) {
    case 'number':
      return <NumberControl {...props} />;
    case 'text':
      return <TextControl {...props} />;
    case 'choice':
      return <ChoiceControl {...props} options={field.options} />;
    case 'boolean':
      return <BooleanControl {...props} />;
    case 'json':
      return <JsonControl {...props} />;
    default:
      return undefined;
  }
}
