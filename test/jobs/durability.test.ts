/** What is said at the start of a server of one's own, by real servers with various settings. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { tellDurability } from '../../src/jobs/redis/durability.js';
import { findServer } from '../../src/valkey/find.js';
import { ping } from '../../src/valkey/socket.js';

/** Starts a server; it ends with the test. */
async function server(t: TestContext, ...args: string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'onecycle-durability-'));
  const socket = join(folder, 'valkey.sock');
  const command = await findServer(folder, () => undefined);
  const child = spawn(command, ['--port', '0', '--unixsocket', socket, '--dir', folder, ...args], { stdio: 'ignore' });
  t.after(async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
    rmSync(folder, { recursive: true, force: true });
  });
  while ((await ping(socket)) !== 'ready') await sleep(20);
  return socket;
}

/** What is logged of a server: the level and the line. */
function told(url: string): Promise<[level: string, line: unknown]> {
  return new Promise((resolve) => {
    tellDurability(url, {
      info: (line: unknown) => resolve(['info', line]),
      warn: (line: unknown) => resolve(['warn', line]),
    });
  });
}

const appendOnly = ['--appendonly', 'yes', '--save', ''];
const withoutConfig = ['--user', 'default', 'on', 'nopass', '~*', '&*', '+@all', '-config'];

for (const [name, args, level, line] of [
  ['appendfsync always', [...appendOnly, '--appendfsync', 'always'], 'info', /flushes every write before it answers/],
  ['appendfsync everysec', [...appendOnly, '--appendfsync', 'everysec'], 'warn', /the last second .*everysec.*always/],
  ['appendfsync no', [...appendOnly, '--appendfsync', 'no'], 'warn', /half a minute or more .*appendfsync no/],
  ['snapshots alone', ['--save', '60 1'], 'warn', /everything since its last snapshot: .*With appendonly yes/],
  ['no file at all', ['--save', ''], 'warn', /every job at a restart/],
  ['a file, CONFIG refused', [...appendOnly, ...withoutConfig], 'warn', /has not flushed.*refuses CONFIG/],
  ['no file, CONFIG refused', withoutConfig, 'warn', /everything since its last snapshot: .*refuses CONFIG/],
] as const)
  test(`a server with ${name}: the start says what a power cut can lose`, async (t) => {
    const [at, said] = await told(await server(t, ...args));
    assert.equal(at, level);
    assert.match(String(said), /^The server at REDIS_URL \((redis|valkey) \d+\.\d+\.\d+\) /);
    assert.match(String(said), line);
  });
