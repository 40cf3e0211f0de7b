/** A job's log: a Redis Stream whose ids are the frames' numbers, `<seq>-1`. */
import type { Frame } from './frames.js';
import { keys } from './keys.js';
import { isTerminal } from './record.js';
import type { Client } from './redis.js';

export type StoredEntry = [id: string, fields: string[]];

/** An entry as a frame; its number is its id's. */
export function decodeEntry([id, fields]: StoredEntry): Frame {
  // Only the scripts and appendFrames write entries.
  const { type, ...rest } = JSON.parse(fields[1]) as Omit<Frame, 'seq'>;
  return { type, seq: Number.parseInt(id, 10), ...rest } as Frame;
}

/** Up to `count` stored frames from number `from` on. */
export async function readLog(redis: Client, id: string, from: number, count: number): Promise<Frame[]> {
  const entries = await redis.xrange(keys.log(id), `${from}-0`, '+', 'COUNT', count);
  return entries.map(decodeEntry);
}

/** Whether nothing follows this frame. */
export const isLast = (frame: Frame): boolean => frame.type === 'status' && isTerminal(frame.status);
