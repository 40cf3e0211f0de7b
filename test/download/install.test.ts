/** An install is whole or not there, whatever is killed when. */
import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { installFolder } from '../../src/download/install.js';

const root = mkdtempSync(join(tmpdir(), 'onecycle-download-'));
after(() => rmSync(root, { recursive: true, force: true }));

let folders = 0;
/** A target in a folder of its own. */
const newTarget = (): string => join(root, String(folders++), 'thing');
const beside = (target: string): string[] => (existsSync(join(target, '..')) ? readdirSync(join(target, '..')) : []);

const start = (target: string): ChildProcess =>
  fork(fileURLToPath(new URL('fixtures/slow-install.js', import.meta.url)), [target]);

async function says(child: ChildProcess, word: string): Promise<void> {
  for (;;) {
    const [said] = (await once(child, 'message')) as [string];
    if (said === word) return;
  }
}

const whole = (target: string) => () => existsSync(join(target, 'last'));
const ignore = () => undefined;

test('one that is killed leaves no target, and the next one removes what it left', async () => {
  const target = newTarget();
  const killed = start(target);
  await says(killed, 'half');
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  assert.equal(existsSync(target), false);

  const next = start(target);
  await says(next, 'half'); // after the killed one's lock went stale
  const temporary = beside(target).filter((name) => name.includes('.tmp-'));
  assert.equal(temporary.length, 1, `its own alone: ${temporary.join()}`);
  next.send('go on');
  await says(next, 'made');
  assert.deepEqual(beside(target), ['thing']);
});

test('of two at once, one makes it and the other waits and finds it', async () => {
  const target = newTarget();
  const first = start(target);
  await says(first, 'half');
  const second = start(target);
  await says(second, 'wait');
  const found = says(second, 'present');
  first.send('go on');
  await Promise.all([says(first, 'made'), found]);
  assert.equal(readFileSync(join(target, 'last'), 'utf8'), String(first.pid));
  assert.deepEqual(beside(target), ['thing']);
});

test('one that fails leaves nothing, and throws what it failed with', async () => {
  const target = newTarget();
  const make = async (folder: string) => {
    writeFileSync(join(folder, 'first'), 'one');
    await Promise.reject(new Error('no room'));
  };
  await assert.rejects(installFolder({ target, isWhole: whole(target), make, onProgress: ignore }), /no room/);
  assert.deepEqual(beside(target), []);
});

test('one that is told to stop leaves nothing', async () => {
  const target = newTarget();
  const stop = new AbortController();
  const make = () => {
    stop.abort(new Error('stopped'));
    return Promise.resolve();
  };
  await assert.rejects(
    installFolder({ target, isWhole: whole(target), make, onProgress: ignore, signal: stop.signal }),
    /stopped/,
  );
  assert.deepEqual(beside(target), []);
});

test('a damaged folder is replaced; a whole one is left alone', async () => {
  const target = newTarget();
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, 'damaged'), '');
  const make = (folder: string) => {
    writeFileSync(join(folder, 'last'), '');
    return Promise.resolve();
  };
  assert.equal(await installFolder({ target, isWhole: whole(target), make, onProgress: ignore }), 'made');
  assert.deepEqual(readdirSync(target), ['last']);
  assert.deepEqual(beside(target), ['thing']);
  const never = () => assert.fail('there was nothing to make');
  assert.equal(await installFolder({ target, isWhole: whole(target), make: never, onProgress: never }), 'present');
});
