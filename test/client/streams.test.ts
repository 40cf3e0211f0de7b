/** The client's streams, by WebSocket as by events, over lines that break. */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { WebSocket } from 'ws';
import {
  Onecycle,
  OnecycleError,
  type Frame,
  type Job,
  type JobFrame,
  type StreamState,
} from '../../src/client/index.js';
import { api, type Api } from '../api/harness.js';
import { gate, readFrames, trains, until } from '../jobs/harness.js';
import { Line } from './line.js';

// Node 20 has none; where there is one, that one is used.
if (!('WebSocket' in globalThis)) Object.assign(globalThis, { WebSocket });

interface Ways {
  on: Api;
  /** The server's ends of its connections. */
  sockets: ReadonlySet<Socket>;
  line: Line;
  client: Onecycle;
}
let jobs = 0;

/** Posts a job that trains until `open`. */
async function endless({ on, client }: Ways, perFrame = 7): Promise<{ job: Job; open: () => Promise<void> }> {
  const hold = gate(on, `gate-${jobs++}`);
  const job = await client.jobs.create({
    policy: { name: 'fit_one_cycle', n_epoch: 1 },
    dataset: { builtin: 'digits' },
    model: { preset: 'mlp' },
    tags: { ...hold.tags, batches: '1', per_frame: String(perFrame) },
  });
  return { job, open: hold.open };
}

/** Follows into a list, and to the end. */
function collect<F extends Frame | JobFrame>(frames: AsyncIterable<F>): { got: F[]; ended: Promise<void> } {
  const got: F[] = [];
  const ended = (async () => {
    for await (const frame of frames) got.push(frame);
  })();
  return { got, ended };
}

test('frames come once and in order, whatever becomes of the connection', async (t) => {
  const on = await api(t, {
    patience: { maxWaitingBytes: 10_000, maxUnreadBytes: 10_000, maxWaitMs: 20, maxSilentMs: 60_000 },
  });
  await on.worker();
  const sockets = new Set<Socket>();
  on.app.server.on('connection', (socket) => sockets.add(socket));
  const line = await Line.to(on.url);
  t.after(() => line.close());
  for (const transport of ['events', 'websocket'] as const) {
    const ways = { on, sockets, line, client: new Onecycle({ url: line.url, transport }) };
    await t.test(`${transport}: it is cut again and again`, () => cuts(ways));
    // What is done about a gap is one for both.
    if (transport === 'events') await t.test('it is so slow that frames are left out', () => gaps(ways));
    await t.test(`${transport}: it carries several jobs`, () => several(ways));
    await t.test(`${transport}: it ends when it should`, (t) => ends(t, ways));
  }
});

async function cuts(ways: Ways): Promise<void> {
  const { on, line } = ways;
  const { job, open } = await endless(ways);
  const states: StreamState[] = [];
  const { got, ended } = collect(job.stream({ onState: (state) => states.push(state) }));
  for (let cuts = 1; cuts <= 3; cuts++) {
    const before = got.length;
    await until('frames come', () => (got.length > before + 5 ? true : null));
    line.cut();
    await until('it says that it comes back', () => states.filter((s) => s === 'reconnecting').length >= cuts || null);
  }
  await open();
  await ended;
  assert.deepEqual(got, await readFrames(on.jobs, job.id));
  assert.deepEqual(states.slice(0, 4), ['connected', 'reconnecting', 'connected', 'reconnecting']);
  assert.equal(states.at(-1), 'connected');
  assert.equal((await job.done()).status, 'completed');
}

const isPast = (frame: Frame, iteration: number): boolean =>
  frame.type === 'batches' && (frame.iteration.at(-1) ?? 0) > iteration;

async function gaps(ways: Ways): Promise<void> {
  const { on, line, sockets } = ways;
  const { job, open } = await endless(ways, 2000);
  const { got, ended } = collect(job.stream());
  await until('frames come', () => (got.some(({ type }) => type === 'batches') ? true : null));
  const { asked } = line;
  line.stop();
  // Only then does the operating system hold no more: what it has room for waits for a turn of the event loop at most.
  let looks = 0;
  await until('frames wait in the server, and go on waiting', () => {
    looks = [...sockets].some((each) => each.writableLength > 10_000) ? looks + 1 : 0;
    return looks > 10 || null;
  });
  // What another reader has got, this one was sent as well.
  const { progress } = (await on.jobs.get(job.id))!;
  const beside = collect((await new Onecycle({ url: on.url }).jobs.get(job.id)).stream());
  await until(
    'many more are sent',
    () => beside.got.some((each) => isPast(each, progress.iteration + 200_000)) || null,
  );
  await open();
  line.go();
  await Promise.all([ended, beside.ended]);
  // Who was told of a gap asks for what it has missed.
  assert.ok(line.asked > asked, 'no gap was told');
  assert.deepEqual(
    got.map(({ seq }) => seq),
    got.map((_, i) => i),
  );
  const [last] = await readFrames(on.jobs, job.id, got.length - 1);
  assert.deepEqual(got.at(-1), last);
}

async function several(ways: Ways): Promise<void> {
  const { on, line, client } = ways;
  const [a, b] = [await endless(ways), await endless(ways)];
  await trains(on, a.job.id);
  const { got, ended } = collect(client.streams([a.job.id, b.job.id], { from: { [a.job.id]: 3 } }));
  const of = (id: string) => got.filter(({ job }) => job === id);
  await until('frames come', () => (of(a.job.id).length > 5 ? true : null));
  line.cut();
  await a.open();
  await trains(on, b.job.id);
  await b.open();
  await ended;
  const named = async (id: string, from: number) =>
    (await readFrames(on.jobs, id, from)).map((frame) => ({ job: id, ...frame }));
  assert.deepEqual(of(a.job.id), await named(a.job.id, 3));
  assert.deepEqual(of(b.job.id), await named(b.job.id, 0));
}

async function ends(t: TestContext, ways: Ways): Promise<void> {
  const { client } = ways;
  const { job, open } = await endless(ways);
  const stop = new AbortController();
  const { ended } = collect(job.stream({ signal: stop.signal, onState: () => stop.abort(new Error('enough')) }));
  await assert.rejects(ended, /enough/);
  const waiting = new AbortController();
  const done = job.done({ signal: waiting.signal });
  waiting.abort(new Error('not now'));
  await assert.rejects(done, /not now/);
  await open();
  const { got, ended: whole } = collect(job.stream());
  await whole;
  const past = collect(job.stream({ from: got.length }));
  await past.ended;
  assert.deepEqual(past.got, []);
  const none = collect(client.jobs.handle({ ...job.record, id: 'job_0' }).stream());
  await assert.rejects(none.ended, (error) => error instanceof OnecycleError && error.code === 'job_not_found');
  await assert.rejects(collect(client.streams(['job_0'])).ended, { code: 'job_not_found', status: 404 });
  t.diagnostic(`${got.length} frames`);
}
