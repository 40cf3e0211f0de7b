/** The frames of many jobs on one WebSocket. */
import type { FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import { OnecycleError } from '../../errors.js';
import { optional } from '../../schema/fields.js';
import { followOnSocket } from '../follow-socket.js';
import { answers, content } from '../schemas/answers.js';
import { JobMessage, MaxRate } from '../schemas/messages.js';
import { query, Ticket } from '../schemas/params.js';
import type { App, Context } from './context.js';

/** Jobs that one socket follows. */
const mostJobs = 100;

const Query = query({
  jobs: Type.String({
    pattern: '^\\w+(,\\w+)*$',
    description: `Ids of the jobs, separated by commas; ${mostJobs} at most`,
    examples: ['job_8fK2,job_9aB3'],
  }),
  from: optional(
    Type.String({
      pattern: '^\\w+:\\d{1,15}(,\\w+:\\d{1,15})*$',
      description: '`seq` of the first frame of each job, as `JOB:SEQ,JOB:SEQ`; 0 for a job that is left out',
      examples: ['job_8fK2:12,job_9aB3:40'],
    }),
  ),
  max_rate: MaxRate,
  ticket: Ticket,
});

type ManyRequest = FastifyRequest<{ Querystring: Static<typeof Query> }>;

/** One socket for many jobs. */
export function manyStreamsRoute(app: App, context: Context): void {
  app.route({
    method: 'GET',
    url: '/stream',
    exposeHeadRoute: false,
    schema: {
      tags: ['streams'],
      operationId: 'streamJobs',
      summary: 'Stream several jobs over one WebSocket',
      description:
        'Like /jobs/{id}/stream, with the id of the `job` in each message. Each job has its own `seq`, and its frames are ' +
        'in order. The socket closes normally (1000) after the terminal frames of all jobs.',
      querystring: Query,
      response: answers(
        { 101: content('application/json', 'One text message per frame', JobMessage) },
        'invalid_request',
        'job_not_found',
        'quota_reached',
        'upgrade_required',
        'unavailable',
      ),
    },
    preHandler: async (request) => {
      const { tenant } = request.identity;
      await Promise.all([...cursors(request.query).keys()].map((id) => context.jobs.existing(id, tenant)));
    },
    handler: (_request, reply) => {
      reply.header('upgrade', 'websocket');
      throw new OnecycleError('upgrade_required', 'Open this URL with a WebSocket.');
    },
    wsHandler: (socket, request) => {
      const { query, log } = request as ManyRequest;
      const from = cursors(query);
      log.debug({ jobs: from.size }, 'stream of several jobs opened');
      return followOnSocket(context, socket, {
        from,
        named: true,
        maxRate: query.max_rate,
        guard: (stream) => request.guard(stream),
      });
    },
  });
}

/** Where each job begins. @throws OnecycleError `invalid_request` */
function cursors({ jobs, from = '' }: Static<typeof Query>): Map<string, number> {
  const cursors = new Map(jobs.split(',').map((id) => [id, 0]));
  if (cursors.size > mostJobs)
    throw wrong('/query/jobs', `names ${cursors.size} jobs; at most ${mostJobs} are allowed`);
  for (const cursor of from.split(',').filter(Boolean)) {
    const [id, seq] = cursor.split(':');
    if (!cursors.has(id)) throw wrong('/query/from', `has a position for ${id}, which is not among the jobs`);
    cursors.set(id, Number(seq));
  }
  return cursors;
}

const wrong = (pointer: string, detail: string): OnecycleError =>
  new OnecycleError('invalid_request', `${pointer} ${detail}`, [{ pointer, detail }]);
