/** How often a job asks Redis: each time is a wait, and each write one for the disk. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import test, { type TestContext } from 'node:test';
import { keys, queueName, queuePrefix } from '../../src/jobs/redis/keys.js';
import { defaultLimits } from '../../src/config.js';
import { Jobs } from '../../src/jobs/index.js';
import { reaches, spec, until, world, type World } from './harness.js';
import { scriptNames, writesTo, type Write } from './writes.js';

/** What the server is asked from now on, by anyone: a script's name or a command, and its arguments. */
async function heardBy(t: TestContext, { address }: World): Promise<{ name: string; args: string[] }[]> {
  const heard: { name: string; args: string[] }[] = [];
  const socket = connect(address.path);
  t.after(() => socket.destroy());
  socket.write('MONITOR\r\n');
  const ok = '+OK\r\n';
  const answer = String(((await once(socket, 'data')) as [Buffer])[0]);
  assert.ok(answer.startsWith(ok), answer);
  // A worker may have asked for its next job in the same moment.
  let rest = answer.slice(ok.length);
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

/** The worker is done with all that its line has given: what comes next is taken as it is given. */
const nothingToDo = ({ redis }: World): Promise<true> =>
  until('the line has let go of all jobs', async () =>
    (await redis.llen(`${queuePrefix}:${queueName('cpu')}:active`)) === 0 ? true : null,
  );

test('from its POST to its end a job is taken, written and ended by one command each, and nothing is read twice', async (t) => {
  const w = await world(t);
  await w.worker();
  // The server learns the scripts.
  const first = await w.jobs.create({ type: 'fit', spec: spec({ batches: '3' }) });
  await reaches(w.jobs, first.record.id, 'completed');
  await nothingToDo(w);

  const heard = await heardBy(t, w);
  const { record } = await w.jobs.create({ type: 'fit', spec: spec({ batches: '3' }) });
  const ofJob = () => heard.filter(({ args }) => args.some((arg) => arg.includes(record.id)));
  await until('its place is free', () => Promise.resolve(ofJob().some(({ name }) => name === 'makeRoom') || null));

  // Frames go together as they come, and an operator's or a tidying look at the queue is not of the job's path.
  const names = ofJob().map(({ name }) => name);
  const times = (name: string) => names.filter((each) => each === name).length;
  for (const name of ['createJobs', 'endJob', 'makeRoom']) assert.equal(times(name), 1, name);
  assert.ok(times('appendFrames') >= 1);
  const read = ofJob().filter(({ name, args }) => {
    const whole = name === 'hgetall' || name === 'hvals';
    return whole && [keys.record(record.id), keys.checkpoints(record.id)].includes(args[0]);
  });
  assert.deepEqual(read, []);
  // It was taken as its line gave it.
  assert.equal(times('takeJob'), 0);
});

test('from its POST to its start a job waits for the disk twice: to be stored and queued, and to be given and taken', async (t) => {
  const w = await world(t);
  const [api, worker] = [await writesTo(t, w), await writesTo(t, w)];
  await w.worker({ env: { ONECYCLE_REDIS_SOCKET: worker.path, ONECYCLE_SLOTS: '2' } });
  const jobs = await Jobs.connect({ path: api.path }, w.storage, defaultLimits);
  t.after(() => jobs.close());
  // It learns the scripts, and where such jobs wait.
  const first = await jobs.create({ type: 'fit', spec: spec({ batches: '3' }) });
  await reaches(jobs, first.record.id, 'completed');
  await nothingToDo(w);

  const [posted, given] = [api.writes.length, worker.writes.length];
  const { record } = await jobs.create({ type: 'fit', spec: spec({ batches: '3' }) });
  await reaches(jobs, record.id, 'completed');
  const ofApi = api.writes.slice(posted).find(({ scripts }) => scripts.includes('createJobs'));
  assert.match(ofApi?.scripts.join() ?? '', /createJobs,bullmq/);
  const ofWorker = worker.writes.slice(given);
  const taken = ofWorker.findIndex(({ scripts }) => scripts.includes('takeGiven'));
  assert.match(ofWorker[taken]?.scripts.join() ?? '', /bullmq,takeGiven/);
  // What its trainer says is the next that is asked of the server for the job, beside locks and signs of life.
  const byItself = ({ scripts }: Write) =>
    scripts.length > 0 && scripts.every((name) => name === 'bullmq' || name === 'beat');
  const next = ofWorker.slice(taken + 1).find((write) => write.text.includes(record.id) && !byItself(write));
  assert.ok(next?.scripts.includes('appendFrames'), next?.text);
});
