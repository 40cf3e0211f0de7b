/** What tells of the commands: docs/cli.md, the help, and completion in a real shell. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { completables, script, shells } from '../../src/cli/completion/index.js';
import { programFor } from '../../src/cli/program.js';
import { root } from '../e2e/harness.js';

const program = await programFor([], '0.0.0');
const commands = completables(program);

test('docs/cli.md has every command and every option of it', () => {
  const page = readFileSync(join(root, 'docs/cli.md'), 'utf8');
  const groups = commands.filter(({ path }) => !commands.some((other) => other.path.startsWith(`${path} `)));
  assert.ok(groups.length > 25);
  for (const { path, options } of groups) {
    const named = new RegExp(`onecycle ${path}\\b`);
    assert.match(page, named);
    // What all have is told once, at the top.
    for (const { flags } of options)
      assert.ok(page.includes(flags.at(-1)!), `docs/cli.md lacks ${flags.at(-1)} of ${path}`);
  }
});

test('docs/cli.md has no command and no option that there is not', () => {
  const page = readFileSync(join(root, 'docs/cli.md'), 'utf8');
  const flags = new Set(commands.flatMap(({ options }) => options.flatMap((option) => option.flags)));
  const elsewhere = ['--help', '--version', '--global'];
  for (const [flag] of page.matchAll(/(?<=[\s`])--[a-z-]+/g))
    assert.ok(flags.has(flag) || elsewhere.includes(flag), flag);
  const names = new Set(commands.map(({ path }) => path.split(' ')[0]));
  for (const [, name] of page.matchAll(/onecycle ([a-z]+)\b/g)) assert.ok(names.has(name) || name === 'help', name);
});

test('one command is loaded alone, and is the same as among all', async () => {
  for (const { path } of commands.filter(({ path }) => !path.includes(' '))) {
    const alone = await programFor([path], '0.0.0');
    const found = completables(alone).filter((command) => command.path === path);
    assert.deepEqual(
      found,
      commands.filter((command) => command.path === path),
    );
    if (path !== 'completion') assert.equal(alone.commands.length, 1);
  }
});

test('bash completes commands, those under them, options and files', () => {
  const cases: [words: string[], expected: string[]][] = [
    [['fin'], ['find', 'finish']],
    [['data', 'up'], ['upload']],
    [['submit', '--wa'], ['--watch']],
    [['data', 'upload', '--no'], ['--no-header']],
    [['data', 'upload', 'package.j'], ['package.json']],
    [['cancel', '@'], ['@last']],
  ];
  for (const [words, expected] of cases) {
    // Where no server is asked: the ids come from a command that is not there.
    const lines = [
      script('bash', program),
      `COMP_WORDS=(onecycle ${words.join(' ')})`,
      `COMP_CWORD=${words.length}`,
      '_onecycle',
      'printf "%s\\n" "${COMPREPLY[@]}"',
    ];
    const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', lines.join('\n')], { cwd: root, encoding: 'utf8' });
    assert.deepEqual(stdout.trim().split('\n'), expected, stderr);
  }
});

test('every shell’s script knows every command', () => {
  for (const shell of shells) {
    const text = script(shell, program);
    for (const { path } of commands)
      for (const word of path.split(' ')) assert.ok(text.includes(word), `${shell}: ${path}`);
  }
});

test('zsh’s script leaves PATH alone, and fish’s tells `list` from `data list`', () => {
  assert.doesNotMatch(script('zsh', program), /\bpath=|\$path\b/);
  const lines = script('fish', program).split('\n');
  const conditions = (option: string): string[] =>
    lines.filter((line) => line.includes(` -l ${option} `)).map((line) => /-n '([^']*)'/.exec(line)![1]);
  assert.deepEqual(conditions('ids'), [
    '__fish_seen_subcommand_from list; and not __fish_seen_subcommand_from data keys tenants webhooks engine',
  ]);
  assert.ok(conditions('limit').includes('__fish_seen_subcommand_from data; and __fish_seen_subcommand_from list'));
});
