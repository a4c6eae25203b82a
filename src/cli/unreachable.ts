/** Upstreams that cannot be reached when a balancer is started: they may come, so this is a warning. */
import { connect } from 'node:net';
import type { BalancerSettings, UpstreamAddress } from '../protocol/balance.ts';
import { writeUpstream } from '../config/balance/address.ts';
import type { Context } from './context.ts';
import { print } from './context.ts';

/** Who listens answers faster; this command waits for it. */
const LIMIT_MS = 1000;

const problemOf = (address: UpstreamAddress): Promise<string | undefined> =>
  new Promise((resolve) => {
    const socket =
      address.kind === 'unix'
        ? connect({ path: address.path })
        : connect({ host: address.host, port: address.port });
    const end = (problem: string | undefined): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(problem);
    };
    const timer = setTimeout(() => end(`no answer within ${LIMIT_MS / 1000} s`), LIMIT_MS);
    socket.on('connect', () => end(undefined));
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  });

/** A line on stderr for each that cannot be reached now. */
export const tellUnreachable = async (
  { stderr }: Pick<Context, 'stderr'>,
  { pools }: Pick<BalancerSettings, 'pools'>,
): Promise<void> => {
  const upstreams = Object.values(pools).flatMap(({ to }) => to.map(({ address }) => address));
  const unique = new Map(upstreams.map((address) => [writeUpstream(address), address]));
  const checks = [...unique].map(async ([text, address]) => ({ text, problem: await problemOf(address) }));
  for (const { text, problem } of await Promise.all(checks))
    if (problem !== undefined)
      print(stderr, `skein: ${text} cannot be reached now (${problem}); it gets requests when it can.`);
};
