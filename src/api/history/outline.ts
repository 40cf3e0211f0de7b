/** What thinning needs of a `batches` frame, found in its text: parsing all of its numbers takes several times as long. */
import { parseFrame, type StoredFrame } from '../../jobs/index.js';
import type { Cell } from '../../numbers/thin.js';

/** Hypers by name, and how many parameter groups each has. */
export type HyperGroups = readonly (readonly [name: string, groups: number])[];

/** Some of what a frame says. */
export interface Outline {
  /** Its first iteration; the others follow one by one. */
  first: number;
  raw_loss: readonly Cell[];
  hypers: HyperGroups;
}

/** Reads frames one by one: most have the hypers of the one before. */
export class Outliner {
  #hypers: HyperGroups = [];
  /** What stands before each of their lists. */
  #fronts: readonly string[] = frontsOf([]);

  /** Of a `batches` frame; null where its iterations do not follow one by one. */
  outlineOf(stored: StoredFrame): Outline | null {
    const columns = columnsIn(stored.json);
    if (columns && this.#hasHypers(stored.json, columns.end)) {
      const { first, last, raw_loss } = columns;
      return last - first + 1 === raw_loss.length ? { first, raw_loss, hypers: this.#hypers } : null;
    }
    const outline = parsed(stored);
    if (outline) {
      this.#hypers = outline.hypers;
      this.#fronts = frontsOf(outline.hypers);
    }
    return outline;
  }

  #hasHypers(json: string, from: number): boolean {
    let at = from;
    for (const [i, front] of this.#fronts.entries()) {
      if (!json.startsWith(front, at)) return false;
      at += front.length;
      if (i < this.#fronts.length - 1) at = json.indexOf(']', at);
    }
    return true;
  }
}

/** The texts before each list of numbers, which end it and the one before; then the one that follows the last list. */
function frontsOf(hypers: HyperGroups): string[] {
  // Without a list it is told by parsing.
  if (hypers.some(([, groups]) => groups === 0)) return ['\n'];
  const fronts: string[] = [];
  let closing = '"hypers":{';
  for (const [name, groups] of hypers)
    for (let g = 0; g < groups; g++) {
      fronts.push(g === 0 ? `${closing}${JSON.stringify(name)}:[[` : '],[');
      closing = ']],';
    }
  return [...fronts, hypers.length > 0 ? ']]}' : `${closing}}`];
}

/** The columns before the hypers, as Attempt writes them and `storedFrame` hands them on; null in another form. */
function columnsIn(json: string): { first: number; last: number; raw_loss: Cell[]; end: number } | null {
  const epoch = json.indexOf('[');
  const iteration = after(json, epoch, '],"iteration":[');
  const raw_loss = after(json, iteration, '],"raw_loss":[');
  const loss = after(json, raw_loss, '],"loss":[');
  const end = after(json, loss, '],');
  if (end < 0 || !json.startsWith('"epoch":[', epoch - 8)) return null;
  const iterations = json.slice(iteration, raw_loss - '],"raw_loss":['.length);
  return {
    first: Number.parseInt(iterations, 10),
    last: Number(iterations.slice(iterations.lastIndexOf(',') + 1)),
    raw_loss: JSON.parse(json.slice(raw_loss - 1, loss - ',"loss":['.length)) as Cell[],
    end,
  };
}

/** Where a text ends that follows the list at a place; -1 where another one does. */
function after(json: string, list: number, text: string): number {
  const at = list < 0 ? -1 : json.indexOf(']', list);
  return at >= 0 && json.startsWith(text, at) ? at + text.length : -1;
}

function parsed(stored: StoredFrame): Outline | null {
  const frame = parseFrame(stored);
  if (frame.type !== 'batches') return null;
  const { iteration, raw_loss } = frame;
  const [first = 0] = iteration;
  if (iteration.length !== raw_loss.length || iteration.some((each, i) => each !== first + i)) return null;
  return { first, raw_loss, hypers: Object.entries(frame.hypers).map(([name, groups]) => [name, groups.length]) };
}
