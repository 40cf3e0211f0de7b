import type { Static, TObject, TProperties } from 'typebox';

/** A schema that states a default. */
export interface Defaulted {
  default: unknown;
}

type NamesWithDefault<P extends TProperties> = { [K in keyof P]: P[K] extends Defaulted ? K : never }[keyof P];

/** What a schema's object is once every default is filled in: the fields made by `defaulted` are there. */
export type Complete<S extends TObject> =
  S extends TObject<infer P> ? Static<S> & { [K in NamesWithDefault<P>]-?: Static<P[K]> } : never;

/**
 * Fills in the defaults that an object's schema states. The object must have been checked against it before; what it
 * has stays as it is, and a field that is there but undefined counts as left out.
 */
export function complete<S extends TObject>(schema: S, value: Static<S>): Complete<S> {
  const given = Object.entries(value as object).filter(([, field]) => field !== undefined);
  const defaults = Object.entries(schema.properties).flatMap(([name, field]) =>
    'default' in field ? [[name, structuredClone(field.default)] as const] : [],
  );
  // Defaults first: a completed object then has its fields in the schema's order, whoever wrote them.
  return Object.fromEntries([...defaults, ...given]) as Complete<S>; // what `Complete` says is what was just done
}
