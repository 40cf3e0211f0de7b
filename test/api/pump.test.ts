import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pump, type Sink, type Source } from '../../src/api/pump.js';
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

/** A log of these frames, all of them stored; `before` each is handed on, something may happen. */
const logOf = (
  frames: StoredFrame[],
  before: (frame: StoredFrame) => void = () => undefined,
  signal = new AbortController().signal,
): Source => ({
  async *follow(from) {
    for (const frame of frames.slice(from)) {
      before(frame);
      yield await Promise.resolve(frame);
    }
  },
  newest: () => Promise.resolve(frames.length - 1),
  signal,
});

const patience = { maxWaitingBytes: 15, maxWaitMs: 1000, maxSilentMs: 1000 };
const impatience = { maxWaitingBytes: 15, maxWaitMs: 1, maxSilentMs: 60_000 };

test('a client that keeps up gets all, and the last frame ends it', async () => {
  const client = new Client();
  const log = logOf(run(5), () => client.take());
  assert.equal(await pump(log, 0, client, patience), 'ended');
  assert.deepEqual(client.messages, run(5));
  const cut = logOf(run(5).slice(0, 3));
  assert.equal(await pump(cut, 0, new Client(), { ...patience, maxWaitingBytes: 100 }), 'cut');
});

test('one that takes its time is waited for; nothing is left out', async () => {
  const client = new Client();
  const timer = setInterval(() => client.take(), 1);
  assert.equal(await pump(logOf(run(50)), 0, client, { ...patience, maxWaitMs: 10_000 }), 'ended');
  clearInterval(timer);
  assert.deepEqual(client.messages, run(50));
});

test('one that takes too long is skipped ahead to the present, and always gets the last frame', async () => {
  const client = new Client();
  const timer = setInterval(() => client.take(), 50);
  assert.equal(await pump(logOf(run(50)), 0, client, impatience), 'ended');
  clearInterval(timer);
  assert.deepEqual(client.messages, [...run(50).slice(0, 2), { type: 'gap', from: 2, to: 48 }, ...run(50).slice(-1)]);
});

test('one that takes nothing is let go, and told of all that it has missed', async () => {
  const client = new Client();
  assert.equal(await pump(logOf(run(50)), 0, client, { ...impatience, maxSilentMs: 1 }), 'dropped');
  assert.deepEqual(client.messages, [...run(50).slice(0, 2), { type: 'gap', from: 2, to: 49 }]);
});

test('one that takes nothing and may listen no longer is waited for no longer', async () => {
  const gone = new AbortController();
  const client = new Client();
  const pumping = pump(logOf(run(50), undefined, gone.signal), 0, client, impatience);
  gone.abort();
  assert.equal(await pumping, 'cut');
  assert.deepEqual(client.messages, run(50).slice(0, 2));
});
