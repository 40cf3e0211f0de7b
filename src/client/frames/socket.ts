/** Frames by WebSocket: of one job, or of many on one socket. */
import { OnecycleError } from '../errors.js';
import { withQuery, type Http } from '../http.js';
import type { JobMessage, Message } from '../types.js';
import { reasonOf } from '../wait.js';
import type { AnyMessage, Connect, Wanted } from './connection.js';
import { Mailbox } from './mailbox.js';

/** Characters that wait for a slow listener; then the socket is closed, and opened again once they are taken. */
const mostCharacters = 16 * 1024 * 1024;
const normalClose = 1000;
const upgradeRequired = 426;

/** What is used of a WebSocket, which Node 20 lacks. */
interface Socket {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  onerror: (() => void) | null;
  close(): void;
}
type SocketClass = new (url: string) => Socket;

/** The surroundings' WebSocket; undefined where there is none. */
export const webSocket = (): SocketClass | undefined => (globalThis as { WebSocket?: SocketClass }).WebSocket;

/** A job's frames. */
export const socketOfOne = (http: Http, id: string, Class: SocketClass): Connect<Message> =>
  bySocket<Message>(http, Class, ({ from, maxRate }) =>
    withQuery(`/jobs/${encodeURIComponent(id)}/stream`, { from: from.get(id), max_rate: maxRate }),
  );

/** The frames of several jobs, each with its `job`. */
export const socketOfMany = (http: Http, Class: SocketClass): Connect<JobMessage> =>
  bySocket<JobMessage>(http, Class, ({ from, maxRate }) =>
    withQuery('/stream', {
      jobs: [...from.keys()].join(','),
      from: [...from].map(([id, seq]) => `${id}:${seq}`).join(','),
      max_rate: maxRate,
    }),
  );

function bySocket<M extends AnyMessage>(
  http: Http,
  Class: SocketClass,
  pathOf: (wanted: Wanted) => string,
): Connect<M> {
  return async function* (wanted) {
    const path = pathOf(wanted);
    const messages = new Mailbox<M>(mostCharacters);
    const socket = new Class(http.url.replace(/^http/, 'ws') + (await withTicket(http, path, wanted.signal)));
    const abort = (): void => messages.end(reasonOf(wanted.signal));
    wanted.signal.addEventListener('abort', abort);
    const state = listen(socket, messages, wanted);
    try {
      yield* messages;
      if (!state.opened) await whyNot(http, path, wanted.signal);
    } finally {
      wanted.signal.removeEventListener('abort', abort);
      socket.close();
    }
  };
}

function listen<M>(socket: Socket, messages: Mailbox<M>, { opened, ended }: Wanted): { opened: boolean } {
  const state = { opened: false };
  socket.onopen = () => {
    state.opened = true;
    opened();
  };
  socket.onmessage = ({ data }) => {
    const text = String(data);
    messages.put(JSON.parse(text) as M, text.length);
    if (!messages.full) return;
    // What comes from now on would be lost: it is asked for again.
    messages.end();
    socket.close();
  };
  socket.onclose = ({ code }) => {
    if (code === normalClose && !messages.full) ended();
    messages.end();
  };
  // Not everywhere does a close follow.
  socket.onerror = () => messages.end();
  return state;
}

/** A socket cannot say why it was refused, but the same address without an upgrade can. @throws OnecycleError */
async function whyNot(http: Http, path: string, signal: AbortSignal): Promise<void> {
  try {
    const answer = await http.send(path, { signal });
    await answer.body?.cancel();
  } catch (error) {
    if (!(error instanceof OnecycleError) || error.status !== upgradeRequired) throw error;
  }
}

/** A path, which has a query, with a short-lived ticket in place of the key: a browser's socket sends none. */
async function withTicket(http: Http, path: string, signal: AbortSignal): Promise<string> {
  if (http.apiKey === undefined) return path;
  const { ticket } = await http.json<{ ticket: string }>('/tickets', { method: 'POST', signal });
  return `${path}&ticket=${encodeURIComponent(ticket)}`;
}
