/** 5,000 WebSockets through a reload of the app and one of the balancer: all come back, and not at once. */
import { connect, type Socket } from 'node:net';
import { until } from '../lib/until.ts';
import { inParallel } from './clients.ts';
import { finding, mebibytes, type Finding, type Proof } from './proof.ts';
import { BALANCER, type Stage } from './stage.ts';

const COUNT = 5000;
/** `closeTunnelsPerSecond` of a balancer that nobody configured, all its workers together. */
const CAP = 500;

const CLOSE = 0x88;
const TEXT = 0x81;
/** What `ws` gives back for what it gives to the app: bytes. */
const BINARY = 0x82;

/** A client of one WebSocket that connects again as soon as it is told to go, or is cut off. */
class Client {
  socket: Socket | null = null;
  echoed = false;
  readonly #port: number;
  readonly #tally: Tally;

  constructor(port: number, tally: Tally) {
    this.#port = port;
    this.#tally = tally;
  }

  open(): Promise<void> {
    return new Promise((resolve) => {
      const socket = connect({ port: this.#port, host: '127.0.0.1' });
      let open = false;
      const gone = (): void => {
        if (this.socket !== socket && open) return;
        this.socket = null;
        if (open) this.#tally.left.push(performance.now());
        else this.#tally.refused += 1;
        if (!this.#tally.ending) void this.open().then(resolve);
      };
      socket.on('error', () => undefined).once('close', gone);
      socket.on('data', (chunk) => {
        if (!open) {
          if (!chunk.toString('latin1').startsWith('HTTP/1.1 101')) {
            socket.destroy();
            return;
          }
          open = true;
          this.socket = socket;
          this.#tally.opened.push(performance.now());
          resolve();
        } else if (chunk[0] === CLOSE) {
          this.#tally.toldToGo += 1;
          socket.end();
        } else if (chunk[0] === BINARY) this.echoed = true;
      });
      socket.write(
        'GET / HTTP/1.1\r\nHost: app\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
          'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
      );
    });
  }

  /** `hi`, masked with zeros. */
  say(): void {
    this.echoed = false;
    this.socket?.write(Buffer.from([TEXT, 0x82, 0, 0, 0, 0, 0x68, 0x69]));
  }
}

interface Tally {
  readonly opened: number[];
  readonly left: number[];
  toldToGo: number;
  refused: number;
  ending: boolean;
}

/** The most of them in any one second. */
const mostPerSecond = (times: readonly number[]): number => {
  const sorted = times.toSorted((a, b) => a - b);
  let from = 0;
  let most = 0;
  for (const [to, at] of sorted.entries()) {
    while (at - (sorted[from] ?? at) > 1000) from += 1;
    most = Math.max(most, to - from + 1);
  }
  return most;
};

const allEcho = async (clients: readonly Client[]): Promise<number> => {
  for (const client of clients) client.say();
  await until('all to echo', 20_000, () => (clients.every(({ echoed }) => echoed) ? true : undefined)).catch(
    () => undefined,
  );
  return clients.filter(({ echoed }) => echoed).length;
};

const through = async (
  what: string,
  stage: Stage,
  target: string,
  clients: readonly Client[],
  tally: Tally,
): Promise<readonly Finding[]> => {
  tally.opened.length = tally.left.length = 0;
  tally.refused = tally.toldToGo = 0;
  const begun = performance.now();
  await stage.run('reload', target);
  const seconds = (performance.now() - begun) / 1000;
  await until('all to be back', 30_000, () =>
    clients.every(({ socket }) => socket !== null) ? true : undefined,
  );
  const echoed = await allEcho(clients);
  const rate = mostPerSecond(tally.opened);
  return [
    finding(
      `a reload of ${what}: all are back`,
      echoed === COUNT && tally.refused === 0,
      `${echoed} of ${COUNT} echo, ${tally.left.length} reconnected (${tally.toldToGo} told by a close frame), ${tally.refused} refused, ${seconds.toFixed(1)} s`,
    ),
    finding(
      `a reload of ${what}: at most ${CAP} reconnect in a second`,
      rate <= CAP,
      `at most ${rate} in any second`,
    ),
  ];
};

export const webSockets: Proof = {
  name: 'web-sockets',
  title: `${COUNT.toLocaleString('en')} WebSockets through reloads`,
  stage: { workers: 4, balance: { workers: 2 } },
  run: async (stage, progress) => {
    const tally: Tally = { opened: [], left: [], toldToGo: 0, refused: 0, ending: false };
    const before = await stage.memory();
    progress('opening');
    const clients = Array.from({ length: COUNT }, () => new Client(stage.port, tally));
    await inParallel(COUNT, 100, (index) => clients[index]?.open() ?? Promise.resolve());
    const perTunnel = ((await stage.memory()) - before) / COUNT;
    progress('reload of the app');
    const app = await through('the app', stage, 'app', clients, tally);
    progress('reload of the balancer');
    const balancer = await through('the balancer', stage, BALANCER, clients, tally);
    tally.ending = true;
    for (const { socket } of clients) socket?.destroy();
    return [
      ...app,
      ...balancer,
      finding(
        'memory per tunnel at most 64 KiB',
        perTunnel <= 65_536,
        `${(perTunnel / 1024).toFixed(1)} KiB (${mebibytes(before)} before)`,
      ),
    ];
  },
};
