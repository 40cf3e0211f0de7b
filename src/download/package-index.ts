/** Finds a file on a Python package index: PEP 691's JSON where the index has it, PEP 503's HTML where not. */
import { Parser } from 'htmlparser2';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { type Answer, type Get, withCredentialsOf, withoutCredentials } from './http.js';
import { answered, retry } from './retry.js';
import { projectOf, type Wheel } from './wheel.js';

const accept = 'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1';

/** The part of PEP 691's answer that is used. */
const Project = Type.Object({
  files: Type.Array(
    Type.Object({ filename: Type.String(), url: Type.String(), hashes: Type.Record(Type.String(), Type.String()) }),
  ),
});

/** A file that an index has. */
interface Link {
  name: string;
  /** Absolute. */
  url: string;
  /** Null where the index does not say it. */
  sha256: string | null;
}

/**
 * The URL of a wheel on an index.
 * @param index URL of the index, `https://user:password@host/simple`
 * @throws Error of one plain line, without credentials, where the index does not answer or lacks the file
 */
export async function findWheel(get: Get, index: string, wheel: Wheel, signal?: AbortSignal): Promise<string> {
  const url = `${index.replace(/\/+$/, '')}/${projectOf(wheel)}/`;
  const shown = withoutCredentials(url);
  const page = async (): Promise<{ answer: Answer; body: string }> => {
    const answer = await get(url, { accept }, signal);
    if (answer.ok) return { answer, body: await answer.text() };
    await answer.body?.cancel();
    throw answered(answer.status, `${shown} answers ${answer.status}`);
  };
  const { answer, body } = await retry(page, () => 0, signal);
  const links = read(body, answer.headers.get('content-type') ?? '', answer.url);
  const link = links.find(({ name, sha256 }) => name === wheel.file && (sha256 === null || sha256 === wheel.sha256));
  if (link) return withCredentialsOf(index, link.url);
  const other = links.some(({ name }) => name === wheel.file) ? 'has another file of that name' : 'does not have it';
  throw new Error(`${shown} ${other}`);
}

const read = (body: string, contentType: string, base: string): Link[] =>
  contentType.includes('json') ? readJson(body, base) : readHtml(body, base);

function readJson(body: string, base: string): Link[] {
  const project: unknown = JSON.parse(body);
  if (!Value.Check(Project, project)) return [];
  return project.files.map(({ filename, url, hashes }) => ({
    name: filename,
    url: new URL(url, base).href,
    sha256: Object.hasOwn(hashes, 'sha256') ? hashes.sha256 : null,
  }));
}

/** Anchors whose text is a file's name, and whose address may end in `#sha256=…`. */
function readHtml(body: string, base: string): Link[] {
  const links: Link[] = [];
  let from = base;
  let open: Link | null = null;
  const parser = new Parser({
    onopentag(name, { href }) {
      if (name === 'base' && href) from = new URL(href, base).href;
      if (name !== 'a' || !href) return;
      const url = new URL(href, from);
      const sha256 = /^#sha256=([0-9a-f]{64})$/i.exec(url.hash)?.[1].toLowerCase() ?? null;
      url.hash = '';
      open = { name: '', url: url.href, sha256 };
      links.push(open);
    },
    ontext(text) {
      if (open) open.name += text.trim();
    },
    onclosetag(name) {
      if (name === 'a') open = null;
    },
  });
  parser.end(body);
  return links;
}
