/** The requests that the documentation shows are taken as they stand. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root, Server } from './harness.js';
import { short } from './jobs.js';

/** The bodies of jobs and previews: those of curl, and the JSON blocks that have a policy. */
function bodiesIn(page: string): string[] {
  const text = readFileSync(join(root, page), 'utf8');
  const sent = [...text.matchAll(/-d '(\{[^']*\})'/g)].map(([, body = '']) => body);
  const shown = [...text.matchAll(/```json\n(.*?)```/gs)]
    .map(([, body = '']) => body)
    .filter((body) => body.includes('"policy"'));
  return [...sent, ...shown];
}

test('every job that the documentation shows is taken', async () => {
  const server = await Server.start();
  try {
    const source = await server.run(short);
    const bodies = ['README.md', 'docs/api.md', 'docs/notebook.md'].flatMap(bodiesIn);
    const [previews, jobs] = [true, false].map((is) => bodies.filter((body) => body.includes('n_iteration') === is));
    assert.deepEqual([previews.length, jobs.length], [2, 11]);
    for (const body of previews)
      assert.equal((await server.post('/schedules/preview', JSON.parse(body))).status, 200, body);
    for (const body of jobs) {
      const job = await server.submit(JSON.parse(body.replace('job_…', source.id)));
      assert.equal((await server.completed(job.id)).status, 'completed', body);
    }
  } finally {
    await server.stop();
  }
});
