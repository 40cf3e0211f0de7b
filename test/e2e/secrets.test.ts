/** Keys, tickets and passwords: in no log, no file and no child of a real service. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { childEnvironment } from '../../src/child-process.js';
import { withoutSecrets } from '../../src/log.js';
import { Server } from './harness.js';
import { descendants, until } from './processes.js';

const admin = `oc_${'A1b2C3d4'.repeat(5)}`;
const wrong = `oc_${'Z9y8X7w6'.repeat(5)}`;

test('a real service keeps keys and tickets out of its output, its files and its trainers', async (t) => {
  const env = {
    ONECYCLE_API_KEYS: admin,
    ONECYCLE_LOG_LEVEL: 'trace',
    AWS_SECRET_ACCESS_KEY: 'aws-secret-7',
    MARK: 'mark-7',
  };
  const server = await Server.start({ env });
  t.after(() => server.stop());
  const as = (key: string) => ({ authorization: `Bearer ${key}` });
  const post = async (path: string, body: object) => {
    const headers = { ...as(admin), 'content-type': 'application/json' };
    return (await (await fetch(server.url + path, { method: 'POST', headers, body: JSON.stringify(body) })).json()) as {
      key: string;
      ticket: string;
    };
  };
  const { key } = await post('/keys', { name: 'made', scopes: ['read'] });
  const { ticket } = await post('/tickets', {});
  const answers = await Promise.all([
    fetch(`${server.url}/jobs`, { headers: as(wrong) }),
    fetch(`${server.url}/jobs/${wrong}?key=${key}`, { headers: as(key) }),
    fetch(`${server.url}/queue/pause?ticket=${ticket}`, { method: 'POST', headers: as(key) }),
    fetch(`${server.url}/jobs/job_0/events?ticket=${ticket}`),
    fetch(`${server.url}/jobs?limit=${ticket}&ticket=${ticket}`, { headers: as(admin) }),
    fetch(`${server.url}/jobs`, {
      method: 'POST',
      headers: { ...as(admin), 'content-type': 'application/json' },
      body: '{',
    }),
  ]);
  assert.deepEqual(
    answers.map(({ status }) => status),
    [401, 404, 403, 404, 400, 400],
  );
  const trainer = await until('a trainer is warm', () =>
    descendants(server.process.pid!).find(
      ({ command }) => /node .*trainer\/main\.js/.test(command) && !command.startsWith('set'),
    ),
  );
  const secrets = [admin, wrong, key, ticket, 'aws-secret-7'];
  const holds = (text: string): string[] => secrets.filter((secret) => text.includes(secret));

  if (process.platform === 'linux') {
    const proc = (name: string): string => readFileSync(`/proc/${trainer.pid}/${name}`, 'utf8');
    assert.deepEqual(holds(proc('environ')), []);
    assert.doesNotMatch(proc('environ'), /ONECYCLE_API_KEYS|REDIS|MARK=/);
    assert.match(proc('environ'), /PATH=/);
    assert.match(proc('limits'), /Max core file size +0 +0 /);
    assert.match(proc('status'), /NoNewPrivs:\s+1/);
  }
  assert.match(server.output, /"audit":"oc_A1b2C3d4"/, 'who wrote is told');
  assert.deepEqual(holds(server.output), []);
  // The embedded server's log and append-only file among them.
  for (const entry of readdirSync(server.dataDir, { recursive: true, withFileTypes: true })) {
    if (entry.isFile())
      assert.deepEqual(holds(readFileSync(join(entry.parentPath, entry.name), 'latin1')), [], entry.name);
  }
});

test('secrets in texts', () => {
  const cases: [line: string, left: string][] = [
    [`{"msg":"${admin}"}`, '{"msg":"oc_A1b2C3d4…"}'],
    ['{"audit":"oc_A1b2C3d4"}', '{"audit":"oc_A1b2C3d4"}'],
    ['{"url":"/jobs/job_1/stream?ticket=abc-DEF_1&from=3"}', '{"url":"/jobs/job_1/stream?ticket=…&from=3"}'],
    ['{"err":"connect rediss://default:pa%40ss@db:6379/0"}', '{"err":"connect rediss://…@db:6379/0"}'],
    ['{"a":"Authorization: Bearer abc.def"}', '{"a":"Authorization: Bearer …"}'],
    ['{"secret":"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}', '{"secret":"whsec_…"}'],
    [
      '{"url":"https://s3/b/k?X-Amz-Credential=AK&X-Amz-Signature=ff"}',
      '{"url":"https://s3/b/k?X-Amz-Credential=…&X-Amz-Signature=…"}',
    ],
    ['{"url":"http://127.0.0.1:3000/jobs"}', '{"url":"http://127.0.0.1:3000/jobs"}'],
  ];
  for (const [line, left] of cases) assert.equal(withoutSecrets(line), left);
});

test('the environment of children is an allow list', () => {
  const env = {
    PATH: '/bin',
    TF_NUM_INTRAOP_THREADS: '2',
    LC_ALL: 'C',
    REDIS_URL: 'redis://:p@h',
    ONECYCLE_API_KEY: 'k',
    WANDB_API_KEY: 'w',
  };
  assert.deepEqual(childEnvironment(env), { PATH: '/bin', TF_NUM_INTRAOP_THREADS: '2', LC_ALL: 'C' });
  assert.equal(childEnvironment(env, ['WANDB_API_KEY']).WANDB_API_KEY, 'w');
  // What the engine's own settings are.
  assert.equal(childEnvironment({ ONECYCLE_GRAPH_CACHE_MB: '0' }).ONECYCLE_GRAPH_CACHE_MB, '0');
});
