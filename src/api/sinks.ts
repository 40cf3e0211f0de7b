/** How frames get to a client: by WebSocket, or as server-sent events. */
import type { ServerResponse } from 'node:http';
import type { WebSocket } from '@fastify/websocket';
import type { Gap, StoredFrame } from '../jobs/frames.js';
import type { Sink } from './pump.js';

type Message = StoredFrame | Gap;

const textOf = (message: Message): string => ('json' in message ? message.json : JSON.stringify(message));

/**
 * The bytes of a message. Of a frame they are made once for all clients that get the same one: with a thousand who do
 * not read, what waits for them is there once.
 */
function shared(write: (message: Message) => string): (message: Message) => Buffer {
  const known = new WeakMap<Message, Buffer>();
  return (message) => {
    const bytes = known.get(message) ?? Buffer.from(write(message));
    known.set(message, bytes);
    return bytes;
  };
}

const asJson = shared(textOf);
const asEvent = shared((message) => {
  const id = message.type === 'gap' ? message.to : message.seq;
  return `id: ${id}\ndata: ${textOf(message)}\n\n`;
});

abstract class BaseSink implements Sink {
  #flushed: Promise<void> = Promise.resolve();
  abstract get waitingBytes(): number;
  protected abstract write(message: Message, done: () => void): void;

  send(message: Message): void {
    // Also called, with an error, for what a client that went away did not take.
    this.#flushed = new Promise((resolve) => this.write(message, resolve));
  }

  flushed(): Promise<void> {
    return this.#flushed;
  }
}

/** A job's frames on a socket, which may have those of others as well. */
export class WebSocketSink extends BaseSink {
  readonly #socket: WebSocket;
  readonly #front: string | null;

  /** `job`: its id, where the frames are to say whose they are. */
  constructor(socket: WebSocket, job?: string) {
    super();
    this.#socket = socket;
    this.#front = job === undefined ? null : `{"job":${JSON.stringify(job)},`;
  }

  get waitingBytes(): number {
    return this.#socket.bufferedAmount;
  }

  protected write(message: Message, done: () => void): void {
    const data = this.#front === null ? asJson(message) : this.#front + textOf(message).slice(1);
    this.#socket.send(data, { binary: false }, () => done());
  }
}

/** A job's frames as events, whose ids are the frames' numbers. */
export class EventSink extends BaseSink {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    super();
    this.#response = response;
  }

  get waitingBytes(): number {
    return this.#response.writableLength;
  }

  protected write(message: Message, done: () => void): void {
    this.#response.write(asEvent(message), () => done());
  }
}
