/**
 * One session of commands, given to PM2 and to skein-pm2: prints where exit codes or what scripts
 * read of the output differ, and exits 1 for a difference that is not on purpose.
 *
 *   node bench/pm2-session.ts
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Command {
  readonly args: readonly string[];
  readonly stdin?: string;
  /** Why the exit codes may differ. */
  readonly differs?: string;
}

const folder = mkdtempSync(join(tmpdir(), 'sk-'));
writeFileSync(join(folder, 'idle.js'), "setInterval(() => {}, 1000);\nprocess.on('SIGUSR2', () => {});\n");
writeFileSync(join(folder, 'crash.js'), 'process.exit(3);\n');
writeFileSync(
  join(folder, 'ecosystem.config.js'),
  `module.exports = { apps: [
    { name: 'e1', script: 'idle.js', instances: 2, exec_mode: 'cluster', env_production: { A: 2 } },
    { name: 'e2', script: 'idle.js' },
  ] };`,
);
const json = JSON.stringify({ apps: [{ name: 's1', script: join(folder, 'idle.js') }] });

const of = (line: string, more: Partial<Command> = {}): Command => ({ args: line.split(' '), ...more });

const session: readonly Command[] = [
  of('jlist'),
  of('list'),
  of('nonsense'),
  of('stop all'),
  of('stop nobody'),
  of('describe nobody'),
  of('id nobody'),
  of('pid nobody'),
  of('scale nobody 2'),
  of('reset nobody'),
  of('env 0'),
  of('start nofile.js'),
  of('start idle.js'),
  of('start idle.js'),
  of('start idle.js --name two -i 2'),
  of('id two'),
  of('stop two'),
  of('pid two'),
  of('start two'),
  of('restart two --update-env'),
  of('reload two'),
  of('stop /tw/'),
  of('stop /zz/'),
  of('restart all'),
  of('scale two +1'),
  of('scale two 3'),
  of('sendSignal SIGUSR2 two'),
  of('reset two'),
  of('describe two'),
  of('start idle.js --namespace ns1 --name n1'),
  of('stop ns1'),
  of('delete ns1'),
  of('stop idle nobody'),
  of('delete all'),
  of('start'),
  of('stop e1'),
  of('start ecosystem.config.js --only e1'),
  of('reload ecosystem.config.js --env production'),
  of('startOrReload ecosystem.config.js'),
  of('startOrRestart ecosystem.config.js --only e2'),
  of('start nofile.json'),
  of('restart nofile.config.js'),
  of('start -', { stdin: json }),
  of('stop -', { stdin: json }),
  of('delete ecosystem.config.js'),
  of('start crash.js --no-autorestart', { differs: 'a start that fails is told' }),
  of('delete crash', { differs: 'it was errored' }),
  of('logs --nostream --lines 1'),
  of('flush'),
  of('reloadLogs'),
  of('ping'),
  of('stop --foo'),
  of('save'),
  of('kill'),
  of('kill'),
];

interface Result {
  readonly code: number | null;
  readonly stdout: string;
}

type Tool = (command: Command) => Result;

const tool =
  (bin: string, env: Readonly<Record<string, string>>): Tool =>
  ({ args, stdin }) => {
    const { status, stdout } = spawnSync(process.execPath, [bin, ...args], {
      cwd: folder,
      env: { ...process.env, ...env },
      input: stdin ?? '',
      encoding: 'utf8',
      timeout: 60_000,
    });
    return { code: status, stdout };
  };

/** Names, namespaces, statuses and modes; pids, times and sizes are nobody's to compare. */
const listOf = (run: Tool): string => {
  const text = run({ args: ['jlist'] }).stdout;
  const list = JSON.parse(text.slice(text.indexOf('['))) as {
    name: string;
    pm2_env: { status: string; namespace: string; exec_mode: string };
  }[];
  return list
    .map(
      ({ name, pm2_env: { status, namespace, exec_mode } }) => `${name} ${namespace} ${status} ${exec_mode}`,
    )
    .sort()
    .join('\n');
};

const root = join(import.meta.dirname, '..');
const pm2 = tool(join(root, 'bench', 'node_modules', 'pm2', 'bin', 'pm2'), { PM2_HOME: join(folder, 'pm2') });
const skein = tool(join(root, 'bin', 'skein-pm2.js'), { SKEIN_HOME: join(folder, 's') });

let surprises = 0;
try {
  pm2({ args: ['ping'] });
  for (const command of session) {
    const line = command.args.join(' ');
    const [theirs, ours] = [pm2(command), skein(command)];
    const isEnd = command.args[0] === 'kill';
    const [before, after] = isEnd ? ['', ''] : [listOf(pm2), listOf(skein)];
    const isSame = theirs.code === ours.code && before === after;
    console.log(`${isSame ? 'same  ' : 'differs'} ${String(theirs.code)}/${String(ours.code)}  ${line}`);
    if (isSame) continue;
    if (command.differs === undefined) surprises += 1;
    else console.log(`        on purpose: ${command.differs}`);
    if (before !== after) console.log(`--- pm2\n${before}\n--- skein-pm2\n${after}\n---`);
  }
} finally {
  pm2({ args: ['kill'] });
  skein({ args: ['kill'] });
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = surprises === 0 ? 0 : 1;
