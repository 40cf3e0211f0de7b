/** A field for a number. What is half typed, as `0.` or `1e-`, stays as it is: the field is not written while it has the focus. */
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { InputHTMLAttributes } from 'preact';

interface NumberInputProps extends Omit<InputHTMLAttributes, 'value' | 'type' | 'onInput'> {
  value: number | undefined;
  /** undefined: the field is empty. */
  change: (next: number | undefined) => void;
}

/** The field. */
export function NumberInput({ value, change, ...attributes }: NumberInputProps) {
  const input = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    if (input.current !== null && input.current !== document.activeElement)
      input.current.value = value === undefined ? '' : String(value);
  }, [value]);
  return (
    <input
      {...attributes}
      ref={input}
      type="number"
      onInput={({ currentTarget: { validity, value: text, valueAsNumber } }) => {
        if (!validity.badInput) change(text === '' ? undefined : valueAsNumber);
      }}
    />
  );
}
