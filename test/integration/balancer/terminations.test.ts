/** Each termination code of the access log, made by what the documentation says that makes it. */
import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { defaultFront } from '../../../src/config/balance-defaults.ts';
import type {
  PoolSettings,
  PoolSnapshot,
  RouteSettings,
  UpstreamAddress,
} from '../../../src/protocol/balance.ts';
import type { BalancerProcess, LogEntry } from '../../support/balancer-process.ts';
import { routeTo, snapshotOf, snapshotPool, startBalancerProcess } from '../../support/balancer-process.ts';
import type { RawClient } from '../../support/raw-client.ts';
import { rawClient } from '../../support/raw-client.ts';
import type { RawConnection, RawUpstream } from '../../support/raw-upstream.ts';
import { GET_END, answering, startRawUpstream } from '../../support/raw-upstream.ts';
import { until } from '../../support/wait.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi';
const SWITCH =
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: x\r\n\r\n';
const SHORT_MS = 150;
const NO_RETRY = { tries: 1, connectTries: 1, idempotent: false, budget: 0, budgetAtLeast: 0 };

type Answer = (connection: RawConnection, piece: string) => void;

interface Situation {
  readonly end: string;
  readonly status: number;
  readonly tries?: number;
  /** Of the upstream; by default it answers 200. null: there is none. */
  readonly upstream?: Answer | UpstreamAddress | null;
  readonly settings?: Partial<PoolSettings>;
  readonly expected?: boolean;
  readonly route?: Partial<RouteSettings>;
  /** What the client does, besides being closed at the end. */
  readonly client: (client: RawClient, path: string, upstream: RawUpstream | undefined) => Promise<void>;
  readonly also?: (line: LogEntry) => void;
}

const get = (path: string, fields: readonly string[] = []): string =>
  [`GET ${path} HTTP/1.1`, 'Host: test', ...fields, '', ''].join('\r\n');
const post = (path: string, length: number, body: string): string =>
  `POST ${path} HTTP/1.1\r\nHost: test\r\nContent-Length: ${length}\r\n\r\n${body}`;
const webSocket = (path: string): string =>
  get(path, [
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: a',
  ]);

/** Asks, and waits for the answer's head. */
const asks: Situation['client'] = async (client, path) => {
  client.write(get(path));
  await client.until(/^HTTP\/1.1 \d+ .*\r\n\r\n/s);
};
/** Asks, and leaves when the upstream has the request. */
const leavesWhenSent: Situation['client'] = async (client, path, upstream) => {
  client.write(get(path));
  await upstream?.untilText(GET_END);
  client.close();
};
const waitsForEnd: Situation['client'] = async (client, path) => {
  client.write(get(path));
  await client.untilEnd();
};
const posts =
  (length: number, body: string): Situation['client'] =>
  async (client, path) => {
    client.write(post(path, length, body));
    await client.until(/^HTTP\/1.1 \d+ .*\r\n\r\n/s);
  };
const silent: Answer = () => undefined;
const closes: Answer = ({ socket }) => socket.destroy();
const begins: Answer = ({ socket }, piece) => {
  if (piece.endsWith(GET_END)) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n123');
};
/** More than all buffers on the way. */
const MUCH = 64 << 20;

/** A port at which nobody listens. */
const nobody = async (): Promise<UpstreamAddress> => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return { kind: 'tcp', host: '127.0.0.1', port };
};

const split = (key: string): Partial<PoolSettings> => ({
  split: {
    key: { from: 'path', segment: 1 },
    groups: { g: [`${key}/0`] },
    by: {
      kind: 'function',
      module: fileURLToPath(new URL('../../fixtures/balancer/split-throws.mjs', import.meta.url)),
    },
    fallback: null,
  },
});

const situations = async (): Promise<Readonly<Record<string, Situation>>> => ({
  'it was answered': { end: '--', status: 200, tries: 1, client: asks },
  'a redirect of the route': {
    end: '--',
    status: 302,
    route: { action: { kind: 'redirect', status: 302, location: '/there' } },
    client: asks,
  },
  'an error of the app': {
    end: '--',
    status: 503,
    tries: 1,
    upstream: answering('HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n'),
    client: asks,
  },
  'the client asks over a limit of rate': {
    end: 'PR',
    status: 429,
    route: { rateLimit: { key: { from: 'address' }, perSecond: 0.001, burst: 1 } },
    client: async (client, path) => {
      client.write(get(path));
      await client.until(/ 429 /);
    },
  },
  'the body is announced larger than it may be': { end: 'PR', status: 413, client: posts(2 ** 31, '') },
  'two Hosts': {
    end: 'PR',
    status: 400,
    client: async (client, path) => {
      client.write(get(path, ['Host: other']));
      await client.until(/ 400 /);
    },
  },
  'no group is for the key': { end: 'PR', status: 404, settings: split('no-group'), client: asks },
  'the look-up of the group throws': {
    end: 'IR',
    status: 502,
    settings: split('look-up'),
    client: async (client, path) => {
      client.write(get(`${path}/throws`));
      await client.until(/ 502 /);
    },
  },
  'the body does not come in time': { end: 'cR', status: 408, client: posts(10, '1') },
  'the client leaves while its body is sent': {
    end: 'CR',
    status: 499,
    upstream: silent,
    client: async (client, path, upstream) => {
      client.write(post(path, 10, '1'));
      await upstream?.untilText('\r\n\r\n1');
      client.close();
    },
  },
  'the client leaves the queue': {
    end: 'CQ',
    status: 499,
    upstream: null,
    expected: true,
    settings: { queue: { size: 10, timeoutMs: 60_000 } },
    client: async (client, path) => {
      client.write(get(path));
      await new Promise((resolve) => setTimeout(resolve, SHORT_MS));
      client.close();
    },
    also: (line) => {
      assert.ok(Number(line['queue_ms']) > 0, 'it waited');
    },
  },
  'nobody came for it in time': {
    end: 'sQ',
    status: 503,
    upstream: null,
    expected: true,
    settings: { queue: { size: 10, timeoutMs: SHORT_MS } },
    client: asks,
    also: (line) => {
      assert.ok(Number(line['queue_ms']) >= SHORT_MS, 'it waited');
    },
  },
  'the queue is full': {
    end: 'RQ',
    status: 503,
    upstream: null,
    expected: true,
    settings: { queue: { size: 0, timeoutMs: 1000 } },
    client: asks,
  },
  'there is no upstream': { end: 'SC', status: 503, upstream: null, client: asks },
  'the upstream refuses the connection': {
    end: 'SC',
    status: 502,
    upstream: await nobody(),
    client: asks,
  },
  'the connection takes too long': {
    end: 'sC',
    status: 504,
    upstream: silent,
    settings: { connectTimeoutMs: SHORT_MS, retry: NO_RETRY },
    client: asks,
  },
  'the client leaves while the connection is made': {
    end: 'CC',
    status: 499,
    upstream: silent,
    client: async (client, path, upstream) => {
      client.write(get(path));
      await until('the connection', () => upstream?.connections[0]);
      client.close();
    },
  },
  'the upstream closes without an answer': {
    end: 'SH',
    status: 502,
    upstream: closes,
    client: posts(1, '1'),
  },
  'the upstream closes while the body is sent': {
    end: 'SR',
    status: 502,
    upstream: closes,
    client: posts(10, '1'),
  },
  'the answer does not begin in time': {
    end: 'sH',
    status: 504,
    upstream: silent,
    settings: { responseTimeoutMs: SHORT_MS },
    client: asks,
  },
  'the upstream does not take the body': {
    end: 'sR',
    status: 504,
    upstream: ({ socket }) => socket.pause(),
    settings: { idleTimeoutMs: SHORT_MS },
    client: async (client, path) => {
      client.write(post(path, MUCH, ''));
      client.socket.write(Buffer.alloc(MUCH));
      await client.until(/^HTTP\/1.1 504 /);
    },
  },
  'the client leaves before the answer': {
    end: 'CH',
    status: 499,
    upstream: silent,
    client: leavesWhenSent,
  },
  'the answer is none': {
    end: 'PH',
    status: 502,
    upstream: answering('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi!'),
    client: asks,
  },
  'the answer breaks off': {
    end: 'SD',
    status: 200,
    upstream: (connection, piece) => {
      begins(connection, piece);
      connection.socket.end();
    },
    client: waitsForEnd,
  },
  'the answer stops': {
    end: 'sD',
    status: 200,
    upstream: begins,
    settings: { idleTimeoutMs: SHORT_MS },
    client: waitsForEnd,
    also: (line) => {
      assert.ok(Number(line['total_ms']) >= SHORT_MS, 'to its end');
    },
  },
  'the answer becomes none': {
    end: 'PD',
    status: 200,
    upstream: answering('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n'),
    client: async (client, path, upstream) => {
      client.write(get(path));
      await client.untilText('hi');
      upstream?.connections[0]?.socket.write('nonsense');
      await client.untilEnd();
    },
  },
  'the client leaves before the end of the answer': {
    end: 'CD',
    status: 200,
    upstream: begins,
    client: async (client, path) => {
      client.write(get(path));
      await client.untilText('123');
      client.close();
    },
  },
  'the client does not take its answer': {
    end: 'cD',
    status: 200,
    upstream: ({ socket }, piece) => {
      if (!piece.endsWith(GET_END)) return;
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${MUCH}\r\n\r\n`);
      socket.write(Buffer.alloc(MUCH));
    },
    client: async (client, path) => {
      client.socket.pause();
      client.write(get(path));
      await until('the end', () => client.socket.destroyed || balancer.stdout().includes(path));
    },
  },
  'a WebSocket that both sides ended': {
    end: '--',
    status: 101,
    upstream: answering(SWITCH),
    client: async (client, path) => {
      client.write(webSocket(path));
      await client.until(/\r\n\r\n/);
      client.write('12345');
      client.socket.end();
      await client.untilEnd();
    },
    also: (line) => {
      assert.equal(line['in'], 5);
    },
  },
  'a WebSocket that was silent for too long': {
    end: 'cT',
    status: 101,
    upstream: answering(SWITCH),
    settings: { tunnelTimeoutMs: SHORT_MS },
    client: async (client, path) => {
      client.write(webSocket(path));
      await client.untilEnd();
    },
  },
  'a WebSocket whose client broke off': {
    end: 'CT',
    status: 101,
    upstream: answering(SWITCH),
    client: async (client, path) => {
      client.write(webSocket(path));
      await client.until(/\r\n\r\n/);
      client.socket.resetAndDestroy();
    },
  },
  'a WebSocket whose upstream broke off': {
    end: 'ST',
    status: 101,
    upstream: ({ socket }, piece) => {
      if (piece.endsWith(GET_END)) socket.write(SWITCH);
      else socket.resetAndDestroy();
    },
    client: async (client, path) => {
      client.write(webSocket(path));
      await client.until(/\r\n\r\n/);
      client.write('go');
      await client.untilEnd();
    },
  },
});

/** Their upstreams speak TLS, or ought to: the connection is never ready. */
const OVER_TLS = new Set(['sC', 'CC']);

interface Ready {
  readonly name: string;
  readonly path: string;
  readonly situation: Situation;
  readonly upstream: RawUpstream | undefined;
}

let balancer: BalancerProcess;
const ready: Ready[] = [];

before(async () => {
  const pools: PoolSnapshot[] = [];
  const routes: RouteSettings[] = [];
  for (const [name, situation] of Object.entries(await situations())) {
    const id =
      situation.settings?.split?.groups['g'] === undefined
        ? `case-${pools.length}`
        : String(situation.settings.split.groups['g'][0]).replace('/0', '');
    const { upstream: given = answering(OK), settings, expected = false } = situation;
    const upstream = typeof given === 'function' ? await startRawUpstream(given) : undefined;
    const address = upstream?.address ?? (given as UpstreamAddress | null);
    const over: UpstreamAddress | null =
      address?.kind === 'tcp' && OVER_TLS.has(situation.end)
        ? { kind: 'tls', host: address.host, port: address.port, insecure: true }
        : address;
    pools.push(snapshotPool(id, over === null ? [] : [over], settings, expected));
    routes.push(routeTo(id, situation.route));
    ready.push({ name, path: `/${id}`, situation, upstream });
  }
  const limits = { ...defaultFront.limits, headerTimeoutMs: 1000, bodyTimeoutMs: 1000, bodyBytes: 1 << 30 };
  const front = { ...defaultFront, pseudonym: 'skein', accessLog: { format: 'json' as const }, limits };
  balancer = await startBalancerProcess(snapshotOf({ front, pools, routes }));
});

after(async () => {
  await balancer.close();
  for (const { upstream } of ready) await upstream?.close();
});

const endOf = async (path: string): Promise<LogEntry> =>
  await until(`the log's line of ${path}`, () =>
    balancer
      .stdout()
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as LogEntry)
      .findLast((line) => String(line['path']).startsWith(path)),
  );

test('how each request ended is in the log', async (t) => {
  for (const { name, path, situation, upstream } of ready)
    await t.test(`${situation.end} ${situation.status}: ${name}`, async () => {
      const client = await rawClient(balancer.port);
      // The first of two, for those who come too often.
      if (situation.route?.rateLimit != null) {
        client.write(get(path));
        await client.until(/hi$/);
      }
      await situation.client(client, path, upstream);
      const line = await until(`the end of ${name}`, async () => {
        const found = await endOf(path);
        return found['end'] === situation.end ? found : null;
      }).catch(async () => await endOf(path));
      assert.deepEqual(
        [line['end'], line['status']],
        [situation.end, situation.status],
        JSON.stringify(line),
      );
      if (situation.tries !== undefined) assert.equal(line['tries'], situation.tries);
      situation.also?.(line);
      client.close();
    });

  await t.test('PR 404: no route', async () => {
    const client = await rawClient(balancer.port);
    client.write(get('/nowhere'));
    await client.until(/ 404 /);
    const line = await endOf('/nowhere');
    assert.deepEqual([line['end'], line['status'], line['route']], ['PR', 404, null]);
    client.close();
  });

  await t.test('what is no request has a line without one', async () => {
    const client = await rawClient(balancer.port);
    client.write('\u0001\u0002\r\n\r\n');
    await client.until(/ 400 /);
    const line = await until('its line', () =>
      balancer
        .stdout()
        .split('\n')
        .find((one) => one.includes('"method":""') && one.includes('"status":400')),
    );
    assert.match(line, /"end":"PR"/);
    client.close();
  });

  await t.test('cR 408: the head does not come in time', async () => {
    const client = await rawClient(balancer.port);
    client.write('GET / HTTP/1.1\r\nHost: te');
    await client.until(/ 408 /);
    const line = await until('its line', () =>
      balancer
        .stdout()
        .split('\n')
        .find((one) => one.includes('"method":""') && one.includes('"status":408')),
    );
    assert.match(line, /"end":"cR"/);
    client.close();
  });

  await t.test('KT: a WebSocket that a drain of the balancer ends', async () => {
    const { path } = ready.find(({ name }) => name === 'a WebSocket that both sides ended')!;
    const client = await rawClient(balancer.port);
    client.write(webSocket(`${path}/drained`));
    await client.until(/\r\n\r\n/);
    balancer.child.kill('SIGTERM');
    await client.untilEnd();
    client.close();
    const line = await endOf(`${path}/drained`);
    assert.deepEqual([line['end'], line['status']], ['KT', 101]);
  });
});
