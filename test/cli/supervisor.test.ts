/** The supervisor, with real processes. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { pino } from 'pino';
import { supervise } from '../../src/cli/supervisor.js';
import { alive, until } from '../e2e/processes.js';

/** Supervises a program that appends to `starts` when it starts. */
function supervised(t: TestContext, program: string) {
  const folder = mkdtempSync(join(tmpdir(), 'supervisor-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const starts = join(folder, 'starts');
  writeFileSync(starts, '');
  writeFileSync(
    join(folder, 'program.mjs'),
    `import { appendFileSync } from 'node:fs';\n${program}\n` +
      `appendFileSync(${JSON.stringify(starts)}, Date.now() + '\\n');`,
  );
  const child = supervise('program', join(folder, 'program.mjs'), process.env, 'ignore', pino({ level: 'silent' }));
  return { child, starts: () => readFileSync(starts, 'utf8').split('\n').filter(Boolean).map(Number) };
}

const waitsForMessages = "process.on('message', () => {});";

test('who dies is started again, later each time it dies young', async (t) => {
  const { child, starts } = supervised(t, '');
  const times = await until('it was started four times', () => (starts().length >= 4 ? starts() : null));
  await child.stop();
  const delays = times.slice(1).map((time, i) => time - times[i]);
  assert.ok(delays[0] >= 500 && delays[1] >= 1000 && delays[2] >= 2000, `${delays.join(', ')} ms`);
});

test('stop ends it for good', async (t) => {
  const { child, starts } = supervised(t, waitsForMessages);
  await until('it runs', () => starts().length > 0);
  const pid = child.pid!;
  await child.stop();
  assert.deepEqual(alive([pid]), []);
  assert.equal(child.pid, undefined);
  await child.stop();
});

test('stop kills who does not end by itself', async (t) => {
  const { child, starts } = supervised(t, `process.on('SIGTERM', () => {}); ${waitsForMessages}`);
  await until('it runs', () => starts().length > 0);
  const pid = child.pid!;
  await child.stop(200);
  assert.deepEqual(alive([pid]), []);
});

test('stop between two lives: it is not started again', async (t) => {
  const { child, starts } = supervised(t, '');
  await until('it has died', () => starts().length === 1 && child.pid === undefined);
  await child.stop();
  assert.equal(child.pid, undefined);
});
