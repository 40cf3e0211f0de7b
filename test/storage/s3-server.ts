/**
 * A real S3 server, as a process with a bucket: versitygw where ONECYCLE_TEST_S3 names it (`npm run s3` does), else
 * s3rver, which Node alone can run but which knows no conditional writes.
 */
import assert from 'node:assert/strict';
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../free-port.js';

const versitygw = process.env.ONECYCLE_TEST_S3;
const s3rver = fileURLToPath(import.meta.resolve('s3rver/bin/s3rver.js'));
/** What the server knows. s3rver takes these alone. */
const keys = { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' };

/** Whether the server refuses to replace what was put once. */
export const conditional = versitygw !== undefined;
/** Its name, for the names of tests. */
export const serverName = conditional ? 'versitygw' : 's3rver';

/** A server that runs. */
export interface S3Server {
  endpoint: string;
  bucket: string;
  /** What a process needs to use it. */
  env: Record<string, string>;
  /** The keys of all objects. */
  objects(): Promise<string[]>;
  signal(signal: NodeJS.Signals): void;
  /** Ends it at once; its objects stay. */
  stop(): Promise<void>;
  /** Starts it again at the same address. */
  start(): Promise<void>;
  /** Ends it for good. */
  remove(): Promise<void>;
}

/** Starts one. */
export async function startS3(): Promise<S3Server> {
  const folder = await mkdtemp(join(tmpdir(), 'onecycle-s3-'));
  for (const name of ['data', 'meta']) await mkdir(join(folder, name));
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const credentials = { accessKeyId: keys.AWS_ACCESS_KEY_ID, secretAccessKey: keys.AWS_SECRET_ACCESS_KEY };
  const client = new S3Client({ endpoint, credentials, region: 'us-east-1', forcePathStyle: true, maxAttempts: 1 });
  let server: ChildProcess;
  const start = async (): Promise<void> => {
    server = run(folder, port);
    await answers(endpoint);
  };
  const stop = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const gone = once(server, 'exit');
    server.kill('SIGKILL');
    await gone;
  };
  await start();
  const bucket = 'models';
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  return {
    endpoint,
    bucket,
    env: { ...keys, AWS_ENDPOINT_URL: endpoint, AWS_REGION: 'us-east-1' },
    async objects() {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
      return Contents.map(({ Key = '' }) => Key);
    },
    signal: (signal) => void server.kill(signal),
    stop,
    start,
    async remove() {
      await stop();
      client.destroy();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function run(folder: string, port: number): ChildProcess {
  const [data, meta] = [join(folder, 'data'), join(folder, 'meta')];
  if (versitygw === undefined)
    return spawn(process.execPath, [s3rver, '-d', data, '-p', String(port), '-a', '127.0.0.1', '-s'], {
      stdio: 'ignore',
    });
  const env = { ROOT_ACCESS_KEY: keys.AWS_ACCESS_KEY_ID, ROOT_SECRET_KEY: keys.AWS_SECRET_ACCESS_KEY };
  const args = ['--port', `127.0.0.1:${port}`, '--quiet', 'posix', '--sidecar', meta, data];
  return spawn(versitygw, args, { stdio: 'ignore', env: { ...process.env, ...env } });
}

async function answers(endpoint: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (
    !(await fetch(endpoint).then(
      () => true,
      () => false,
    ))
  ) {
    assert.ok(Date.now() < deadline, 'the S3 server does not answer');
    await sleep(20);
  }
}
