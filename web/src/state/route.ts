/**
 * The address as state: `#/jobs/job_x?smooth=0.9` is the page `jobs`, of `job_x`, with its view's parameters. The path
 * before the hash is the API's.
 */
import { signal } from '@preact/signals';

/** Where the reader is. */
export interface Route {
  /** The parts of the path: `['jobs', 'job_x']`; none on the first page. */
  path: readonly string[];
  /** The view's parameters. */
  query: URLSearchParams;
}

/** Where the reader is now. */
export const route = signal(parse(location.hash));
addEventListener('hashchange', () => (route.value = parse(location.hash)));

/** The address of a page with parameters; those that are undefined are left out. */
export function href(path: readonly string[], query: Readonly<Record<string, string | undefined>> = {}): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const text = new URLSearchParams(given).toString();
  return `#/${path.map(encodeURIComponent).join('/')}${text && `?${text}`}`;
}

/** Changes the view's parameters, in place of the entry in the history; undefined takes one away. */
export function setQuery(changes: Readonly<Record<string, string | undefined>>): void {
  const { path, query } = route.value;
  history.replaceState(null, '', href(path, { ...Object.fromEntries(query), ...changes }));
  route.value = parse(location.hash);
}

function parse(hash: string): Route {
  const [path, query = ''] = hash.replace(/^#\/?/, '').split('?');
  return { path: path.split('/').filter(Boolean).map(decodeURIComponent), query: new URLSearchParams(query) };
}

/** Goes to a page, as a link does. */
export function goTo(path: readonly string[], query: Readonly<Record<string, string | undefined>> = {}): void {
  location.hash = href(path, query);
}
