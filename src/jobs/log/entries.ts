/** Frames as they are stored: JSON without their number, which is the entry's own. */
import type { Frame } from '../frames.js';
import { isTerminal } from '../record.js';

/** A stored frame with its number. */
export function frameOf(seq: number, json: string): Frame {
  // Only the scripts and Attempt write frames.
  const { type, ...rest } = JSON.parse(json) as Omit<Frame, 'seq'>;
  return { type, seq, ...rest } as Frame;
}

/** An entry of the log's stream. */
export const decodeEntry = ([id, fields]: [id: string, fields: string[]]): Frame =>
  frameOf(Number.parseInt(id, 10), fields[1]);

/** Whether nothing follows this frame. */
export const isLast = (frame: Frame): boolean => frame.type === 'status' && isTerminal(frame.status);
