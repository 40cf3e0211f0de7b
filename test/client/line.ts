/** A line to a server that can be cut, stopped, or lose an answer. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export class Line {
  /** Parts of requests that came over it: on a connection that is used again there is no other sign of one. */
  asked = 0;
  #loses = false;
  readonly #ends = new Set<Socket>();
  readonly #server: Server;

  private constructor(to: URL) {
    this.#server = createServer((near) => {
      const far = connect(Number(to.port), to.hostname);
      this.#join(
        near,
        (part) => {
          this.asked++;
          far.write(part);
        },
        far,
      );
      this.#join(far, (part) => this.#answer(near, part), near);
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

  /** What the server says next does not come: its connection breaks. */
  loseAnswer(): void {
    this.#loses = true;
  }

  close(): void {
    this.cut();
    this.#server.close();
  }

  #answer(near: Socket, part: Buffer): void {
    if (this.#loses) near.destroy();
    else near.write(part);
    this.#loses = false;
  }

  #join(from: Socket, pass: (part: Buffer) => void, to: Socket): void {
    this.#ends.add(from);
    from.on('data', (part) => {
      if (!to.destroyed) pass(part);
    });
    from.on('error', () => undefined);
    from.on('close', () => {
      this.#ends.delete(from);
      to.destroySoon();
    });
  }
}
