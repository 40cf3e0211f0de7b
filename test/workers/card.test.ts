/** How much of a card a worker's jobs have, and what a trainer is held to. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heldTo, onCard } from '../../workers/worker/card.js';

test('jobs share the memory that a card has, or that they may have of it; where nobody knows, one has all', () => {
  const table: [what: string, bound: number | null, total: number | null, slots: number, memory: number | null][] = [
    ['all of it', null, 80, 4, 80],
    ['a part', 60, 80, 4, 60],
    ['no more than there is', 100, 80, 4, 80],
    ['nobody knows', null, null, 1, null],
  ];
  for (const [what, bound, total, slots, memory] of table)
    assert.deepEqual(
      onCard({ threads: 8, slots: 4, gpu_memory_bytes: bound }, total),
      { threads: 8, slots, gpu_memory_bytes: memory },
      what,
    );
});

test('a trainer is held to its part of the card, of all that the card has', () => {
  const table: [share: number | undefined, total: number | null, fraction: string | undefined][] = [
    [20, 80, '0.25'],
    [80, 80, undefined],
    [20, null, undefined],
    [undefined, 80, undefined],
  ];
  for (const [gpu_memory_bytes, total, fraction] of table)
    assert.equal(
      heldTo({ threads: 1, ...(gpu_memory_bytes !== undefined && { gpu_memory_bytes }) }, total)
        .ONECYCLE_GPU_MEMORY_FRACTION,
      fraction,
    );
});
