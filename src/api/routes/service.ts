/** The service itself: alive, ready, and what it offers. */
import { Type } from 'typebox';
import { OnecycleError } from '../../errors.js';
import { answers } from '../schemas/problem.js';
import type { App, Context } from './context.js';

const tags = ['service'];
const Worker = Type.Object(
  {
    id: Type.String(),
    device: Type.String(),
    engine: Type.Union([
      Type.Object({ name: Type.String(), version: Type.String(), device: Type.String() }),
      Type.Null(),
    ]),
  },
  { title: 'Worker', description: 'A process that takes jobs for one device' },
);

export function serviceRoutes(app: App, { jobs, config }: Context, version: string): void {
  app.get(
    '/',
    {
      schema: {
        tags,
        summary: 'Where things are',
        response: answers({
          200: Type.Object({
            name: Type.String(),
            version: Type.String(),
            links: Type.Record(Type.String(), Type.String()),
          }),
        }),
      },
    },
    () => ({
      name: 'onecycle',
      version,
      links: {
        jobs: '/jobs',
        preview: '/schedules/preview',
        docs: '/docs',
        openapi: '/openapi.yaml',
        ready: '/readyz',
        health: '/healthz',
      },
    }),
  );

  app.get(
    '/healthz',
    {
      logLevel: 'warn',
      schema: {
        tags,
        summary: 'Whether the process answers',
        response: answers({ 200: Type.Object({ status: Type.Literal('ok') }) }),
      },
    },
    () => ({ status: 'ok' }),
  );

  app.get(
    '/readyz',
    {
      logLevel: 'warn',
      schema: {
        tags,
        summary: 'Whether a job can be taken',
        response: answers(
          { 200: Type.Object({ status: Type.Literal('ready'), workers: Type.Array(Worker) }, { title: 'Ready' }) },
          'unavailable',
        ),
      },
    },
    async () => {
      await jobs.ready();
      const workers = await jobs.workers();
      if (workers.length === 0 && config.expectWorkers)
        throw new OnecycleError('unavailable', 'No worker is alive yet.');
      return { status: 'ready', workers: workers.map(({ id, device, engine }) => ({ id, device, engine })) };
    },
  );

  app.get('/openapi.json', { schema: { hide: true } }, () => app.openapi());
  app.get('/openapi.yaml', { schema: { hide: true } }, async (_request, reply) => {
    const { toYaml } = await import('../yaml.js');
    return reply.type('application/yaml').send(toYaml(app.openapi()));
  });
}
