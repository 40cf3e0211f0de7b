/** Frames as server-sent events over `fetch`: where there is no WebSocket. */
import { createParser } from 'eventsource-parser';
import { withQuery, type Http } from '../http.js';
import { isTerminal, type JobMessage, type Message } from '../types.js';
import { asError, reasonOf } from '../wait.js';
import type { Connect, Wanted } from './connection.js';
import { Mailbox } from './mailbox.js';

const noContent = 204;
/** Frames of several jobs that wait for a slow listener. */
const mostWaiting = 100;

/** A job's frames. */
export const eventsOfOne = (http: Http, id: string): Connect<Message> =>
  async function* ({ from, maxRate, signal, opened, ended }) {
    const path = `/jobs/${encodeURIComponent(id)}/events`;
    const answer = await http.send(withQuery(path, { from: from.get(id), max_rate: maxRate }), {
      headers: { accept: 'text/event-stream' },
      signal,
    });
    opened();
    if (answer.status === noContent || answer.body === null) {
      ended();
      return;
    }
    for await (const data of dataOf(answer.body)) {
      signal.throwIfAborted();
      yield JSON.parse(data) as Message;
    }
    signal.throwIfAborted();
  };

/** Each event's data, until the stream ends or is lost. */
async function* dataOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const arrived: string[] = [];
  const parser = createParser({ onEvent: ({ data }) => arrived.push(data) });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      const part = await reader.read().catch(() => undefined);
      if (part === undefined || part.done) return;
      parser.feed(decoder.decode(part.value, { stream: true }));
      yield* arrived.splice(0);
    }
  } finally {
    // Also where the listener has left: the connection is to end.
    await reader.cancel().catch(() => undefined);
  }
}

/** The frames of several jobs, each with its `job`: a connection each, which fail together. */
export const eventsOfMany = (http: Http): Connect<JobMessage> =>
  async function* (wanted) {
    const stop = new AbortController();
    const signal = AbortSignal.any([wanted.signal, stop.signal]);
    const messages = new Mailbox<JobMessage>(mostWaiting);
    const abort = (): void => messages.end(reasonOf(wanted.signal));
    wanted.signal.addEventListener('abort', abort);
    const all = [...wanted.from.keys()].map((id) => passOn(http, id, { ...wanted, signal }, messages));
    Promise.all(all).then(
      (ends) => {
        if (ends.every(Boolean)) wanted.ended();
        messages.end();
      },
      (error: unknown) => messages.end(asError(error)),
    );
    try {
      yield* messages;
    } finally {
      wanted.signal.removeEventListener('abort', abort);
      stop.abort();
    }
  };

/** Passes one job's messages on, with its name. Whether it has ended: one that is lost takes the others with it. */
async function passOn(http: Http, job: string, wanted: Wanted, messages: Mailbox<JobMessage>): Promise<boolean> {
  let ended = false;
  const own = { ...wanted, ended: () => (ended = true) };
  for await (const message of eventsOfOne(http, job)(own)) {
    ended ||= message.type === 'status' && isTerminal(message.status);
    messages.put({ job, ...message }, 1);
    await messages.room();
  }
  if (!ended) messages.end();
  return ended;
}
