/** Whether a value is a list of whole numbers of 0 or more, as shapes are. */
export const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && (n as number) >= 0);
