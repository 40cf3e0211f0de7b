/** A job's frames by WebSocket and by SSE: the same ones, from any place of the log on. */
import type { ServerResponse } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import type { WebSocket } from '@fastify/websocket';
import { OnecycleError } from '../../errors.js';
import { isTerminal } from '../../jobs/record.js';
import { closeCodes } from '../plugins/websocket.js';
import { pump, type Sink } from '../pump.js';
import { Frame, Gap, type StoredFrame } from '../../jobs/frames.js';
import { defaulted, optional, Whole } from '../../schema/fields.js';
import { answers, content, noBody } from '../schemas/answers.js';
import { JobId, query } from '../schemas/params.js';
import type { App, Context } from './context.js';

const tags = ['streams'];
const From = query({ from: defaulted(Whole('The first frame, by its `seq`'), 0) });
const LastEventId = Type.Object({
  'last-event-id': optional(
    Whole('The last frame that the client has, by its `seq`; where it is sent, `from` is not used'),
  ),
});
/** What a client of a stream gets. */
const Message = Type.Union([...Frame.anyOf, Gap], { title: 'Frame' });

type StreamRequest = FastifyRequest<{
  Params: Static<typeof JobId>;
  Querystring: Static<typeof From>;
  Headers: Static<typeof LastEventId>;
}>;

/** The frames of jobs, live and from any place of the log on. */
export function streamRoutes(app: App, context: Context): void {
  const { jobs } = context;
  const closing = new AbortController();
  app.addHook('preClose', (done) => {
    closing.abort();
    done();
  });

  app.route({
    method: 'GET',
    url: '/jobs/:id/stream',
    exposeHeadRoute: false,
    schema: {
      tags,
      summary: "A job's frames by WebSocket",
      description:
        'Stored frames and then live ones, each once and in order; after the terminal status frame a normal close ' +
        '(1000). After any other close code, come back with `from` at the next frame.',
      params: JobId,
      querystring: From,
      response: answers(
        { 101: content('application/json', 'One text message per frame', Message) },
        'invalid_request',
        'job_not_found',
        'upgrade_required',
        'unavailable',
      ),
    },
    preHandler: async (request) => {
      await jobs.existing(request.params.id);
    },
    handler: (_request, reply) => {
      reply.header('upgrade', 'websocket');
      throw new OnecycleError('upgrade_required', 'Open this address with a WebSocket, or read /jobs/{id}/events.');
    },
    wsHandler: (socket, request) => overWebSocket(context, socket, request as StreamRequest),
  });

  app.route({
    method: 'GET',
    url: '/jobs/:id/events',
    exposeHeadRoute: false,
    schema: {
      tags,
      summary: "A job's frames as server-sent events",
      description:
        'The same frames as by WebSocket; the id of an event is the `seq` of its frame. The answer ends after the ' +
        'terminal status frame; a client that comes back after it gets 204.',
      params: JobId,
      querystring: From,
      headers: LastEventId,
      response: answers(
        {
          200: content('text/event-stream', 'One event per frame', Message),
          204: noBody('The client has all frames of this job'),
        },
        'invalid_request',
        'job_not_found',
        'unavailable',
      ),
    },
    handler: async (request, reply) => {
      const { params, query, headers } = request as StreamRequest;
      const { status } = await jobs.existing(params.id);
      const last = headers['last-event-id'];
      const from = last === undefined ? query.from : last + 1;
      if (isTerminal(status) && (await jobs.readLog(params.id, from, 1)).length === 0) return reply.status(204).send();
      reply.hijack();
      await asEvents(context, reply.raw, params.id, from, closing.signal);
      return reply;
    },
  });
}

async function overWebSocket(
  { jobs, config }: Context,
  socket: WebSocket,
  { params: { id }, query, log }: StreamRequest,
): Promise<void> {
  const gone = new AbortController();
  socket.once('close', () => gone.abort());
  const from = query.from;
  log.debug({ job: id, from }, 'stream opened');
  const ended = await pump(jobs.follow(id, from, gone.signal), new WebSocketSink(socket), config.patience);
  // Past the end there is nothing to send; otherwise the server is going down.
  if (ended || isTerminal((await jobs.existing(id)).status)) socket.close(closeCodes.normal);
  else socket.close(closeCodes.serviceRestart);
}

async function asEvents(
  { jobs, config }: Context,
  response: ServerResponse,
  id: string,
  from: number,
  closing: AbortSignal,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache',
    'x-accel-buffering': 'no',
  });
  response.write('retry: 1000\n\n');
  const heartbeat = setInterval(() => response.write(': still here\n\n'), config.heartbeatMs);
  try {
    await pump(
      jobs.follow(id, from, AbortSignal.any([gone.signal, closing])),
      new EventSink(response),
      config.patience,
    );
  } finally {
    clearInterval(heartbeat);
    response.end();
  }
}

abstract class BaseSink implements Sink {
  #flushed: Promise<void> = Promise.resolve();
  abstract get waitingBytes(): number;
  protected abstract write(message: StoredFrame | Gap, done: () => void): void;

  send(message: StoredFrame | Gap): void {
    // Also called, with an error, for what a client that went away did not take.
    this.#flushed = new Promise((resolve) => this.write(message, resolve));
  }

  flushed(): Promise<void> {
    return this.#flushed;
  }
}

class WebSocketSink extends BaseSink {
  constructor(private readonly socket: WebSocket) {
    super();
  }

  get waitingBytes(): number {
    return this.socket.bufferedAmount;
  }

  protected write(message: StoredFrame | Gap, done: () => void): void {
    this.socket.send(textOf(message), () => done());
  }
}

class EventSink extends BaseSink {
  constructor(private readonly response: ServerResponse) {
    super();
  }

  get waitingBytes(): number {
    return this.response.writableLength;
  }

  protected write(message: StoredFrame | Gap, done: () => void): void {
    const id = message.type === 'gap' ? message.to : message.seq;
    this.response.write(`id: ${id}\ndata: ${textOf(message)}\n\n`, () => done());
  }
}

const textOf = (message: StoredFrame | Gap): string => ('json' in message ? message.json : JSON.stringify(message));
