import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pump, type Sink } from '../../src/api/pump.js';
import type { Gap, StoredFrame } from '../../src/jobs/frames.js';

const status = (seq: number, is: 'running' | 'completed'): StoredFrame => ({
  seq,
  type: 'status',
  last: is === 'completed',
  json: `{"type":"status","seq":${seq},"status":"${is}"}`,
});
const run = (length: number): StoredFrame[] =>
  Array.from({ length }, (_, seq) => status(seq, seq === length - 1 ? 'completed' : 'running'));

/** A client that takes what it was sent only when told to. */
class Client implements Sink {
  readonly messages: (StoredFrame | Gap)[] = [];
  waitingBytes = 0;
  #taken: (() => void)[] = [];

  send(message: StoredFrame | Gap): void {
    this.messages.push(message);
    this.waitingBytes += 10;
  }

  flushed(): Promise<void> {
    return new Promise((resolve) => this.#taken.push(resolve));
  }

  take(): void {
    this.waitingBytes = 0;
    for (const resolve of this.#taken.splice(0)) resolve();
  }
}

async function* after(
  frames: StoredFrame[],
  before: (frame: StoredFrame) => void = () => undefined,
): AsyncGenerator<StoredFrame> {
  for (const frame of frames) {
    before(frame);
    yield await Promise.resolve(frame);
  }
}

test('a client that keeps up gets all, and the last frame ends it', async () => {
  const client = new Client();
  assert.equal(
    await pump(
      after(run(5), () => client.take()),
      client,
      { maxWaitingBytes: 15, maxWaitMs: 1000 },
    ),
    true,
  );
  assert.deepEqual(client.messages, run(5));
  assert.equal(await pump(after(run(5).slice(0, 3)), new Client(), { maxWaitingBytes: 100, maxWaitMs: 1000 }), false);
});

test('one that takes its time is waited for; nothing is left out', async () => {
  const client = new Client();
  const timer = setInterval(() => client.take(), 1);
  await pump(after(run(50)), client, { maxWaitingBytes: 15, maxWaitMs: 10_000 });
  clearInterval(timer);
  assert.deepEqual(client.messages, run(50));
});

test('one that takes too long is skipped ahead to the present, and always gets the last frame', async () => {
  const client = new Client();
  const frames = after(run(50), ({ seq }) => {
    if (seq === 20) client.take();
    if (seq === 49) setTimeout(() => client.take(), 5);
  });
  assert.equal(await pump(frames, client, { maxWaitingBytes: 15, maxWaitMs: 1 }), true);
  assert.deepEqual(client.messages, [
    ...run(50).slice(0, 2),
    { type: 'gap', from: 2, to: 19 },
    ...run(50).slice(20, 21),
    { type: 'gap', from: 21, to: 48 },
    status(49, 'completed'),
  ]);
});
