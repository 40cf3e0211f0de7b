/** What thinning needs of a `batches` frame, found in its text: parsing all of its numbers takes four times as long. */
import { parseFrame, type StoredFrame } from '../../jobs/index.js';
import type { Cell } from '../../numbers/thin.js';

/** Some of what a frame says. */
export interface Outline {
  /** Its first iteration; the others follow one by one. */
  first: number;
  raw_loss: readonly Cell[];
  /** Hypers by name, and how many parameter groups each has. */
  hypers: readonly (readonly [name: string, groups: number])[];
}

/** Of a `batches` frame; null where its iterations do not follow one by one. */
export function outlineOf(frame: StoredFrame): Outline | null {
  const text = new Text(frame.json);
  try {
    return text.outline();
  } catch (error) {
    if (!(error instanceof Unexpected)) throw error;
    return parsed(frame);
  }
}

/** The text of a frame has another form than ours. */
class Unexpected extends Error {}

/** A frame's text, as Attempt writes it and `storedFrame` hands it on. Before the hypers it has no text but names. */
class Text {
  readonly #json: string;
  #at = 0;

  constructor(json: string) {
    this.#json = json;
  }

  outline(): Outline | null {
    this.#expect('{"type":"batches","seq":');
    this.#skipTo(',');
    this.#expect(',"phase":');
    this.#skipTo(',');
    this.#expect(',"epoch":');
    this.#list();
    this.#expect(',"iteration":');
    const iterations = this.#list();
    this.#expect(',"raw_loss":');
    const raw_loss = JSON.parse(this.#list()) as Cell[];
    this.#expect(',"loss":');
    this.#list();
    this.#expect(',"hypers":{');
    const first = Number(iterations.slice(1, ends(iterations.indexOf(','), iterations)));
    const last = Number(iterations.slice(iterations.lastIndexOf(',') + 1 || 1, -1));
    const hypers = this.#hypers();
    return last - first + 1 === raw_loss.length ? { first, raw_loss, hypers } : null;
  }

  #hypers(): [string, number][] {
    const hypers: [string, number][] = [];
    while (!this.#is('}')) {
      if (hypers.length > 0) this.#expect(',');
      this.#expect('"');
      const name = this.#json.slice(this.#at, this.#skipTo('"'));
      if (name.includes('\\')) throw new Unexpected();
      this.#expect('":[');
      let groups = 0;
      do {
        if (groups++ > 0) this.#expect(',');
        this.#list();
      } while (!this.#is(']'));
      this.#expect(']');
      hypers.push([name, groups]);
    }
    return hypers;
  }

  /** A list of numbers, with its brackets. */
  #list(): string {
    const from = this.#at;
    if (!this.#is('[')) throw new Unexpected();
    this.#skipTo(']');
    return this.#json.slice(from, ++this.#at);
  }

  #is(what: string): boolean {
    return this.#json.startsWith(what, this.#at);
  }

  #expect(what: string): void {
    if (!this.#is(what)) throw new Unexpected();
    this.#at += what.length;
  }

  #skipTo(what: string): number {
    const at = this.#json.indexOf(what, this.#at);
    if (at < 0) throw new Unexpected();
    return (this.#at = at);
  }
}

/** Where the first of a list's numbers ends. */
const ends = (comma: number, list: string): number => (comma < 0 ? list.length - 1 : comma);

function parsed(stored: StoredFrame): Outline | null {
  const frame = parseFrame(stored);
  if (frame.type !== 'batches') return null;
  const { iteration, raw_loss } = frame;
  const [first = 0] = iteration;
  if (iteration.length !== raw_loss.length || iteration.some((each, i) => each !== first + i)) return null;
  return { first, raw_loss, hypers: Object.entries(frame.hypers).map(([name, groups]) => [name, groups.length]) };
}
