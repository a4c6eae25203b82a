/** bin/skein.js decides which Node runs Skein, so it has to work on those that cannot. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

const root = join(import.meta.dirname, '..', '..');
const isSupportedNode = createRequire(import.meta.url)('../../bin/supported-node.js') as (
  version: string,
) => boolean;

const versions: readonly (readonly [string, boolean])[] = [
  ['10.24.1', false],
  ['20.20.2', false],
  ['22.18.0', false],
  ['22.19.0', true],
  ['22.23.3', true],
  ['23.11.0', false],
  ['24.10.0', false],
  ['24.11.0', true],
  ['25.9.0', false],
  ['26.0.0', true],
  ['27.0.0-nightly2027', true],
];

for (const [version, expected] of versions) {
  test(`Node ${version} is ${expected ? '' : 'not '}supported`, () => {
    assert.equal(isSupportedNode(version), expected);
  });
}

test('package.json asks for the same versions', () => {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    engines: { node: string };
  };
  assert.equal(engines.node, '^22.19 || ^24.11 || >=26');
});

for (const file of ['skein.js', 'skein-pm2.js', 'launch.js']) {
  test(`${file} has only syntax of old Nodes`, () => {
    const source = readFileSync(join(root, 'bin', file), 'utf8').replaceAll(/^\s*\/\/.*$/gm, '');
    assert.doesNotMatch(source, /=>|`|\?\.|\?\?|\b(?:const|let|class|async|await)\b/);
  });
}

/** A package whose CLI says which arguments it got, run by a Node that claims to be version 20. */
const folder = mkdtempSync(join(tmpdir(), 'sk-bin-'));
after(() => rmSync(folder, { recursive: true, force: true }));
cpSync(join(root, 'bin'), join(folder, 'bin'), { recursive: true });
mkdirSync(join(folder, 'dist', 'entry'), { recursive: true });
writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
writeFileSync(
  join(folder, 'dist', 'entry', 'cli.js'),
  `const [, , ...args] = process.argv;
   if (args[0] === 'exit') process.exitCode = Number(args[1]);
   if (args[0] === 'wait') {
     process.on('SIGTERM', () => process.exit(9));
     setInterval(() => {}, 1000);
   }
   console.log(JSON.stringify({ args, node: process.versions.node }));
   if (args[0] === 'die') process.kill(process.pid, 'SIGKILL');`,
);
const asOld = join(folder, 'as-old.cjs');
writeFileSync(asOld, "Object.defineProperty(process.versions, 'node', { value: '20.1.0' });");
const args = ['-r', asOld, join(folder, 'bin', 'skein.js')];

test('an old Node without another one beside it says which is needed and where to get it', () => {
  const { status, stderr, stdout } = spawnSync(process.execPath, [...args, 'list'], { encoding: 'utf8' });
  assert.equal(status, 1);
  assert.equal(stdout, '');
  assert.match(stderr, /needs Node\.js 22\.19 .*24\.11 .*26/);
  assert.match(stderr, /https:\/\/nodejs\.org/);
});

test('a supported Node runs the CLI itself', () => {
  const { status, stdout } = spawnSync(process.execPath, [args.at(-1) ?? '', 'exit', '3'], {
    encoding: 'utf8',
  });
  assert.equal(status, 3);
  assert.deepEqual(JSON.parse(stdout).args, ['exit', '3']);
});

const bringOwnNode = (): void => {
  const bin = join(folder, 'node_modules', 'node', 'bin');
  mkdirSync(bin, { recursive: true });
  symlinkSync(process.execPath, join(bin, 'node'));
};

test("an old Node runs the CLI again with the repository's own: arguments, exit code, signals", async (t) => {
  bringOwnNode();
  await t.test('arguments and exit code', () => {
    const { status, stdout } = spawnSync(process.execPath, [...args, 'exit', '4', '--', 'a b'], {
      encoding: 'utf8',
    });
    assert.equal(status, 4);
    assert.deepEqual(JSON.parse(stdout), { args: ['exit', '4', '--', 'a b'], node: process.versions.node });
  });
  await t.test('a signal reaches the CLI', async () => {
    const child: ChildProcess = spawn(process.execPath, [...args, 'wait'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    assert.ok(child.stdout);
    await once(child.stdout, 'data');
    child.kill('SIGTERM');
    assert.deepEqual(await once(child, 'exit'), [9, null]);
  });
  await t.test('an end by a signal is the same end', () => {
    assert.equal(spawnSync(process.execPath, [...args, 'die']).signal, 'SIGKILL');
  });
});
