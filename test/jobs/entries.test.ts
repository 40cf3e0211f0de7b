import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFrame } from '../../src/jobs/index.js';
import { storedFrame } from '../../src/jobs/log/entries.js';

test('a stored frame is handed on as its text, the number put in after the type', () => {
  for (const [stored, json, last] of [
    ['{"type":"batches","loss":[1e-7,null]}', '{"type":"batches","seq":7,"loss":[1e-7,null]}', false],
    ['{"type":"epoch","type_":"status"}', '{"type":"epoch","seq":7,"type_":"status"}', false],
    ['{"type":"rewind"}', '{"type":"rewind","seq":7}', false],
    ['{"type":"status","status":"running"}', '{"type":"status","seq":7,"status":"running"}', false],
    ['{"type":"status","status":"completed"}', '{"type":"status","seq":7,"status":"completed"}', true],
    [
      '{"type":"status","status":"failed","error":{"message":"\\"seq\\": ünïcödé"}}',
      '{"type":"status","seq":7,"status":"failed","error":{"message":"\\"seq\\": ünïcödé"}}',
      true,
    ],
  ] as const) {
    const frame = storedFrame(7, stored);
    assert.deepEqual([frame.json, frame.seq, frame.last], [json, 7, last]);
    assert.equal(frame.type, parseFrame(frame).type);
  }
});

test('what is no frame is refused', () => {
  for (const text of ['', '[]', '{}', '{"seq":1,"type":"batches"}', '{"type":"batches'])
    assert.throws(() => storedFrame(0, text), RangeError);
});
