/** Frames as they are stored: JSON without their number, which is the entry's own. */
import type { Frame } from '../frames.js';
import { isTerminal } from '../record.js';

/** A stored frame with its number. */
export function frameOf(seq: number, json: string): Frame {
  // Only the scripts and Attempt write frames.
  const { type, ...rest } = JSON.parse(json) as Omit<Frame, 'seq'>;
  return { type, seq, ...rest } as Frame;
}

/** An entry of the log's stream, as Redis answers it: its id is `<seq>-1`, its one field the frame. */
type Entry = [id: string, fields: string[]];

/** The frame's number. */
export const seqOf = ([id]: Entry): number => Number.parseInt(id, 10);

/** The frame of an entry. */
export const decodeEntry = (entry: Entry): Frame => frameOf(seqOf(entry), entry[1][1]);

/** Whether nothing follows this frame. */
export const isLast = (frame: Frame): boolean => frame.type === 'status' && isTerminal(frame.status);
