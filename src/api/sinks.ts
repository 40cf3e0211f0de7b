/** How frames get to a client: by WebSocket, or as server-sent events. */
import type { ServerResponse } from 'node:http';
import type { WebSocket } from '@fastify/websocket';
import type { Gap, StoredFrame } from '../jobs/frames.js';
import type { Sink } from './pump.js';

type Message = StoredFrame | Gap;

const textOf = (message: Message): string => ('json' in message ? message.json : JSON.stringify(message));

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
  readonly #front: string;

  /** `job`: its id, where the frames are to say whose they are. */
  constructor(socket: WebSocket, job?: string) {
    super();
    this.#socket = socket;
    this.#front = job === undefined ? '{' : `{"job":${JSON.stringify(job)},`;
  }

  get waitingBytes(): number {
    return this.#socket.bufferedAmount;
  }

  protected write(message: Message, done: () => void): void {
    this.#socket.send(this.#front + textOf(message).slice(1), () => done());
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
    const id = message.type === 'gap' ? message.to : message.seq;
    this.#response.write(`id: ${id}\ndata: ${textOf(message)}\n\n`, () => done());
  }
}
