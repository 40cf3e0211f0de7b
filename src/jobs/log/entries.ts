/** Frames as they are stored: JSON without their number, which is the entry's own, and with their type at the front. */
import type { Frame, StoredFrame } from '../frames.js';
import { isTerminal } from '../record.js';

/** An entry of the log's stream, as Redis answers it: its id is `<seq>-1`, its one field the frame. */
type Entry = [id: string, fields: string[]];

/** The frame's number. */
export const seqOf = ([id]: Entry): number => Number.parseInt(id, 10);

/** The frame of an entry. */
export const decodeEntry = (entry: Entry): StoredFrame => storedFrame(seqOf(entry), entry[1][1]);

const front = '{"type":"';

/**
 * A stored frame with its number put in, its text as it is otherwise.
 * @throws RangeError where the text is no frame: only the scripts and Attempt write them.
 */
export function storedFrame(seq: number, stored: string): StoredFrame {
  const typeEnd = stored.indexOf('"', front.length);
  if (!stored.startsWith(front) || typeEnd < 0) throw new RangeError(`No frame: ${stored.slice(0, 40)}`);
  const type = stored.slice(front.length, typeEnd) as Frame['type'];
  const json = `${stored.slice(0, typeEnd + 1)},"seq":${seq}${stored.slice(typeEnd + 1)}`;
  return { seq, type, last: type === 'status' && isTerminal(statusOf(json)), json };
}

const statusOf = (json: string) => (JSON.parse(json) as Extract<Frame, { type: 'status' }>).status;

/** Characters of frames. */
export const lengthOf = (frames: readonly StoredFrame[]): number =>
  frames.reduce((sum, { json }) => sum + json.length, 0);
