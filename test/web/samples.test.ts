/** The programs that the page shows: they compile against the client, whatever is in the job. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { runInThisContext } from 'node:vm';
import ts from 'typescript';
import * as samples from '../../web/src/form/samples.js';
import type { Json } from '../../web/src/form/schema.js';
import * as templates from '../../web/src/form/templates.js';
import { root } from '../e2e/harness.js';

const url = 'http://127.0.0.1:3000';
/** With everything that would end a string or a command. */
const awkward: Json = {
  policy: { name: 'fit', n_epoch: 1, lr: 1e-7 },
  dataset: { inline: { x: [[1, -2.5]], y: [0] } },
  model: { preset: 'mlp' },
  name: `it's "quoted" \\ $HOME \`x\` \n é`,
  tags: { 'a-b': "'", __proto__x: '' },
};

/** Compiles modules that exist in memory alone; gives what is wrong with them. */
function compile(sources: ReadonlyMap<string, string>): string[] {
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts', 'lib.dom.asynciterable.d.ts'],
    types: ['node'],
    paths: { 'onecycle/client': [join(root, 'src/client/index.ts')] },
  };
  const disk = ts.createCompilerHost(options);
  const host: ts.CompilerHost = {
    ...disk,
    fileExists: (path) => sources.has(path) || disk.fileExists(path),
    readFile: (path) => sources.get(path) ?? disk.readFile(path),
    getSourceFile: (path, ...rest) => {
      const text = sources.get(path);
      if (text === undefined) return disk.getSourceFile(path, ...rest);
      return ts.createSourceFile(path, text, ts.ScriptTarget.ES2022);
    },
  };
  const program = ts.createProgram([...sources.keys()], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

test('the TypeScript programs of all templates compile, and one with a field that is unknown does not', () => {
  const specs = [...templates.templates.map(({ spec }) => spec), awkward];
  const sources = specs.map((spec, i): [string, string] => [
    join(root, `sample-${i}.ts`),
    samples.typescript(spec, url),
  ]);
  assert.deepEqual(compile(new Map(sources)), []);
  const wrong = samples.typescript({ policy: { name: 'fit', n_epoch: '1' }, dataset: { builtin: 'digits' } }, url);
  assert.notDeepEqual(compile(new Map([[join(root, 'sample.ts'), wrong]])), []);
});

test('a literal is the value that it was made of', () => {
  const body = /create\(([\s\S]*?)\);\nfor/.exec(samples.typescript(awkward, url))?.[1] ?? '';
  assert.deepEqual(runInThisContext(`(${body})`), awkward);
});
