/** A slow link: a relay that keeps every byte for a while. (`tc netem` needs a module that few containers have.) */
import { connect, createServer, type Server, type Socket } from 'node:net';

export class Relay {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Each way. */
  delayMs = 0;

  /** Listens on `port` of all addresses. */
  constructor(port: number, target: number) {
    this.#server = createServer((from) => {
      const to = connect(target, '127.0.0.1');
      this.#pass(from, to);
      this.#pass(to, from);
    }).listen(port);
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #pass(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    // One timer after another, so that a shorter delay overtakes no longer one.
    let last: Promise<void> = Promise.resolve();
    const later = (act: () => void): void => {
      const until = performance.now() + this.delayMs;
      last = last.then(async () => {
        const restMs = until - performance.now();
        if (restMs > 0) await new Promise((resolve) => setTimeout(resolve, restMs));
        act();
      });
    };
    from.on('data', (bytes) =>
      later(() => {
        if (to.writable) to.write(bytes);
      }),
    );
    from.once('end', () => later(() => void to.end()));
    from.on('error', () => to.destroy());
    from.once('close', () => {
      this.#sockets.delete(from);
      later(() => void to.destroy());
    });
  }
}
