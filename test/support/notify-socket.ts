/** A notify socket as systemd gives one to a service, and what has been said on it. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createLineDecoder } from '../../src/core/json-lines.ts';
import { until } from './wait.ts';

const program = fileURLToPath(new URL('../fixtures/notify-socket.py', import.meta.url));

export interface NotifySocket {
  /** Every assignment so far, in order: `READY=1`. */
  readonly said: readonly string[];
  end(): void;
}

/** @param address a path, or `@name` in the abstract namespace */
export const listenForNotify = async (address: string): Promise<NotifySocket> => {
  const child = spawn('python3', [program, address], { stdio: ['ignore', 'pipe', 'inherit'] });
  const said: string[] = [];
  const decoder = createLineDecoder((line) => said.push(...String(line).split('\n')));
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => decoder.push(chunk));
  await until('the notify socket is there', () => said.includes('listening'));
  return { said, end: () => child.kill() };
};
