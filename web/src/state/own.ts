/** Values by names that people chose: `constructor` is a name like any other. */

/** The value of a key that the object itself has. */
export const own = <T>(object: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(object, key) ? object[key] : undefined;
