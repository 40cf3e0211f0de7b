/** The parts of `npm run bench:service` in small: that each measures something, not how fast it is. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { measureSaturation, measureSilent } from '../../bench/service/fan-out.js';
import { measureFlushing } from '../../bench/service/flushing.js';
import { measureHistory, measureIngest } from '../../bench/service/log.js';
import { measurePosts } from '../../bench/service/posts.js';
import { serviceTables } from '../../bench/service/report.js';
import { Service } from '../../bench/service/service.js';

let service: Service;
before(async () => {
  service = await Service.start({ trainsNothing: true });
});
after(() => service.stop());

const positive = (...values: number[]) => values.forEach((value) => assert.ok(value > 0, String(value)));

test('points into the log and out of it, jobs posted, subscribers that read and that do not', async () => {
  const ingest = await measureIngest(service, 20_000);
  const history = await measureHistory(service, 100, 3);
  const saturation = await measureSaturation(service, 5, 0.5, 0);
  const silent = await measureSilent(service, 2, 20_000);
  const posts = [await measurePosts(service, 2, 0.2)];
  const flushing = await measureFlushing(0.1);

  positive(ingest.points_per_second, history.bytes, history.whole_ms.median, history.thinned_ms.p99);
  const [{ delivery }] = saturation;
  assert.equal(saturation.length, 1, 'no rate is fast enough for a limit of 0 ms');
  assert.equal(delivery.complete, true, 'each subscriber got every frame, and a normal close');
  positive(delivery.messages_per_second, delivery.latency_ms.max + 1);
  positive(silent.log_bytes, silent.resident_bytes.peak, posts[0].jobs_per_second);

  const tables = serviceTables({ ingest, history, posts, saturation, silent, flushing });
  const [figures, rates, ways] = tables;
  assert.equal(figures.rows.length, 5);
  assert.equal(rates.rows[0][0], '20');
  assert.equal(ways.rows.length, 6);
  for (const { head, rows } of tables)
    for (const row of rows) {
      assert.equal(row.length, head.length);
      assert.doesNotMatch(row.join(), /NaN|Infinity|undefined/);
    }
});
