/** The documentation leads nowhere that is not there. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pages = [
  ...readdirSync(root),
  ...readdirSync(join(root, 'docs'), { encoding: 'utf8', recursive: true }).map((file) => `docs/${file}`),
].filter((file) => file.endsWith('.md'));
const read = (page: string): string => readFileSync(join(root, page), 'utf8');

test('every link to a file of the repository, or to a heading of a page, leads to one', () => {
  const broken = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\((?!https?:|mailto:)([^)#]*)(?:#([^)]*))?\)/g)]
      .filter(([, target, heading]) => !leads(target ? join(dirname(page), target) : page, heading))
      .map(([link]) => `${page}: ${link}`),
  );
  assert.deepEqual(broken, []);
});

test('the index in docs/README.md has every page for users', () => {
  const linked = new Set([...read('docs/README.md').matchAll(/\]\(([\w-]+\.md)/g)].map(([, page]) => `docs/${page}`));
  const users = pages.filter((page) => /^docs\/[\w-]+\.md$/.test(page) && page !== 'docs/README.md');
  assert.deepEqual(
    users.filter((page) => !linked.has(page)),
    [],
  );
});

test('docs/api.md and the README name only routes that the API has', () => {
  const { paths } = parse(read('openapi.yaml')) as { paths: Record<string, unknown> };
  const routes = [...Object.keys(paths), '/docs', '/openapi.yaml'].map((path) => path.replaceAll(/\{\w+\}/g, 'JOB_ID'));
  const named = ['README.md', 'docs/api.md'].flatMap((page) =>
    [...read(page).matchAll(/(?:(?:GET|POST) |:\/\/127\.0\.0\.1:3000)(\/[\w/{},.-]*)/g)].flatMap(([, path = '']) =>
      alternatives(path.replaceAll(/[A-Z]+_ID/g, 'JOB_ID')),
    ),
  );
  assert.ok(named.length > 10);
  assert.deepEqual(
    [...new Set(named)].filter((path) => !routes.includes(path)),
    [],
  );
});

test('every npm script that CONTRIBUTING.md names is one', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const named = [
    ...`${read('CONTRIBUTING.md')}${read('README.md')}`.matchAll(/npm (?:run )?(start|test|(?<=run )[\w:]+)/g),
  ].map(([, name = '']) => name);
  assert.ok(named.length > 3);
  assert.deepEqual(
    named.filter((name) => !(name in scripts)),
    [],
  );
});

test('every test that docs/internals/known-bugs.md names is one', () => {
  const named = [...read('docs/internals/known-bugs.md').matchAll(/`(test\/[\w/-]+\.test\.ts)`: "([^"]+)"/g)];
  assert.ok(named.length >= 11);
  const missing = named.filter(([, file = '', title = '']) => !titlesIn(file).some((pattern) => pattern.test(title)));
  assert.deepEqual(
    missing.map(([all]) => all),
    [],
  );
});

/** Whether a link's target is there, and in a page its heading, by the anchor that GitHub gives it. */
function leads(target: string, heading?: string): boolean {
  if (!existsSync(join(root, target))) return false;
  if (!heading || !target.endsWith('.md')) return true;
  const headings = [...read(target).matchAll(/^#+ (.*)$/gm)].map(([, text = '']) => text);
  return headings.some((text) => anchor(text) === heading);
}

const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
    .replaceAll(' ', '-');

/** The titles of a file's tests; what a template fills in may be anything. */
function titlesIn(file: string): RegExp[] {
  const quoted = read(file).matchAll(/\btest\(\s*(?:'([^']+)'|"([^"]+)"|`([^`]+)`)/g);
  return [...quoted].map(([, ...titles]) => {
    const title = titles.find(Boolean) ?? '';
    const parts = title.split(/\$\{[^}]*\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${parts.join('.+')}$`);
  });
}

/** `/plots/{a,b}.svg` is two paths. */
function alternatives(path: string): string[] {
  const choice = /\{([^}]+)\}/.exec(path);
  return choice ? choice[1].split(',').map((each) => path.replace(choice[0], each)) : [path];
}
