/** Data sets over HTTP: what comes in, what is found in it, what is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Problem } from '../../src/api/schemas/problem.js';
import type { DatasetRecord } from '../../src/request/uploads/record.js';
import { documentedFetch } from '../openapi.js';
import { api, type Api } from './harness.js';

/** Sends a file; the answer with its body. */
async function upload(
  { url }: Api,
  body: string | Uint8Array<ArrayBuffer> | FormData,
  query = '',
): Promise<{ status: number; body: DatasetRecord & Problem }> {
  const response = await documentedFetch(`${url}/datasets${query}`, { method: 'POST', body });
  return { status: response.status, body: (await response.json()) as DatasetRecord & Problem };
}

const latin1 = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));
const utf16 = (text: string) => new Uint8Array(Buffer.from(`\ufeff${text}`, 'utf16le'));

/** Ways in which people's CSVs are broken, and what becomes of each. */
const csvs: {
  name: string;
  file: string | Uint8Array<ArrayBuffer>;
  query?: string;
  preview?: Record<string, unknown>[];
  types?: string[];
  note?: RegExp;
  refused?: { pointer: string; detail: RegExp };
}[] = [
  {
    name: 'a byte order mark',
    file: '\ufeffa,b\n1,x\n2,y\n',
    preview: [
      { a: 1, b: 'x' },
      { a: 2, b: 'y' },
    ],
  },
  {
    name: 'semicolons and decimal commas',
    file: 'a;b\n1,5;x\n2,25;y\n',
    preview: [
      { a: 1.5, b: 'x' },
      { a: 2.25, b: 'y' },
    ],
  },
  { name: 'tabs', file: 'a\tb\n1\tx, y\n', preview: [{ a: 1, b: 'x, y' }] },
  { name: 'a decimal comma that is told', file: 'a,b\n"1,5",x\n', query: '?decimal=,', preview: [{ a: 1.5, b: 'x' }] },
  {
    name: 'a ragged row',
    file: 'a,b\n1,2\n1,2,3\n',
    refused: { pointer: '/rows/2', detail: /Row 2 has 3 values, and the header has 2.*"1,2,3"/ },
  },
  { name: 'Latin-1', file: latin1('city,n\nM\xfcnchen,1\n'), preview: [{ city: 'München', n: 1 }], note: /not UTF-8/ },
  { name: 'UTF-16', file: utf16('city\tn\nMünchen\t1\n'), preview: [{ city: 'München', n: 1 }] },
  {
    name: 'words for missing values',
    file: 'a,b\nNA,x\n,n/a\n3,null\n',
    preview: [
      { a: null, b: 'x' },
      { a: null, b: null },
      { a: 3, b: null },
    ],
  },
  {
    name: 'dates',
    file: 'day,when\n2024-02-29,31.12.2024\n2024-03-01,01.01.2025\n',
    types: ['date', 'date'],
    preview: [
      { day: '2024-02-29T00:00:00.000Z', when: '2024-12-31T00:00:00.000Z' },
      { day: '2024-03-01T00:00:00.000Z', when: '2025-01-01T00:00:00.000Z' },
    ],
  },
  { name: 'an index column', file: ',a\n0,5\n1,6\n', preview: [{ a: 5 }, { a: 6 }], note: /index, and left out/ },
  {
    name: 'no header',
    file: '1,x\n2,y\n',
    preview: [
      { column_0: 1, column_1: 'x' },
      { column_0: 2, column_1: 'y' },
    ],
  },
  {
    name: 'a header that is told not to be one',
    file: 'a,b\nc,d\n',
    query: '?header=false',
    preview: [
      { column_0: 'a', column_1: 'b' },
      { column_0: 'c', column_1: 'd' },
    ],
  },
  { name: 'quotes, and newlines in them', file: 'a,b\n"x, ""q""\nend",1\n', preview: [{ a: 'x, "q"\nend', b: 1 }] },
  { name: 'two columns of one name', file: 'a,a\n1,2\n', preview: [{ a: 1, 'a.1': 2 }] },
  {
    name: 'a class seen once',
    file: 'kind,n\na,1.5\na,2\nb,3\n',
    types: ['category', 'number'],
    preview: [
      { kind: 'a', n: 1.5 },
      { kind: 'a', n: 2 },
      { kind: 'b', n: 3 },
    ],
  },
  {
    name: 'a stray word among numbers',
    file: `a\n${Array.from({ length: 40 }, (_, i) => (i === 7 ? 'n.a.' : i)).join('\n')}\n`,
    types: ['text'],
    note: /would be numbers, but one value is not: row 8 has "n.a."/,
  },
  { name: 'an empty file', file: new Uint8Array(), refused: { pointer: '', detail: /empty/ } },
  { name: 'a header without rows', file: 'a,b\n', refused: { pointer: '', detail: /no rows/ } },
  {
    name: 'a quote that is never closed',
    file: 'a,b\n"1,2\n3,4\n',
    refused: { pointer: '/rows/1', detail: /never closed/ },
  },
];

void test('CSVs as people have them', async (t) => {
  const on = await api(t);
  for (const { name, file, query, preview, types, note, refused } of csvs) {
    await t.test(name, async () => {
      const { status, body } = await upload(on, file, query);
      if (refused) {
        assert.equal(status, 422);
        assert.equal(body.code, 'invalid_dataset');
        assert.equal(body.errors?.[0].pointer, refused.pointer);
        assert.match(body.errors[0].detail, refused.detail);
        return;
      }
      assert.equal(status, 201, JSON.stringify(body));
      if (preview) assert.deepEqual(body.preview, preview);
      if (types)
        assert.deepEqual(
          body.columns?.map(({ type }) => type),
          types,
        );
      if (note) assert.match(body.notes.join('\n'), note);
      else assert.deepEqual(body.notes, []);
    });
  }
  await nothingLeft(on);
});

/** No work folder stays, and no key of an upload. */
async function nothingLeft({ storage, redis }: Api): Promise<void> {
  assert.deepEqual(await storage.workFolders(), []);
  assert.deepEqual(await redis.keys('onecycle:upload:*'), []);
  assert.deepEqual(await redis.keys('onecycle:dataset-claims:*'), []);
}
