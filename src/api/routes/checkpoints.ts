import { Readable } from 'node:stream';
import { Type } from 'typebox';
import { Checkpoint } from '../../jobs/checkpoint.js';
import { Job } from '../../jobs/record.js';
import { artifacts } from '../../jobs/artifacts.js';
import { readHeader } from '../../models/kept-model.js';
import { leadingTensors, metadataOf } from '../../models/safetensors.js';
import { strict } from '../../schema/fields.js';
import { rangeOf } from '../../storage/index.js';
import type { Storage } from '../../storage/storage.js';
import { answers, bodyErrors, content } from '../schemas/answers.js';
import { JobId } from '../schemas/params.js';
import type { App, Context } from './context.js';

const tags = ['checkpoints'];

const CheckpointList = Type.Object(
  { object: Type.Literal('list'), data: Type.Array(Checkpoint) },
  { title: 'CheckpointList' },
);
const CheckpointRequest = strict(
  {
    name: Type.String({
      minLength: 1,
      maxLength: 100,
      pattern: '^(?!(last|best)$|ckpt_)',
      description: 'Its name, unique within the job; `last`, `best` and `ckpt_…` are reserved',
    }),
  },
  { title: 'CheckpointRequest', examples: [{ name: 'before the second phase' }] },
);
const CheckpointId = Type.Object({
  ...JobId.properties,
  checkpoint: Type.String({ description: 'Checkpoint id, its name, `last`, or `best`', examples: ['last'] }),
});

/** What a running job has kept of itself. */
export function checkpointRoutes(app: App, { jobs, storage }: Context): void {
  app.get(
    '/jobs/:id/checkpoints',
    {
      schema: {
        tags,
        operationId: 'listCheckpoints',
        summary: 'List the checkpoints of a job, oldest first',
        params: JobId,
        response: answers({ 200: CheckpointList }, 'job_not_found', 'unavailable'),
      },
    },
    async ({ params: { id } }) => ({ object: 'list' as const, data: await jobs.checkpoints(id) }),
  );

  app.post(
    '/jobs/:id/checkpoints',
    {
      schema: {
        tags,
        operationId: 'createCheckpoint',
        summary: 'Ask a running job for a checkpoint',
        description: 'It is made before the next training batch and kept until the job is deleted.',
        params: JobId,
        body: CheckpointRequest,
        response: answers({ 202: Job }, ...bodyErrors, 'job_not_found', 'conflict', 'unavailable'),
      },
    },
    async ({ params: { id }, body: { name } }, reply) => {
      void reply.status(202);
      return jobs.askForCheckpoint(id, name);
    },
  );

  app.get(
    '/jobs/:id/checkpoints/:checkpoint/weights',
    {
      schema: {
        tags,
        operationId: 'downloadCheckpointWeights',
        summary: 'Download the parameters of a checkpoint as safetensors',
        params: CheckpointId,
        response: answers(
          {
            200: content<Readable>('application/octet-stream', 'A safetensors file', Type.String({ format: 'binary' })),
          },
          'job_not_found',
          'checkpoint_not_found',
          'unavailable',
          'storage_unavailable',
        ),
      },
    },
    async ({ params: { id, checkpoint: which } }, reply) => {
      const { id: checkpoint } = await jobs.checkpoint(id, which);
      const { size, stream } = await parametersOf(storage, artifacts.checkpoint(id, checkpoint));
      return reply
        .type('application/octet-stream')
        .header('content-length', size)
        .header('content-disposition', `attachment; filename="${checkpoint}.safetensors"`)
        .send(stream);
    },
  );
}

/** The parameters stand first in a checkpoint's file: a new head, and a range of it. */
async function parametersOf(storage: Storage, name: string): Promise<{ size: number; stream: Readable }> {
  const header = await readHeader(rangeOf(storage, name));
  const metadata = metadataOf(header);
  const model: Record<string, string> = 'model' in metadata ? { model: metadata.model } : {};
  const { head, start, end } = leadingTensors(header, (tensor) => !tensor.includes('/'), model);
  const rest = await storage.stream(name, { start, end });
  const parts = async function* (): AsyncGenerator<Uint8Array> {
    yield head;
    yield* rest;
  };
  return { size: head.byteLength + end - start, stream: Readable.from(parts(), { objectMode: false }) };
}
