/** Curves as the API's own JSON: column after column, some values of each at a time. */
import { hyperColumn, rowColumns } from '../history/curve-store.js';
import type { Curves } from '../history/curves.js';

/** The text of `Columns`. */
export async function* json(curves: Curves): AsyncGenerator<string> {
  let front = '{';
  for (const name of rowColumns) {
    yield `${front}"${name}":`;
    yield* list(curves.cells(name));
    front = ',';
  }
  yield ',"hypers":{';
  for (const [i, [name, groups]] of curves.hypers.entries()) {
    yield `${i > 0 ? ',' : ''}${JSON.stringify(name)}:[`;
    for (let g = 0; g < groups; g++) {
      if (g > 0) yield ',';
      yield* list(curves.cells(hyperColumn(name, g)));
    }
    yield ']';
  }
  yield '},"epochs":';
  yield* list(curves.epochs());
  yield '}';
}

async function* list(pages: AsyncIterable<unknown[]>): AsyncGenerator<string> {
  let front = '[';
  for await (const page of pages) {
    if (page.length > 0) yield front + JSON.stringify(page).slice(1, -1);
    if (page.length > 0) front = ',';
  }
  yield front === '[' ? '[]' : ']';
}
