import assert from 'node:assert/strict';
import { OnecycleError } from '../src/errors.js';

/** The pointers of the problems that a call is refused with, sorted. It must be refused as an invalid spec. */
export function pointersOf(call: () => unknown): string[] {
  let pointers: string[] = [];
  assert.throws(call, (error: unknown) => {
    assert.ok(error instanceof OnecycleError, String(error));
    assert.equal(error.code, 'invalid_spec');
    for (const { detail } of error.problems)
      assert.ok(detail.length > 10 && !/undefined|NaN|\[object/.test(detail), `says what would be right: ${detail}`);
    pointers = error.problems.map(({ pointer }) => pointer).sort();
    return true;
  });
  return pointers;
}
