/** Clients that other people's generators make of openapi.yaml: made, type-checked and run. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { createClient } from '@hey-api/openapi-ts';
import { build } from 'esbuild';
import openapiTS, { astToString } from 'openapi-typescript';
import { root } from '../e2e/harness.js';

/** Posts a job and reads its frames: how each of them ends, and their kinds. */
export type Program = (url: string) => Promise<{ status: string; types: string[] }>;
export type Generator = 'openapi-typescript' | 'hey-api';

const openapi = join(root, 'openapi.yaml');

const ofTypes = (job: string): string => `
import createClient from 'openapi-fetch';
import type { components, paths } from './schema';
type Frame = components['schemas']['Frame'];
export async function program(baseUrl: string) {
  const client = createClient<paths>({ baseUrl });
  const { data: posted, error } = await client.POST('/jobs', { body: ${job} });
  if (!posted) throw new Error(error.detail);
  const params = { path: { id: posted.id } };
  const { data: text } = await client.GET('/jobs/{id}/events', { params, parseAs: 'text' });
  const lines = (text ?? '').split('\\n').filter((line) => line.startsWith('data: '));
  const frames = lines.map((line): Frame => JSON.parse(line.slice(6)));
  const { data: record } = await client.GET('/jobs/{id}', { params });
  const status: components['schemas']['JobStatus'] | undefined = record?.status;
  return { status, types: frames.map(({ type }) => type) };
}`;

const ofSdk = (job: string, { post, get, events }: Record<'post' | 'get' | 'events', string>): string => `
import { createClient } from './hey/client';
import { ${post}, ${get}, ${events} } from './hey';
export async function program(baseUrl: string) {
  const client = createClient({ baseUrl });
  const { data: posted } = await ${post}({ client, body: ${job}, throwOnError: true });
  const { stream } = await ${events}({ client, path: { id: posted.id } });
  const types: string[] = [];
  for await (const frame of stream) {
    if (!frame) continue;
    types.push(frame.type);
    if (frame.type === 'status' && frame.status === 'completed') break;
  }
  const { data: record } = await ${get}({ client, path: { id: posted.id }, throwOnError: true });
  return { status: record.status, types };
}`;

/** Makes both clients; `names`: what the document calls the operations. @throws Error where the types do not hold */
export async function generatedClients(
  job: string,
  names: Record<'post' | 'get' | 'events', string>,
): Promise<Record<Generator, Program>> {
  const folder = mkdtempSync(join(tmpdir(), 'onecycle-generated-'));
  try {
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    const types = await openapiTS(pathToFileURL(openapi), { defaultNonNullable: false });
    writeFileSync(join(folder, 'schema.ts'), astToString(types));
    const plugins = ['@hey-api/client-fetch', '@hey-api/typescript', '@hey-api/sdk'] as const;
    await createClient({
      input: openapi,
      output: join(folder, 'hey'),
      plugins: [...plugins],
      logs: { level: 'silent' },
    });
    writeFileSync(join(folder, 'openapi-typescript.ts'), ofTypes(job));
    writeFileSync(join(folder, 'hey-api.ts'), ofSdk(job, names));
    await typeCheck(folder);
    return {
      'openapi-typescript': await bundled(folder, 'openapi-typescript'),
      'hey-api': await bundled(folder, 'hey-api'),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function typeCheck(cwd: string): Promise<void> {
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const options = '--noEmit --strict --skipLibCheck --target es2022 --module esnext --moduleResolution bundler';
  const args = [...options.split(' '), '--pretty', 'false', 'openapi-typescript.ts', 'hey-api.ts'];
  await promisify(execFile)(process.execPath, [compiler, ...args], { cwd }).catch((error: unknown) => {
    throw new Error((error as { stdout: string }).stdout);
  });
}

async function bundled(folder: string, name: Generator): Promise<Program> {
  const outfile = join(folder, `${name}.mjs`);
  await build({ entryPoints: [join(folder, `${name}.ts`)], outfile, bundle: true, format: 'esm', platform: 'node' });
  return ((await import(pathToFileURL(outfile).href)) as { program: Program }).program;
}
