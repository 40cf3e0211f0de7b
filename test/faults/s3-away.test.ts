/** S3 that does not come back. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gate, reaches, spec, trains, world } from '../jobs/harness.js';
import { startS3, type S3Server } from '../storage/s3-server.js';

let s3: S3Server;
before(async () => {
  s3 = await startS3();
});
after(() => s3.remove());

test('attempt after attempt waits for the storage and fails with storage_unavailable, and the job with the last', async (t) => {
  const w = await world(t);
  const env = { ...s3.env, ONECYCLE_STORAGE: `s3://${s3.bucket}`, ONECYCLE_STORAGE_PATIENCE: '0' };
  const { tags, open } = gate(w);
  const tagged = spec({ ...tags, checkpoint_every: '10' }, { max_attempts: 2 });
  const { id } = (await w.jobs.create({ type: 'fit', spec: tagged })).record;
  await w.worker({ env });
  await trains(w, id);
  await s3.stop();
  await open();
  const { error, attempt } = await reaches(w.jobs, id, 'failed');
  assert.deepEqual([error?.code, attempt], ['storage_unavailable', 2]);
  assert.match(
    error?.message ?? '',
    /^Could not \w+ jobs\/.* at s3:\/\/models \(http:\/\/127\.0\.0\.1:\d+\): .*ECONNREFUSED/,
  );
});
