/** The schemas of requests, as the service itself describes them. */
import type { Components, Schema } from '../form/schema.js';
import { apiKey } from './key.js';

/** What a form for jobs is made from. */
export interface ApiSchemas {
  components: Components;
  /** Of the body of `POST /jobs`. */
  job: Schema;
}

interface Description {
  components: { schemas: Components };
}

let asked: Promise<ApiSchemas> | undefined;

/** Reads them; once for all pages, and again where that failed. */
export function apiSchemas(): Promise<ApiSchemas> {
  asked ??= read().catch((error: unknown) => {
    asked = undefined;
    throw error;
  });
  return asked;
}

async function read(): Promise<ApiSchemas> {
  const headers = apiKey === undefined ? undefined : { authorization: `Bearer ${apiKey}` };
  const response = await fetch('/openapi.json', { headers });
  if (!response.ok) throw new Error(`/openapi.json answered ${response.status}`);
  const { components } = (await response.json()) as Description;
  return { components: components.schemas, job: { $ref: '#/components/schemas/JobRequest' } };
}
