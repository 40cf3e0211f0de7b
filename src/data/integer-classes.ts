/** Integers as targets, where nobody says whether they are classes or numbers. */

/**
 * What keeps integers, all 0 or more, from being taken for classes: years, prices and ages have gaps, and would make
 * thousands of classes. Null where each of 0 to the highest has a row.
 */
export function doubtOfClasses(labels: ArrayLike<number>): string | null {
  const given = new Set(Array.from(labels));
  const classes = Array.from(given).reduce((max, label) => Math.max(max, label), -1) + 1;
  if (given.size === classes) return null;
  let missing = 0;
  while (given.has(missing)) missing++;
  const why = classes > labels.length ? `for ${labels.length} rows` : `and no row is of class ${missing}`;
  return (
    `must be classes without gaps unless a loss says what they are: values up to ${classes - 1} would ` +
    `be ${classes} classes, ${why}. For a regression choose the loss mse; for classes the loss cross_entropy`
  );
}
