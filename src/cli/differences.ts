/** Where several values differ, path by path. */
import { isObject } from '../schema/json.js';

/** Each path (`policy.lr_max`) whose values are not all the same, with the value of each; undefined where it has none. */
export function differences(values: readonly unknown[], path = ''): Record<string, unknown[]> {
  const [first, ...others] = values.map((value) => JSON.stringify(value));
  if (others.every((other) => other === first)) return {};
  // Things of another name have other fields, and lists are one value: both are told whole where they can be short.
  if (!values.every(isObject)) return { [path]: [...values] };
  const keys = [...new Set(values.flatMap((value) => Object.keys(value)))];
  return Object.assign(
    {},
    ...keys.map((key) =>
      differences(
        values.map((value) => value[key]),
        path === '' ? key : `${path}.${key}`,
      ),
    ),
  ) as Record<string, unknown[]>;
}
