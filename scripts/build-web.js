// Turns web/ into dist/dashboard/, each file beside its compressed forms. A published package ships the result alone.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const root = fileURLToPath(new URL('..', import.meta.url));
// What the page is made of; the client is ours, the rest comes from packages.
const sources = ['web', 'src/client', 'package-lock.json'];
/** Written last: a build that was stopped is none. */
const built = join(root, 'dist/dashboard-built');
const scalar = join(root, 'node_modules/@scalar/api-reference/dist/browser/standalone.js');
const compressible = /\.(html|js|css|svg|json)$/;

const files = (path) =>
  statSync(path).isDirectory() ? readdirSync(path, { recursive: true }).map((file) => join(path, file)) : [path];
const newest = () => Math.max(...sources.flatMap((name) => files(join(root, name))).map((f) => statSync(f).mtimeMs));

/** Builds what is newer than the page that is there; with nothing to do it does not load Vite. */
export async function buildWeb() {
  if (existsSync(built) && statSync(built).mtimeMs > newest()) return;
  rmSync(built, { force: true });
  const { build } = await import('vite');
  await build({ configFile: join(root, 'web/vite.config.js') });
  // The API's reference, for src/api/plugins/docs.ts.
  mkdirSync(join(root, 'dist/dashboard/docs'));
  copyFileSync(scalar, join(root, 'dist/dashboard/docs/scalar.js'));
  for (const file of files(join(root, 'dist/dashboard')).filter((name) => compressible.test(name))) {
    const bytes = readFileSync(file);
    // Brotli's best takes seconds for megabytes, and gains little.
    const quality = bytes.length > 500_000 ? 9 : 11;
    writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: quality } }));
    writeFileSync(`${file}.gz`, gzipSync(bytes));
  }
  writeFileSync(built, '');
}
