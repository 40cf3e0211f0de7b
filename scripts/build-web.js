// Turns web/ into dist/dashboard/, each file beside its compressed forms. A published package ships the result alone.
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const root = fileURLToPath(new URL('..', import.meta.url));
// What the page is made of; the client is ours, the rest comes from packages.
const sources = ['web', 'src/client', 'package-lock.json'];
const built = join(root, 'dist/dashboard/index.html');
const compressible = /\.(html|js|css|svg|json)$/;

const files = (path) =>
  statSync(path).isDirectory() ? readdirSync(path, { recursive: true }).map((file) => join(path, file)) : [path];
const newest = () => Math.max(...sources.flatMap((name) => files(join(root, name))).map((f) => statSync(f).mtimeMs));

/** Builds what is newer than the page that is there; with nothing to do it does not load Vite. */
export async function buildWeb() {
  if (existsSync(built) && statSync(built).mtimeMs > newest()) return;
  const { build } = await import('vite');
  await build({ configFile: join(root, 'web/vite.config.js') });
  for (const file of files(join(root, 'dist/dashboard')).filter((name) => compressible.test(name))) {
    const bytes = readFileSync(file);
    writeFileSync(`${file}.br`, brotliCompressSync(bytes));
    writeFileSync(`${file}.gz`, gzipSync(bytes));
  }
}
