/** The service itself: alive, ready, and what it offers. */
import { Type } from 'typebox';
import { OnecycleError } from '../../errors.js';
import { WorkerInfo } from '../../jobs/record.js';
import { answers } from '../schemas/answers.js';
import type { App, Context } from './context.js';

const tags = ['service'];
const Worker = Type.Pick(WorkerInfo, ['id', 'device', 'engine'], {
  title: 'Worker',
  description: 'A process that takes jobs for one device',
});
const Index = Type.Object(
  {
    name: Type.Literal('onecycle'),
    version: Type.String({ description: 'Version of this service' }),
    links: Type.Record(Type.String(), Type.String(), { description: 'URLs by name' }),
  },
  { title: 'Index' },
);
const Health = Type.Object({ status: Type.Literal('ok') }, { title: 'Health' });
const Ready = Type.Object(
  {
    status: Type.Literal('ready'),
    workers: Type.Array(Worker, { description: 'The live workers' }),
  },
  { title: 'Ready' },
);

const links = {
  jobs: '/jobs',
  queue: '/queue',
  workers: '/workers',
  preview: '/schedules/preview',
  docs: '/docs',
  openapi: '/openapi.yaml',
  asyncapi: '/asyncapi.yaml',
  ready: '/readyz',
  health: '/healthz',
};

/** The service itself. */
export function serviceRoutes(app: App, { jobs, config }: Context, version: string): void {
  app.get(
    '/',
    {
      schema: {
        tags,
        operationId: 'getIndex',
        summary: 'Index of the service',
        description: 'A browser, which asks for `text/html`, gets the dashboard.',
        response: answers({ 200: Index }),
      },
    },
    async (request, reply) => {
      void reply.header('vary', 'accept');
      if (request.headers.accept?.includes('text/html')) return reply.sendFile('index.html');
      return { name: 'onecycle' as const, version, links };
    },
  );

  app.get(
    '/healthz',
    {
      logLevel: 'warn',
      schema: {
        tags,
        operationId: 'checkHealth',
        summary: 'Liveness: whether the process answers',
        response: answers({ 200: Health }),
      },
    },
    () => ({ status: 'ok' as const }),
  );

  app.get(
    '/readyz',
    {
      logLevel: 'warn',
      schema: {
        tags,
        operationId: 'checkReadiness',
        summary: 'Readiness: whether a job can be run',
        response: answers({ 200: Ready }, 'unavailable', 'disk_full'),
      },
    },
    async () => {
      await jobs.ready();
      const workers = await jobs.workers();
      if (workers.length === 0 && config.expectWorkers)
        throw new OnecycleError('unavailable', 'No worker is alive yet.');
      return { status: 'ready' as const, workers: workers.map(({ id, device, engine }) => ({ id, device, engine })) };
    },
  );

  app.get('/openapi.json', { schema: { hide: true } }, () => app.openapi());
  app.get('/openapi.yaml', { schema: { hide: true } }, async (_request, reply) => {
    const { toYaml } = await import('../yaml.js');
    return reply.type('application/yaml').send(toYaml(app.openapi()));
  });
  app.get('/asyncapi.yaml', { schema: { hide: true } }, async (_request, reply) => {
    const [{ asyncApi }, { toYaml }] = await Promise.all([import('../asyncapi.js'), import('../yaml.js')]);
    return reply.type('application/yaml').send(toYaml(asyncApi(app.openapi())));
  });
}
