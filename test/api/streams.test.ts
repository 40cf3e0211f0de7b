import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { WebSocket } from 'ws';
import type { Frame, Gap, MergedFrame } from '../../src/jobs/frames.js';
import type { Problem } from '../../src/api/schemas/problem.js';
import { gate, iterations, outline, reaches, readFrames, until } from '../jobs/harness.js';
import { checkAnswer, checkMessage, documentedFetch } from '../openapi.js';
import { api, job, type Api } from './harness.js';

type Message = (Frame | MergedFrame | Gap) & { job?: string };

interface Listener {
  messages: Message[];
  socket: WebSocket;
  closed: Promise<number>;
}

/** Opens a job's stream and keeps what comes. */
const listen = (on: Api, id: string, query = ''): Promise<Listener> => open(on, `/jobs/${id}/stream`, query);

async function open({ url }: Api, path: string, query: string): Promise<Listener> {
  const socket = new WebSocket(url.replace('http', 'ws') + path + query);
  const messages: Message[] = [];
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as Message;
    checkMessage(message, path.replace(/job_\w+/, '{id}'));
    messages.push(message);
  });
  const closed = once(socket, 'close').then(([code]) => code as number);
  await once(socket, 'open');
  return { messages, socket, closed };
}

const frames = (messages: readonly Message[]): Frame[] => messages.filter((message) => message.type !== 'gap');

/** The places in the log that a message stands for. */
const places = (message: Message): [first: number, last: number] =>
  message.type === 'gap' ? [message.from, message.to] : ['from' in message ? message.from : message.seq, message.seq];

/**
 * Fails unless messages stand for a log from its beginning on, each place once and in order; returns the next place.
 */
function assertCovers(messages: readonly Message[]): number {
  let next = 0;
  for (const message of messages) {
    const [first, last] = places(message);
    assert.equal(first, next);
    next = last + 1;
  }
  return next;
}

interface Event {
  id: number;
  frame: Message;
}

/** Reads an answer's events to its end. */
async function events(
  { url }: Api,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; type: string | null; events: Event[] }> {
  const response = await documentedFetch(url + path, { headers });
  const blocks = (await response.text()).split('\n\n').filter((block) => block.startsWith('id:'));
  const parse = (block: string): Event => {
    const [id, data] = block.split('\n');
    return { id: Number(id.slice(4)), frame: JSON.parse(data.slice(6)) as Message };
  };
  return { status: response.status, type: response.headers.get('content-type'), events: blocks.map(parse) };
}

test('a WebSocket gets every frame once, in order, before the job runs, in its middle and after its end', async (t) => {
  const on = await api(t);
  const hold = gate(on);
  const { id } = await on.submit(job({ tags: { ...hold.tags, batches: '200', per_frame: '7' } }));
  const before = await listen(on, id);
  await until('the queued frame has come', () => before.messages.at(0) ?? null);
  await on.worker();
  await until('some batches have come', () => (before.messages.length > 10 ? true : null));
  const middle = await listen(on, id);
  const later = await listen(on, id, '?from=5');
  await hold.open();
  assert.deepEqual(await Promise.all([before.closed, middle.closed, later.closed]), [1000, 1000, 1000]);
  const after = await listen(on, id);
  assert.equal(await after.closed, 1000);

  const all = frames(after.messages);
  assert.deepEqual(
    all.map(({ seq }) => seq),
    all.map((_, i) => i),
  );
  assert.deepEqual(outline(all), ['queued', 'running', 'batches', 'epoch', 'completed']);
  const trained = iterations(all, 1);
  assert.ok(trained.length >= 200);
  assert.deepEqual(
    trained,
    trained.map((_, i) => i),
  );
  assert.deepEqual(before.messages, all);
  assert.deepEqual(middle.messages, all);
  assert.deepEqual(later.messages, all.slice(5));

  const past = await listen(on, id, `?from=${all.length}`);
  assert.deepEqual([await past.closed, past.messages], [1000, []]);
});

test('server-sent events bring the same frames, from Last-Event-ID on, and 204 past the end', async (t) => {
  const on = await api(t, { heartbeatMs: 5 });
  const hold = gate(on);
  const { id } = await on.submit(job({ tags: { ...hold.tags, batches: '50' } }));
  const live = events(on, `/jobs/${id}/events`);
  await on.worker();
  await reaches(on.jobs, id, 'running');
  await hold.open();
  const whole = await live;
  assert.deepEqual([whole.status, whole.type], [200, 'text/event-stream']);
  const stored = await readFrames(on.jobs, id);
  assert.deepEqual(
    whole.events.map(({ frame }) => frame),
    stored,
  );
  assert.deepEqual(
    whole.events.map((event) => event.id),
    stored.map(({ seq }) => seq),
  );

  assert.deepEqual(
    (await events(on, `/jobs/${id}/events?from=3`)).events.map((event) => event.id),
    stored.slice(3).map(({ seq }) => seq),
  );
  const rest = await events(on, `/jobs/${id}/events?from=1`, { 'last-event-id': '4' });
  assert.deepEqual(
    rest.events.map(({ frame }) => frame),
    stored.slice(5),
  );
  assert.equal((await events(on, `/jobs/${id}/events`, { 'last-event-id': String(stored.length - 1) })).status, 204);
  assert.equal((await events(on, `/jobs/${id}/events`, { 'last-event-id': 'x' })).status, 400);
  assert.equal((await events(on, `/jobs/${id}/events`, { 'last-event-id': '' })).events.length, stored.length);
  for (const from of ['1e21', '999999999999999999999', 'true', '', '-1', '1.5'])
    assert.equal((await events(on, `/jobs/${id}/events?from=${from}`)).status, 400, from);
});

test('a stream that cannot be opened is refused before the upgrade', async (t) => {
  const on = await api(t);
  const { id } = await on.submit();
  assert.deepEqual(await refused(on, '/jobs/job_0/stream'), { status: 404, code: 'job_not_found' });
  assert.deepEqual(await refused(on, `/jobs/${id}/stream?from=-1`), { status: 400, code: 'invalid_request' });
  assert.deepEqual(await refused(on, `/jobs/${id}/stream?from=x`), { status: 400, code: 'invalid_request' });
  const plain = await on.get(`/jobs/${id}/stream`);
  assert.deepEqual([plain.status, (plain.body as Problem).code], [426, 'upgrade_required']);
});

async function refused({ url }: Api, path: string): Promise<{ status: number; code: string }> {
  const socket = new WebSocket(url.replace('http', 'ws') + path);
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  let text = '';
  for await (const part of response) text += String(part);
  checkAnswer('GET', path.split('?')[0], response.statusCode!, response.headers['content-type'] ?? null, text);
  return { status: response.statusCode!, code: (JSON.parse(text) as Problem).code };
}

/** The server's ends of its connections, those that come from now on. */
function connections({ app }: Api): Set<Socket> {
  const sockets = new Set<Socket>();
  app.server.on('connection', (socket) => sockets.add(socket));
  return sockets;
}

const waitingBytes = (sockets: Set<Socket>): number =>
  [...sockets].reduce((sum, { writableLength }) => sum + writableLength, 0);

test('a client that is too slow is skipped ahead, and told what it missed', async (t) => {
  // A client that is paused answers no ping either.
  const patience = { maxWaitingBytes: 10_000, maxUnreadBytes: 10_000, maxWaitMs: 20, maxSilentMs: 60_000 };
  const on = await api(t, { patience, heartbeatMs: 600_000 });
  const sockets = connections(on);
  const hold = gate(on);
  const { id } = await on.submit(job({ tags: { ...hold.tags, batches: '1', per_frame: '2000' } }));
  await on.worker();
  const slow = await listen(on, id);
  slow.socket.pause();
  // More than what the operating system buffers between two sockets.
  await until('much has been logged', async () => ((await on.jobs.readLog(id, 300, 1)).length > 0 ? true : null));
  assert.ok(waitingBytes(sockets) < 1_000_000, `${waitingBytes(sockets)} bytes wait`);
  slow.socket.resume();
  await until('a gap was told', () => slow.messages.find(({ type }) => type === 'gap') ?? null);
  await hold.open();
  assert.equal(await slow.closed, 1000);

  const next = assertCovers(slow.messages);
  const stored = await readFrames(on.jobs, id, next - 1);
  assert.deepEqual(slow.messages.at(-1), stored[0]);
  assert.equal(stored.length, 1);
});

test('a client that does not read is let go, and hears last what it has missed', async (t) => {
  const patience = { maxWaitingBytes: 10_000, maxUnreadBytes: 10_000, maxWaitMs: 20, maxSilentMs: 20 };
  const on = await api(t, { patience, heartbeatMs: 600_000 });
  const sockets = connections(on);
  const hold = gate(on);
  const { id } = await on.submit(job({ tags: { ...hold.tags, batches: '1', per_frame: '2000' } }));
  await on.worker();
  const deaf = await listen(on, id);
  const [connection] = [...sockets].slice(-1);
  const written = connection.bytesWritten;
  deaf.socket.pause();
  await until('the server has closed', () => (closing(on) ? true : null));
  // What is not read does not go to the system either, which would take megabytes: some frames of 50 kB are all.
  assert.ok(connection.bytesWritten - written < 1_000_000, `${connection.bytesWritten - written} bytes were written`);
  deaf.socket.resume();
  assert.equal(await deaf.closed, 1013);
  const next = assertCovers(deaf.messages);
  assert.equal(deaf.messages.at(-1)?.type, 'gap');
  assert.ok(next <= (await on.jobs.frameCount(id)));
  await hold.open();
});

/** Whether a WebSocket is being closed by the server. */
const closing = ({ app }: Api): boolean => [...app.websocketServer.clients].some(({ readyState }) => readyState === 2);

test('a client of events that is too slow is skipped ahead too', async (t) => {
  const on = await api(t, {
    patience: { maxWaitingBytes: 10_000, maxUnreadBytes: 10_000, maxWaitMs: 20, maxSilentMs: 60_000 },
    heartbeatMs: 5,
  });
  const sockets = connections(on);
  const hold = gate(on);
  const { id } = await on.submit(job({ tags: { ...hold.tags, batches: '1', per_frame: '2000' } }));
  await on.worker();
  const response = await answered(t, `${on.url}/jobs/${id}/events`);
  await until('much has been logged', async () => ((await on.jobs.readLog(id, 300, 1)).length > 0 ? true : null));
  assert.ok(waitingBytes(sockets) < 1_000_000, `${waitingBytes(sockets)} bytes wait`);
  let text = '';
  response.on('data', (part: Buffer) => (text += part.toString()));
  await until('a gap was told', () => (text.includes('"type":"gap"') ? true : null));
  await hold.open();
  await once(response, 'end');
  const got = text.split('\n').flatMap((line) => (line.startsWith('data: ') ? [line.slice(6)] : []));
  const messages = got.map((data) => JSON.parse(data) as Message);
  for (const message of messages) checkMessage(message);
  const next = assertCovers(messages);
  assert.deepEqual(messages.at(-1), (await readFrames(on.jobs, id, next - 1))[0]);
  // Whoever comes back after the gap's last frame gets what follows it.
  const gap = messages.findIndex(({ type }) => type === 'gap');
  const ids = text.split('\n').flatMap((line) => (line.startsWith('id: ') ? [Number(line.slice(4))] : []));
  assert.equal(ids[gap], places(messages[gap])[1]);
});

test('with max_rate frames that come too fast are merged, and keep spikes, the newest batch and all other frames', async (t) => {
  const on = await api(t);
  await on.worker();
  const { id } = await on.submit(job({ tags: { batches: '3000', per_frame: '3' } }));
  const live = await listen(on, id, '?max_rate=20');
  assert.equal(await live.closed, 1000);
  const stored = await readFrames(on.jobs, id, 0, 2000);
  for (const messages of [
    live.messages,
    (await events(on, `/jobs/${id}/events?max_rate=20`)).events.map(({ frame }) => frame),
  ]) {
    assert.equal(assertCovers(messages), stored.length);
    const batches = messages.flatMap((message) => (message.type === 'batches' ? [message] : []));
    assert.ok(batches.length < 300, `${batches.length} frames of 1000`);
    assert.equal(batches.at(-1)?.iteration.at(-1), 2999);
    const leftOut = batches.reduce((sum, frame) => sum + ('left_out' in frame ? frame.left_out : 0), 0);
    assert.equal(batches.flatMap(({ iteration }) => iteration).length + leftOut, 3000);
    assert.deepEqual(
      messages.filter(({ type }) => type !== 'batches'),
      stored.filter(({ type }) => type !== 'batches'),
    );
  }
  assert.deepEqual(await refused(on, `/jobs/${id}/stream?max_rate=0`), { status: 400, code: 'invalid_request' });
});

test('one socket follows several jobs, each from its place, to the last frame of all', async (t) => {
  const on = await api(t);
  const hold = gate(on);
  const tags = { ...hold.tags, batches: '100', per_frame: '7' };
  const [a, b, c] = [await on.submit(job({ tags })), await on.submit(job({ tags })), await on.submit(job({ tags }))];
  await on.post(`/jobs/${c.id}/cancel`, {});
  const [first] = await Promise.all([open(on, '/stream', `?jobs=${a.id},${b.id},${c.id}`), on.worker()]);
  await until('one trains', () => first.messages.find(({ type }) => type === 'batches') ?? null);
  const later = await open(on, '/stream', `?jobs=${a.id},${b.id}&from=${a.id}:3,${b.id}:1&max_rate=5`);
  await hold.open();
  assert.deepEqual(await Promise.all([first.closed, later.closed]), [1000, 1000]);

  const of = ({ messages }: Listener, id: string) =>
    messages.filter(({ job }) => job === id).map(({ job: _, ...message }) => message);
  for (const { id } of [a, b, c]) assert.deepEqual(of(first, id), await readFrames(on.jobs, id));
  for (const [{ id }, from] of [
    [a, 3],
    [b, 1],
  ] as const) {
    const last = (await readFrames(on.jobs, id)).at(-1);
    assert.deepEqual([places(of(later, id)[0])[0], of(later, id).at(-1)], [from, last]);
  }
  // Past the end of all: nothing comes.
  const ends = [a, b].map(({ id }) => `${id}:${of(first, id).length}`);
  const past = await open(on, '/stream', `?jobs=${a.id},${b.id}&from=${ends.join(',')}`);
  assert.deepEqual([await past.closed, past.messages], [1000, []]);
});

test('a stream of several jobs is refused before the upgrade where one of them, or a place, is wrong', async (t) => {
  const on = await api(t);
  const { id } = await on.submit();
  assert.deepEqual(await refused(on, `/stream?jobs=${id},job_0`), { status: 404, code: 'job_not_found' });
  const many = Array.from({ length: 101 }, (_, i) => `job_${i}`).join(',');
  for (const query of ['', '?jobs=', `?jobs=${id}&from=${id}`, `?jobs=${id}&from=job_0:1`, `?jobs=${many}`])
    assert.deepEqual(await refused(on, `/stream${query}`), { status: 400, code: 'invalid_request' });
  const plain = await on.get(`/stream?jobs=${id}`);
  assert.deepEqual([plain.status, (plain.body as Problem).code], [426, 'upgrade_required']);
});

test('when the server goes down its streams are told to come back', async (t) => {
  const on = await api(t);
  const { id } = await on.submit();
  const socket = await listen(on, id);
  const sse = await openEvents(t, `${on.url}/jobs/${id}/events`);
  await until('the queued frame has come to both', () =>
    socket.messages.length > 0 && sse.text().includes('data:') ? true : null,
  );
  await on.app.close();
  assert.equal(await socket.closed, 1012);
  await sse.ended;
  assert.match(sse.text(), /"status":"queued"/);
  assert.doesNotMatch(sse.text(), /completed|cancelled/);
});

/** An answer that has begun, and is not read yet. */
async function answered(t: TestContext, url: string): Promise<IncomingMessage> {
  const sent = request(url).end();
  t.after(() => sent.destroy());
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return response;
}

async function openEvents(t: TestContext, url: string): Promise<{ text: () => string; ended: Promise<unknown> }> {
  const response = await answered(t, url);
  let text = '';
  response.on('data', (part: Buffer) => (text += part.toString()));
  return { text: () => text, ended: once(response, 'end') };
}

test('a client that does not answer pings is let go', async (t) => {
  const on = await api(t, { heartbeatMs: 250 });
  const { id } = await on.submit();
  const { socket, closed } = await listen(on, id);
  const alive = await listen(on, id);
  socket.pause();
  await until('one client is gone', () => (on.app.websocketServer.clients.size === 1 ? true : null));
  socket.resume();
  assert.equal(await closed, 1006);
  assert.equal(alive.socket.readyState, WebSocket.OPEN);
});
