/**
 * Signals while a model trains: oneDNN's kernels would let a handler write into the heap
 * (src/engine/native/addon/signals.cc).
 */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';

test('a run goes on as if nothing were, whatever signals come', async () => {
  const [quiet, disturbed] = [await train(), await train('SIGUSR2')];
  assert.ok(disturbed.signals > 100, `${disturbed.signals} signals`);
  assert.deepEqual(disturbed.trained, quiet.trained);
});

/** What a process that trains says at its end, and how many signals it got on the way there. */
async function train(signal?: NodeJS.Signals): Promise<{ trained: unknown; signals: number }> {
  const child = fork(new URL('signals-child.js', import.meta.url));
  const ended = once(child, 'exit');
  let signals = 0;
  await once(child, 'message'); // it listens to signals
  const storm = setInterval(() => {
    if (signal !== undefined && child.kill(signal)) signals++;
  }, 1);
  const [trained] = (await Promise.race([once(child, 'message'), ended])) as [unknown];
  clearInterval(storm);
  if (child.connected) child.send('end');
  await ended;
  return { trained, signals };
}
