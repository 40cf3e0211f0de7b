/** JSON has no word for numbers that are not finite: they are null. */
export const finite = (value: number | null): number | null => (Number.isFinite(value) ? value : null);

/** The same for values by name. */
export const finiteValues = (values: Readonly<Record<string, number | null>>): Record<string, number | null> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, finite(value)]));
