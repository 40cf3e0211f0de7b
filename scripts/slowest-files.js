// A reporter for node:test: which test files took longest, so that the suite stays short.
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const shown = 15;

export default async function* slowestFiles(events) {
  const seconds = new Map();
  for await (const { type, data } of events) {
    if ((type !== 'test:pass' && type !== 'test:fail') || data.nesting > 0 || !data.file) continue;
    const file = relative(root, data.file).replace('dist/', '').replace(/js$/, 'ts');
    seconds.set(file, (seconds.get(file) ?? 0) + data.details.duration_ms / 1000);
  }
  const slowest = [...seconds].sort(([, a], [, b]) => b - a).slice(0, shown);
  yield `\nSlowest files, in seconds, beside others:\n${slowest.map(([file, s]) => `${s.toFixed(0).padStart(5)}  ${file}\n`).join('')}`;
}
