// A real server, `onecycle up`, for the others to talk to.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { folder, root } from './tools.js';

/** Lets an act use a server with a data folder of this name; stops it afterwards. */
export async function withServer(name, more, act) {
  const { url, server } = await start(name, more);
  try {
    await act(url);
  } finally {
    await stop(server);
  }
}

/** A server that writes to a file: a pipe would fill up, and stop it, while a program that is waited for runs. */
async function start(name, more) {
  const log = join(folder, `${name}.log`);
  const output = openSync(log, 'w');
  const env = {
    ...process.env,
    PORT: '0',
    HOST: '127.0.0.1',
    ONECYCLE_DATA_DIR: join(folder, name),
    REDIS_URL: '',
    ...more,
  };
  const server = spawn(process.execPath, ['bin/onecycle.js', 'up'], {
    cwd: root,
    env,
    stdio: ['ignore', output, 'inherit'],
  });
  closeSync(output);
  const url = await answering(
    server,
    () => /http:\/\/127\.0\.0\.1:\d+/.exec(readFileSync(log, 'utf8'))?.[0],
    '/readyz',
  );
  if (url === null) throw new Error(readFileSync(log, 'utf8'));
  return { url, server };
}

/** The address of a server that has come to answer 200 at a path; null where it ends before. */
export async function answering(server, address, path) {
  while (server.exitCode === null && server.signalCode === null) {
    const url = address();
    const ready =
      url !== undefined &&
      (await fetch(url + path).then(
        ({ ok }) => ok,
        () => false,
      ));
    if (ready) return url;
    await setTimeout(100);
  }
  return null;
}

/** Ends a process that was started here. */
export async function stop(server) {
  if (server.exitCode !== null || server.signalCode !== null) return;
  server.kill('SIGTERM');
  await new Promise((resolve) => server.once('exit', resolve));
}
