import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Columns } from '../../src/api/columns.js';
import type { Problem } from '../../src/api/schemas/problem.js';
import type { JobRecord } from '../../src/jobs/index.js';
import { gate, reaches } from '../jobs/harness.js';
import { documentedFetch } from '../openapi.js';
import { api, job, pointers } from './harness.js';

test('a job is posted, watched and read', async (t) => {
  const on = await api(t);
  const posted = await on.post('/jobs', job({ name: 'first', tags: { batches: '30', team: 'vision' } }));
  const created = posted.body as JobRecord;
  assert.equal(posted.status, 201);
  assert.equal(posted.headers.get('location'), `/jobs/${created.id}`);
  assert.deepEqual(
    [created.status, created.type, created.name, created.tags.team],
    ['queued', 'fit', 'first', 'vision'],
  );
  assert.equal((await on.get(`/jobs/${created.id}/weights`)).status, 404);

  await on.worker();
  await reaches(on.jobs, created.id, 'completed');
  const { body: record } = await on.get(`/jobs/${created.id}`);
  assert.deepEqual((record as JobRecord).result, { train_loss: 1, valid_loss: null, metrics: {} });

  const weights = await documentedFetch(`${on.url}/jobs/${created.id}/weights`);
  assert.deepEqual([weights.status, weights.headers.get('content-type')], [200, 'application/octet-stream']);
  const bytes = await weights.arrayBuffer();
  assert.equal(Number(weights.headers.get('content-length')), bytes.byteLength);
  assert.equal((JSON.parse(Buffer.from(bytes).toString()) as { job: string }).job, created.id);
});

test('metrics are columns, narrowed and thinned where asked', async (t) => {
  const on = await api(t);
  await on.worker();
  const { id } = await on.submit(job({ tags: { batches: '101', per_frame: '10' } }));
  await reaches(on.jobs, id, 'completed');
  const { iteration, epoch, phase, raw_loss, loss, hypers, epochs } = (await on.get(`/jobs/${id}/metrics`))
    .body as Columns;
  assert.deepEqual(
    iteration,
    Array.from({ length: 101 }, (_, i) => i),
  );
  assert.deepEqual(
    [epoch.length, phase.length, raw_loss.length, loss.length, hypers.lr.map((group) => group.length)],
    [101, 101, 101, 101, [101]],
  );
  assert.deepEqual(epochs, [{ epoch: 0, phase: 0, train_loss: 1, valid_loss: null, metrics: {}, seconds: 1 }]);

  const thin = (await on.get(`/jobs/${id}/metrics?from=50&points=6`)).body as Columns;
  // The loss falls: of each bucket the first is the highest, the last the lowest.
  assert.deepEqual(thin.iteration, [50, 74, 75, 100]);
  assert.deepEqual(
    thin.hypers.lr[0],
    thin.iteration.map((i) => hypers.lr[0][i]),
  );
  assert.deepEqual(thin.epochs, epochs);
  assert.deepEqual(((await on.get(`/jobs/${id}/metrics?from=200`)).body as Columns).iteration, []);
  const part = (await on.get(`/jobs/${id}/metrics?from=20&to=29`)).body as Columns;
  assert.deepEqual(part.iteration, iteration.slice(20, 30));
  assert.deepEqual(((await on.get(`/jobs/${id}/metrics?to=70&points=1`)).body as Columns).iteration, [70]);
  assert.deepEqual(((await on.get(`/jobs/${id}/metrics?to=70&points=2`)).body as Columns).iteration, [0, 70]);
  for (const [query, pointer] of [
    ['points=0', '/query/points'],
    ['to=-1', '/query/to'],
    ['from=5&to=4', '/query/to'],
  ]) {
    const { status, body } = await on.get(`/jobs/${id}/metrics?${query}`);
    assert.deepEqual([status, pointers(body)], [400, [pointer]], query);
  }
});

test('a loss that diverged is kept, however few points are asked for', async (t) => {
  const on = await api(t);
  await on.worker();
  const { id } = await on.submit(job({ tags: { batches: '1000', loss: 'nan_at_123' } }));
  await reaches(on.jobs, id, 'completed');
  for (const points of [2, 3, 30, 300]) {
    const { iteration, raw_loss } = (await on.get(`/jobs/${id}/metrics?points=${points}`)).body as Columns;
    assert.ok(iteration.length <= points);
    assert.equal(raw_loss[iteration.indexOf(123)], null, `${points} points`);
  }
});

test('a run that resumed has each iteration once', async (t) => {
  const on = await api(t);
  await on.worker();
  const { id } = await on.submit(job({ tags: { batches: '40', crash_until: '2' } }));
  await reaches(on.jobs, id, 'completed');
  assert.ok((await on.jobs.readLog(id, 0)).some(({ type }) => type === 'rewind'));
  const { iteration, seconds } = (await on.get(`/jobs/${id}/metrics`)).body as Columns;
  assert.deepEqual(
    iteration,
    Array.from({ length: 40 }, (_, i) => i),
  );
  assert.ok(seconds.every((each, i) => each !== null && each >= (seconds[i - 1] ?? 0)));
});

interface LrFindAnswer {
  status: string;
  suggestions: Record<string, number | null>;
  reasons: Record<string, string>;
  lr_min: number | null;
  lr_steep: number | null;
  lrs: number[];
  losses: (number | null)[];
  stopped: string | null;
}

test("a finder's curve and its suggestions", async (t) => {
  const on = await api(t);
  const { id, type } = await on.submit(job({ policy: { name: 'lr_find', num_it: 60 }, tags: { batches: '60' } }));
  assert.equal(type, 'lr_find');
  const early = (await on.get(`/jobs/${id}/lr-find`)).body as LrFindAnswer;
  assert.deepEqual(early.suggestions, { valley: null, slide: null, minimum: null, steep: null });
  assert.deepEqual([early.status, early.lrs, early.lr_min, early.stopped], ['queued', [], null, null]);
  assert.deepEqual(Object.keys(early.reasons).sort(), ['lr_min', 'lr_steep', 'minimum', 'slide', 'steep', 'valley']);

  await on.worker();
  await reaches(on.jobs, id, 'completed');
  const found = (await on.get(`/jobs/${id}/lr-find`)).body as LrFindAnswer;
  assert.deepEqual(
    [found.status, found.lrs.length, found.losses.length, found.stopped],
    ['completed', 60, 60, 'num_it'],
  );
  assert.ok(
    found.suggestions.valley! > 0 &&
      found.suggestions.minimum === found.lr_min &&
      found.suggestions.steep === found.lr_steep,
  );

  const few = await on.submit(job({ policy: { name: 'lr_find', suggest_funcs: ['steep'] }, tags: { batches: '100' } }));
  await reaches(on.jobs, few.id, 'completed');
  const { suggestions, lr_min } = (await on.get(`/jobs/${few.id}/lr-find`)).body as LrFindAnswer;
  assert.deepEqual([Object.keys(suggestions), typeof lr_min], [['steep'], 'number']);
});

test('a rate that a finder suggests: the finder runs first, as a job of its own', async (t) => {
  const on = await api(t);
  const fit = await on.submit(
    job({
      policy: { name: 'fit_one_cycle', n_epoch: 1, lr_max: { lr_find: { suggestion: 'valley', num_it: 60 } } },
      tags: { batches: '60' },
    }),
  );
  assert.deepEqual([fit.status, fit.lr_find?.suggestion, fit.lr_find?.value], ['waiting', 'valley', null]);
  const hint = await on.get(`/jobs/${fit.id}/lr-find`);
  assert.equal(hint.status, 404);
  assert.match((hint.body as Problem).detail, new RegExp(fit.lr_find!.job));
  await on.worker();
  const { lr_find, spec } = await reaches(on.jobs, fit.id, 'completed');
  assert.ok(lr_find!.value! > 0);
  assert.deepEqual(spec.policy, { name: 'fit_one_cycle', n_epoch: 1, lr_max: lr_find!.value });
  const finder = (await on.get(`/jobs/${lr_find!.job}`)).body as JobRecord;
  assert.deepEqual([finder.type, finder.spec.policy], ['lr_find', { name: 'lr_find', num_it: 60 }]);
  assert.deepEqual({ ...finder.spec, policy: null }, { ...spec, policy: null });
});

test('inline data and weights are kept as files, and named in the record by shape and hash', async (t) => {
  const on = await api(t);
  const x = [
    [0, 1],
    [1, 0],
    [2, 2],
    [3, 1],
  ];
  const inline = { x, y: [0, 1, 2, 1] };
  const weights = [{ layer: 0, name: 'bias', value: [1, 2, 3] }];
  const { id, spec } = await on.submit(
    job({
      dataset: { inline },
      model: { layers: [{ type: 'dense', units: 3 }], weights, param_groups: 'one group' },
      batch_size: 2,
    }),
  );
  const { sha256, ...known } = (spec.dataset as { inline: { sha256: string } }).inline;
  assert.deepEqual(known, { rows: 4, x_shape: [2], target: { kind: 'classes', classes: 3 } });
  assert.match(sha256, /^[0-9a-f]{64}$/);
  assert.deepEqual(Object.keys(spec.model), ['layers', 'weights']);
  const stored = async (file: string) => JSON.parse((await on.storage.get(`jobs/${id}/${file}`)).toString()) as unknown;
  assert.deepEqual([await stored('dataset.json'), await stored('weights_before.json')], [inline, weights]);
});

test('an Idempotency-Key answers the first job again, and refuses another body', async (t) => {
  const on = await api(t);
  const key = { 'idempotency-key': 'a key' };
  const first = await on.post(
    '/jobs',
    '{"policy": {"name": "fit", "n_epoch": 1}, "dataset": {"builtin": "iris"}, "model": {"preset": "linear"}}',
    key,
  );
  const again = await on.post(
    '/jobs',
    '{"model":{"preset":"linear"},"dataset":{"builtin":"iris"},"policy":{"n_epoch":1,"name":"fit"}}',
    key,
  );
  assert.deepEqual([first.status, again.status, again.headers.get('idempotent-replayed')], [201, 201, 'true']);
  assert.equal((again.body as JobRecord).id, (first.body as JobRecord).id);
  const other = await on.post('/jobs', job(), key);
  assert.deepEqual([other.status, (other.body as Problem).code], [422, 'idempotency_mismatch']);
  assert.equal(((await on.get('/jobs')).body as { data: unknown[] }).data.length, 1);
});

test('jobs are listed newest first, by pages, by status and type', async (t) => {
  const on = await api(t);
  const ids: string[] = [];
  for (let i = 0; i < 5; i++) ids.unshift((await on.submit()).id);
  const finder = await on.submit(job({ policy: { name: 'lr_find' } }));
  await on.post(`/jobs/${ids[0]}/cancel`, '');
  const page = async (query: string) => {
    const { data, has_more } = (await on.get(`/jobs${query}`)).body as { data: JobRecord[]; has_more: boolean };
    return [data.map(({ id }) => id), has_more];
  };
  assert.deepEqual(await page(''), [[finder.id, ...ids], false]);
  assert.deepEqual(await page('?type=fit&limit=2'), [ids.slice(0, 2), true]);
  assert.deepEqual(await page(`?type=fit&limit=3&after=${ids[1]}`), [ids.slice(2), false]);
  assert.deepEqual(await page('?status=cancelled'), [[ids[0]], false]);
  assert.deepEqual(await page('?type=lr_find'), [[finder.id], false]);
});

test('jobs are searched and sorted, and every page goes on where the last one ended', async (t) => {
  const on = await api(t);
  await on.worker();
  const submit = async (name: string, accuracy: string, more: object = {}) => {
    const { id } = await on.submit(job({ name, tags: { accuracy, batches: '2', ...more } }));
    return id;
  };
  const [b, a, c] = [
    await submit('series 10', '0.5'),
    await submit('Series 9', '0.9', { team: 'a:b' }),
    await submit('x', '0.7'),
  ];
  const twin = await submit('twin', '0.7');
  for (const id of [b, a, c, twin]) await reaches(on.jobs, id, 'completed');
  const finder = await on.submit(job({ policy: { name: 'lr_find' }, model: { preset: 'linear' }, device: 'gpu' }));

  const pages = async (query: string): Promise<string[]> => {
    const found: string[] = [];
    for (let after = ''; ;) {
      const { body } = await on.get(`/jobs?limit=1&${query}${after}`);
      const { data, has_more } = body as { data: JobRecord[]; has_more: boolean };
      found.push(...data.map(({ id }) => id));
      if (!has_more) return found;
      after = `&after=${data[0].id}`;
    }
  };
  for (const [query, expected] of [
    ['tag=team', [a]],
    ['tag=team:a:b', [a]],
    ['tag=team:a', []],
    ['tag=accuracy:0.7&sort=created_at', [c, twin]],
    ['q=SERIES', [a, b]],
    ['q=one_cycle+team:a', [a]],
    ['q=lr_find+linear', [finder.id]],
    [`q=${c.toLowerCase()}`, [c]],
    ['sort=created_at', [b, a, c, twin, finder.id]],
    ['sort=name', [a, b, twin, c, finder.id]],
    ['sort=-name', [c, twin, b, a, finder.id]],
    ['sort=metrics.accuracy', [b, twin, c, a, finder.id]],
    ['sort=-metrics.accuracy&q=series', [a, b]],
    ['sort=-metrics.accuracy', [a, twin, c, b, finder.id]],
    ['sort=-finished_at', [twin, c, a, b, finder.id]],
    ['sort=status', [finder.id, twin, c, a, b]],
    ['sort=metrics.f1&status=completed', [twin, c, a, b]],
  ] as [string, string[]][])
    assert.deepEqual(await pages(query), expected, query);
  const unknown = await on.get('/jobs?sort=size');
  assert.deepEqual([unknown.status, pointers(unknown.body)], [400, ['/query/sort']]);
  assert.equal((await on.get('/jobs?sort=name&after=job_none')).status, 400);
});

test('a job is renamed and tagged in any state, and a retry is called as it is then', async (t) => {
  const on = await api(t);
  const { id, spec } = await on.submit(job({ name: 'first', tags: { team: 'vision', draft: 'yes' } }));
  const patch = async (body: unknown, at = id) => {
    const answer = await documentedFetch(`${on.url}/jobs/${at}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: (await answer.json()) as JobRecord };
  };
  const renamed = await patch({ name: 'second', tags: { draft: null, owner: 'me' } });
  assert.deepEqual(
    [renamed.status, renamed.body.name, renamed.body.tags],
    [200, 'second', { team: 'vision', owner: 'me' }],
  );
  assert.deepEqual(renamed.body.spec, spec);
  const every = { one: '1', two: '2', three: '3', four: '4', five: '5', six: '6', seven: '7', eight: '8' };
  await Promise.all(Object.entries(every).map(([name, value]) => patch({ tags: { [name]: value } })));
  assert.deepEqual((await on.jobs.existing(id)).tags, { team: 'vision', owner: 'me', ...every });

  await on.post(`/jobs/${id}/cancel`, '');
  const unnamed = await patch({ name: null, tags: { owner: null } });
  assert.deepEqual(
    [unnamed.body.status, unnamed.body.name, unnamed.body.tags],
    ['cancelled', undefined, { team: 'vision', ...every }],
  );
  const { body: again } = await on.post(`/jobs/${id}/retry`, '');
  assert.deepEqual([(again as JobRecord).name, (again as JobRecord).tags], [undefined, { team: 'vision', ...every }]);

  assert.equal((await patch({ name: 'x' }, 'job_none')).status, 404);
  for (const [body, pointer] of [
    [{ tags: { size: 1 } }, '/tags/size'],
    [{ status: 'completed' }, '/status'],
    [{ name: 'x'.repeat(201) }, '/name'],
    [{ tags: Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`t${i}`, ''])) }, '/tags'],
    [{ tags: Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`t${i}`, ''])) }, '/tags'],
  ] as const) {
    const answer = await patch(body);
    assert.deepEqual([answer.status, pointers(answer.body)], [400, [pointer]]);
  }
});

test('a job is cancelled once', async (t) => {
  const on = await api(t);
  const { id } = await on.submit(job({ tags: gate(on).tags }));
  const cancelled = await on.post(`/jobs/${id}/cancel`, '');
  assert.deepEqual([cancelled.status, (cancelled.body as JobRecord).status], [200, 'cancelled']);
  const again = await on.post(`/jobs/${id}/cancel`, '');
  assert.deepEqual([again.status, (again.body as Problem).code], [409, 'conflict']);
});

test('a policy is previewed as it would run', async (t) => {
  const on = await api(t);
  const { status, body } = await on.post('/schedules/preview', {
    policy: { name: 'fit_one_cycle', n_epoch: 2, lr_max: [0.1, 1] },
    n_iteration: 8,
    param_groups: 2,
  });
  const { hypers, phases } = body as { hypers: Record<string, number[][]>; phases: object[] };
  assert.equal(status, 200);
  assert.deepEqual(phases, [{ phase: 0, n_epoch: 2, n_iteration: 8, frozen_to: 0 }]);
  assert.deepEqual(
    hypers.lr.map((group) => [group.length, Math.max(...group)]),
    [
      [8, 0.1],
      [8, 1],
    ],
  );
  const wrong = await on.post('/schedules/preview', {
    policy: { name: 'fit_one_cycle', n_epoch: 1, lr_max: { lr_find: 'valley' } },
    n_iteration: 8,
  });
  assert.deepEqual([wrong.status, pointers(wrong.body)], [422, ['/policy/lr_max']]);
});

test('ready once a worker lives, or none is expected; alive all the time', async (t) => {
  const on = await api(t);
  const notReady = await on.get('/readyz');
  assert.deepEqual([notReady.status, (notReady.body as Problem).code], [503, 'unavailable']);
  assert.equal((await on.get('/healthz')).status, 200);
  await on.worker();
  const ready = await on.get('/readyz');
  assert.equal(ready.status, 200);
  assert.equal((ready.body as { workers: { device: string }[] }).workers[0].device, 'cpu');
  const alone = await api(t, { expectWorkers: false });
  assert.equal((await alone.get('/readyz')).status, 200);
});
