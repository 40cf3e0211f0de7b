/** The plots over HTTP: what they show, how long they may be kept, and the answer where there is nothing to draw. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Problem } from '../../src/api/schemas/problem.js';
import sharp from 'sharp';
import { reaches } from '../jobs/harness.js';
import { documentedFetch } from '../openapi.js';
import { api, job, pointers, type Api } from './harness.js';

const textsOf = (svg: unknown): string[] =>
  [...String(svg).matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);

async function completed(on: Api, body: object): Promise<string> {
  const { id } = await on.submit(body);
  await reaches(on.jobs, id, 'completed');
  return id;
}

test('a fit has its schedule and its losses drawn, a finder its curve with the suggestions named', async (t) => {
  const on = await api(t);
  await on.worker();
  const fit = await completed(on, job({ tags: { batches: '60' } }));
  const finder = await completed(on, job({ policy: { name: 'lr_find', num_it: 60 }, tags: { batches: '60' } }));
  const table: [path: string, texts: (string | RegExp)[]][] = [
    [`/jobs/${fit}/plots/sched.svg`, ['iteration', 'lr']],
    [`/jobs/${fit}/plots/sched.svg?keys=lr`, ['iteration', 'lr']],
    [`/jobs/${fit}/plots/loss.svg`, ['iteration', 'loss', 'train (smoothed)']],
    [
      `/jobs/${fit}/plots/loss.svg?skip_start=0&with_valid=false&log=true&show_epochs=true`,
      ['iteration', 'loss', '10'],
    ],
    [
      `/jobs/${finder}/plots/lr-find.svg`,
      ['learning rate', 'loss', /^valley: \d/, /^slide: \d/, /^minimum \/ 10: \d/, /^steep: \d/, '1e-7', '0.1'],
    ],
    [`/jobs/${finder}/plots/lr-find.svg?skip_end=0`, ['learning rate', 'loss']],
  ];
  for (const [path, texts] of table) {
    const { status, headers, body } = await on.get(path);
    assert.equal(status, 200, String(body));
    assert.equal(headers.get('content-type'), 'image/svg+xml; charset=utf-8');
    assert.equal(headers.get('cache-control'), 'max-age=86400');
    assert.match(String(body), /^<svg [^>]*role="img"><title>[^<]+<\/title><style>[^<]*prefers-color-scheme:dark/);
    assert.match(String(body), /<\/svg>$/);
    assert.doesNotMatch(String(body), /NaN|undefined|Infinity/);
    for (const text of texts)
      assert.ok(
        textsOf(body).some((each) => (typeof text === 'string' ? each === text : text.test(each))),
        `${path} shows ${String(text)}: ${textsOf(body).join(' | ')}`,
      );
  }

  for (const path of [`${fit}/plots/sched.png?keys=lr`, `${fit}/plots/loss.png`, `${finder}/plots/lr-find.png`]) {
    const response = await documentedFetch(`${on.url}/jobs/${path}`);
    assert.equal(response.headers.get('content-type'), 'image/png');
    const { data, info } = await sharp(await response.arrayBuffer())
      .raw()
      .toBuffer({ resolveWithObject: true });
    assert.ok(info.width >= 880 && info.height >= 680, `${info.width} × ${info.height}`);
    assert.ok(data.includes(Buffer.from([0x09, 0x69, 0xda])), 'its first line is drawn');
  }

  const again = `${on.url}/jobs/${fit}/plots/loss.svg`;
  const tag = (await documentedFetch(again)).headers.get('etag')!;
  const unchanged = await documentedFetch(again, { headers: { 'if-none-match': tag } });
  assert.deepEqual([unchanged.status, await unchanged.text()], [304, '']);
});

test('while a job runs its plots grow', async (t) => {
  const on = await api(t);
  await on.worker();
  const gate = join(on.folder, 'open');
  const { id } = await on.submit(job({ tags: { gate, batches: '1' } }));
  const draw = () => on.get(`/jobs/${id}/plots/loss.svg?skip_start=0`);
  let first = await draw();
  while (first.status === 404) {
    assert.equal((first.body as Problem).code, 'not_available');
    first = await draw();
  }
  assert.deepEqual([first.status, first.headers.get('cache-control')], [200, 'no-cache']);
  let later = await draw();
  while (later.body === first.body) later = await draw();
  assert.notEqual(later.headers.get('etag'), first.headers.get('etag'));
  await writeFile(gate, '');
  await reaches(on.jobs, id, 'completed');
});

test('where there is nothing to draw the answer says why', async (t) => {
  const on = await api(t);
  const { id } = await on.submit(job());
  await on.worker();
  await reaches(on.jobs, id, 'completed');
  const missing = await completed(on, job({ policy: { name: 'lr_find' }, tags: { batches: '5' } }));
  const table: [path: string, status: number, code: string, pointers?: string[]][] = [
    ['/jobs/job_0/plots/loss.svg', 404, 'job_not_found'],
    [`/jobs/${id}/plots/lr-find.svg`, 404, 'not_available'],
    [`/jobs/${id}/plots/loss.svg?skip_start=20`, 404, 'not_available'],
    [`/jobs/${missing}/plots/lr-find.svg`, 404, 'not_available'],
    [`/jobs/${id}/plots/weights.svg`, 404, 'route_not_found'],
    [`/jobs/${id}/plots/loss.svg?skip_start=-1`, 400, 'invalid_request', ['/query/skip_start']],
    [`/jobs/${id}/plots/loss.svg?skip=1`, 400, 'invalid_request', ['/query/skip']],
    [`/jobs/${id}/plots/sched.svg?keys=lr,beta`, 400, 'invalid_request', ['/query/keys']],
    [`/jobs/${id}/plots/sched.svg?keys=`, 400, 'invalid_request', ['/query/keys']],
  ];
  for (const [path, status, code, where = []] of table) {
    const { status: found, body } = await on.get(path);
    assert.deepEqual([found, (body as Problem).code, pointers(body)], [status, code, where], path);
  }
});

const lr = (schedule: object) => ({ name: 'fit', n_epoch: 1, schedules: { lr: schedule } });
const [start, end] = [0.1, 0.001];

test('annealers and policies are drawn without a training', async (t) => {
  const on = await api(t);
  const combine = [
    { pct: 0.3, fn: 'sched_cos', start: 0.01, end: 0.1 },
    { pct: 0.7, fn: 'sched_lin', start: 0.1, end: 0 },
  ];
  for (const [policy, shown, hidden] of [
    [lr({ fn: 'sched_lin', start, end }), ['lr'], ['mom', 'wd']],
    [lr({ fn: 'sched_cos', start, end }), ['lr'], []],
    [lr({ fn: 'sched_no', start, end }), ['lr'], []],
    [lr({ fn: 'sched_exp', start, end }), ['lr'], []],
    [lr({ fn: 'sched_poly', start, end, power: 2 }), ['lr'], []],
    [lr({ fn: 'combined_cos', pct: 0.25, start: 0.01, middle: start, end }), ['lr'], []],
    [lr({ combine }), ['lr'], []],
    [{ name: 'fit_one_cycle', n_epoch: 1, wd: 0.1 }, ['lr', 'mom'], ['wd']],
  ] as [object, string[], string[]][]) {
    const { status, headers, body } = await on.post('/schedules/preview.svg', { policy, n_iteration: 100 });
    assert.deepEqual([status, headers.get('content-type')], [200, 'image/svg+xml; charset=utf-8'], String(body));
    const texts = textsOf(body);
    for (const text of shown) assert.ok(texts.includes(text), `${JSON.stringify(policy)} shows ${text}`);
    for (const text of hidden) assert.ok(!texts.includes(text), `${JSON.stringify(policy)} leaves ${text} out`);
  }
  const body = { policy: { name: 'fit_one_cycle', n_epoch: 1, wd: 0.1 }, n_iteration: 50, param_groups: 3 };
  assert.ok(textsOf((await on.post('/schedules/preview.svg?keys=wd', body)).body).includes('wd'));
  const png = await documentedFetch(`${on.url}/schedules/preview.png`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  assert.equal((await sharp(await png.arrayBuffer()).metadata()).format, 'png');
  const unknown = await on.post('/schedules/preview.svg?keys=beta', body);
  assert.deepEqual([unknown.status, pointers(unknown.body)], [400, ['/query/keys']]);
  const wrong = await on.post('/schedules/preview.png', { ...body, policy: { name: 'fit_sgdr' } });
  assert.deepEqual([wrong.status, pointers(wrong.body)], [400, ['/policy/cycle_len', '/policy/n_cycles']]);
});
