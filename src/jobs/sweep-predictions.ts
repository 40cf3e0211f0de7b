/** Removes inputs and answers of predictions that nobody came back for: the process that asked is gone. */
import type { Storage } from '../storage/storage.js';
import { artifacts } from './artifacts.js';

/** Longer than any prediction or evaluation may take. */
const keptMs = 3600_000;

/** Returns how many were removed. */
export async function sweepPredictions(storage: Storage, now = Date.now()): Promise<number> {
  const old = (await storage.list(artifacts.predictions)).filter((name) => now - Number(name.split('-')[0]) > keptMs);
  for (const name of old) await storage.remove(artifacts.prediction(name));
  return old.length;
}
