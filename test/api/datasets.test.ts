/** Data sets over HTTP: what comes in, what is found in it, what is refused. */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { tableFromArrays, tableToIPC } from 'apache-arrow';
import { parquetWriteBuffer } from 'hyparquet-writer';
import sharp from 'sharp';
import type { Problem } from '../../src/api/schemas/problem.js';
import { keys } from '../../src/jobs/redis/keys.js';
import { removeDatasetFiles } from '../../src/jobs/datasets/removal.js';
import type { DatasetRecord } from '../../src/request/uploads/record.js';
import { bytes, gzipped, huge, npy, pictures, renamed, tar, zip } from '../data/files/made.js';
import { until } from '../jobs/harness.js';
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
  { name: 'Excel’s line that says the delimiter', file: 'sep=;\r\na;b\r\n1,5;x\r\n', preview: [{ a: 1.5, b: 'x' }] },
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
  { name: 'an index column', file: ',a\n0,5\n1,6\n', preview: [{ a: 5 }, { a: 6 }], note: /index and left out/ },
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
    note: /would be a column of numbers, but one value is not: row 8 has "n.a."/,
  },
  {
    name: 'too many columns',
    file: `${','.repeat(20_000)}\n`,
    refused: { pointer: '', detail: /more than 10000 columns/ },
  },
  {
    name: 'texts that are too long to show',
    file: `a\n${'x'.repeat(5000)}\n${'y'.repeat(5000)}\n`,
    types: ['text'],
    preview: [{ a: 'x'.repeat(200) }, { a: 'y'.repeat(200) }],
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

const stream = (text: string): ReadableStream => new Blob([text]).stream();

/** No work folder stays, and no key of an upload. */
async function nothingLeft({ storage, redis }: Api): Promise<void> {
  assert.deepEqual(await storage.workFolders(), []);
  assert.deepEqual(await redis.keys('onecycle:upload:*'), []);
  assert.deepEqual(await redis.keys('onecycle:dataset-claims:*'), []);
}

/** Files of a table in every format, each of three rows. */
function tables(): Record<string, Uint8Array<ArrayBuffer>> {
  const kind = ['a', 'b', 'a'];
  const arrow = tableFromArrays({ n: Float64Array.of(1.5, 2, 3), kind });
  const parquet = parquetWriteBuffer({
    columnData: [
      { name: 'n', data: [1.5, 2, 3], type: 'DOUBLE' },
      { name: 'kind', data: kind, type: 'STRING' },
    ],
  });
  return {
    csv: bytes('n,kind\n1.5,a\n2,b\n3,a\n'),
    jsonl: bytes('{"n":1.5,"kind":"a"}\n{"n":2,"kind":"b"}\n{"n":3,"kind":"a"}\n'),
    parquet: new Uint8Array(parquet),
    arrow: new Uint8Array(tableToIPC(arrow, 'file')),
    arrow_stream: new Uint8Array(tableToIPC(arrow, 'stream')),
  };
}

void test('a table is known by its content, whatever its format', async (t) => {
  const on = await api(t);
  for (const [format, file] of Object.entries(tables())) {
    const { status, body } = await upload(on, file);
    assert.equal(status, 201, `${format}: ${JSON.stringify(body)}`);
    assert.equal(body.format, format);
    assert.equal(body.kind, 'table');
    assert.deepEqual(body.preview, [
      { n: 1.5, kind: 'a' },
      { n: 2, kind: 'b' },
      { n: 3, kind: 'a' },
    ]);
    assert.deepEqual(body.columns, [
      { name: 'n', missing: 0, unique: 3, type: 'number', integer: false, min: 1.5, max: 3, mean: 6.5 / 3, median: 2 },
      { name: 'kind', missing: 0, unique: 2, type: 'category', values: ['a', 'b'] },
    ]);
  }
  const cut = tables().parquet.slice(0, 100);
  const { status, body } = await upload(on, cut);
  assert.equal(status, 422);
  assert.match(body.detail, /truncated or damaged/);
  await nothingLeft(on);
});

void test('arrays: x and y of a .npz; a matrix is a table', async (t) => {
  const on = await api(t);
  const { body: matrix } = await upload(on, npy('<f8', [2, 3], Float64Array.of(1, 2, 3, 4, 5, 6)));
  assert.deepEqual(matrix.preview, [
    { column_0: 1, column_1: 2, column_2: 3 },
    { column_0: 4, column_1: 5, column_2: 6 },
  ]);
  const x = npy(
    '<f4',
    [3, 2, 2],
    Float32Array.from({ length: 12 }, (_, i) => i),
  );
  const y = npy('<i8', [3], BigInt64Array.of(0n, 1n, 1n));
  const { status, body } = await upload(on, await zip({ 'x.npy': x, 'y.npy': y }));
  assert.equal(status, 201, JSON.stringify(body));
  assert.equal(body.kind, 'arrays');
  assert.deepEqual([body.rows, body.x_shape], [3, [2, 2]]);
  assert.deepEqual(body.classes, [
    { name: '0', rows: 1 },
    { name: '1', rows: 2 },
  ]);
  for (const [files, detail] of [
    [{ 'x.npy': x }, /it must have x and y/],
    [{ 'x.npy': x, 'y.npy': npy('<i8', [2], BigInt64Array.of(0n, 1n)) }, /as many rows as x/],
    [{ 'x.npy': x, 'y.npy': npy('<f4', [3], Float32Array.of(0, NaN, 1)) }, /not finite/],
    [{ 'x.npy': npy('<f8', [3], Float64Array.of(0, 1e300, 1)), 'y.npy': y }, /x has 1e\+300: .*below 3\.4e38/],
    [{ 'x.npy': x, 'y.npy': npy('|O', [3], new Uint8Array(24)) }, /dtype \|O: save it as numbers/],
    [{ 'x.npy': x.slice(0, -8), 'y.npy': y }, /truncated/],
  ] as const) {
    const { status: refused, body: problem } = await upload(on, await zip(files));
    assert.equal(refused, 422);
    assert.match(problem.detail, detail);
  }
});

void test('pictures: folders are classes; there are thumbnails', async (t) => {
  const on = await api(t);
  const files = { ...(await pictures()), '__MACOSX/cat/._1.png': bytes('junk'), 'read.me': bytes('hello') };
  for (const [format, file] of [
    ['zip', await zip(files)],
    ['tar', await tar(files)],
    ['tar.gz', gzipped(await tar(files))],
  ] as const) {
    const { status, body } = await upload(on, file);
    assert.equal(status, 201, JSON.stringify(body));
    assert.deepEqual([body.kind, body.format, body.rows], ['images', format, 4]);
    assert.deepEqual(body.classes, [
      { name: 'cat', rows: 2 },
      { name: 'dog', rows: 2 },
    ]);
    assert.deepEqual(body.preview[0], { file: 'cat/1.png', width: 20, height: 10 });
    assert.match(body.notes.join(), /labels\.csv can be used for labels; it has the columns name, kind.*read\.me/);
    const picture = await documentedFetch(`${on.url}/datasets/${body.id}/thumbnails/3`);
    assert.equal(picture.headers.get('content-type'), 'image/webp');
    const { width, height } = await sharp(Buffer.from(await picture.arrayBuffer())).metadata();
    assert.deepEqual([width, height], [20, 10]);
    assert.equal((await on.get(`/datasets/${body.id}/thumbnails/4`)).status, 404);
  }
});

void test('archives that are cut off, lead out of their folder or explode', async (t) => {
  const on = await api(t);
  const good = await pictures();
  const png = good['cat/1.png'];
  const whole = await zip(good);
  const damaged = whole.slice();
  damaged.fill(7, 60, 120);
  for (const [name, file, detail] of [
    ['cut off', whole.slice(0, -30), /truncated or damaged/],
    ['damaged inside', damaged, /cat\/1\.png/],
    [
      'a path that leads out',
      renamed(await zip({ 'aa/evil.png': png }), 'aa/evil.png', '../evil.png'),
      /invalid relative path|outside/,
    ],
    ['a tar with such a path', await tar({ '../evil.png': png }), /a path outside/],
    [
      'a link',
      await tar({ 'cat/1.png': png }, { name: 'cat/2.png', type: 'symlink', linkname: '/etc/passwd' }),
      /symlink/,
    ],
    ['a bomb', await zip({ 'cat/1.png': png, 'zeros.txt': new Uint8Array(30 * 2 ** 20) }), /more than 200 times/],
    ['a bomb in a tar', gzipped(await tar({ 'zeros.txt': new Uint8Array(30 * 2 ** 20) })), /more than 200 times/],
    ['a huge picture', await zip({ 'cat/1.png': huge(png, 100_000, 100_000) }), /100000 × 100000 pixels/],
    ['no picture inside', await zip({ 'a.txt': bytes('hello') }), /no picture/],
    ['a picture that is none', await zip({ 'cat/1.png': bytes('hello') }), /not a picture, although/],
    ['one picture', png, /a single picture/],
    ['a spreadsheet', await zip({ '[Content_Types].xml': bytes('<x/>') }), /Office document/],
    ['gzip of a text', gzipped(bytes('a,b\n1,2\n')), /gunzip/],
  ] as const) {
    await t.test(name, async () => {
      const { status, body } = await upload(on, file);
      assert.equal(status, 422, JSON.stringify(body));
      assert.match(body.detail, detail);
    });
  }
  await nothingLeft(on);
  assert.deepEqual(await on.storage.list('datasets'), []);
  assert.deepEqual((await on.get('/datasets')).body, { object: 'list', data: [], has_more: false });
});

void test('the same bytes are one data set; lists, forms and deletion', async (t) => {
  const on = await api(t);
  const { body: first } = await upload(on, 'a,b\n1,2\n', '?name=small');
  assert.deepEqual([first.object, first.name, first.bytes, first.rows], ['dataset', 'small', 8, 1]);
  const again = await upload(on, 'a,b\n1,2\n', '?name=other');
  assert.deepEqual(again, { status: 200, body: first });
  const form = new FormData();
  form.set('file', new Blob(['a,b\n3,4\n']), 'by-form.csv');
  const { status, body: second } = await upload(on, form);
  assert.deepEqual([status, second.name], [201, 'by-form.csv']);
  const differently = await upload(on, 'a,b\n1,2\n', '?header=false');
  assert.deepEqual([differently.status, differently.body.id, differently.body.rows], [200, first.id, 2]);

  const page = (await on.get('/datasets?limit=1')).body as { data: DatasetRecord[]; has_more: boolean };
  assert.deepEqual([page.data.map(({ id }) => id), page.has_more], [[second.id], true]);
  const next = (await on.get(`/datasets?limit=1&after=${second.id}`)).body as typeof page;
  assert.deepEqual([next.data.map(({ id }) => id), next.has_more], [[first.id], false]);
  assert.equal((await on.get('/datasets?after=ds_none')).status, 400);

  assert.equal((await on.delete(`/datasets/${first.id}`)).status, 204);
  assert.equal((await on.get(`/datasets/${first.id}`)).status, 404);
  assert.equal((await on.delete(`/datasets/${first.id}`)).status, 404);
  assert.deepEqual(await on.storage.list('datasets'), [second.sha256]);
  assert.equal((await upload(on, 'a,b\n1,2\n')).status, 201);
});

void test('what is too large is refused, and leaves nothing', async (t) => {
  const on = await api(t, { maxUploadBytes: 100_000 });
  for (const body of ['a\n'.repeat(100_000), stream('a\n'.repeat(100_000))]) {
    const response = await documentedFetch(`${on.url}/datasets`, {
      method: 'POST',
      body,
      duplex: 'half',
    });
    assert.equal(response.status, 413);
    assert.match(((await response.json()) as Problem).detail, /100000 bytes/);
  }
  await until('the work folders are gone', async () => ((await on.storage.workFolders()).length === 0 ? true : null));
});

void test('an upload in parts goes on where it broke off', async (t) => {
  const on = await api(t);
  const tus = { 'tus-resumable': '1.0.0' };
  const text = 'a,b\n1,2\n3,4\n';
  const filename = Buffer.from('parts.csv').toString('base64');
  const begun = await documentedFetch(`${on.url}/datasets/uploads`, {
    method: 'POST',
    headers: { ...tus, 'upload-length': String(text.length), 'upload-metadata': `filename ${filename}` },
  });
  assert.equal(begun.status, 201);
  const at = on.url + begun.headers.get('location')!;
  const send = (from: number, to: number) =>
    documentedFetch(at, {
      method: 'PATCH',
      headers: { ...tus, 'upload-offset': String(from), 'content-type': 'application/offset+octet-stream' },
      body: text.slice(from, to),
    });
  assert.equal((await send(0, 5)).status, 204);
  const head = await fetch(at, { method: 'HEAD', headers: tus });
  assert.equal(head.headers.get('upload-offset'), '5');
  const done = await send(5, text.length);
  assert.equal(done.status, 201);
  const record = (await done.json()) as DatasetRecord;
  assert.deepEqual([record.name, record.rows], ['parts.csv', 2]);
  assert.deepEqual((await on.get(`/datasets/${record.id}`)).body, record);
  await nothingLeft(on);

  const large = await documentedFetch(`${on.url}/datasets/uploads`, {
    method: 'POST',
    headers: { ...tus, 'upload-length': String(2 ** 40) },
  });
  assert.equal(large.status, 413);

  const broken = await documentedFetch(`${on.url}/datasets/uploads`, {
    method: 'POST',
    headers: { ...tus, 'upload-length': '8', 'content-type': 'application/offset+octet-stream' },
    body: 'a,b\n1,2,',
  });
  assert.equal(broken.status, 422);
  assert.match(((await broken.json()) as Problem).detail, /Row 1 has 3 values/);
  const kept = await on.storage.keptFolder('uploads');
  await until('nothing is kept of them', async () => ((await readdir(kept)).length === 0 ? true : null));
});

void test('the same file sent and deleted at the same moment is there whole, or not at all', async (t) => {
  const on = await api(t);
  const text = 'a,b\n1,2\n';
  const together = await Promise.all(Array.from({ length: 4 }, () => upload(on, text)));
  assert.deepEqual(together.map(({ status }) => status).sort(), [200, 200, 200, 201]);
  const [{ body: first }] = together;
  for (let round = 0; round < 10; round++)
    await Promise.all([on.delete(`/datasets/${first.id}`), upload(on, text), upload(on, text)]);
  await removeDatasetFiles(on.redis, on.storage);
  const there = (await on.get(`/datasets/${first.id}`)).status === 200;
  assert.deepEqual(await on.storage.list('datasets'), there ? [first.sha256] : []);
  if (there) assert.deepEqual((await on.storage.list(`datasets/${first.sha256}`)).sort(), ['file', 'profile.json']);
  // Only whoever has it.
  assert.deepEqual(await on.redis.keys('onecycle:dataset-*'), there ? [keys.datasetHolders(first.id)] : []);
});
