/** How often a job asks Redis: each time is a wait, and each write one for the disk. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import test, { type TestContext } from 'node:test';
import { keys } from '../../src/jobs/redis/keys.js';
import { scripts } from '../../src/jobs/redis/scripts/index.js';
import { reaches, spec, until, world, type World } from './harness.js';

const scriptNames = new Map(
  Object.entries(scripts).map(([name, lua]) => [createHash('sha1').update(lua).digest('hex'), name]),
);

/** What the server is asked from now on, by anyone: a script's name or a command, and its arguments. */
async function heardBy(t: TestContext, { address }: World): Promise<{ name: string; args: string[] }[]> {
  const heard: { name: string; args: string[] }[] = [];
  const socket = connect(address.path);
  t.after(() => socket.destroy());
  socket.write('MONITOR\r\n');
  const [ok] = (await once(socket, 'data')) as [Buffer];
  assert.equal(String(ok), '+OK\r\n');
  let rest = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\r\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      // What a script does is no round trip.
      if (/^\+\S+ \[\d+ lua\]/.test(line)) continue;
      const [command, ...args] = [...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((match) => match[1]);
      heard.push({ name: scriptNames.get(args[0]) ?? command.toLowerCase(), args });
    }
  });
  return heard;
}

test('from its POST to its end a job is taken, written and ended by one command each, and nothing is read twice', async (t) => {
  const w = await world(t);
  await w.worker();
  // The server learns the scripts.
  const first = await w.jobs.create({ type: 'fit', spec: spec({ batches: '3' }) });
  await reaches(w.jobs, first.record.id, 'completed');

  const heard = await heardBy(t, w);
  const { record } = await w.jobs.create({ type: 'fit', spec: spec({ batches: '3' }) });
  const ofJob = () => heard.filter(({ args }) => args.some((arg) => arg.includes(record.id)));
  await until('its place is free', () => Promise.resolve(ofJob().some(({ name }) => name === 'makeRoom') || null));

  // Frames go together as they come, and an operator's or a tidying look at the queue is not of the job's path.
  const names = ofJob().map(({ name }) => name);
  const times = (name: string) => names.filter((each) => each === name).length;
  for (const name of ['createJobs', 'takeJob', 'endJob', 'makeRoom']) assert.equal(times(name), 1, name);
  assert.ok(times('appendFrames') >= 1);
  const read = ofJob().filter(({ name, args }) => {
    const whole = name === 'hgetall' || name === 'hvals';
    return whole && [keys.record(record.id), keys.checkpoints(record.id)].includes(args[0]);
  });
  assert.deepEqual(read, []);
  // To its start it is stored, queued by a script of BullMQ's, and taken.
  const start = ofJob().slice(0, names.indexOf('takeJob') + 1);
  const written = start.filter(({ name }) => ['createJobs', 'evalsha', 'takeJob'].includes(name));
  assert.deepEqual(
    written.map(({ name }) => name),
    ['createJobs', 'evalsha', 'takeJob'],
  );
});
