// Makes vendor/typebox, which is in no commit: the package as few files. Its 684 modules took every process a quarter of
// a second of processor time to load, more than all else that an API or a worker starts with.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, copyFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'node_modules', 'typebox');
const target = join(root, 'vendor', 'typebox');
/** What is imported of it, and the file that has it. */
const entries = {
  typebox: 'index',
  'typebox/compile': 'compile',
  'typebox/system': 'system',
  'typebox/value': 'value',
};

const versionIn = (folder) =>
  existsSync(join(folder, 'package.json'))
    ? JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version
    : '';

/** Makes the folder unless it has the installed version, and says whether it did. It is filled beside its place, so that it is whole or not there. */
export async function vendorTypebox() {
  const version = versionIn(source);
  if (versionIn(target) === version) return false;
  const { build } = await import('esbuild');
  const made = join(root, 'vendor', `new-typebox-${process.pid}`);
  mkdirSync(made, { recursive: true });
  await build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(Object.entries(entries).map(([name, file]) => [file, name])),
    outdir: made,
    bundle: true,
    // All files share one copy of what is registered: formats, settings.
    splitting: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    logLevel: 'warning',
  });
  copyFileSync(join(source, 'license'), join(made, 'license'));
  const description = { name: 'typebox', version, license: 'MIT', type: 'module', private: true };
  writeFileSync(join(made, 'package.json'), `${JSON.stringify(description, null, 2)}\n`);
  // Another build may have been faster.
  if (versionIn(target) !== version) {
    rmSync(target, { recursive: true, force: true });
    renameSync(made, target);
  } else rmSync(made, { recursive: true });
  return true;
}

/** For esbuild: what imports typebox imports vendor/typebox. The types are still those of the package. */
export const importVendoredTypebox = (output) => ({
  name: 'import-vendored-typebox',
  setup(compilation) {
    compilation.onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const to = relative(dirname(output(relative(root, path))), target).replaceAll('\\', '/');
      const contents = readFileSync(path, 'utf8').replace(/(?<=\bfrom )'(typebox(?:\/\w+)?)';/g, (statement, name) =>
        name in entries ? `'${to}/${entries[name]}.js';` : statement,
      );
      return { contents, loader: 'ts' };
    });
  },
});
