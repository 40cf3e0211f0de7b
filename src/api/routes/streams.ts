/** A job's frames by WebSocket and by SSE: the same ones, from any place of the log on. */
import type { ServerResponse } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import { OnecycleError } from '../../errors.js';
import { isTerminal } from '../../jobs/record.js';
import { defaulted, optional, Whole } from '../../schema/fields.js';
import { followOnSocket, sourceOf } from '../follow-socket.js';
import { pump, type Patience, type Source } from '../pump.js';
import { answers, content, noBody } from '../schemas/answers.js';
import { MaxRate, Message } from '../schemas/messages.js';
import { JobId, query, Ticket } from '../schemas/params.js';
import { EventSink } from '../sinks.js';
import type { App, Context } from './context.js';

const tags = ['streams'];
/** How long a client may take what it was sent last. */
const closingMs = 30_000;
const From = query({
  from: defaulted(Whole('`seq` of the first frame to send'), 0),
  max_rate: MaxRate,
  ticket: Ticket,
});
const LastEventId = Type.Object({
  'last-event-id': optional(
    Type.String({
      pattern: '^\\d{0,15}$',
      description: '`seq` of the last frame that the client has; takes precedence over `from`. Empty: it has none',
    }),
  ),
});

type StreamRequest = FastifyRequest<{
  Params: Static<typeof JobId>;
  Querystring: Static<typeof From>;
  Headers: Static<typeof LastEventId>;
}>;

/** The frames of a job, live and from any place of the log on. */
export function streamRoutes(app: App, context: Context): void {
  const { jobs, meters, config } = context;
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
      operationId: 'streamJob',
      summary: 'Stream a job over a WebSocket',
      description:
        'Stored frames and then live ones, each once and in order; after the terminal status frame the socket closes normally ' +
        '(1000). After any other close code, reconnect with `from` at the next frame: 1013 for a client that did not read ' +
        'for half a minute.',
      params: JobId,
      querystring: From,
      response: answers(
        { 101: content('application/json', 'One text message per frame', Message) },
        'invalid_request',
        'job_not_found',
        'quota_reached',
        'upgrade_required',
        'unavailable',
      ),
    },
    preHandler: async (request) => {
      await jobs.existing(request.params.id);
    },
    handler: (_request, reply) => {
      reply.header('upgrade', 'websocket');
      throw new OnecycleError('upgrade_required', 'Open this URL with a WebSocket, or read /jobs/{id}/events.');
    },
    wsHandler: (socket, request) => {
      const { params, query, log } = request as StreamRequest;
      log.debug({ job: params.id, from: query.from }, 'stream opened');
      const from = new Map([[params.id, query.from]]);
      return followOnSocket(context, socket, {
        from,
        named: false,
        maxRate: query.max_rate,
        guard: (stream) => request.guard(stream),
      });
    },
  });

  app.route({
    method: 'GET',
    url: '/jobs/:id/events',
    exposeHeadRoute: false,
    schema: {
      tags,
      operationId: 'streamJobEvents',
      summary: 'Stream a job as server-sent events',
      description:
        'The same frames as over the WebSocket; the id of an event is the `seq` of its frame. The response ends after the ' +
        'terminal status frame; a client that reconnects after it gets 204.',
      params: JobId,
      querystring: From,
      headers: LastEventId,
      response: answers(
        {
          200: content('text/event-stream', 'One event per frame', Message),
          204: noBody('The client already has all frames of this job'),
        },
        'invalid_request',
        'job_not_found',
        'quota_reached',
        'unavailable',
      ),
    },
    handler: async (request, reply) => {
      const { params, query, headers } = request as StreamRequest;
      const { status } = await jobs.existing(params.id);
      const last = headers['last-event-id'];
      const from = last === undefined || last === '' ? query.from : Number(last) + 1;
      if (isTerminal(status) && (await jobs.readLog(params.id, from, 1)).length === 0) return reply.status(204).send();
      reply.hijack();
      const gone = new AbortController();
      reply.raw.once('close', () => gone.abort());
      request.guard(gone);
      const ending = AbortSignal.any([gone.signal, closing.signal]);
      await asEvents(sourceOf({ jobs, meters }, 'events', params.id, ending, query.max_rate), from, reply.raw, config);
      return reply;
    },
  });
}

/** Answers with frames up to the last one. Says between them that it lives, so that no proxy takes it for dead. */
async function asEvents(
  source: Source,
  from: number,
  response: ServerResponse,
  { patience, heartbeatMs }: { patience: Patience; heartbeatMs: number },
): Promise<void> {
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache',
    'x-accel-buffering': 'no',
  });
  response.write('retry: 1000\n\n');
  const heartbeat = setInterval(() => {
    // Whoever does not read has no need of signs of life, and would have them pile up.
    if (!response.writableNeedDrain) response.write(': still here\n\n');
  }, heartbeatMs);
  const sink = new EventSink(response);
  try {
    await pump(source, from, sink, patience);
  } finally {
    clearInterval(heartbeat);
    sink.end();
    // Whoever does not read keeps its connection no longer than a WebSocket that does not answer a close.
    if (!response.writableFinished) setTimeout(() => response.destroy(), closingMs).unref();
  }
}
