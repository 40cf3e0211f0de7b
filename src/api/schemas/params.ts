/** The parts of an address and of its query. */
import { Type, type TObject, type TProperties } from 'typebox';
import type { Complete } from '../../schema/complete.js';
import { defaulted, strict } from '../../schema/fields.js';

/** The job of an address. */
export const JobId = Type.Object({ id: Type.String({ description: 'Id of the job', examples: ['job_8fK2'] }) });

/** A query that knows no other fields. The validator fills in its defaults: a handler finds every `defaulted` field. */
export const query = <P extends TProperties>(properties: P) => Type.Unsafe<Complete<TObject<P>>>(strict(properties));

/** The checkpoint of a job that a query names. */
export const WhichCheckpoint = defaulted(
  Type.String({ description: 'Checkpoint id, its name, `last`, or `best`' }),
  'last',
);
