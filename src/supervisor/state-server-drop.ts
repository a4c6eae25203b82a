/** Tells the state server to forget the store of an app; see src/protocol/state-wire.ts. */
import { connect } from 'node:net';
import { createLineDecoder } from '../core/json-lines.ts';
import type { StateHello } from '../protocol/state-wire.ts';
import { OP, STATE_PROTOCOL } from '../protocol/state-wire.ts';

const PATIENCE_MS = 5_000;

/** Settles with null when it is done, else with the reason why it may not be. Never rejects. */
export const dropStore = (path: string, store: string): Promise<string | null> =>
  new Promise((resolve) => {
    const socket = connect(path);
    const settle = (problem: string | null): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(problem);
    };
    const timer = setTimeout(() => settle(`no answer within ${PATIENCE_MS / 1000} s`), PATIENCE_MS);
    const decoder = createLineDecoder((line) => {
      if (Array.isArray(line)) settle(typeof line[0] === 'number' ? null : 'it refused');
      else if (typeof line === 'object' && line !== null && 'farewell' in line) settle(String(line.farewell));
    });
    const hello: StateHello = { protocol: STATE_PROTOCOL, store };
    socket.setEncoding('utf8');
    socket.write(`${JSON.stringify(hello)}\n${JSON.stringify([OP.drop])}\n`);
    socket.on('data', (chunk: string) => decoder.push(chunk));
    socket.on('error', (error) => settle(error.message));
    socket.on('close', () => settle('it ended the connection'));
  });
