/** A card, as the jobs of its worker share it. */
import type { Capacity, Share } from '../../src/jobs/slots.js';

/** What jobs share on a card that has `total` bytes of memory; where nobody knows how many, one job has all. */
export function onCard(capacity: Capacity, total: number | null): Capacity {
  const { gpu_memory_bytes: bound, ...rest } = capacity;
  if (total === null) return { ...rest, slots: 1, gpu_memory_bytes: null };
  return { ...rest, gpu_memory_bytes: Math.min(total, bound ?? total) };
}

/** Whether that much of a card is enough for trainers with these shares; who has none said has all of it. */
export const isEnoughFor = (bytes: number, shares: readonly Share[]): boolean =>
  shares.length === 1 || shares.reduce((sum, { gpu_memory_bytes = Infinity }) => sum + gpu_memory_bytes, 0) <= bytes;

/** What tells TensorFlow how much of a card's memory a trainer may take (session_config.cc); nothing where that is all. */
export function heldTo({ gpu_memory_bytes: share }: Share, total: number | null): NodeJS.ProcessEnv {
  if (share === undefined || total === null || share >= total) return {};
  return { ONECYCLE_GPU_MEMORY_FRACTION: String(share / total) };
}
