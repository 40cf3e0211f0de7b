/** The commands that speak to a server, each as a process, on one real server. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { root, Server, type JobRecord } from '../e2e/harness.js';
import { until } from '../e2e/processes.js';
import { run, start, type Ended, type Surroundings } from './cli.js';

let server: Server;
const folder = mkdtempSync(join(tmpdir(), 'onecycle-cli-'));
before(async () => {
  server = await Server.start();
});
after(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const here = (): Surroundings => ({ cwd: folder, env: { ONECYCLE_URL: server.url } });

/** Runs a command that must succeed. */
async function done(...args: string[]): Promise<Ended> {
  const ended = await run(args, here());
  assert.equal(ended.code, 0, `onecycle ${args.join(' ')}: ${ended.stdout}${ended.stderr}`);
  return ended;
}

const json = async <T>(...args: string[]): Promise<T> => JSON.parse((await done(...args, '--json')).stdout) as T;

/** A job that goes on until it is cancelled. */
const endless = ['job.json', '--set', 'policy.n_epoch=1000000', '--set', 'policy.lr_max=0.001'];

test('from nothing to a trained model', async () => {
  await done('init', '--yes', '--epochs', '3', '--lr', '0.01');
  const first = await done('submit', 'job.json', '--watch', '--name', 'first', '--tag', 'team=vision');
  const id = /job_\w+/.exec(first.stderr)![0];
  assert.match(first.stdout, /^epoch +train_loss +valid_loss +accuracy +time$/m);
  for (const epoch of [0, 1, 2])
    assert.match(first.stdout, new RegExp(`^${epoch} +\\d\\.\\d{6} +\\d\\.\\d{6} +0\\.\\d{6} +\\d`, 'm'));
  assert.match(first.stdout, new RegExp(`^${id} \\(first\\) completed: .*accuracy 0\\.\\d+`, 'm'));

  const second = (
    await done('submit', 'job.json', '--set', 'policy.lr_max=0.02', '--set', 'model.hidden=[32]')
  ).stdout.trim();
  const frames = (await done('watch', second.slice(0, 12), '--json')).stdout.trim().split('\n');
  const last = JSON.parse(frames.at(-1)!) as JobRecord;
  assert.deepEqual([last.id, last.status], [second, 'completed']);
  assert.deepEqual(
    frames.slice(0, -1).map((line) => (JSON.parse(line) as { seq: number; job: string }).seq),
    frames.slice(0, -1).map((_, seq) => seq),
  );

  assert.match((await done('list', '--tag', 'team=vision')).stdout, new RegExp(`^${id} +completed +first `, 'm'));
  assert.deepEqual((await done('list', '--ids')).stdout.trim().split('\n'), [second, id]);
  assert.match((await done('show', '@last~1')).stdout, /lr_max: 0\.01/);
  assert.equal((await json<JobRecord>('show', id)).id, id);

  const curve = (await done('metrics', id, '--csv')).stdout.trim().split('\n');
  assert.match(curve[0], /^iteration,epoch,phase,raw_loss,loss,/);
  assert.equal(curve.length, 1 + 66);
  const plot = (await done('plot', id)).stdout;
  assert.match(plot, /●/);
  assert.match(plot, /smoothed loss by iteration/);
  assert.match((await done('plot', id, '--kind', 'sched')).stdout, /lr by iteration[^]*mom by iteration/);
  await done('plot', id, '--kind', 'sched', '--hypers', 'wd', '--svg', 'sched.svg', '--png', 'sched.png');
  assert.match(readFileSync(join(folder, 'sched.svg'), 'utf8'), /^<svg[^]*wd/);
  assert.equal(readFileSync(join(folder, 'sched.png')).toString('latin1', 1, 4), 'PNG');

  const compared = await json<{ spec: Record<string, unknown[]> }>('compare', id, '@last');
  assert.deepEqual(compared.spec, { 'policy.lr_max': [0.01, 0.02], 'model.hidden': [[64], [32]] });

  const zeros = JSON.stringify([Array(64).fill(0)]);
  const predicted = await run(['predict', id, '--csv'], { ...here(), input: zeros });
  assert.match(predicted.stdout, /^row,class,0,1,2,3,4,5,6,7,8,9\n0,\d,0\.\d{4},/);
  await done('weights', id, '--output', 'weights.safetensors');
  assert.match(readFileSync(join(folder, 'weights.safetensors'), 'latin1'), /__metadata__|"dtype"/);

  assert.equal((await done('delete', id, '@last')).stdout, `${id} deleted\n${second} deleted\n`);
  assert.equal((await done('list', '--ids')).stdout, '');
});

test('a CSV of one’s own: upload, a job made for it, a prediction, deletion', async () => {
  const rows = Array.from({ length: 40 }, (_, i) => `${i % 7},${i % 5},${i % 2 ? 'odd' : 'even'}`);
  writeFileSync(join(folder, 'rows.csv'), `a,b,parity\n${rows.join('\n')}\n`);
  const dataset = (await done('data', 'upload', 'rows.csv')).stdout.trim();
  assert.match((await done('data', 'list')).stdout, new RegExp(`^${dataset} +rows.csv +table +40 `, 'm'));
  assert.match((await done('data', 'show', dataset.slice(3, 9))).stdout, /^parity +category +0 +2 +even, odd$/m);
  await done('init', 'own.yaml', '--yes', '--dataset', dataset, '--target', 'parity', '--epochs', '1', '--lr', '0.01');
  assert.deepEqual(await targetAsked(dataset.slice(3, 9)), { id: dataset, target: 'parity' });
  await done('submit', 'own.yaml', '--watch');
  writeFileSync(join(folder, 'new.csv'), 'a,b\n1,2\n3,4\n');
  assert.match((await done('predict', '@last', 'new.csv')).stdout, /^row +class +even +odd\n +0 +(even|odd) +0\.\d{4}/);
  await done('delete', '@last');
  assert.equal((await done('data', 'delete', dataset)).stdout, `${dataset} deleted\n`);
});

/** The data of a job that `init` makes of this data set on a terminal, where its question gets the default. */
async function targetAsked(dataset: string): Promise<unknown> {
  const command = `${process.execPath} ${join(root, 'dist/src/cli/main.js')} init asked.json --dataset ${dataset} --epochs 1 --lr 0.01`;
  const asking = spawn('script', ['-qec', command, '/dev/null'], {
    cwd: folder,
    env: { ...process.env, ONECYCLE_URL: server.url, TERM: 'xterm' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(asking, 'exit');
  let screen = '';
  asking.stdout.setEncoding('utf8').on('data', (text: string) => {
    const before = screen;
    screen += text;
    const question = 'Which column should be predicted?';
    if (screen.includes(question) && !before.includes(question)) asking.stdin.write('\r');
  });
  assert.deepEqual(await ended, [0, null], screen);
  return (JSON.parse(readFileSync(join(folder, 'asked.json'), 'utf8')) as { dataset: unknown }).dataset;
}

test('find shows the curve and the suggestions', async () => {
  const { stdout } = await done('find', '--dataset', 'digits', '--num-it', '60', '--set', 'seed=1');
  assert.match(stdout, /learning rate \(log scale\)/);
  assert.match(stdout, /^suggestion +rate$/m);
  assert.match(stdout, /^valley +\d/m);
  await done('delete', '@last');
});

test('Ctrl-C ends the watching, and not the job', async (t) => {
  const id = (await done('submit', ...endless)).stdout.trim();
  // Where the test fails, the job must not hold up those of the tests to come.
  t.after(() => run(['cancel', id], here()));
  const watching = start(['watch', id], here());
  await until('an epoch is shown', () => /^2 +\d/m.test(watching.output.stdout), 60_000);
  watching.child.kill('SIGINT');
  const { code, stderr } = await watching.ended;
  assert.equal(code, 130);
  assert.match(stderr, new RegExp(`The job goes on.*onecycle watch ${id}`));
  assert.equal((await server.job(id)).status, 'running');
  const other = start(['watch', id], here());
  await until('it follows', () => other.output.stderr.includes('running'), 60_000);
  assert.equal((await done('cancel', id)).stdout.startsWith(`${id} `), true);
  const cancelled = await other.ended;
  assert.equal(cancelled.code, 1, 'a job that was cancelled is no success');
  assert.match(cancelled.stdout, new RegExp(`^${id} cancelled.*\\n +To continue it: onecycle retry ${id}`, 'm'));
});

test('on a terminal: a bar, a chart, and nothing of them is left over', async () => {
  const command = `${process.execPath} dist/src/cli/main.js submit ${join(folder, 'job.json')} --watch --set policy.n_epoch=120`;
  const given = ['-qec', `stty cols 100 rows 30; ${command}`, '/dev/null'];
  const { stdout: screen } = await promisify(execFile)('script', given, {
    cwd: root,
    env: { ...process.env, ONECYCLE_URL: server.url, TERM: 'xterm' },
  });
  assert.match(screen, /█+░* +\d+% +epoch \d+\/120 +loss \d/);
  assert.match(screen, /smoothed loss by iteration/);
  const shownLast = screen.slice(screen.lastIndexOf('\u001b[0J'));
  assert.match(shownLast, /completed.*accuracy/);
  assert.doesNotMatch(shownLast, /█/);
});

test('exit codes, and what is said with them', async () => {
  writeFileSync(join(folder, 'broken.json'), '{"policy": ');
  const closed = { ONECYCLE_URL: 'http://127.0.0.1:9' };
  const cases: [args: string[], code: number, said: RegExp, env?: NodeJS.ProcessEnv][] = [
    [['submit', 'job.json', '--set', 'batch_size=-1'], 2, /1 field is not valid:\n {2}\/batch_size: must be/],
    [['submit', 'missing.json'], 2, /missing\.json cannot be read: there is no such file/],
    [['submit', 'broken.json'], 2, /broken\.json is neither JSON nor YAML: .*line 1/],
    [['submit', 'job.json', '--set', 'policy.name.x=1'], 2, /policy\.name is "fit_one_cycle" and has no fields/],
    [['frobnicate'], 2, /unknown command 'frobnicate'/],
    [['list', '--frobnicate'], 2, /unknown option '--frobnicate'/],
    [['list', '--url', 'localhost:3000'], 2, /must begin with http/],
    [['init'], 2, /--yes/],
    [['init', '--yes', 'job.json'], 3, /job\.json already exists/],
    [['show', 'nothing'], 3, /No job's id begins with nothing/],
    [['show', `job_${'0'.repeat(20)}`], 3, /No job has the id|no such job|job_0/i],
    [['pause', '@last~1'], 3, /cancelled|ended/],
    [['watch', '@last~99'], 3, /fewer than 100 jobs/],
    [['show', 'job_'], 3, /2 jobs have ids that begin with job_:\n {2}job_\w+\n {2}job_\w+/],
    [['list'], 4, /cannot be reached[^]*npx onecycle up/, closed],
    [['--version'], 0, /^$/],
    [['up', '--version'], 0, /^$/],
  ];
  const ended = await Promise.all(
    cases.map(([args, , , env]) => run(args, { cwd: folder, env: { ONECYCLE_URL: server.url, ...env } })),
  );
  for (const [i, [args, code, said]] of cases.entries()) {
    assert.equal(ended[i].code, code, `onecycle ${args.join(' ')}: ${ended[i].stderr}`);
    assert.match(ended[i].stderr, said);
    assert.doesNotMatch(ended[i].stderr, /^\s+at /m);
  }
});

test('webhooks: made, listed, tested, replayed and deleted; those of a job too', async () => {
  const url = 'https://8.8.8.8/hook';
  const made = await done('webhooks', 'create', url, '--event', 'job.epoch');
  assert.match(made.stdout, /^whsec_\S+\n$/);
  const [{ id, events }] = await json<{ id: string; events: string[] }[]>('webhooks', 'list');
  assert.deepEqual(events, ['job.epoch']);
  assert.match((await done('webhooks', 'ls')).stdout, new RegExp(`^${id} +${url} +job.epoch +yes +0 +0 `, 'm'));
  assert.match((await done('webhooks', 'test', id)).stdout, /^msg_wh_/);
  assert.match((await done('webhooks', 'deliveries', id, '--status', 'pending')).stdout, /webhook\.test/);
  assert.deepEqual(await json('webhooks', 'replay', id), { replayed: 0 });
  assert.deepEqual(await json('webhooks', 'delete', id), { deleted: [id] });
  assert.equal((await run(['webhooks', 'test', id], here())).code, 3);
  assert.equal((await run(['webhooks', 'create', 'http://10.0.0.1/'], here())).code, 2);

  const job = await done('submit', 'job.json', '--webhook', url);
  const hook = /The secret of (wh_\w+), which is not shown again: whsec_/.exec(job.stderr)![1];
  assert.equal((await json<{ webhooks?: { id: string }[] }>('show', '@last')).webhooks?.[0].id, hook);
  assert.deepEqual(await json('webhooks', 'deliveries', hook), []);
  await done('watch', '@last');
  await done('delete', '@last');
});
