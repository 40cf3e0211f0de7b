// Makes vendor/tfjs-node-gpu, which is in no commit: what we need of the published package, without its installer.
// `npm i` of the package itself fails everywhere, for its install script fetches a library from a host that no longer
// answers, and no package.json can tell npm not to run it. The build calls this once; a published package holds what it
// made.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const name = '@tensorflow/tfjs-node-gpu';
const version = '4.22.0';
const sha512 = 'p//NN6DGiN4hInUmIkRffaFVMcdTREUMjPyjW04J7OXvB2zBlQimj61eFKSgRrH3f5TnOfKzb0n56he/B6a4bw==';
const root = fileURLToPath(new URL('..', import.meta.url));

const target = join(root, 'vendor', 'tfjs-node-gpu');

/** Makes the folder unless it is there; it is filled beside its place, so that it is whole or not there. */
export async function vendor() {
  if (existsSync(join(target, 'package.json'))) return;
  const temporary = mkdtempSync(join(tmpdir(), 'onecycle-vendor-'));
  try {
    const source = download(temporary);
    const made = join(root, 'vendor', `new-${process.pid}`);
    mkdirSync(made, { recursive: true });
    cpSync(join(source, 'binding'), join(made, 'binding'), { recursive: true });
    for (const file of ['nodejs_kernel_backend.d.ts', 'tfjs_binding.d.ts']) {
      cpSync(join(source, 'dist', file), join(made, file));
    }
    await bundle(source, join(made, 'kernels.js'));
    const description = { name, version, license: 'Apache-2.0', type: 'commonjs', private: true };
    writeFileSync(join(made, 'package.json'), `${JSON.stringify(description, null, 2)}\n`);
    if (existsSync(target)) rmSync(made, { recursive: true });
    else renameSync(made, target);
  } finally {
    rmSync(temporary, { recursive: true });
  }
}

function download(folder) {
  // What an `npm pack` of ours was told, which may be who runs this, is not for this one.
  const own = ['--silent', '--pack-destination', folder, '--dry-run=false', '--json=false'];
  const tarball = execFileSync('npm', ['pack', ...own, `${name}@${version}`], { cwd: folder, encoding: 'utf8' }).trim();
  const found = createHash('sha512')
    .update(readFileSync(join(folder, tarball)))
    .digest('base64');
  if (found !== sha512) throw new Error(`${tarball} has the sha512 ${found}, not ${sha512}`);
  execFileSync('tar', ['-xzf', tarball], { cwd: folder });
  return join(folder, 'package');
}

/** The backend and every kernel as one CommonJS file that needs `@tensorflow/tfjs` alone. */
async function bundle(source, outfile) {
  const { build } = await import('esbuild');
  await build({
    absWorkingDir: source,
    stdin: {
      contents:
        "require('./dist/register_all_kernels');\n" +
        "exports.NodeJSKernelBackend = require('./dist/nodejs_kernel_backend').NodeJSKernelBackend;\n",
      resolveDir: source,
    },
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    charset: 'utf8',
    legalComments: 'eof',
    logLevel: 'warning',
    plugins: [
      {
        name: 'leave-out',
        setup({ onResolve, onLoad }) {
          // One kernel names the core, which the whole holds as well.
          onResolve({ filter: /^@tensorflow\// }, () => ({ path: '@tensorflow/tfjs', external: true }));
          // TensorBoard's messages, for summaries that we never write: with them comes all of google-protobuf.
          onResolve({ filter: /\/api_pb$/ }, ({ path }) => ({ path, namespace: 'left-out' }));
          onLoad({ filter: /.*/, namespace: 'left-out' }, () => ({ contents: 'module.exports = {};' }));
        },
      },
    ],
  });
}
