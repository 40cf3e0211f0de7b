/**
 * What a WebSocket's client has read. The system takes megabytes for a client that reads nothing, so that only the
 * client can tell: now and then it is sent a ping, and its pong, which every client sends by itself, comes once it has
 * read all before it.
 */
import type { WebSocket } from '@fastify/websocket';

/** Bytes after which a client is asked anew. */
const askBytes = 32 * 1024;

/** The bytes of one socket that its client was sent and has read. */
export class Receipts {
  readonly #socket: WebSocket;
  #sent = 0;
  /** Up to where it was asked last, and up to where it has read. */
  #asked = 0;
  #read = 0;
  #waiting: { bytes: number; resolve: () => void }[] = [];

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('pong', (data: Buffer) => {
      // The heartbeat's pings say nothing; and nobody has read what was not asked for.
      const bytes = Number(data.toString('latin1'));
      if (bytes > this.#read && bytes <= this.#asked) this.#take(bytes);
    });
    socket.once('close', () => this.#take(Infinity));
  }

  /** Bytes that the client has not said to have read. */
  get unread(): number {
    return Math.max(0, this.#sent - this.#read);
  }

  /** Sends a text, as UTF-8. */
  send(text: Buffer): void {
    // With an error for a client that is gone.
    this.#socket.send(text, { binary: false }, () => undefined);
    this.#sent += text.length;
    if (this.#sent - this.#asked >= askBytes) this.#ask();
  }

  /** Waits until half of what is not read now has been, or the client is gone. The other half is on its way meanwhile. */
  half(): Promise<void> {
    const bytes = this.#sent - Math.floor(this.unread / 2);
    if (this.#read >= bytes) return Promise.resolve();
    if (this.#asked < bytes) this.#ask();
    return new Promise((resolve) => this.#waiting.push({ bytes, resolve }));
  }

  #ask(): void {
    this.#asked = this.#sent;
    // Who is gone is no longer asked.
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping(String(this.#asked), false, () => undefined);
  }

  #take(bytes: number): void {
    this.#read = bytes;
    const done = this.#waiting.filter((each) => each.bytes <= bytes);
    this.#waiting = this.#waiting.filter((each) => each.bytes > bytes);
    for (const { resolve } of done) resolve();
  }
}
