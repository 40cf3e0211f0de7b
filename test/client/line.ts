/** A line to a server that can be cut, or stopped, so that nothing comes through any more. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export class Line {
  /** Connections that were made over it. */
  connections = 0;
  readonly #ends = new Set<Socket>();
  readonly #server: Server;

  private constructor(to: URL) {
    this.#server = createServer((near) => {
      this.connections++;
      const far = connect(Number(to.port), to.hostname);
      this.#join(near, far);
      this.#join(far, near);
    });
  }

  static async to(url: string): Promise<Line> {
    const line = new Line(new URL(url));
    line.#server.listen(0, '127.0.0.1');
    await once(line.#server, 'listening');
    return line;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** All connections break. */
  cut(): void {
    for (const end of this.#ends) end.destroy();
  }

  /** Nothing comes through, until `go`. */
  stop(): void {
    for (const end of this.#ends) end.pause();
  }

  go(): void {
    for (const end of this.#ends) end.resume();
  }

  close(): void {
    this.cut();
    this.#server.close();
  }

  #join(from: Socket, to: Socket): void {
    this.#ends.add(from);
    from.on('data', (part) => {
      if (!to.destroyed) to.write(part);
    });
    from.on('error', () => undefined);
    from.on('close', () => {
      this.#ends.delete(from);
      to.destroySoon();
    });
  }
}
