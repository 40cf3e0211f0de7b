/**
 * Requests for predictions on their way to a worker: a list of ids, and beside it each request under a key that expires
 * when nobody waits for it any more. Answers come over a channel of the process that asked: where that is gone, nothing
 * is left.
 */
import { firstProtocol } from '../pools.js';
import { keys } from './keys.js';
import type { Client } from './client.js';
import { answers } from './records.js';

/** A list that nobody takes from goes after the last of its requests. */
const listMs = 15 * 60_000;

/** Hands a request to the first worker that is free and knows the protocol. It is forgotten after `ms`. */
export async function askPrediction(
  redis: Client,
  id: string,
  request: string,
  ms: number,
  protocol: number,
): Promise<void> {
  const list = keys.predictions(protocol);
  await answers(redis.multi().set(keys.prediction(id), request, 'PX', ms).rpush(list, id).pexpire(list, listMs));
}

/** Nobody waits for the answer any more. */
export const forgetPrediction = async (redis: Client, id: string): Promise<void> => {
  await redis.del(keys.prediction(id));
};

/**
 * Waits for a request of this protocol or a former one and takes it; null where nobody waits for it any more. The
 * connection serves nothing else.
 */
export async function takePrediction(blocking: Client, protocol: number): Promise<string | null> {
  const known = Array.from({ length: protocol - firstProtocol + 1 }, (_, i) => keys.predictions(protocol - i));
  const taken = await blocking.blpop(known, 0);
  return taken && blocking.getdel(keys.prediction(taken[1]));
}

/** Tells an answer to the process that asked, if it lives. */
export const publishAnswer = async (redis: Client, asker: string, text: string): Promise<void> => {
  await redis.publish(keys.predicted(asker), text);
};
