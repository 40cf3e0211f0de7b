/** How frames get to a client: by WebSocket, or as server-sent events. */
import type { ServerResponse } from 'node:http';
import type { Gap, StoredFrame } from '../jobs/frames.js';
import type { Sink } from './pump.js';
import type { Receipts } from './receipts.js';

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

/** A job's frames on a socket, which may have those of others as well. */
export class WebSocketSink implements Sink {
  readonly #receipts: Receipts;
  readonly #front: string | null;

  /** `job`: its id, where the frames are to say whose they are. */
  constructor(receipts: Receipts, job?: string) {
    this.#receipts = receipts;
    this.#front = job === undefined ? null : `{"job":${JSON.stringify(job)},`;
  }

  get waitingBytes(): number {
    return this.#receipts.unread;
  }

  send(message: Message): void {
    const data = this.#front === null ? asJson(message) : Buffer.from(this.#front + textOf(message).slice(1));
    this.#receipts.send(data);
  }

  flushed(): Promise<void> {
    return this.#receipts.half();
  }
}

/** A job's frames as events, whose ids are the frames' numbers. Frames that come at once are one chunk of the answer. */
export class EventSink implements Sink {
  readonly #response: ServerResponse;
  #together: Buffer[] = [];
  #waitingBytes = 0;
  #flushed: Promise<void> = Promise.resolve();
  #taken: () => void = () => undefined;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  send(message: Message): void {
    const event = asEvent(message);
    this.#waitingBytes += event.length;
    if (this.#together.push(event) > 1) return;
    this.#flushed = new Promise((resolve) => (this.#taken = resolve));
    setImmediate(() => this.#write());
  }

  flushed(): Promise<void> {
    return this.#flushed;
  }

  /** Ends the answer after all that was sent. */
  end(): void {
    this.#write();
    this.#response.end();
  }

  #write(): void {
    const [events, taken] = [this.#together, this.#taken];
    this.#together = [];
    if (events.length === 0) return;
    const bytes = events.reduce((sum, { length }) => sum + length, 0);
    this.#response.cork();
    for (const event of events.slice(0, -1)) this.#response.write(event);
    // Also called, with an error, for what a client that went away did not take.
    this.#response.write(events.at(-1), () => {
      this.#waitingBytes -= bytes;
      taken();
    });
    this.#response.uncork();
  }
}
