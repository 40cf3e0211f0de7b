/**
 * A process of WebSocket clients that all follow one job to its end. Arguments: the job's stream, how many clients.
 * Says `open` once all are connected, and at the end what they got.
 */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { Frame, Gap } from '../../src/jobs/frames.js';

/** Connections that are opened at once. */
const handshakes = 50;

/** What the clients got. */
export interface Received {
  /** Of each client: frames, whether their numbers had no hole, how the stream was closed. */
  clients: { frames: number; whole: boolean; code: number }[];
  /** Of each message to any client: the frame's number, and when it came, in milliseconds since 1970. */
  seqs: number[];
  arrivedMs: number[];
  /** The iterations of each frame of batches, by its number. */
  iterations: Map<number, number[]>;
}

const [url = '', count = '1'] = process.argv.slice(2);
const received: Received = { clients: [], seqs: [], arrivedMs: [], iterations: new Map() };

/** One client. It looks at little more than the number of a frame: what a client computes is not measured. */
async function follow(first: boolean): Promise<{ closed: Promise<number> }> {
  const client = { frames: 0, whole: true, code: 0 };
  received.clients.push(client);
  const socket = new WebSocket(url, { perMessageDeflate: false });
  socket.on('message', (data: Buffer) => {
    const seq = Number(/"seq":(\d+)/.exec(data.toString('latin1', 0, 60))?.[1]);
    received.seqs.push(seq);
    received.arrivedMs.push(Date.now());
    client.whole &&= seq === client.frames;
    client.frames++;
    if (!first) return;
    const frame = JSON.parse(data.toString()) as Frame | Gap;
    if (frame.type === 'batches') received.iterations.set(frame.seq, frame.iteration);
  });
  const closed = new Promise<number>((resolve) => socket.once('close', (code) => resolve((client.code = code))));
  await once(socket, 'open');
  return { closed };
}

const closings: Promise<number>[] = [];
while (closings.length < Number(count)) {
  const opening = Array.from({ length: Math.min(handshakes, Number(count) - closings.length) }, (_, i) =>
    follow(closings.length + i === 0),
  );
  closings.push(...(await Promise.all(opening)).map(({ closed }) => closed));
}
process.send!('open');
await Promise.all(closings);
process.send!(received, () => process.exit());
