/** How many columns a table may have, and how they may be called. */
import { invalidFile } from './problems.js';

const most = 10_000;
const longestName = 500;

/** @throws OnecycleError `invalid_dataset` */
export function checkColumns(names: readonly string[]): void {
  if (names.length > most)
    throw invalidFile('', `The file has more than ${most} columns: put this many numbers per row into a .npz`);
  const long = names.find((name) => name.length > longestName);
  if (long !== undefined)
    throw invalidFile(
      '',
      `A column name is longer than ${longestName} characters; it begins with ${JSON.stringify(long.slice(0, 80))}`,
    );
}
