/**
 * `skein upgrade`: the running supervisor is replaced by that of this installation. The new one is
 * started beside the old one and takes over when it is able; workers and connections do not notice.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { ControlClient } from '../../control/client.ts';
import { createControlClient } from '../../control/client.ts';
import { isGone } from '../../control/client/retry.ts';
import { entryFile } from '../../core/entry-url.ts';
import { SkeinError } from '../../core/errors.ts';
import { version } from '../../core/version.ts';
import type { Ping } from '../../protocol/control.ts';
import type { Context, Run } from '../context.ts';
import { print, printJson } from '../context.ts';
import { isNothingThere } from '../running.ts';

export interface UpgradeOptions {
  readonly json?: boolean;
}

/** The new one is there within a second; a machine under load may take longer. */
const SUCCEEDED_WITHIN_MS = 15_000;

const failed = (context: Context, running: string, reason: string): SkeinError =>
  new SkeinError('E_UPGRADE', {
    version,
    running,
    reason,
    file: entryFile('supervisor'),
    log: context.home.supervisorLog,
  });

/** The first answer of another supervisor than the one before. */
const successor = async (context: Context, client: ControlClient, before: Ping): Promise<Ping> => {
  const deadline = performance.now() + SUCCEEDED_WITHIN_MS;
  while (performance.now() < deadline) {
    try {
      const now = await client.ping();
      if (now.supervisor.pid !== before.supervisor.pid) return now;
    } catch (error) {
      // Between two supervisors.
      if (!isGone(error) && !isNothingThere(error)) throw error;
    }
    await pause(20);
  }
  throw failed(context, before.supervisor.version, 'no other one answered within 15 s');
};

const pidsOf = async (client: ControlClient): Promise<number[]> =>
  (await client.apps([])).apps.flatMap(({ workers }) => workers.flatMap(({ pid }) => pid ?? []));

const workers = (count: number): string => `${count} ${count === 1 ? 'worker' : 'workers'}`;

export const run: Run<UpgradeOptions> = async (context, _args, options) => {
  const client = createControlClient(context.home);
  const before = await client.ping();
  const had = await pidsOf(client);
  try {
    await client.upgrade({ node: process.execPath, file: entryFile('supervisor'), version });
  } catch (error) {
    // It may be gone before its answer is out.
    if (!isGone(error)) throw error;
  }
  const now = await successor(context, client, before);
  const from = before.supervisor.version;
  const to = now.supervisor.version;
  if (to !== version)
    throw failed(context, to, 'it ended soon after it had taken over, and the one before was started again');
  const has = new Set(await pidsOf(client));
  const kept = had.filter((pid) => has.has(pid)).length;
  if (options.json === true) {
    printJson(context.stdout, {
      from,
      to,
      supervisor: now.supervisor,
      holder: now.holder,
      workersKept: kept,
    });
    return 0;
  }
  print(context.stdout, `${from} → ${to}, ${workers(kept)} kept`);
  if (from === to)
    print(context.stderr, 'It was this version already; the supervisor was replaced all the same.');
  if (now.holder !== null && now.holder.version !== to)
    print(
      context.stderr,
      `The holder stays at ${now.holder.version}: it only keeps sockets and processes. \`skein kill\` and \`skein resurrect\` replace it too, with a gap.`,
    );
  return 0;
};
