// Turns src/, workers/, test/ and bench/ into dist/, file by file, so that every process runs plain JavaScript; and of the
// dashboard what has no page in it, for its tests.
// esbuild only strips types; `npm run typecheck` checks them.
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildWeb } from './build-web.js';
import { writeSourcesHash } from './sources-hash.js';
import { vendor } from './vendor-tfjs-node.js';
import { importVendoredTypebox, vendorTypebox } from './vendor-typebox.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const folders = ['src', 'workers', 'test', 'bench', 'web/src'];

const modified = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const output = (source) => join(root, 'dist', source.replace(/\.ts$/, '.js'));

function sources() {
  return folders.flatMap((folder) =>
    statSync(join(root, folder), { throwIfNoEntry: false })
      ? readdirSync(join(root, folder), { recursive: true })
          .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
          .map((file) => join(folder, file))
      : [],
  );
}

/** Compiles what is newer than its output; with nothing to do it does not even load esbuild. */
export async function build({ clean = false } = {}) {
  await vendor();
  // What was compiled before may import another copy of it.
  const outdated = await vendorTypebox();
  if (clean || outdated) rmSync(join(root, 'dist'), { recursive: true, force: true });
  await compileSources();
  writeSourcesHash(root);
  await buildWeb();
}

async function compileSources() {
  const stale = sources().filter((source) => modified(join(root, source)) >= modified(output(source)));
  if (stale.length === 0) return;
  const { build: compile } = await import('esbuild');
  await compile({
    absWorkingDir: root,
    entryPoints: stale,
    outdir: 'dist',
    outbase: '.',
    platform: 'node',
    target: 'node20',
    format: 'esm',
    sourcemap: true,
    logLevel: 'warning',
    plugins: [importVendoredTypebox(output)],
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build({ clean: process.argv.includes('--clean') });
